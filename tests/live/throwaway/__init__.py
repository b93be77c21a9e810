"""A throwaway, real InvokeAI server for tests: installs it, starts it on the CPU with a tiny model, removes it.

Independent of flowbind, and of every package outside the standard library.
"""

from .basics import NoSuitablePython, ThrowawayError
from .install import VERSION, Install, find_install, install, tiny_sdxl
from .server import ThrowawayServer, running_server, stop_server

__all__ = [
    "VERSION",
    "Install",
    "NoSuitablePython",
    "ThrowawayError",
    "ThrowawayServer",
    "find_install",
    "install",
    "running_server",
    "stop_server",
    "tiny_sdxl",
]
