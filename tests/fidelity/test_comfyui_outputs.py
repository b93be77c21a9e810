"""Outputs and uses of all prompts that the real editor posted: none without an output, all that a manifest can hold."""

from __future__ import annotations

import pytest
from tests.fidelity.prompts import PAIRS, needs_pairs, pairs, server_catalog
from tests.fidelity.shared import Record
from tests.unit.comfyui.given_prompts import prompt_of
from tests.unit.test_declaring import module_of, uncommented

from flowbind_generator.comfyui.choosable import choosable_in
from flowbind_generator.comfyui.outputs import draft_outputs
from flowbind_generator.comfyui.uses import named_things, used_node_types
from flowbind_generator.declaration import read_declarations
from flowbind_generator.declaring import declaration_text
from flowbind_generator.diagnostics import Report
from flowbind_generator.entry_shape import ENTRY, misfit
from flowbind_generator.names import attribute_names
from flowbind_generator.toml import parse

pytestmark = needs_pairs


def records(name: str) -> list[Record]:
    """Return the pairs of which all nodes have a class; the editor posts others for classes that it lacks."""
    return [r for r in pairs(name) if all(isinstance(n.get("class_type"), str) for n in r["api"].values())]


@pytest.mark.parametrize("file", PAIRS)
def test_every_prompt_has_outputs(file: str) -> None:
    for record in records(file):
        report = Report(record["name"])
        linear = (record["ui"].get("extra") or {}).get("linearData") or {}
        prompt = prompt_of(record["api"], linear=linear)
        drafts = draft_outputs(prompt, server_catalog(), None, report)
        names = attribute_names([d.candidate for d in drafts], reserved=(), pinned={}, prefix="output")
        assert not list(report), record["name"]
        assert drafts, record["name"]
        assert len(set(names.values())) == len(drafts), record["name"]
        if linear.get("outputs"):
            assert [d.output.node_id for d in drafts] == [str(node_id) for node_id in linear["outputs"]]


@pytest.mark.parametrize("file", PAIRS)
def test_every_use_fits_a_manifest(file: str) -> None:
    for record in records(file):
        prompt = prompt_of(record["api"])
        used = used_node_types(prompt, server_catalog(), [])
        assert misfit(used, ENTRY["node_types"]) is None, record["name"]
        assert misfit(named_things(prompt, server_catalog()), ENTRY["named"]) is None, record["name"]
        assert set(used) == {node.class_type for node in prompt.nodes.values()} & set(server_catalog())
        links = [1 for node in prompt.nodes.values() for v in node.inputs.values() if isinstance(v, list)]
        assert sum(len(o["feeds"]) for record in used.values() for o in record["outputs"].values()) <= len(links)


@pytest.mark.parametrize("file", PAIRS)
def test_all_that_is_offered_can_be_declared(file: str) -> None:
    for record in records(file):
        found = choosable_in(prompt_of(record["api"]), server_catalog())
        report = Report("pyproject.toml")
        tables = parse(uncommented(declaration_text(module_of(), found)).encode())
        declared = read_declarations({record["name"]: tables}, report)[record["name"]]
        assert not list(report), record["name"]
        assert [slot for slots in declared.inputs.values() for slot in slots] == [one.address for one in found.literals]
        assert list((declared.outputs or {}).values()) == [one.address for one in found.endings]
