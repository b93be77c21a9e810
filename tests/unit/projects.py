"""A generated project of two workflows, to be copied, and other documents of its server."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowbind_generator.cli import main
from flowbind_generator.invokeai.shipped import shipped_document

from . import drifting
from .drifting import Edit, edited
from .exports import as_bytes, form, given, node, picture, workflow

SETTINGS = "[tool.flowbind]\n"
POSTER = "workflows/poster.json"
QUIET = "workflows/quiet.json"
QUIET_FLOW = workflow(
    node("k", "blank_image", {"width": given(8, label="Width")}, visible=True), form=form("k.width"), name="Quiet"
)


def create(folder: Path) -> Path:
    """Write a project of the workflows "poster" and "quiet", and generate it; return its folder."""
    (folder / "workflows").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(SETTINGS)
    (folder / POSTER).write_bytes(as_bytes(drifting.base()))
    (folder / QUIET).write_bytes(as_bytes(QUIET_FLOW))
    run(folder, "generate")
    return folder


def enter_empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder a project without exports, and the working directory; return it."""
    (folder / "pyproject.toml").write_text(SETTINGS)
    (folder / "workflows").mkdir()
    monkeypatch.chdir(folder)
    return folder


def copied(project: Path, folder: Path) -> Path:
    """Return a copy of a project."""
    return Path(shutil.copytree(project, folder / "project"))


def run_any(project: Path, *arguments: str) -> Result:
    """Run the command in a project."""
    with chdir(project):
        return CliRunner().invoke(main, arguments, catch_exceptions=False)


def run(project: Path, *arguments: str, code: int = 0) -> Result:
    """Run the command in a project and check its exit code."""
    result = run_any(project, *arguments)
    assert result.exit_code == code, result.output
    return result


def checked(project: Path, *arguments: str, code: int = 0) -> Any:
    """Return the JSON report of `flowbind check`."""
    return json.loads(run(project, "check", "--format", "json", *arguments, code=code).stdout)


def rules(report: Any, source: str | None = None) -> list[str]:
    """Return the rules of a report's findings, sorted."""
    return sorted({f["rule"] for f in report["findings"] if source in (None, f["source"])})


def draw(project: Path, *edits: Edit, name: str = POSTER) -> Path:
    """Write a new export of the workflow "poster"."""
    path = project / name
    path.write_bytes(as_bytes(edited(*edits)))
    return path


def set_up(project: Path, more: str) -> None:
    """Write the settings."""
    (project / "pyproject.toml").write_text(SETTINGS + more)


def files(project: Path, folder: str = "generated") -> dict[str, bytes]:
    """Return the files of a folder."""
    return {p.name: p.read_bytes() for p in sorted((project / folder).iterdir()) if p.is_file()}


def document(change: Callable[[Any], object] = lambda _: None, *, version: str | None = "6.14.2") -> bytes:
    """Return the shipped OpenAPI document with a change of its schemas."""
    made = json.loads(_shipped())
    change(made["components"]["schemas"])
    if version:
        made["info"]["x-flowbind-app-version"] = version
    return json.dumps(made).encode()


def narrower(schemas: Any) -> None:
    """Allow fewer seeds, and no blue noise."""
    schemas["NoiseInvocation"]["properties"]["seed"]["maximum"] = 999


def without_noise(schemas: Any) -> None:
    """Take a node type away."""
    del schemas["NoiseInvocation"]


@cache
def _shipped() -> bytes:
    return gzip.decompress(shipped_document())


def picture_only() -> bytes:
    """Return an export that shares nothing with the project's."""
    other = picture(width=8)
    other["id"] = other["data"]["id"] = "other"
    return as_bytes(workflow(other, form=form("other.width")))
