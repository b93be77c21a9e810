"""Against real files: each gives a class that works, or a reason that helps."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.load import Loaded, load
from flowbind_generator.ir import Module

from . import measures
from .building import Built, build
from .compare import canonical
from .shared import CORPUS, exports, named, needs_shared, parameters
from .test_truth import assert_holds

pytestmark = needs_shared

DEFAULTS = CORPUS / "invoke-ai__InvokeAI"
# The default workflows of 6.14.2 that use nodes which 6.14.2 no longer has.
OUTDATED = {
    "ESRGAN Upscaling with Canny ControlNet": {"canny_image_processor"},
    "Multi ControlNet (Canny & Depth)": {"canny_image_processor", "midas_depth_image_processor"},
}
_DATED = re.compile(r"_\d{4}-\d{2}-\d{2}")
CURRENT = [p for p in exports() if p.parent == DEFAULTS and not _DATED.search(p.stem)]


def built(path: Path, catalog: Catalog) -> Built:
    return build(path.read_bytes(), catalog, named(path))


def load_again(module: Module, catalog: Catalog) -> tuple[Loaded, Report]:
    """Return what the editor would have after opening a picture that the workflow made."""
    report = Report("picture.png")
    found = load(json.dumps(module.workflow).encode(), catalog, report)
    assert found is not None, list(map(str, report))
    return found, report


@pytest.mark.parametrize("path", parameters(exports()))
def test_a_file_gives_a_class_or_a_reason(path: Path, catalog: Catalog) -> None:
    assert_holds(measures.GENERATED.check(path, catalog))


@pytest.mark.parametrize("path", parameters(exports()))
def test_addresses_lead_to_the_inputs_in_the_file(path: Path, catalog: Catalog) -> None:
    module = built(path, catalog).module
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


@pytest.mark.parametrize("path", parameters(CURRENT))
def test_the_default_workflows_of_today(path: Path, catalog: Catalog) -> None:
    made = built(path, catalog)
    if path.stem not in OUTDATED:
        assert made.module is not None
        assert made.module.inputs
        return
    assert made.module is None
    assert {d.code for d in made.errors} == {"FB301"}
    assert {m for d in made.errors for m in re.findall(r'"(\w+)"', d.message)} == OUTDATED[path.stem]


def test_there_are_23_default_workflows() -> None:
    assert len(CURRENT) == 23
    assert sum(p.stem not in OUTDATED for p in CURRENT) == 21


@pytest.mark.parametrize("path", parameters(exports()))
def test_the_workflow_stored_with_a_picture_gives_the_same_graph(path: Path, catalog: Catalog) -> None:
    module = built(path, catalog).module
    if module is None:
        return
    again, report = load_again(module, catalog)
    assert canonical(again.graph["nodes"]) == canonical(module.graph["nodes"])
    assert again.graph["edges"] == module.graph["edges"]
    in_form = [(i.index, i.node_id, i.field_name) for i in module.inputs if i.index is not None]
    assert [(f.index, f.id.node_id, f.id.field_name) for f in again.fields] == in_form, list(map(str, report))
