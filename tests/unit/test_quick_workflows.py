"""The workflows behind the quick helpers: fresh, a project of their own, shipped, and with the helpers' arguments."""

from __future__ import annotations

import inspect
import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from flowbind.invokeai import AsyncQuick, Quick
from flowbind.invokeai.quick import workflows
from flowbind.invokeai.workflow import InvokeAIWorkflow
from flowbind_generator.project import find_project

from .command import flowbind

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(workflows.__file__).parent
HELPERS = {
    "TextToImage": "text_to_image",
    "ImageToImage": "image_to_image",
    "Upscale": "upscale",
    "CopyImage": "copy_image",
}
CLASSES = [getattr(workflows, name) for name in workflows.__all__ if not name.endswith("Outputs")]


def test_they_are_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "workflows/quick")
    assert "everything is fresh" in flowbind("check").output


def test_they_are_no_part_of_the_example_project() -> None:
    example, own = find_project(ROOT), find_project(ROOT / "workflows/quick")
    assert own.output.resolve() == FOLDER
    assert set(own.exports()).isdisjoint(example.exports())
    assert find_project(FOLDER).root == ROOT


def test_all_their_files_are_shipped() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    # Whole packages go into the wheel, but for what git ignores or the settings exclude.
    assert "runtime/flowbind" in settings["wheel"]["packages"]
    assert set(settings["wheel"]) == {"packages", "force-include"}
    assert "/runtime" in settings["sdist"]["include"]
    files = [FOLDER / name for w in entries().values() for name in w["files"]] + [FOLDER / "manifest.json"]
    assert {file.suffix for file in files} == {".py", ".json"}
    assert all(file.is_file() for file in files)
    ignored = subprocess.run(["git", "check-ignore", *map(str, files)], cwd=ROOT, capture_output=True, check=False)
    assert ignored.stdout == b""


def entries() -> dict[str, Any]:
    """Return what the manifest says of each workflow."""
    found: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["workflows"]
    return found


@pytest.mark.parametrize("made", CLASSES, ids=lambda made: made.__name__)
@pytest.mark.parametrize("handle", [Quick, AsyncQuick])
def test_their_inputs_are_the_arguments_of_a_helper(made: type[InvokeAIWorkflow[Any]], handle: type[Any]) -> None:
    (helper,) = (helper for start, helper in HELPERS.items() if made.__name__.startswith(start))
    arguments = inspect.signature(getattr(handle, helper)).parameters
    assert set(made.model_fields) <= set(arguments)
    assert [output.attribute for output in made.__flowbind__.outputs] == ["image"]


@pytest.mark.parametrize("made", CLASSES, ids=lambda made: made.__name__)
def test_each_run_saves_a_picture_of_its_own(made: type[InvokeAIWorkflow[Any]]) -> None:
    (output,) = made.__flowbind__.outputs
    graph = json.loads((FOLDER / made.__flowbind__.graph[0]).read_text(encoding="utf-8"))
    assert graph["nodes"][output.node]["use_cache"] is False
    assert graph["nodes"][output.node]["is_intermediate"] is False
