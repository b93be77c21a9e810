"""From the bytes of a saved file to the prompt of an unset instance: `flowbind payload` prints what is posted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.fidelity.prompts import PAIRS, compared, is_servable, pairs, server_catalog
from tests.fidelity.shared import MISSING, SHARED
from tests.fidelity.test_prompts import DIFFERENT

from flowbind.comfyui.preview import preview
from flowbind.workflow import Workflow
from flowbind_generator.building import Basis, Export, build_copy
from flowbind_generator.diagnostics import Report
from flowbind_generator.engines import engine_of
from flowbind_generator.live_module import class_of
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import Project

pytestmark = pytest.mark.skipif(not (SHARED / "truth" / "comfyui").is_dir(), reason=MISSING)


def _class_of(document: Any, folder: Path, report: Report) -> type[Workflow[Any]] | None:
    data = json.dumps(document).encode()
    basis = Basis(Project(folder, folder, folder / "generated"), {"comfyui": server_catalog()}, Manifest())
    module = build_copy(Export(report.file, data, engine_of(data)), basis, report)
    return class_of(module) if module else None


@pytest.mark.parametrize("file", PAIRS)
def test_an_unset_instance_is_posted_as_by_the_editor(file: str, tmp_path: Path) -> None:
    different: set[tuple[str, str]] = set()
    for pair in pairs(file):
        if not is_servable(pair):
            continue
        kind = _class_of(pair["ui"], tmp_path, Report("a.json"))
        posted = preview(kind())[0] if kind else {}
        if not all(is_equal for _, _, is_equal in compared(posted, pair["api"])):
            different.add((file, pair["name"]))
    assert different == {key for key in DIFFERENT if key[0] == file}


@pytest.mark.parametrize("file", PAIRS)
def test_a_prompt_is_posted_as_it_is(file: str, tmp_path: Path) -> None:
    for pair in pairs(file)[::5]:
        kind = _class_of(pair["api"], tmp_path, Report("a.json")) if is_servable(pair) else None
        if kind:
            posted = preview(kind())[0]
            ours, theirs = ({i: (n["class_type"], n["inputs"]) for i, n in p.items()} for p in (posted, pair["api"]))
            assert ours == theirs, pair["name"]
