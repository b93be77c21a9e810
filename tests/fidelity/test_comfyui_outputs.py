"""Outputs and uses of all prompts that the real editor posted: none without an output, all that a manifest can hold."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.fidelity.shared import SHARED
from tests.unit.comfyui.given_prompts import prompt_of
from tests.unit.test_declaring import module_of, uncommented

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.choosable import choosable_in
from flowbind_generator.comfyui.outputs import draft_outputs
from flowbind_generator.comfyui.uses import named_things, used_node_types
from flowbind_generator.declaration import read_declarations
from flowbind_generator.declaring import declaration_text
from flowbind_generator.diagnostics import Report
from flowbind_generator.entry_shape import ENTRY, misfit
from flowbind_generator.names import attribute_names
from flowbind_generator.toml import parse

TRUTH = sorted((SHARED / "truth" / "comfyui").glob("*.jsonl.gz"))
OBJECT_INFO = SHARED / "specs" / "comfyui-object_info-0.33.0.json.gz"

pytestmark = pytest.mark.skipif(
    not (TRUTH and OBJECT_INFO.is_file()), reason="the prompts are not here: put them beside the checkout"
)


@cache
def catalog() -> Catalog:
    """Return the classes of the server that the prompts were made for."""
    return Catalog(json.loads(gzip.decompress(OBJECT_INFO.read_bytes())))


def records(path: Path) -> list[dict[str, Any]]:
    """Return the records of which all nodes have a class; the editor posts others for classes that it lacks."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [r for r in found if all(isinstance(n.get("class_type"), str) for n in r["api"].values())]


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem.removesuffix(".jsonl"))
def test_every_prompt_has_outputs(path: Path) -> None:
    for record in records(path):
        report = Report(record["name"])
        linear = (record["ui"].get("extra") or {}).get("linearData") or {}
        prompt = prompt_of(record["api"], linear=linear)
        drafts = draft_outputs(prompt, catalog(), None, report)
        names = attribute_names([d.candidate for d in drafts], reserved=(), pinned={}, prefix="output")
        assert not list(report), record["name"]
        assert drafts, record["name"]
        assert len(set(names.values())) == len(drafts), record["name"]
        if linear.get("outputs"):
            assert [d.output.node_id for d in drafts] == [str(node_id) for node_id in linear["outputs"]]


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem.removesuffix(".jsonl"))
def test_every_use_fits_a_manifest(path: Path) -> None:
    for record in records(path):
        prompt = prompt_of(record["api"])
        used = used_node_types(prompt, catalog(), [])
        assert misfit(used, ENTRY["node_types"]) is None, record["name"]
        assert misfit(named_things(prompt, catalog()), ENTRY["named"]) is None, record["name"]
        assert set(used) == {node.class_type for node in prompt.nodes.values()} & set(catalog())
        links = [1 for node in prompt.nodes.values() for v in node.inputs.values() if isinstance(v, list)]
        assert sum(len(o["feeds"]) for record in used.values() for o in record["outputs"].values()) <= len(links)


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem.removesuffix(".jsonl"))
def test_all_that_is_offered_can_be_declared(path: Path) -> None:
    for record in records(path):
        found = choosable_in(prompt_of(record["api"]), catalog())
        report = Report("pyproject.toml")
        tables = parse(uncommented(declaration_text(module_of(), found)).encode())
        declared = read_declarations({record["name"]: tables}, report)[record["name"]]
        assert not list(report), record["name"]
        assert [slot for slots in declared.inputs.values() for slot in slots] == [one.address for one in found.literals]
        assert list((declared.outputs or {}).values()) == [one.address for one in found.endings]
