"""The records of the servers that run here: a file for each, by its port, in a folder for user and machine."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from flowbind.errors import LocalServerError
from flowbind.files import whole_file
from flowbind.local_server import keeper, processes
from flowbind.locking import lock

FOLDER = "FLOWBIND_STATE"
"""The environment's variable for another folder."""
_PATIENCE = 30.0
_LOGS_KEPT = 14 * 24 * 3600.0
"""Seconds for which the log of a server that has ended is kept."""


class Record(BaseModel):
    """What is known of a server that was started here."""

    model_config = ConfigDict(frozen=True)

    engine: str
    url: str
    port: int
    pid: int
    started: str
    """When its process started, in the system's own words: another process of its id has others."""
    since: datetime
    folder: Path
    """The installation's: the checkout of a ComfyUI, the root of an InvokeAI."""
    log: Path
    detached: bool
    """Whether it outlives the program that started it."""

    @property
    def runs(self) -> bool:
        """Whether the server's process is still there."""
        return processes.started(self.pid) == self.started


def folder() -> Path:
    """Return where records and logs are; made when the first server is started."""
    if own := os.environ.get(FOLDER):
        base = Path(own).expanduser().absolute()
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "flowbind"
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "flowbind"
    # A home may be shared by machines, and a process id says nothing on another one.
    return base / "servers" / (platform.node() or "here")


@contextmanager
def held() -> Iterator[Path]:
    """Hold the folder for what reads and then writes.

    Raises `LocalServerError` where another does so for long, and where the folder cannot be used.
    """
    place = folder()
    deadline = time.monotonic() + _PATIENCE
    while (descriptor := _locked(place)) is None:
        if time.monotonic() > deadline:
            raise LocalServerError(f"Another flowbind holds {place}, where servers are recorded. Try again later.")
        time.sleep(0.02)
    try:
        yield place
    finally:
        os.close(descriptor)


def _locked(place: Path) -> int | None:
    try:
        # What servers log is for their user alone.
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        return lock(place)
    except OSError as error:
        raise LocalServerError(
            f"Servers are recorded in {place}, which cannot be used: {error.strerror or error}. "
            f"Set {FOLDER} to a folder of your own."
        ) from None


def written(record: Record) -> None:
    """Write a record, of a port that has none or an older one; by those who hold the folder."""
    with whole_file(_file(record.port)) as part:
        part.write_text(record.model_dump_json(indent=2), "utf-8")


def running() -> list[Record]:
    """Return the records of the servers that run; by those who hold the folder."""
    return surveyed()[0]


def surveyed() -> tuple[list[Record], list[Record]]:
    """Return the records of the servers that run, and of those that have ended; by those who hold the folder.

    The latter are removed, with what was theirs alone but for the log.
    """
    alive: list[Record] = []
    ended: list[Record] = []
    for file in sorted(folder().glob("*.json")):
        try:
            record = Record.model_validate_json(file.read_bytes())
        except (OSError, ValidationError):
            continue  # not flowbind's, or of another release of it
        if record.runs:
            alive.append(record)
        else:
            ended.append(record)
            with suppress(OSError):
                _file(record.port).unlink(missing_ok=True)
            shutil.rmtree(own_folder(record.port), ignore_errors=True)
    return sorted(alive, key=lambda record: record.since), ended


def own_folder(port: int) -> Path:
    """Return a folder that is for the server of a port alone, and is removed with its record."""
    return folder() / f"{port}.own"


def new_log(engine: str, port: int) -> Path:
    """Return an empty log for a server; logs that nobody has written to for two weeks are removed."""
    for old in folder().glob("*.log"):
        if time.time() - old.stat().st_mtime > _LOGS_KEPT:
            old.unlink(missing_ok=True)
    file = folder() / f"{engine}-{port}.log"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    return file


def now() -> datetime:
    """Return the time, as records have it."""
    return datetime.now(UTC).replace(microsecond=0)


def stopped(record: Record, patience: float) -> bool:
    """End a recorded server with all its children and remove its record; tell whether it had been there.

    Raises `LocalServerError` where it cannot be ended.
    """
    was_there = record.runs
    if was_there and not keeper.end(record.pid, lambda: not record.runs, patience):
        raise LocalServerError(f"The process {record.pid} of the server at {record.url} cannot be ended.")
    with held():
        running()
    return was_there


def _file(port: int) -> Path:
    return folder() / f"{port}.json"
