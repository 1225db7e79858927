"""The kernel that a report's notebook runs in: a process of its own, reached without a network."""

from jupyter_client.manager import AsyncKernelManager
from traitlets import Unicode


class LocalKernelManager(AsyncKernelManager):
    """A kernel manager that speaks over sockets in the file system instead of TCP ports.

    A report holds what buyers wrote; nobody else on the machine can listen in this way, and a
    command that was not asked to open a connection opens none.
    """

    transport = Unicode("ipc")
