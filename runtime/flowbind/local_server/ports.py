"""Ports: whether one can be listened at, one that can, and who listens there."""

from __future__ import annotations

import errno
import random
import re
import socket
import sys
from collections.abc import Container, Iterator
from contextlib import suppress
from pathlib import Path

if sys.platform == "linux":
    import os

    from flowbind.local_server.processes import group

    _TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
    _LISTENS = "0A"

    def listens(pid: int, port: int) -> bool | None:
        """Tell whether a process of a group listens at a port; None where the system does not say."""
        wanted = {f"socket:[{inode}]" for inode in _listening(port)}
        if not wanted:
            return None
        return any(opened in wanted for one in group(pid) for opened in _opened(one))

    def _listening(port: int) -> set[str]:
        """Return the inodes of the sockets that listen at a port."""
        found: set[str] = set()
        for table in _TABLES:
            try:
                rows = [line.split() for line in table.read_text().splitlines()[1:]]
            except OSError:
                continue
            found |= {row[9] for row in rows if row[3] == _LISTENS and int(row[1].rpartition(":")[2], 16) == port}
        return found

    def _opened(pid: int) -> Iterator[str]:
        # A process ends, and a file is closed, while one looks.
        with suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    yield os.readlink(f"/proc/{pid}/fd/{name}")

else:

    def listens(pid: int, port: int) -> bool | None:
        """Return None: this system does not say which process listens at a port."""
        del pid, port
        return None


# Below those that systems give to whoever asks for any: such a one is another program's before the server is ready.
_OFFERED = range(20000, 32000)


def can_listen(host: str, port: int) -> bool:
    """Tell whether a server can listen at a port; raises `OSError` for an address or port that it may never have."""
    with _socket(host) as tried:
        if sys.platform == "win32":
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # As servers do: connections that ended a moment ago hold no port.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", None)):
                return False
            raise
    return True


def free_port(host: str, taken: Container[int]) -> int:
    """Return a port that can be listened at and is none of those taken; raises `OSError` where there is none."""
    for port in random.sample(_OFFERED, len(_OFFERED)):
        if port not in taken and can_listen(host, port):
            return port
    raise OSError(errno.EADDRINUSE, "all ports are taken")


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)


def says_taken(log: str, port: int) -> bool:
    """Tell whether the log of a server says that its port is another's."""
    # asyncio's own words, Windows' for the same, ComfyUI's and InvokeAI's.
    words = rf"\b{port}\b.{{0,80}}(already in use|only one usage)"
    return re.search(words, log, re.IGNORECASE) is not None


def asked_at(host: str) -> str:
    """Return where on this machine a server that listens at a host is asked, as addresses have it."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host
