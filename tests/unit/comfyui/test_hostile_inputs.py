"""Files and catalogs of strangers: whatever they hold, inputs come out whose code Python reads, or findings."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from flowbind_generator.declaration import Declaration

from .given_prompts import prompt_of
from .prompts import Read, catalog, changed, check_default, class_told, node

NAMES = some.sampled_from(["key", "seed", "model", "model.size", "image", "steps"])
SCALARS = some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False)
TEXTS = some.text(max_size=8) | some.sampled_from(['"""', "in:", "\\", "a\u202eb", "key", "#fff", "a.ckpt"])
VALUES = some.recursive(
    SCALARS | TEXTS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
_TYPES = (
    *("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "COLOR", "COLORS", "CURVE", "BOUNDING_BOX", "BOUNDING_BOXES"),
    *("LOAD_3D", "FLOAT,INT", "COMFY_DYNAMICCOMBO_V3", "COMFY_AUTOGROW_V3", "*", "RANGE"),
)
_FLAGS = (
    *("default", "min", "max", "step", "tooltip", "display_name", "options", "multiline", "widgetType", "template"),
    *("control_after_generate", "image_upload", "video_upload", "file_upload", "remote", "multiselect"),
)
_KINDS = some.sampled_from(_TYPES) | some.lists(VALUES, max_size=4)
SPECS = some.tuples(
    _KINDS,
    some.dictionaries(some.sampled_from(_FLAGS), VALUES, max_size=5),
).map(list)


@settings(max_examples=150)
@given(specs=some.dictionaries(NAMES, SPECS, min_size=1, max_size=3), told=some.data())
def test_any_catalog_and_any_value(specs: dict[str, Any], told: some.DataObject) -> None:
    known = catalog(N=class_told(["IMAGE"], **specs))
    given_values = {name: told.draw(VALUES) for name in {*specs, "model.size"}}
    prompt = prompt_of({"1": node("N", told.draw(TEXTS), **given_values)})
    prompt = changed(
        prompt,
        "1",
        next(iter(specs)),
        label=told.draw(TEXTS),
        expands=told.draw(some.sampled_from([None, "text", "pattern"])),
    )
    slots = {f"a{place}": (f"{w.path}.{w.name}",) for place, w in enumerate(prompt.widgets)}
    read = Read(prompt, known, Declaration(slots, None, "here"))
    assert len(read.inputs) == len(prompt.widgets)
    for found in read.inputs.values():
        assert found.default_code is not None
        check_default(found)
    Read(prompt, known)


@settings(max_examples=60)
@given(linear=some.dictionaries(some.sampled_from(["inputs", "outputs"]), VALUES))
def test_any_choice_for_app_mode(linear: dict[str, Any]) -> None:
    read = Read(prompt_of({"1": node("KSampler", seed=5, steps=20)}, linear=linear))
    assert set(read.codes) <= {"FB201", "FB202"}
    assert read.inputs


@settings(max_examples=60)
@given(entry=some.tuples(some.sampled_from([1, "1", "a:1:steps", "a:1", "1:1", True, 1.0]), NAMES).map(list))
def test_any_entry_of_app_mode(entry: list[Any]) -> None:
    read = Read(prompt_of({"1": node("KSampler", seed=5, steps=20)}, linear={"inputs": [entry, entry]}))
    assert read.inputs
    assert set(read.codes) in ({"FB201"}, {"FB202"})
