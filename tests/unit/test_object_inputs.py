"""Inputs that take objects: defaults from the file, values that are refused, changes in place, copies."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from typing import Any

import pytest

from flowbind.errors import InputError
from flowbind.invokeai import UNSET
from flowbind.invokeai.runs.submitting import checked
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .command import parse_settings
from .exports import codes, given, input_of, node, only, refused, resolved, workflow
from .objects import NULL, catalog_with, drawing, drawn_class, field, posted, ref

PAIR = "tuple[float, Point]"
SAVED = {"points": [{"x": 1}, {"y": 3, "x": 2}], "style": "sharp"}
FIELDS = {
    "curve": field(ref("Curve")),
    "points": field({"anyOf": [ref("Point"), {"type": "array", "items": ref("Point")}]}),
    "maybe": field({"anyOf": [ref("Curve"), NULL]}, default=None),
    "mixed": field({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}, ref("Point")]}),
    "pair": field({
        "type": "array", "prefixItems": [{"type": "number"}, ref("Point")], "minItems": 2, "maxItems": 2,
    }),
    "named": field({"type": "object", "additionalProperties": ref("Point")}),
    "loose": field({"anyOf": [ref("Point"), {}]}),
}  # fmt: skip


@pytest.fixture(scope="module")
def objects() -> Catalog:
    """A node type with inputs that take objects in every way."""
    return catalog_with(FIELDS)


def types_of(made: type[Workflow[Any]]) -> Any:
    """Return the module of the classes that a workflow's inputs take."""
    made.model_rebuild()
    return sys.modules[f"{made.__module__.rpartition('.')[0]}.field_types"]


@pytest.mark.parametrize(
    ("name", "saved", "annotation", "code"),
    [
        ("curve", {"points": [{"x": 1}]}, "Curve", "Curve(points=[Point(x=1.0)])"),
        ("points", {"x": 1}, "Point | list[Point]", "Point(x=1.0)"),
        ("points", [{"x": 1}], "Point | list[Point]", "[Point(x=1.0)]"),
        ("points", [], "Point | list[Point]", "list[Point]"),
        ("mixed", 5, "Annotated[int, Field(ge=1)] | str | Point", "5"),
        ("mixed", "a\n'b'", "Annotated[int, Field(ge=1)] | str | Point", "\"a\\n'b'\""),
        ("mixed", {"x": 0}, "Annotated[int, Field(ge=1)] | str | Point", "Point(x=0.0)"),
        ("pair", [1, {"x": 1}], PAIR, "(1.0, Point(x=1.0))"),
        ("named", {"b": {"x": 1}, "a": {"x": 2}}, "dict[str, Point]", "{'a': Point(x=2.0), 'b': Point(x=1.0)}"),
    ],
)
def test_the_saved_value_is_the_default(name: str, saved: Any, annotation: str, code: str, objects: Catalog) -> None:
    module, report = resolved(drawing(**{name: saved}), objects)
    found = input_of(module, name)
    assert codes(report) == []
    assert found.annotation == annotation
    assert code in (found.default_code or "")
    assert found.default_code in (code, f"fresh(lambda: {code})", f"fresh({code})")
    made = drawn_class(objects, **{name: saved})
    assert posted(made())[name] == saved
    instance = made(**{name: getattr(made(), name)})
    assert instance == made()
    assert posted(instance)[name] is not None


def test_an_object_may_stand_beside_anything(objects: Catalog) -> None:
    module, report = resolved(drawing(loose={"x": 1}), objects)
    assert codes(report) == ["FB402"]
    assert input_of(module, "loose").default_code == "fresh(lambda: Point(x=1.0))"
    assert posted(drawn_class(objects, loose={"x": 1})())["loose"] == {"x": 1}


def test_a_default_posts_the_files_own_numbers(objects: Catalog) -> None:
    sent = posted(drawn_class(objects, curve=SAVED)())["curve"]
    assert json.dumps(sent, sort_keys=True) == json.dumps(SAVED, sort_keys=True)


@pytest.mark.parametrize(
    ("name", "saved", "reason"),
    [
        ("curve", {"points": []}, "points: List should have at least 1 item"),
        ("curve", {"points": [{"x": 1}], "new": 1}, "new: Extra inputs are not permitted"),
        ("curve", "text", "object"),
        ("points", [{"x": -1}], "x: Input should be greater than or equal to 0"),
        ("pair", [1], "1: Field required"),
        ("mixed", 1.5, "integer"),
        ("named", {"a": 1}, "object"),
    ],
)
def test_a_saved_value_that_its_type_refuses(name: str, saved: Any, reason: str, objects: Catalog) -> None:
    document = workflow(node("n", "draw", {name: saved}, visible=True), form=None, exposed=[f"n.{name}"])
    graph = resolved(document, objects)[0].graph["nodes"]["n"]
    module, report = resolved(drawing(**{name: saved}), objects)
    found = input_of(module, name)
    if name not in graph:
        # What flowbind cannot read the editor does not send.
        assert found.default_code in ("None", "UNSET")
        return
    warning = only(report, "FB204")
    assert reason in warning.message
    assert warning.pointer == f"/nodes/0/data/inputs/{name}/value"
    assert found.default_code == "UNSET"
    assert found.annotation.endswith("| Unset")
    made = drawn_class(objects, **{name: saved})
    assert getattr(made(), name) is UNSET
    assert posted(made())[name] == saved
    with pytest.raises(InputError):
        made(**{name: saved})


def test_none_leaves_the_key_out(objects: Catalog) -> None:
    made = drawn_class(objects, maybe={"points": [{"x": 1}]})
    assert posted(made())["maybe"] == {"points": [{"x": 1}]}
    assert "maybe" not in posted(made(maybe=None))
    with pytest.raises(InputError, match=r"is None"):
        drawn_class(objects, curve=SAVED)(curve=None)


def test_an_input_without_a_value(objects: Catalog) -> None:
    module, _ = resolved(drawing(curve=given(), maybe=given()), objects)
    assert input_of(module, "curve").default_code == "UNSET"
    assert input_of(module, "maybe").default_code == "None"
    made = drawn_class(objects, curve=given(), maybe=given())
    assert {"curve", "maybe"}.isdisjoint(posted(made()))
    point = types_of(made).Point(x=1)
    assert posted(made(maybe=types_of(made).Curve(points=[point])))["maybe"]["points"] == [{"x": 1.0, "y": 0.5}]


def test_a_required_object_of_the_form_is_required() -> None:
    catalog = catalog_with({"curve": field(ref("Curve"), orig_required=True)})
    module, report = resolved(drawing(curve=given()), catalog)
    assert (input_of(module, "curve").required, codes(report)) == (True, ["FB209"])
    with pytest.raises(InputError, match="is required: the workflow has no value for it"):
        drawn_class(catalog, curve=given())()
    outside = workflow(node("n", "draw", {"curve": given()}, visible=True))
    assert codes(refused(outside, catalog)) == ["FB308"]


def test_changes_in_place_are_sent(objects: Catalog) -> None:
    made = drawn_class(objects, curve=SAVED, points=[{"x": 1}], named={"a": {"x": 1}})
    point = types_of(made).Point
    instance: Any = made()
    instance.points.append(point(x=2))
    instance.curve.points[0].tag = "first"
    instance.curve.points.append(point(x=3))
    instance.named["b"] = point(x=4)
    sent = posted(instance)
    assert sent["points"] == [{"x": 1.0, "y": 0.5}, {"x": 2.0, "y": 0.5}]
    assert [p.get("tag") for p in sent["curve"]["points"]] == ["first", None, None]
    assert sent["curve"]["points"][2] == {"x": 3.0, "y": 0.5}
    assert sent["named"]["b"] == {"x": 4.0, "y": 0.5}
    assert (
        posted(made())
        == resolved(drawing(curve=SAVED, points=[{"x": 1}], named={"a": {"x": 1}}), objects)[0].graph["nodes"]["n"]
    )
    instance = made()
    instance.curve.style = "smooth"
    assert posted(instance)["curve"]["style"] == "smooth"
    assert posted(instance)["points"] == [{"x": 1}]


def test_a_change_in_place_that_is_wrong_is_refused_at_submit(objects: Catalog) -> None:
    made = drawn_class(objects, curve=SAVED, points=[{"x": 1}], named={"a": {"x": 1}})

    def refusal(change: Any) -> str:
        instance = made()
        change(instance)
        with pytest.raises(InputError) as caught:
            checked(instance)
        return str(caught.value)

    checked(made())
    said = refusal(lambda w: w.curve.points.append("bad"))
    assert said.startswith("A.curve (\"curve\"): points.2 is 'bad': ")
    assert "points is []" in refusal(lambda w: w.curve.points.clear())
    assert "1 is 5" in refusal(lambda w: w.points.append(5))
    assert "a is None" in refusal(lambda w: w.named.update(a=None))
    assert "half a character" in refusal(lambda w: setattr(w.curve.points[0], "tag", "\ud800"))
    assert "half a character" in refusal(lambda w: w.named.update({"\ud800": w.named["a"]}))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (5, 'A.curve ("curve") is 5: Input should be a valid dictionary or instance of Curve.'),
        ({"points": [{"x": -1}]}, 'A.curve ("curve"): points.0.x is -1: Input should be greater than or equal to 0.'),
        ({"style": "sharp"}, 'A.curve ("curve"): points is missing.'),
        ({"points": [{}]}, 'A.curve ("curve"): points.0.x is missing.'),
        ({"points": [{"x": 1, "z": 2}]}, 'A.curve ("curve"): points.0.z is 2: Extra inputs are not permitted.'),
        ({"points": [{"x": 1}], "class": 5}, 'A.curve ("curve"): class is 5: Input should be a valid string.'),
        ({"points": [{"x": 1}], "class_": 5}, 'A.curve ("curve"): class_ is 5: Input should be a valid string.'),
    ],
)
def test_messages_say_where_inside_a_value(value: Any, said: str, objects: Catalog) -> None:
    made = drawn_class(objects, curve=SAVED)
    with pytest.raises(InputError) as caught:
        made(curve=value)
    assert str(caught.value) == said
    instance: Any = made()
    with pytest.raises(InputError) as caught:
        instance.curve = value
    assert str(caught.value) == said
    assert posted(instance)["curve"] == SAVED


def test_a_choice_between_types_says_what_each_wants(objects: Catalog) -> None:
    made = drawn_class(objects, mixed=5, points=[{"x": 1}])
    with pytest.raises(InputError) as caught:
        made(mixed=0.5)
    assert str(caught.value).startswith('A.mixed ("mixed") is 0.5: Input should be a valid integer')
    with pytest.raises(InputError, match=r"0\.x is -1: Input should be greater than or equal to 0"):
        made(points=[{"x": -1}])
    with pytest.raises(InputError, match="has no input 'mixd': did you mean mixed"):
        made(mixd=1)


def test_halves_of_characters_are_refused_wherever_they_stand(objects: Catalog) -> None:
    made = drawn_class(objects, curve=SAVED, points=[], named={}, mixed=1)
    point = types_of(made).Point(x=1, tag="\ud800")
    for values in (
        {"curve": types_of(made).Curve(points=[point])},
        {"points": point},
        {"points": [point]},
        {"named": {"a": point}},
        {"mixed": "\udfff"},
    ):
        with pytest.raises(InputError, match="half a character"):
            made(**values)


def test_copies_are_their_own(objects: Catalog) -> None:
    made = drawn_class(objects, curve=SAVED, points=[{"x": 1}])
    types = types_of(made)
    for first in (made(), made(curve=types.Curve(points=[types.Point(x=5)], class_="a"))):
        first_posted = posted(first)
        again: Any
        for again in (copy.deepcopy(first), first.model_copy(deep=True), pickle.loads(pickle.dumps(first))):
            assert again == first
            assert posted(again) == first_posted
            again.curve.points.append(types.Point(x=9))
            assert again != first
            assert posted(first) == first_posted
            assert posted(again) != first_posted
    changed = made().model_copy(update={"curve": {"points": []}})
    with pytest.raises(InputError, match="points is"):
        checked(changed)


def test_instances_do_not_share_their_defaults(objects: Catalog) -> None:
    made = drawn_class(objects, curve=SAVED, points=[{"x": 1}])
    first: Any = made()
    first.curve.points.clear()
    first.points.clear()
    assert posted(made())["curve"] == SAVED
    assert len(made().points) == 1  # type: ignore[attr-defined]


def test_objects_are_equal_by_value(objects: Catalog) -> None:
    types = types_of(drawn_class(objects, curve=SAVED))
    assert types.Point(x=1) == types.Point(x=1.0, y=0.5, tag=None)
    assert types.Point(x=1) != types.Point(x=2)
    again = pickle.loads(pickle.dumps(types.Curve(points=[types.Point(x=1)])))
    assert again == types.Curve(points=[types.Point(x=1)])
    assert type(again) is types.Curve


@pytest.mark.parametrize(
    ("setting", "sent"),
    [
        ('curve={"points": [{"x": 1}]}', {"points": [{"x": 1.0, "y": 0.5}], "style": "smooth"}),
        ('points={"x": 2, "tag": "a=b"}', {"x": 2.0, "y": 0.5, "tag": "a=b"}),
        ('points=[{"x": 2}]', [{"x": 2.0, "y": 0.5}]),
        ("mixed=7", 7),
        ("mixed=words", "words"),
        ('mixed="7"', "7"),
        ('mixed={"x": 7}', {"x": 7.0, "y": 0.5}),
        ('pair=[1, {"x": 2}]', [1.0, {"x": 2.0, "y": 0.5}]),
        ('named={"a b": {"x": 2}}', {"a b": {"x": 2.0, "y": 0.5}}),
    ],
)
def test_settings_of_the_command(setting: str, sent: Any, objects: Catalog) -> None:
    values = {"curve": SAVED, "points": [], "mixed": 1, "pair": [1, {"x": 1}], "named": {}}
    module, _ = resolved(drawing(**values), objects)
    made = drawn_class(objects, **values)
    assert posted(made(**parse_settings(module, made, [setting])))[setting.partition("=")[0]] == sent


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("curve=5", "object"),
        ("curve={", "object"),
        ('curve={"points": []}', "points: List should have at least 1 item"),
        ('curve={"points": [{"x": "1"}]}', "points.0.x: Input should be a valid number"),
        ("mixed=0", "mixed"),
        ("points=null", "points"),
    ],
)
def test_settings_that_are_refused(setting: str, said: str, objects: Catalog) -> None:
    module, _ = resolved(drawing(curve=SAVED, points=[], mixed=1), objects)
    made = drawn_class(objects, curve=SAVED, points=[], mixed=1)
    with pytest.raises(InputError) as caught:
        made(**parse_settings(module, made, [setting]))
    assert said in str(caught.value)
    assert str(caught.value).startswith("A.")


def test_an_input_of_a_lower_case_class_does_not_hide_it() -> None:
    schemas = {"point": {"properties": {"x": {"type": "number"}}}}
    catalog = catalog_with({"point": field(ref("point")), "other": field(ref("point"))}, schemas)
    made = drawn_class(catalog, point={"x": 1}, other={"x": 2})
    assert list(made.model_fields) == ["point_", "other"]
    assert posted(made(other={"x": 3}))["other"] == {"x": 3.0}


def test_no_message_offers_the_word_for_no_value(catalog: Catalog, objects: Catalog) -> None:
    document = workflow(node("n", "noise", {"width": given()}, visible=True), exposed=["n.width"])
    for made, values in (
        (class_of(resolved(document, catalog)[0]), {"width": 63}),
        (drawn_class(objects, curve=given()), {"curve": 5}),
    ):
        assert "Unset" in str(made.model_fields[next(iter(values))].annotation)
        with pytest.raises(InputError) as caught:
            made(**values)
        assert "Unset" not in str(caught.value)


@pytest.mark.filterwarnings("error")
def test_labels_may_be_words_of_pydantic(catalog: Catalog) -> None:
    document = workflow(
        node("n", "add", {"a": given(1, label="Register"), "b": given(2, label="mro")}),
        exposed=["n.a", "n.b"],
    )
    module, _ = resolved(document, catalog)
    assert [i.attribute for i in module.inputs] == ["register_", "mro_"]
