"""A project of exports of both families: one package, each class with its own base, and each fresh by itself."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowbind import inputs
from flowbind.comfyui.preview import preview
from flowbind.invokeai.runs.preview import preview as invokeai_preview
from flowbind_generator.manifest import read_manifest

from .comfyui.files import as_bytes
from .projects import POSTER, QUIET, checked, files, rules, run

ROOT = Path(__file__).resolve().parents[2]
LANDSCAPE, SIDE_FILE, PINNED = "workflows/landscape.json", "workflows/landscape.flowbind.toml", "object_info.json"
API = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 32, "batch_size": 1, "color": 255}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "land"}},
}
CLASSES: dict[str, Any] = {
    "EmptyImage": {
        "input": {
            "required": {name: ["INT", {"min": 0, "max": 999}] for name in ("width", "height", "batch_size", "color")}
        },
        "output": ["IMAGE"],
    },
    "SaveImage": {
        "input": {"required": {"images": ["IMAGE"], "filename_prefix": ["STRING", {}]}},
        "output": [],
        "output_node": True,
    },
}


@pytest.fixture
def both(project: Path) -> Path:
    """The project with a prompt of ComfyUI and a declaration beside it, generated."""
    (project / LANDSCAPE).write_bytes(as_bytes(API))
    (project / SIDE_FILE).write_text('[inputs]\nedge = ["1.width", "1.height"]\nname = "2.filename_prefix"\n')
    run(project, "generate")
    return project


@pytest.fixture
def package(both: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The generated package."""
    monkeypatch.syspath_prepend(str(both))
    (both / "generated").rename(both / "two_families")
    yield importlib.import_module("two_families")
    for name in [name for name in sys.modules if name.partition(".")[0] == "two_families"]:
        del sys.modules[name]


def test_classes_of_both_take_values(package: Any) -> None:
    landscape = package.Landscape(edge=128)
    landscape.name = "far"
    posted, _ = preview(landscape)
    assert posted["1"]["inputs"] == {"width": 128, "height": 128, "batch_size": 1, "color": 255}
    assert posted["2"]["inputs"] == {"images": ["1", 0], "filename_prefix": "far"}
    assert [info.attribute for info in inputs(package.Landscape)] == ["edge", "name"]
    body, _ = invokeai_preview(package.Quiet(width=16))
    assert json.loads(body)["batch"]["graph"]["nodes"]["k"]["width"] == 16
    with pytest.raises(ValueError, match="edge"):
        package.Landscape(edge="wide")


def edited(project: Path) -> None:
    (project / LANDSCAPE).write_bytes(as_bytes({**API, "1": {**API["1"], "_meta": {"title": "Far"}}}))


def declared(project: Path) -> None:
    (project / SIDE_FILE).write_text('[inputs]\nedge = "1.width"\n')


def undeclared(project: Path) -> None:
    (project / SIDE_FILE).unlink()


def pinned(project: Path) -> None:
    (project / "workflows" / PINNED).write_bytes(as_bytes(CLASSES))


CHANGES = [edited, declared, undeclared, pinned]


def test_what_is_generated_is_fresh(both: Path) -> None:
    for words in (["check"], ["check", "--fast"], ["generate", "--locked"], ["diff"], ["generate", "--frozen"]):
        run(both, *words)
    assert "0 files written" in run(both, "generate").stderr


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_fresh_is_told_and_made_anew(both: Path, change: Any) -> None:
    before = files(both)
    change(both)
    assert rules(checked(both, "--fast", code=1))
    assert rules(checked(both, code=1))
    run(both, "generate", "--locked", code=1)
    run(both, "diff", code=1)
    assert files(both) == before
    run(both, "generate")
    made = files(both)
    assert made["quiet.py"] == before["quiet.py"]
    assert made["manifest.json"] != before["manifest.json"]
    run(both, "check")
    run(both, "check", "--fast")


def test_a_pinned_document_is_the_one_of_its_family(both: Path) -> None:
    pinned(both)
    run(both, "generate")
    assert "le=999" in (both / "generated" / "landscape.py").read_text()
    assert set(read_manifest(both / "generated").workflows) == {LANDSCAPE, POSTER, QUIET}


def test_frozen_makes_what_the_manifest_pins(both: Path) -> None:
    before = files(both)
    for path in (both / "generated").iterdir():
        if path.name != "manifest.json":
            path.unlink()
    run(both, "generate", "--frozen")
    assert files(both) == before
    declared(both)
    (both / "generated" / "landscape.py").unlink()
    assert "FB507" in run(both, "generate", "--frozen", code=2).stderr


@pytest.mark.parametrize("name", ["getattr", "globals", "object", "sorted"])
def test_a_module_is_not_called_like_a_function_that_the_package_calls(name: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.flowbind]\n")
    (tmp_path / "workflows").mkdir()
    for stem in (name, "other"):
        (tmp_path / "workflows" / f"{stem}.json").write_bytes((ROOT / "workflows" / "poster.json").read_bytes())
    run(tmp_path, "generate")
    program = "import generated; print([getattr(generated, n).__name__ for n in generated.__all__], dir(generated)[:1])"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "'Other'" in done.stdout
