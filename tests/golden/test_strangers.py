"""Files of strangers, broken in every way: their modules work, and nothing of the files is lost silently."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from flowbind import inputs
from flowbind.errors import InputError
from flowbind.invokeai import UNSET, ModelRef
from flowbind.invokeai.runs.preview import preview
from flowbind.workflow import Workflow

HERE = Path(__file__).parent / "strangers"
NAME = "flowbind_strangers"
FOUND = {Path(i["workflow"]).stem: i for i in json.loads((HERE / "inspect.json").read_text(encoding="utf-8"))}


@pytest.fixture(scope="module", autouse=True)
def package() -> Iterator[Any]:
    """The expected package, imported under a name of its own."""
    folder = HERE / "expected"
    spec = spec_from_file_location(NAME, folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None
    assert spec.loader is not None
    made = sys.modules[NAME] = module_from_spec(spec)
    spec.loader.exec_module(made)
    yield made
    for loaded in [m for m in sys.modules if m.split(".")[0] == NAME]:
        del sys.modules[loaded]


def saved(stem: str) -> Any:
    """Return an export as its author saved it."""
    return json.loads((HERE / "workflows" / f"{stem}.json").read_text(encoding="utf-8-sig"))


def class_of(stem: str) -> type[Workflow[Any]]:
    made: type[Workflow[Any]] = getattr(importlib.import_module(f"{NAME}.{stem}"), FOUND[stem]["class_name"])
    return made


def posted(instance: Workflow[Any]) -> Any:
    """Return the graph that an instance posts."""
    return json.loads(preview(instance)[0])["batch"]["graph"]


def without_null_parts(graph: Any) -> Any:
    """Return a graph whose models do not say that they are no part of one: a model that is set leaves it out."""
    for node in graph["nodes"].values():
        model = node.get("model")
        if isinstance(model, dict) and model.get("submodel_type", "") is None:
            del model["submodel_type"]
    return graph


def names(stem: str) -> list[tuple[int | None, str]]:
    return [(i.index, i.attribute) for i in inputs(class_of(stem))]


def findings(stem: str) -> list[tuple[str, str]]:
    return [(d["code"], d["pointer"]) for d in FOUND[stem]["diagnostics"]]


def wires(graph: Any) -> list[str]:
    ends = ((e["source"], e["destination"]) for e in graph["edges"])
    return [f"{s['node_id']}.{s['field']} -> {d['node_id']}.{d['field']}" for s, d in ends]


REQUIRED: dict[str, dict[str, Any]] = {"values": {"unknown_base": "a", "old_shape": "b"}}


@pytest.mark.parametrize("stem", sorted(FOUND))
def test_each_file_says_what_it_is_about(stem: str) -> None:
    assert len(saved(stem)["description"]) > 60
    doc = class_of(stem).__doc__
    assert doc
    assert saved(stem)["description"].split()[:5] == doc.split("\n\n")[1].split()[:5]


@pytest.mark.parametrize("stem", sorted(FOUND))
def test_a_default_instance_posts_the_graph_beside_the_module(stem: str) -> None:
    instance = class_of(stem)(**REQUIRED.get(stem, {}))
    graph = posted(instance)
    for name in REQUIRED.get(stem, {}):
        info = inputs(instance).find(name)
        del graph["nodes"][info.node][info.field]
    assert graph == json.loads((HERE / "expected" / f"{stem}.graph.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("stem", sorted(FOUND))
def test_setting_an_input_to_its_default_changes_nothing(stem: str) -> None:
    required = REQUIRED.get(stem, {})
    plain = without_null_parts(posted(class_of(stem)(**required)))
    for info in inputs(class_of(stem)):
        if info.required or info.default in (UNSET, None):
            continue
        graph = posted(class_of(stem)(**required, **{info.attribute: info.default}))
        assert without_null_parts(graph) == plain, info.attribute


@pytest.mark.parametrize("stem", sorted(FOUND))
def test_every_finding_has_a_place_in_the_file_and_a_cure(stem: str) -> None:
    for found in FOUND[stem]["diagnostics"]:
        assert found["cure"].endswith(".")
        place = saved(stem)
        for key in found["pointer"].split("/")[1:]:
            place = place[int(key)] if isinstance(place, list) else place[key]


def test_connectors_are_looked_through() -> None:
    graph = posted(class_of("wires")())
    assert wires(graph) == [
        "number.value -> picture.width",
        "number.value -> sum.b",
        "sum.value -> again.a",
        "picture.image -> show.image",
    ]
    assert not graph["nodes"].keys() & {"first", "second", "third", "loose", "round", "trip", "sheet"}
    # What a dead end or a circle of connectors feeds keeps its own value, and so does what a left-out wire fed.
    values = graph["nodes"]
    assert (values["picture"]["height"], values["show"]["scale_factor"], values["sum"]["a"]) == (48, 2.0, 1)
    assert values["again"]["b"] == 4
    assert "width" not in values["picture"]


def test_every_wire_that_is_left_out_is_told() -> None:
    left_out = {int(place.rpartition("/")[2]) for code, place in findings("wires") if code == "FB302"}
    kept = {n for n, e in enumerate(saved("wires")["edges"]) if e["type"] == "default"} - left_out
    # Four wires to connectors lead on to the one of the graph; the two loose ends lead nowhere.
    assert kept == {0, 1, 2, 3, 5, 6, 8, 10, 14, 19}


def test_an_input_that_a_wire_feeds_cannot_be_set() -> None:
    assert names("wires")[1] == (1, "width")
    with pytest.raises(InputError, match="another node feeds it"):
        class_of("wires")(width=5)


def test_holes_in_a_broken_form_keep_later_numbers() -> None:
    assert names("broken_form") == [(0, "width"), (1, "height"), (3, "seed"), (6, "mode")]
    assert names("bare") == [(0, "text"), (2, "width"), (5, "height")]


def test_what_is_broken_in_a_form_is_told() -> None:
    assert sorted(code for code, _ in findings("broken_form")) == ["FB201", "FB201", "FB202", *["FB203"] * 4]
    told = " ".join(d["message"] for d in FOUND["broken_form"]["diagnostics"])
    for name in ("'row'", "'gone'", "'misplaced'", "'orphan'", "'line'", "deleted.value", "picture.removed", '"width"'):
        assert name in told
    assert [code for code, _ in findings("bare")] == ["FB201", "FB202", "FB201"]


def test_labels_become_names_that_can_be_typed() -> None:
    made = [name for _, name in names("texts")]
    assert made[:8] == ["node_class", "none", "print", "str_", "class_", "model_fields_", "copy_", "self"]
    assert made[8:17] == [
        "style", "node_style", "style_2", "提示词", "מִלָּה", "input_1_strength", "value", "node_value", "value_2",
    ]  # fmt: skip
    assert made[17:] == [
        "label", "endraw", "value_3", "value_4", "c_new_table", "two_lines", "long_prompt", "nothing",
    ]  # fmt: skip
    assert [index for index, _ in names("texts")] == list(range(len(made)))


def test_texts_arrive_as_they_are() -> None:
    instance = class_of("texts")()
    for info, node in zip(inputs(type(instance)), saved("texts")["nodes"], strict=False):
        text = node["data"]["inputs"]["value"]["value"]
        assert getattr(instance, info.attribute) == text
        assert posted(instance)["nodes"][node["id"]]["value"] == text
        setattr(instance, info.attribute, text[::-1])
        assert posted(instance)["nodes"][node["id"]]["value"] == text[::-1]


def test_numbers_keep_every_digit() -> None:
    instance: Any = class_of("values")(**REQUIRED["values"])
    assert (instance.beyond_2_53, instance.below_2_63) == (2**53 + 1, -(2**63) - 1)
    assert b'"value":9007199254740993' in preview(instance)[0]
    assert (instance.input_1e308, instance.the_least) == (1e308, 5e-324)
    assert str(instance.minus_zero) == "-0.0"
    assert (instance.whole_written_5_0, instance.noise_width) == (5, 512)
    assert isinstance(instance.noise_width, int)


def test_what_does_not_fit_is_told_and_sent_until_it_is_set() -> None:
    instance: Any = class_of("values")(**REQUIRED["values"])
    misfits = {
        "a_truth_for_a_number": True,
        "negative_seed": -1,
        "unknown_scheduler": "of_tomorrow",
        "stale_choice": "CMYK",
    }
    graph = posted(instance)
    for name, value in misfits.items():
        info = inputs(instance).find(name)
        assert getattr(instance, name) is UNSET
        assert graph["nodes"][info.node][info.field] is value or graph["nodes"][info.node][info.field] == value
        with pytest.raises(InputError):
            setattr(instance, name, value)
    instance.negative_seed = 5
    assert posted(instance)["nodes"]["noise"]["seed"] == 5
    assert [code for code, _ in findings("values")].count("FB204") == len(misfits)


def test_what_is_not_understood_is_told_and_not_sent() -> None:
    graph = posted(class_of("values")(**REQUIRED["values"]))
    assert "collection" not in graph["nodes"]["mixed"]
    assert "color" not in graph["nodes"]["picture"]
    lost = [place for code, place in findings("values") if code in ("FB205", "FB207")]
    assert [place.split("/")[2] for place in lost] == ["10", "12", "13", "16"]
    assert class_of("values").model_fields["extra_keys"].default == ModelRef(
        "Dreamshaper 8", "sd-1", "main", "11111111-2222-3333-4444-555555555555", "blake3:00"
    )


def test_a_file_with_a_mark_and_line_ends_of_windows() -> None:
    data = (HERE / "workflows" / "windows.json").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf{\r\n")
    instance: Any = class_of("windows")()
    assert (instance.breite, instance.größe_ß) == (64, "Zeile 1\r\nZeile 2")
    assert findings("windows") == []
