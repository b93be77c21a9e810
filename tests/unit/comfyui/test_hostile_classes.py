"""Node classes and prompts that hold anything: outputs, uses and choices are read without an exception."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.comfyui.given_prompts import prompt_of

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.choosable import choosable_in
from flowbind_generator.comfyui.outputs import draft_outputs
from flowbind_generator.comfyui.uses import named_things, prompt_edges, prompt_values, used_node_types
from flowbind_generator.diagnostics import Report
from flowbind_generator.entry_shape import ENTRY, misfit

NAMES = st.sampled_from(["a", "b", "a.b", "a.b.c", "", ".", "fps", "filename_prefix"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | NAMES
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
TYPES = st.sampled_from(["INT", "IMAGE", "STRING", "COMBO", "COMFY_DYNAMICCOMBO_V3", "COMFY_AUTOGROW_V3", ",", "*"])
SECTIONS = st.dictionaries(st.sampled_from(["required", "optional"]), JSON, max_size=2)
TEMPLATES = st.fixed_dictionaries({}, optional={"input": SECTIONS | JSON, "prefix": JSON, "names": JSON})
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "options": st.lists(
            st.fixed_dictionaries({"key": JSON}, optional={"inputs": SECTIONS | JSON}) | JSON, max_size=2
        ),
        "template": TEMPLATES | JSON,
        "default": JSON,
        "min": JSON,
        "max": JSON,
        "widgetType": JSON,
        "image_upload": JSON,
        "multiselect": JSON,
    },
)
SPECS = st.tuples(TYPES | JSON, OPTIONS | JSON).map(list) | JSON
CLASSES = st.fixed_dictionaries(
    {
        "input": st.dictionaries(
            st.sampled_from(["required", "optional", "hidden"]), st.dictionaries(NAMES, SPECS) | JSON
        ),
        "output": st.lists(TYPES | JSON, max_size=3),
    },
    optional={"output_node": st.booleans() | JSON, "output_name": JSON, "display_name": JSON, "python_module": JSON},
)
LINKS = st.tuples(st.sampled_from(["1", "2", "9"]), st.integers(-2, 5)).map(list)
NODES = st.fixed_dictionaries(
    {"class_type": st.sampled_from(["A", "B", "C"]), "inputs": st.dictionaries(NAMES, JSON | LINKS, max_size=4)}
)


@given(
    st.fixed_dictionaries({"A": CLASSES, "B": CLASSES}),
    st.dictionaries(st.sampled_from(["1", "2", "5:3"]), NODES, max_size=3),
    JSON,
)
def test_anything_is_read(classes: dict[str, Any], api: dict[str, Any], outputs: object) -> None:
    prompt, catalog = prompt_of(api, linear={"outputs": outputs}), Catalog(classes)
    report = Report("a.json")
    drafts = draft_outputs(prompt, catalog, None, report)
    assert drafts or report.refused
    assert misfit(used_node_types(prompt, catalog, []), ENTRY["node_types"]) is None
    assert misfit(named_things(prompt, catalog), ENTRY["named"]) is None
    choosable_in(prompt, catalog)
    assert len(prompt_edges(prompt)) + sum(len(v) - 1 for v in prompt_values(prompt).values()) <= sum(
        len(node["inputs"]) for node in api.values()
    )
