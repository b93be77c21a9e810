"""What the core asks of an installed server, of whichever family, and who answers at an address of this machine."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

from flowbind.errors import LocalServerError

_SECONDS = 2.0
_MOST_BYTES = 1024 * 1024
# What would lead another Python than ours to our packages.
_OURS = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


class Place(NamedTuple):
    """Where a server is to be: what it listens at, and a folder of its own where it must share no data."""

    host: str
    port: int
    apart: Path | None = None


class Installed(Protocol):
    """An installation that a server can be started from; `flowbind.FAMILY.installation.Installed` is that of a family.

    `TITLE` is the family's name for people, `READY` the path at which a server that is ready answers with JSON. Only
    one server at a time may run from the folder of an installation that is `alone`.
    """

    NAME: ClassVar[str]
    TITLE: ClassVar[str]
    READY: ClassVar[str]
    alone: ClassVar[bool]

    @property
    def folder(self) -> Path:
        """What is its own: the checkout of a ComfyUI, the root of an InvokeAI."""
        ...

    @property
    def python(self) -> Path:
        """The interpreter that it runs under."""
        ...

    def prepare(self) -> None:
        """Make the folders that it needs."""
        ...

    def command(self, place: Place) -> Sequence[str]:
        """Return what starts it there."""
        ...

    def environment(self, place: Place) -> dict[str, str]:
        """Return what its environment has beside the program's own."""
        ...

    @staticmethod
    def release_in(document: Any) -> str | None:
        """Return the release in an answer at `READY`, empty where it tells none; None for no such server."""
        ...


class Answering(NamedTuple):
    """A server that answers."""

    url: str
    release: str


def answering(family: type[Installed], at: str) -> Answering | None:
    """Return who answers at a host and port, where it is a server of a family.

    Asked without proxies and without looking at certificates: it is this machine.
    """
    for scheme in ("http", "https"):
        try:
            document = _asked(scheme, at, family.READY)
        except (ConnectionRefusedError, TimeoutError):
            return None
        except (OSError, http.client.HTTPException):
            continue  # perhaps it speaks TLS
        release = family.release_in(document)
        return None if release is None else Answering(f"{scheme}://{at}", release)
    return None


def _asked(scheme: str, at: str, path: str) -> Any:
    """Return the JSON that is answered, None for any other answer."""
    connection = (
        http.client.HTTPConnection(at, timeout=_SECONDS)
        if scheme == "http"
        else http.client.HTTPSConnection(at, timeout=_SECONDS, context=_anybody())
    )
    try:
        connection.request("GET", path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        data = answer.read(_MOST_BYTES)
        return json.loads(data) if answer.status == 200 else None
    except ValueError:
        return None
    finally:
        connection.close()


def _anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def python_of(venv: Path) -> Path | None:
    """Return the interpreter of a virtual environment, None where it is none."""
    python = venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    return python if os.path.isfile(python) else None


def whole(given: Path) -> Path:
    """Return a path that a user has given as an absolute one; raises `LocalServerError` for a home that nobody has."""
    try:
        return given.expanduser().absolute()
    except RuntimeError:
        raise LocalServerError(f"{given} is in a home that this machine does not have. Give the whole path.") from None


def interpreter(given: Path) -> Path:
    """Return the interpreter that a path or a name means; raises `LocalServerError` where there is none."""
    found = shutil.which(given if given.parent == Path() else whole(given))
    if found is None:
        raise LocalServerError(f"{given} cannot be run. Give an interpreter, like VENV/bin/python.")
    return Path(found).absolute()


def environment_of(installed: Installed, place: Place, additions: dict[str, str]) -> dict[str, str]:
    """Return the whole environment of a server: this program's without its own Python, and what is added."""
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    # What it prints is in the log at once, in the encoding that is read; no letter of it ends the server.
    kept |= {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:backslashreplace"}
    return {**kept, **additions, **installed.environment(place)}
