"""The templates of ComfyUI's own gallery: each becomes a class, or is refused for a reason that is listed here."""

from __future__ import annotations

import importlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.packs.test_type_checkers import CHECKERS, Checker

from flowbind.comfyui.preview import preview
from flowbind_generator.changes import apply, changes
from flowbind_generator.generate import Plan, plan
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import Project
from flowbind_generator.spec import Catalogs

REFUSED = {
    "template_rob_realistic_2k_images_quick_variations": "ImageRemoveAlpha+, AILab_QwenVL",
    "templates_rob_realistic_2k_images_quick_variations.app": "ImageRemoveAlpha+, AILab_QwenVL",
    "templates_mjm_looped_restyler": "GetImageSizeAndCount",
}
"""The templates that no class is made of, with the node classes of other packages that the server does not have."""


def templates() -> list[Path]:
    """Return the workflows among the files of the gallery; the others list and describe them."""
    place = find_spec("comfyui_workflow_templates_json")
    assert place is not None
    assert place.origin is not None
    files = sorted((Path(place.origin).parent / "templates").glob("*.json"))
    return [path for path in files if "nodes" in json.loads(path.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of all templates, in which nothing is generated yet."""
    root = tmp_path_factory.mktemp("gallery")
    project = Project(root, workflows=root / "workflows", output=root / "gallery")
    project.workflows.mkdir()
    for path in templates():
        (project.workflows / path.name).write_bytes(path.read_bytes())
    return project


@pytest.fixture(scope="module")
def made(project: Project) -> Plan:
    """What is generated of them, in its place."""
    found = plan(project, Catalogs(project), Manifest())
    project.output.mkdir()
    apply(project.output, changes(project.output, found.files, Manifest()))
    return found


def test_each_is_generated_or_refused_for_a_listed_reason(made: Plan) -> None:
    assert len(made.reports) == 506
    refused = {report.file: [d for d in report if d.severity == "error"] for report in made.reports if report.refused}
    assert {Path(file).name.removesuffix(".json") for file in refused} == REFUSED.keys()
    for file, errors in refused.items():
        for error in errors:
            assert error.code == "FB301"
            assert any(name in error.message for name in REFUSED[Path(file).stem].split(", ")), error.message
    assert len(made.modules) == 506 - len(REFUSED)


def test_all_types_are_understood(made: Plan) -> None:
    assert [d for report in made.reports for d in report if d.code == "FB402"] == []


def test_all_can_be_imported_and_made(made: Plan, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(project.root))
    package: Any = importlib.import_module("gallery")
    try:
        assert len(package.__all__) == len(made.modules)
        graphs = {module.class_name: module.graph for module in made.modules}
        for name in package.__all__:
            kind = getattr(package, name)
            needed = [f for f, field in kind.model_fields.items() if field.is_required()]
            assert needed == []
            posted, _ = preview(kind())
            assert posted.keys() == graphs[name].keys()
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "gallery"]:
            del sys.modules[name]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_find_nothing(checker: Checker, project: Project) -> None:
    assert checker(project.root) == {}
