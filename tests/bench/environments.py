"""The peers, each in a virtual environment of its own in the cache folder, installed when it is wanted first."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.live.throwaway.basics import cache_folder, last_lines, locked, say


class Unavailable(Exception):
    """A peer could not be installed here; says why, in one line."""


@dataclass(frozen=True)
class Peer:
    """A package that does some of what flowbind does, and its release."""

    name: str
    version: str

    @property
    def title(self) -> str:
        """What its rows call it."""
        return f"{self.name} {self.version}"

    def python(self) -> Path:
        """Return the interpreter that can import it; raises `Unavailable`."""
        folder = cache_folder() / "peers" / f"{self.name}-{self.version}-{sys.implementation.cache_tag}"
        installed, log = folder / "installed", folder.with_name(f"{folder.name}.log")
        with locked(
            folder.with_name(f"{folder.name}.lock"), f"Another process installs {self.title}; waiting for it ..."
        ):
            # Written last: without it the folder is the rest of an install that was interrupted.
            if not installed.is_file():
                say(f"Installing {self.title} into {folder} ...")
                shutil.rmtree(folder, ignore_errors=True)
                self._install(folder, log)
                installed.touch()
        return folder / "bin" / "python"

    def _install(self, folder: Path, log: Path) -> None:
        venv = [sys.executable, "-m", "venv", str(folder)]
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--no-input", f"{self.name}=={self.version}"]
        with log.open("w", encoding="utf-8") as lines:
            for command in (venv, pip):
                if subprocess.run(command, stdout=lines, stderr=lines, check=False).returncode:
                    # For the person who waits. The page gets none of it: it may name hosts and folders.
                    say(f"{self.title} could not be installed:\n{last_lines(log, 3)}")
                    raise Unavailable("it could not be installed")

    def command(self, name: str) -> Path:
        """Return one of the commands that it brings along; raises `Unavailable`."""
        return self.python().with_name(name)


INVOKEAI_PY_CLIENT = Peer("invokeai-py-client", "1.1.1")
ARIADNE_CODEGEN = Peer("ariadne-codegen", "0.19.0")
OPENAPI_PYTHON_CLIENT = Peer("openapi-python-client", "0.29.0")
DATAMODEL_CODE_GENERATOR = Peer("datamodel-code-generator", "0.89.0")
