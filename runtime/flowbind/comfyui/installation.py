"""A checkout of ComfyUI, as `LocalServer` starts it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from flowbind.errors import LocalServerError
from flowbind.local_server.installed import Place, interpreter, python_of, whole

_GIVEN_OTHERWISE = {"--port": "port", "--listen": "host"}


@dataclass(frozen=True)
class Installed:
    """A checkout, with the options of one server."""

    NAME: ClassVar[str] = "comfyui"
    TITLE: ClassVar[str] = "ComfyUI"
    READY: ClassVar[str] = "/system_stats"
    alone: ClassVar[bool] = False

    folder: Path
    python: Path
    args: tuple[str, ...]

    def prepare(self) -> None:
        """Make the folders that it reads without making them; those of its own it makes itself."""
        for option in ("--input-directory", "--output-directory"):
            if given := self._given(option):
                (self.folder / given).mkdir(parents=True, exist_ok=True)
        if base := self._given("--base-directory"):
            (self.folder / base / "custom_nodes").mkdir(parents=True, exist_ok=True)

    def command(self, place: Place) -> Sequence[str]:
        """Return what starts it; beside another server of the checkout with files for passing use of its own.

        At its start a server deletes such files, and the newer releases want their database for themselves.
        """
        apart: list[str] = []
        if place.apart is not None:
            if self._given("--temp-directory") is None:
                apart += ["--temp-directory", str(place.apart)]
            if self._given("--database-url") is None and self._knows("--database-url"):
                apart += ["--database-url", "sqlite:///:memory:"]
        listen = ["--listen", place.host, "--port", str(place.port), "--disable-auto-launch"]
        return [str(self.python), str(self.folder / "main.py"), *listen, *apart, *self.args]

    def environment(self, place: Place) -> dict[str, str]:
        """Return nothing: its options say all."""
        del place
        return {}

    @staticmethod
    def release_in(document: Any) -> str | None:
        """Return the release in an answer to `/system_stats`."""
        if not isinstance(document, dict) or not {"system", "devices"} <= document.keys():
            return None
        system = document["system"]
        release = system.get("comfyui_version") if isinstance(system, dict) else None
        return release if isinstance(release, str) else ""

    def _given(self, option: str) -> str | None:
        """Return the value that the arguments give to an option."""
        for argument, after in pairwise((*self.args, "")):
            name, assigned, value = argument.partition("=")
            if name == option:
                return value if assigned else after
        return None

    def _knows(self, option: str) -> bool:
        """Tell whether this release has an option: it ends at once for one that it does not know."""
        try:
            return f'"{option}"' in (self.folder / "comfy" / "cli_args.py").read_text("utf-8", "replace")
        except OSError:
            return False


def installed(
    path: Path,
    python: Path | None,
    args: Sequence[str],
    input_directory: Path | None,
    output_directory: Path | None,
) -> Installed:
    """Return a checkout with the options of a server; raises `LocalServerError` where there is none."""
    folder = whole(path)
    if not os.path.isfile(folder / "main.py"):
        raise LocalServerError(f"{folder} is no installation of ComfyUI: give the folder that holds its main.py.")
    for argument in args:
        if instead := _GIVEN_OTHERWISE.get(argument.partition("=")[0]):
            raise ValueError(f"give {instead}= (in a shell --{instead}) instead of the argument {argument}")
    given = {"--input-directory": input_directory, "--output-directory": output_directory}
    folders = [text for option, at in given.items() if at for text in (option, str(whole(at)))]
    return Installed(folder, interpreter(python) if python else _python(folder), (*folders, *args))


def _python(folder: Path) -> Path:
    """Return the interpreter of a checkout: its own venv's, that of the portable package, else this program's."""
    venvs = (python_of(folder / name) for name in ("venv", ".venv"))
    portable = folder.parent / "python_embeded" / "python.exe"
    return next((found for found in venvs if found), portable if os.path.isfile(portable) else Path(sys.executable))
