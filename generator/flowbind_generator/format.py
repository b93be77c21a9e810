"""One call of the pinned ruff over everything that was rendered."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ruff import find_ruff_bin

LINE_LENGTH = 88


def format_sources(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the Python files formatted; settings of the project around have no say."""
    if not sources:
        return {}
    with tempfile.TemporaryDirectory(prefix="flowbind-") as folder:
        # Names from outside never become paths here.
        staged = {name: Path(folder, f"m{i}.py") for i, name in enumerate(sources)}
        for name, path in staged.items():
            path.write_text(sources[name], encoding="utf-8", newline="\n")
        command = [
            find_ruff_bin(),
            "format",
            "--isolated",
            "--no-cache",
            "--quiet",
            "--target-version",
            "py311",
            "--line-length",
            str(LINE_LENGTH),
            folder,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"ruff could not format the generated modules: {done.stderr.strip()}")
        return {name: path.read_text(encoding="utf-8") for name, path in staged.items()}
