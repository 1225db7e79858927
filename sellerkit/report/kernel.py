"""The kernel that papermill runs a report's notebook in: warm where there is a template."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from sellerkit.report.handed import HANDED
from sellerkit.report.warm import Kernels


def manager_of(kernels: Kernels, handed: Path) -> type[AsyncKernelManager]:
    """Return the class of a manager that starts its kernel from a template.

    Parameters
    ----------
    kernels : Kernels
    handed : Path
        What the kernel is handed over, see `handed`.
    """

    class Provisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **settings: Any) -> KernelConnectionInfo:
            """Fork the kernel; where that cannot be, or it is another's, start it as usual."""
            if "ipykernel_launcher" in cmd:
                argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
                cwd = settings.get("cwd") or str(Path.cwd())
                self.process = cast(Any, kernels.start(argv, settings["env"], cwd))
                if self.process is not None:
                    self.pid = self.pgid = self.process.pid
                    return self.connection_info
            return await super().launch_kernel(cmd, **settings)

    class Manager(AsyncKernelManager):
        async def start_kernel(self, **settings: Any) -> None:  # type: ignore[override]
            """Start the kernel and tell it what it is handed over."""
            settings["env"] = {**os.environ, **settings.get("env", {}), HANDED: str(handed)}
            self.provisioner = Provisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
            await super().start_kernel(**settings)

    return Manager
