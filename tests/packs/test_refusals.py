"""Values that do not fit an object's schema are refused before anything is sent, with the place that is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.behaviour.fake_server import FakeServer

import flowbind
from flowbind.errors import InputError
from flowbind.invokeai import InvokeAI
from flowbind_generator.cli import main

from .packed import Package, Project, attribute, from_json, missing, posted, saved_values

WRONG = [
    ("curves", 'tone_curve={"points": [{"x": 2, "y": 0}]}', ['Curves.tone_curve ("Tone curve")', "x", "equal to 1"]),
    ("curves", 'tone_curve={"points": []}', ['Curves.tone_curve ("Tone curve")', "points", "at least 1 item"]),
    ("curves", 'tone_curve={"points": [{"x": 0}]}', ["Curves.tone_curve", "y"]),
    ("curves", 'tone_curve={"points": [{"x": 0, "y": 0}], "nmae": 1}', ["Curves.tone_curve", "nmae"]),
    ("curves", 'tone_curve={"points": [{"x": 0, "y": 0}], "interpolation": "smoth"}', ["Curves.tone_curve", "smooth"]),
    ("curves", "tone_curve=straight", ['Curves.tone_curve ("Tone curve")']),
    ("curves", "tone_curve=[1]", ['Curves.tone_curve ("Tone curve")']),
    ("curves", 'curves=[{"points": [{"x": 0, "y": "high"}]}]', ["Curves.curves", "y"]),
    ("curves", 'curves_by_name={"a": {"points": 1}}', ["Curves.curves_by_name", "points"]),
    ("curves", "points=" + json.dumps([{"x": 0, "y": 0}] * 5), ["Curves.points", "at most 4"]),
    ("curves", 'point_rows=[{"x": 0, "y": 0}]', ["Curves.point_rows"]),
    ("layers", 'layer={"layers": [{"layers": [{"opacity": 3}]}]}', ["Layers.layer", "opacity", "equal to 1"]),
    ("layers", 'layer={"size": "big"}', ["Layers.layer", "size"]),
    ("layers", 'layer={"priority": 2}', ["Layers.layer", "priority"]),
    ("layers", 'layer={"tint": {"r": 256, "g": 0, "b": 0, "a": 0}}', ["Layers.layer", "255"]),
    ("layers", 'layer={"picture": "a.png"}', ["Layers.layer", "picture"]),
    ("layers", 'exact={"amount": 1, "more": 2}', ["Layers.exact", "more"]),
    ("layers", 'extent={"width": 7, "height": 8}', ["Layers.extent", "width", "multiple of 8"]),
    ("layers", 'amounts={"a": "x"}', ["Layers.amounts", "number"]),
    ("layers", 'limited_amounts={"a": 1, "b": 2, "c": 3}', ["Layers.limited_amounts", "at most 2"]),
    ("layers", "offset=[1]", ["Layers.offset"]),
    ("layers", "tags=[1]", ["Layers.tags"]),
    ("unions", 'told_shape={"kind": "square"}', ["Unions.told_shape", "square"]),
    ("unions", 'shape={"kind": "circle", "width": 1, "height": 1}', ["Unions.shape"]),
    ("unions", "shares=2", ["Unions.shares", "equal to 1"]),
    ("unions", "shares=[0.5, 2]", ["Unions.shares", "equal to 1"]),
    ("unions", 'numbers_or_texts=[1, "a"]', ["Unions.numbers_or_texts"]),
    ("unions", "maybe_number=-1", ["Unions.maybe_number", "equal to 0"]),
    ("choices", "mood=sad", ["Choices.mood", "calm"]),
    ("choices", "level=2", ["Choices.level", "100"]),
    ("choices", "share=0.75", ["Choices.share"]),
    ("choices", "loose=3", ["Choices.loose"]),
    ("choices", 'levels={"a": 7}', ["Choices.levels"]),
    ("choices", 'moods=["calm", "sad"]', ["Choices.moods"]),
    ("choices", 'by_choice={"c": 1}', ["Choices.by_choice"]),
    ("choices", 'by_pattern={"a": 1}', ["Choices.by_pattern"]),
    ("texts", "word=UPPER", ["Texts.word"]),
    ("texts", 'words=["ok", "x"]', ["Texts.words", "at least 2"]),
    ("texts", "few_numbers=[]", ["Texts.few_numbers", "at least 1"]),
    ("texts", "cubes=[[[10]]]", ["Texts.cubes", "equal to 9"]),
    ("texts", "pixels=6", ["Texts.pixels", "multiple of 4"]),
    ("texts", 'stamp={"day": "2026-01-01"}', ["Texts.stamp", "taken"]),
    ("tricky_names", 'pair={"one": 1, "other": "2"}', ["TrickyNames.pair", "other"]),
]
RIGHT = [
    ("curves", "tone_curve", "curve", {"points": [{"x": 0.5, "y": 1}], "name": "New"}),
    ("curves", "and_then", "second_curve", {"points": [{"x": 0, "y": 1}]}),
    ("curves", "one_or_many", "one_or_many", {"points": [{"x": 0, "y": 1}]}),
    ("curves", "one_or_many", "one_or_many", [{"points": [{"x": 0, "y": 1}]}]),
    ("curves", "curves_by_name", "curves_by_name", {"a": {"points": [{"x": 0, "y": 1}]}}),
    ("layers", "layer", "layer", {"layers": [{"opacity": 0.5}], "tint": {"r": 1, "g": 2, "b": 3, "a": 4}}),
    ("layers", "offset", "offset", [1, 2]),
    ("layers", "amounts", "amounts", {"a": 1}),
    ("layers", "place", "place", [1.5, 2.5]),
    ("unions", "told_shape", "told_shape", {"kind": "circle", "radius": 2}),
    ("unions", "number_or_curve", "number_or_curve", 3),
    ("unions", "number_or_curve", "number_or_curve", {"points": [{"x": 0, "y": 1}]}),
    ("unions", "shares", "shares", [0.5, 1]),
    ("unions", "picture_or_color", "picture_or_color", {"r": 9, "g": 8, "b": 7, "a": 6}),
    ("choices", "mood", "mood", "eerie"),
    ("choices", "level", "level", 100),
    ("choices", "mixed", "mixed", "auto"),
    ("choices", "mood_of", "mood_of", {"others": {"x": "calm"}}),
    ("texts", "word", "word", "plain"),
    ("texts", "rows", "rows", [[1, 2], []]),
    ("texts", "stamp", "stamp", {"taken": "2026-01-02T03:04:05Z"}),
    ("open_values", "anything", "anything", {"a": [None]}),
    ("tricky_names", "odd", "odd", {"class": "new", "two words": "x"}),
]


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project, with the command running in its folder."""
    monkeypatch.chdir(project.root)
    return project


def payload(name: str, setting: str) -> Result:
    """Run `flowbind payload` with one setting."""
    return CliRunner().invoke(main, ["payload", name, "--graph-only", "--set", setting], catch_exceptions=False)


@pytest.mark.parametrize(("name", "setting", "words"), WRONG, ids=[f"{n}-{s[:40]}" for n, s, _ in WRONG])
@pytest.mark.usefixtures("here")
def test_a_wrong_setting_is_refused(name: str, setting: str, words: list[str]) -> None:
    done = payload(name, setting)
    assert (done.exit_code, done.stdout) == (2, "")
    assert [word for word in words if word not in done.stderr] == []


@pytest.mark.parametrize(("name", "told", "field", "value"), RIGHT, ids=[f"{r[0]}-{r[1]}-{r[3]}"[:40] for r in RIGHT])
@pytest.mark.usefixtures("here")
def test_a_setting_in_json_is_posted(name: str, told: str, field: str, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    done = payload(name, f"{told}={text}")
    assert done.exit_code == 0, done.output
    (node,) = (n for n in json.loads(done.stdout)["nodes"].values() if field in n)
    assert missing(node, {field: value}) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("curve", {"points": [{"x": 2, "y": 0}]}),
        ("curve", "straight"),
        ("curves", [{"points": []}]),
        ("curves_by_name", {"a": 1}),
    ],
)
def test_a_wrong_value_in_python_is_refused(package: Package, field: str, value: Any) -> None:
    made = package.workflow("curves")()
    name = attribute(type(made), field)
    with pytest.raises(InputError, match=rf"Curves\.{name}"):
        flowbind.inputs(made).set(name, value)
    assert posted(made)[field] == saved_values("curves")[field]


def test_an_object_checks_itself(package: Package) -> None:
    types: Any = package.field_types
    with pytest.raises(ValueError, match="equal to 1"):
        types.CurvePoint(x=2, y=0)
    with pytest.raises(ValueError, match="z"):
        types.CurvePoint(x=0, y=0, z=0)
    with pytest.raises(ValueError, match="y"):
        types.CurvePoint(x=0)
    point = types.CurvePoint(x=0, y=0)
    with pytest.raises((ValueError, AttributeError)):
        point.x = 5


def test_a_change_in_place_is_checked_at_the_latest_when_it_is_sent(package: Package) -> None:
    workflow = package.workflow("curves")
    made: Any = workflow(tone_curve=from_json(workflow, "curve", saved_values("curves")["curve"]))
    made.tone_curve.points.append("nowhere")
    with FakeServer() as server, InvokeAI(server.url, check="off") as client:
        with pytest.raises(InputError, match=r'Curves\.tone_curve \("Tone curve"\)'):
            client.submit(made)
        assert not server.requests


def test_unknown_attributes_are_kept_only_where_the_schema_has_them(package: Package) -> None:
    types: Any = package.field_types
    workflow = package.workflow("open_values")
    made = workflow(settings=types.Settings(name="a", unknown=[1]))
    assert posted(made)["settings"]["unknown"] == [1]
