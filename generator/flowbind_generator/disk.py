"""What the file system refuses, as a finding: a full disk, a folder that may not be written, a disk that fails."""

from __future__ import annotations

import errno

from flowbind_generator.diagnostics import Refused, Report

_CURES = {
    errno.ENOSPC: "Free some space",
    errno.EDQUOT: "Free some of your quota",
    errno.EROFS: "Mount the file system for writing",
    errno.EACCES: "Check the permissions of the file and its folder",
    errno.EPERM: "Check the permissions of the file and its folder",
}


def refusal(error: OSError, place: str = "") -> Refused:
    """Return the refusal that tells what an operation on a file came to; without a place it is of the error's file."""
    why = error.strerror or str(error) or type(error).__name__
    report = Report(place or str(error.filename or "a file"))
    cure = _CURES.get(error.errno or 0, "See what is wrong with the file, or its disk")
    report.error("FB508", f"It cannot be read or written ({why}).", f"{cure}, then run the command again.")
    return Refused(report)


def unnamed(error: UnicodeEncodeError) -> Refused:
    """Return the refusal for a file whose name cannot be written in this environment."""
    report = Report(str(error.object))
    report.error(
        "FB508",
        f"Names of files are {error.encoding} here, which lacks letters of this one.",
        "Set PYTHONUTF8=1 in the environment, or a locale of UTF-8.",
    )
    return Refused(report)
