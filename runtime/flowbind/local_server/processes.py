"""Processes by their id and the time of their start: an id alone may be another program's by now."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import ctypes

    _ASK, _RUNS = 0x1000, 259

    def started(pid: int) -> str | None:
        """Return when a process started, as no other of this id can have; None where it is gone."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = ctypes.c_void_p(kernel.OpenProcess(_ASK, False, pid))
        if not handle:
            return None
        try:
            created, *others = (ctypes.c_ulonglong() for _ in range(4))
            code = ctypes.c_ulong()
            kernel.GetProcessTimes(handle, ctypes.byref(created), *map(ctypes.byref, others))
            kernel.GetExitCodeProcess(handle, ctypes.byref(code))
            return str(created.value) if code.value == _RUNS else None
        finally:
            kernel.CloseHandle(handle)

elif sys.platform == "linux":
    _BOOT = Path("/proc/sys/kernel/random/boot_id")

    def started(pid: int) -> str | None:
        """Return when a process started, as no other of this id can have; None where it is gone.

        One that has ended and that nobody has asked for its exit code is gone.
        """
        fields = _fields(pid)
        if fields is None or fields[0] in "ZX":
            return None
        return f"{_BOOT.read_text().strip()} {fields[19]}"

    def group(pid: int) -> list[int]:
        """Return the processes of a group."""
        everybody = (int(name) for name in os.listdir("/proc") if name.isdigit())
        return [one for one in everybody if (fields := _fields(one)) is not None and fields[2] == str(pid)]

    def _fields(pid: int) -> list[str] | None:
        """Return what the system tells of a process: its state, parent and group first, its start as the 20th."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        except OSError:
            return None
        # Before that stands its name, which may hold spaces and parentheses.
        return text.rpartition(")")[2].split()

else:
    import subprocess

    def started(pid: int) -> str | None:
        """Return when a process started, to the second; None where it is gone."""
        asked = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
        told = subprocess.run(
            asked, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C", "TZ": "UTC"}
        )
        state, _, since = told.stdout.strip().partition(" ")
        return since.strip() if since and not state.startswith("Z") else None
