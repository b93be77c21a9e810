"""Watches what Python does while generated modules are imported: no text may start, write or import anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_FORBIDDEN = (
    "ctypes.", "ftplib.", "os.", "pty.", "shutil.", "smtplib.", "socket.", "subprocess.", "urllib.", "webbrowser.",
)  # fmt: skip
_HARMLESS = frozenset({"os.listdir", "os.scandir", "os.fwalk", "os.walk", "os.putenv"})
_seen: list[str] = []
_state = {"watching": False, "installed": False}


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _state["watching"]:
        return
    if (event == "open" and _writes(arguments)) or (event.startswith(_FORBIDDEN) and event not in _HARMLESS):
        _seen.append(f"{event} {arguments!r}")
    elif event == "import":
        _seen.append(f"import {arguments[0]}")


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


@contextmanager
def watched() -> Iterator[list[str]]:
    """Note what is written, started and imported meanwhile; modules that are there already are not noted."""
    if not _state["installed"]:
        # A hook cannot be taken away again.
        sys.addaudithook(_audit)
        _state["installed"] = True
    _seen.clear()
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    _state["watching"] = True
    try:
        yield _seen
    finally:
        _state["watching"] = False
        sys.dont_write_bytecode = kept
