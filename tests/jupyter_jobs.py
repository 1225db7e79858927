"""A Jupyter server of one's own with the extension jupyter-scheduler, on loopback, for a test."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError


@dataclass(frozen=True)
class Server:
    """What is asked over HTTP, as the extension's menu asks it."""

    address: str
    token: str
    home: Path

    def ask(self, path: str, said: dict[str, Any] | None = None) -> Any:
        asked = urllib.request.Request(
            f"{self.address}/{path}",
            data=None if said is None else json.dumps(said).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read())

    def ended(self, job: str, *, within: float) -> dict[str, Any]:
        """Wait for the end of a job; return what the server says of it."""
        last = time.monotonic() + within
        while time.monotonic() < last:
            said = self.ask(f"scheduler/jobs/{job}")
            # a job that has not begun is said to be STOPPED
            if said["status"] in ("COMPLETED", "FAILED"):
                return said
            time.sleep(0.2)
        raise TimeoutError(f"the job {job} is {said['status']} after {within} s")

    def output(self, job: str, form: str) -> str:
        """Return what a job made, from where the extension keeps it until it is asked for."""
        folder = self.home / "data" / "scheduler_staging_area" / job
        # the input lies there too; the output has its name and the time
        return max(folder.glob(f"*.{form}"), key=lambda file: len(file.name)).read_text("utf-8")


@contextmanager
def jupyter_server(root: Path, home: Path) -> Iterator[Server]:
    """Start a server on a folder; `home` holds what it remembers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    config = home / "config"
    config.mkdir(parents=True)
    without = ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim")
    wanted = dict.fromkeys(without, False) | {"jupyter_scheduler": True}
    only = {"ServerApp": {"jpserver_extensions": wanted}}
    (config / "jupyter_server_config.json").write_text(json.dumps(only))
    words = [
        "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}",
        f"--IdentityProvider.token={token}",
    ]  # fmt: skip
    environment = os.environ | {
        "HOME": str(home), "JUPYTER_CONFIG_DIR": str(config), "JUPYTER_NO_CONFIG": "",
        "JUPYTER_DATA_DIR": str(home / "data"), "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
    }  # fmt: skip
    (home / "data").mkdir()
    with (home / "log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *words],
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    server = Server(f"http://127.0.0.1:{port}", token, home)
    try:
        _wait(server, running, home / "log")
        yield server
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:  # it waits for a job
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def _wait(server: Server, running: subprocess.Popen[bytes], log: Path) -> None:
    last = time.monotonic() + 90
    while True:
        try:
            server.ask("scheduler/config")
            return
        except URLError:
            if running.poll() is not None or time.monotonic() > last:
                raise RuntimeError(log.read_text("utf-8", "replace")) from None
            time.sleep(0.1)
