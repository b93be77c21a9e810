"""An InvokeAI in a virtual environment, with a root, as `LocalServer` starts it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from flowbind.errors import LocalServerError
from flowbind.local_server.installed import Place, python_of, whole


@dataclass(frozen=True)
class Installed:
    """A virtual environment that InvokeAI is installed in, and a root for one server."""

    NAME: ClassVar[str] = "invokeai"
    TITLE: ClassVar[str] = "InvokeAI"
    READY: ClassVar[str] = "/api/v1/app/version"
    alone: ClassVar[bool] = True

    folder: Path
    python: Path
    program: Path

    def prepare(self) -> None:
        """Make its root, where there is none yet."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self, place: Place) -> Sequence[str]:
        """Return what starts it; where it listens is told by its environment."""
        del place
        # By its own interpreter: the script names one by its path, and environments are moved.
        program = [str(self.program)] if self.program.suffix == ".exe" else [str(self.python), str(self.program)]
        return [*program, "--root", str(self.folder)]

    def environment(self, place: Place) -> dict[str, str]:
        """Return where it listens; the environment comes before its own file of settings."""
        return {"INVOKEAI_HOST": place.host, "INVOKEAI_PORT": str(place.port)}

    @staticmethod
    def release_in(document: Any) -> str | None:
        """Return the release in an answer to `/api/v1/app/version`."""
        release = document.get("version") if isinstance(document, dict) else None
        return release if isinstance(release, str) else None


def installed(venv: Path, root: Path) -> Installed:
    """Return what is installed in a virtual environment, for a root; raises `LocalServerError` where it is nothing."""
    venv = whole(venv)
    python = python_of(venv)
    if python is None:
        raise LocalServerError(f"{venv} is no virtual environment: give the one that InvokeAI is installed in.")
    program = python.with_name("invokeai-web.exe" if sys.platform == "win32" else "invokeai-web")
    if not os.path.isfile(program):
        raise LocalServerError(f"No InvokeAI is installed in {venv}: it has no {program.name}. Give another venv.")
    return Installed(whole(root), python, program)
