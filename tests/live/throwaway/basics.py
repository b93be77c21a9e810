"""What every module of the throwaway server needs: its errors, progress lines, the cache folder and a file lock."""

import fcntl
import hashlib
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class ThrowawayError(Exception):
    """Something a person has to know, said in words that stand on their own; `exit_code` is for the command line."""

    exit_code = 1


class NoSuitablePython(ThrowawayError):
    """No interpreter here can hold InvokeAI."""

    exit_code = 2


def say(text: str) -> None:
    """Prints a line of progress. Standard error, because standard output carries results only."""
    print(text, file=sys.stderr, flush=True)


def cache_folder() -> Path:
    """The folder outside the checkout that holds everything this tool makes."""
    own = os.environ.get("FLOWBIND_CACHE")
    if own:
        return Path(own).expanduser().absolute()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache").absolute() / "flowbind"


def short_digest(*parts: str) -> str:
    """Eight hex digits which change when any of the parts does (or when text moves from one part to the next)."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def last_lines(file: Path, count: int) -> str:
    """The end of a log; empty when there is none yet."""
    try:
        with file.open("rb") as stream:
            # A long line is a few hundred bytes: no need to read a log of many megabytes.
            stream.seek(max(0, file.stat().st_size - count * 1000))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def lock(file: Path, *, wait_message: str | None = None) -> int | None:
    """Takes the lock on a file and returns its descriptor; without a message to wait under, None when it is taken.

    The lock ends when the last copy of the descriptor is closed, however its holders die. A child process that gets a
    copy (`pass_fds`) therefore holds the lock on for as long as it lives.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            if wait_message is None:
                os.close(descriptor)
                return None
            say(wait_message)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor


@contextmanager
def locked(file: Path, wait_message: str) -> Generator[int, None, None]:
    """Waits for the lock and holds it; gives the descriptor, for child processes that must hold it too."""
    descriptor = lock(file, wait_message=wait_message)
    assert descriptor is not None
    try:
        yield descriptor
    finally:
        os.close(descriptor)
