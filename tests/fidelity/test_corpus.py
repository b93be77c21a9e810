"""Against real files: each gives a class that works, or a reason that helps."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flowbind import inputs
from flowbind.errors import InputError
from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.engine import draft
from flowbind_generator.invokeai.load import Loaded, load
from flowbind_generator.ir import Module
from flowbind_generator.live_module import class_of
from flowbind_generator.resolve import resolve
from flowbind_generator.running import preview_text

from .shared import CORPUS, DEFAULTS, corpus, needs_shared
from .test_truth import canonical

pytestmark = needs_shared

# Why a real file may be refused: no workflow in it, a broken or unknown format, or a server that cannot run it.
REASONS = {"FB102", "FB104", "FB105", "FB106", "FB301", "FB305", "FB307", "FB308"}
# The default workflows of 6.14.2 that use nodes which 6.14.2 no longer has.
OUTDATED = {
    "ESRGAN Upscaling with Canny ControlNet": {"canny_image_processor"},
    "Multi ControlNet (Canny & Depth)": {"canny_image_processor", "midas_depth_image_processor"},
}
_DATED = re.compile(r"_\d{4}-\d{2}-\d{2}")
CURRENT = [p for p in corpus() if p.values[0].parent == DEFAULTS and not _DATED.search(p.values[0].stem)]


def built(path: Path, catalog: Catalog) -> tuple[Module | None, Report]:
    report = Report(path.relative_to(CORPUS).as_posix())
    made = draft(path.read_bytes(), catalog, report)
    if made is None:
        return None, report
    return resolve(made, source=report.file, name="flow", class_name="Flow", pinned={}), report


def load_again(module: Module, catalog: Catalog) -> tuple[Loaded, Report]:
    """Return what the editor would have after opening a picture that the workflow made."""
    report = Report("picture.png")
    found = load(json.dumps(module.workflow).encode(), catalog, report)
    assert found is not None, list(map(str, report))
    return found, report


@pytest.mark.parametrize("path", corpus())
def test_a_file_gives_a_class_or_a_reason(path: Path, catalog: Catalog) -> None:
    module, report = built(path, catalog)
    if module is None:
        errors = [d for d in report if d.severity == "error"]
        assert {d.code for d in errors} <= REASONS
        assert errors
        assert all(d.message and d.cure for d in errors)
        return
    made = class_of(module)
    assert [i.attribute for i in inputs(made)] == [i.attribute for i in module.inputs]
    required = [i for i in module.inputs if i.required]
    if required:
        with pytest.raises(InputError) as caught:
            made()
        assert all(any(i.attribute in problem for problem in caught.value.problems) for i in required)
        return
    posted = json.loads(preview_text(made(), graph_only=True)[0])
    assert canonical(posted["nodes"]) == canonical(module.graph["nodes"])
    assert posted["edges"] == module.graph["edges"]


@pytest.mark.parametrize("path", corpus())
def test_addresses_lead_to_the_inputs_in_the_file(path: Path, catalog: Catalog) -> None:
    module, _ = built(path, catalog)
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    for item in module.inputs if module else ():
        found: Any = document
        for key in item.json_pointer.split("/")[1:-1]:
            name = key.replace("~1", "/").replace("~0", "~")
            inside = found[int(name)] if isinstance(found, list) else found.get(name)
            if inside is None:
                break  # an input that the file does not list: it has its address all the same
            found = json.loads(inside) if isinstance(inside, str) else inside
        else:
            assert found["name"] == item.field_name


@pytest.mark.parametrize("path", CURRENT)
def test_the_default_workflows_of_today(path: Path, catalog: Catalog) -> None:
    module, report = built(path, catalog)
    if path.stem not in OUTDATED:
        assert module is not None
        assert module.inputs
        return
    assert module is None
    errors = [d for d in report if d.severity == "error"]
    assert {d.code for d in errors} == {"FB301"}
    assert {m for d in errors for m in re.findall(r'"(\w+)"', d.message)} == OUTDATED[path.stem]


def test_there_are_23_default_workflows() -> None:
    assert len(CURRENT) == 23
    assert sum(p.values[0].stem not in OUTDATED for p in CURRENT) == 21


@pytest.mark.parametrize("path", corpus())
def test_the_workflow_stored_with_a_picture_gives_the_same_graph(path: Path, catalog: Catalog) -> None:
    module, _ = built(path, catalog)
    if module is None:
        return
    again, report = load_again(module, catalog)
    assert canonical(again.graph["nodes"]) == canonical(module.graph["nodes"])
    assert again.graph["edges"] == module.graph["edges"]
    in_form = [(i.index, i.node_id, i.field_name) for i in module.inputs if i.index is not None]
    assert [(f.index, f.id.node_id, f.id.field_name) for f in again.fields] == in_form, list(map(str, report))
