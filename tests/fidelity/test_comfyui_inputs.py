"""The inputs of real workflows: annotations that Python reads, defaults that they take, types that are understood."""

from __future__ import annotations

from collections import Counter
from functools import cache

from tests.unit.comfyui.given_prompts import prompt_of
from tests.unit.comfyui.prompts import check_default

from flowbind_generator.comfyui.chosen import Chosen, choose
from flowbind_generator.comfyui.inputs import draft_inputs
from flowbind_generator.comfyui.knobs import knob_of
from flowbind_generator.comfyui.picks import Pick
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.diagnostics import Report
from flowbind_generator.names import attribute_names

from .prompts import all_pairs, needs_pairs, server_catalog

# What the editor alone gives to nodes, without a word of it in the catalog.
_OF_THE_EDITOR = {"SaveGLB/image", "Preview3D/image", "Load3D/upload 3d model", "Load3D/upload extra resources"}
_OF_THE_EDITOR |= {"Load3D/clear"}
# Literals where a link of any type belongs.
_OF_ANY_TYPE = {"PreviewAny/source", "ComfySwitchNode/on_false"}


@cache
def prompts() -> list[Prompt]:
    """Return the prompts of all pairs, without nodes of classes that the catalog lacks."""
    known = server_catalog()
    apis = [{key: n for key, n in pair["api"].items() if n.get("class_type") in known} for pair in all_pairs()]
    return [prompt_of(api) for api in apis]


@needs_pairs
def test_public_inputs_have_types_that_their_defaults_fit() -> None:
    codes: Counter[str] = Counter()
    for prompt in prompts():
        report = Report("a.json")
        chosen = choose(prompt, server_catalog(), None, report)
        drafts = draft_inputs(prompt, server_catalog(), chosen, report)
        names = attribute_names([d.candidate for d in drafts], reserved=(), pinned={}, prefix="input")
        assert all(name.isidentifier() for name in names.values())
        assert len(names) == len(drafts) == len(chosen.picks)
        for draft in drafts:
            check_default(draft.input)
        codes.update(d.code for d in report)
    assert "FB402" not in codes
    assert codes["FB204"] < 20


@needs_pairs
def test_all_literals_have_types_that_their_defaults_fit() -> None:
    unknown: Counter[str] = Counter()
    count = 0
    for prompt in prompts():
        picks = [Pick(knob) for widget in prompt.widgets if (knob := knob_of(widget, prompt, server_catalog()))]
        report = Report("a.json")
        for draft in draft_inputs(prompt, server_catalog(), Chosen("", picks), report):
            check_default(draft.input)
            count += 1
            if draft.input.annotation == "JsonValue" and draft.input.field_type not in ("LOAD_3D",):
                unknown[f"{draft.input.node_type}/{draft.input.field_name}"] += 1
    assert set(unknown) <= _OF_THE_EDITOR | _OF_ANY_TYPE
    assert sum(unknown.values()) < count / 100
