"""A user's program: sets inputs of the made-up pack from Python, beside the JSON that a server should receive.

python made.py          print what would be posted and what was meant
python made.py URL      run it, and print what the server says it received and what was meant
"""

from __future__ import annotations

import json
import sys
from typing import Any

from generated import Choices, Curves, Layers, OpenValues, Texts, TrickyNames, Unions
from generated.field_types import (
    Box,
    Circle,
    ColorField,
    Curve,
    CurvePoint,
    Exact,
    Extent,
    File,
    Folder,
    Group,
    ImageField,
    Layer,
    Margin,
    ModelIdentifierField,
    MoodOf,
    OddNames,
    Pair_int_,
    Settings,
    Span,
)

from flowbind.invokeai import InvokeAI, InvokeAIWorkflow, Outputs
from flowbind.invokeai.runs.preview import preview

Made = tuple[InvokeAIWorkflow[Outputs], dict[str, Any]]


def curves() -> Made:
    """Set objects in every number."""
    bent = Curve(points=[CurvePoint(x=0, y=0.5), CurvePoint(x=1.0, y=1)], interpolation="smooth", name="Bent")
    dot = Curve(points=[CurvePoint(x=0.5, y=0.5)])
    workflow = Curves(
        tone_curve=bent,
        direct_curve=dot,
        and_then=None,
        default_curve=bent,
        curves=[bent, dot],
        one_or_many=dot,
        curves_by_name={"a": bent},
        points=[CurvePoint(x=0.25, y=0.75)],
        point_rows=[[], [CurvePoint(x=1, y=0)]],
        maybe_points=[],
    )
    bent_json = {"points": [{"x": 0, "y": 0.5}, {"x": 1, "y": 1}], "interpolation": "smooth", "name": "Bent"}
    dot_json = {"points": [{"x": 0.5, "y": 0.5}]}
    return workflow, {
        "curve": bent_json,
        "direct_curve": dot_json,
        "default_curve": bent_json,
        "curves": [bent_json, dot_json],
        "one_or_many": dot_json,
        "curves_by_name": {"a": bent_json},
        "points": [{"x": 0.25, "y": 0.75}],
        "point_rows": [[], [{"x": 1, "y": 0}]],
        "maybe_points": [],
    }


def many_curves() -> Made:
    """Set the other side of one or many."""
    workflow = Curves(one_or_many=[Curve(points=[CurvePoint(x=0, y=0)])] * 2)
    return workflow, {"one_or_many": [{"points": [{"x": 0, "y": 0}]}] * 2}


def layers() -> Made:
    """Set objects within objects, InvokeAI's own and themselves among them."""
    model = ModelIdentifierField(key="k", hash="h", name="Ink", base="sd-1", type="main")
    layer = Layer(
        picture=ImageField(image_name="a.png"),
        tint=ColorField(r=1, g=2, b=3, a=4),
        model=model,
        opacity=0.5,
        mode="screen",
        priority=10,
        steps=512,
        offset=(1, -2),
        stamp=("s", 0.5, False),
        path=[0.5],
        curve=Curve(points=[CurvePoint(x=0, y=0)]),
        curves={"c": Curve(points=[CurvePoint(x=1, y=1)], interpolation="steps")},
        amounts={"a": 1.5},
        joints=["smooth"],
        margin=Margin(left=1, right=2),
        span=Span(start=0.5),
        extent=Extent(width=8, height=16),
        tags=["t"],
        weights={"w": 0.25},
        exact=Exact(amount=0.125),
        size=3,
        layers=[Layer(opacity=0.25, layers=[Layer(size="auto")])],
    )
    workflow = Layers(
        layer=layer,
        layers=[Layer(), Layer(mode="multiply")],
        folder=Folder(name="f", files=[File(name="g", links={"up": Folder(name="f", files=[])})]),
        extent=Extent(width=16, height=24),
        margin=Margin(left=5, right=6),
        span=Span(start=0.25, end=0.5),
        tags=["u", "v"],
        weights={"x": 2.0},
        exact=Exact(),
        amounts={"b": 0.5},
        limited_amounts={},
        offset=(7, 8),
        path=[3.0, 4.0],
    )
    return workflow, {
        "layer": {
            "picture": {"image_name": "a.png"},
            "tint": {"r": 1, "g": 2, "b": 3, "a": 4},
            "model": {"key": "k", "hash": "h", "name": "Ink", "base": "sd-1", "type": "main"},
            "opacity": 0.5,
            "mode": "screen",
            "priority": 10,
            "steps": 512,
            "offset": [1, -2],
            "stamp": ["s", 0.5, False],
            "path": [0.5],
            "curve": {"points": [{"x": 0, "y": 0}]},
            "curves": {"c": {"points": [{"x": 1, "y": 1}], "interpolation": "steps"}},
            "amounts": {"a": 1.5},
            "joints": ["smooth"],
            "margin": {"left": 1, "right": 2},
            "span": {"start": 0.5},
            "extent": {"width": 8, "height": 16},
            "tags": ["t"],
            "weights": {"w": 0.25},
            "exact": {"amount": 0.125},
            "size": 3,
            "layers": [{"opacity": 0.25, "layers": [{"size": "auto"}]}],
        },
        "layers": [{}, {"mode": "multiply"}],
        "folder": {"name": "f", "files": [{"name": "g", "links": {"up": {"name": "f", "files": []}}}]},
        "extent": {"width": 16, "height": 24},
        "margin": {"left": 5, "right": 6},
        "span": {"start": 0.25, "end": 0.5},
        "tags": ["u", "v"],
        "weights": {"x": 2},
        "exact": {},
        "amounts": {"b": 0.5},
        "limited_amounts": {},
        "offset": [7, 8],
        "path": [3, 4],
    }


def unions() -> Made:
    """Set one member of each union."""
    workflow = Unions(
        number_or_text=7,
        scalar=True,
        maybe_number=None,
        shape=Circle(radius=1.5),
        told_shape=Group(shapes=[Circle(radius=1), Group(shapes=[])], outline=Box(width=1, height=2)),
        maybe_shape=Box(width=0.5, height=0.5),
        shapes=[Circle(radius=2), Box(width=1, height=1)],
        shapes_by_name={"c": Circle(radius=3)},
        shares=[0.1, 0.9],
        text_or_texts="alone",
        number_or_curve=0.5,
        curve_or_name="straight",
        gaps=[None, 2],
        holes={"n": None, "m": 2.5},
        numbers_or_texts=[1, 2],
    )
    return workflow, {
        "number_or_text": 7,
        "scalar": True,
        "shape": {"kind": "circle", "radius": 1.5},
        "told_shape": {
            "kind": "group",
            "shapes": [{"kind": "circle", "radius": 1}, {"kind": "group", "shapes": []}],
            "outline": {"kind": "box", "width": 1, "height": 2},
        },
        "maybe_shape": {"kind": "box", "width": 0.5, "height": 0.5},
        "shapes": [{"kind": "circle", "radius": 2}, {"kind": "box", "width": 1, "height": 1}],
        "shapes_by_name": {"c": {"kind": "circle", "radius": 3}},
        "shares": [0.1, 0.9],
        "text_or_texts": "alone",
        "number_or_curve": 0.5,
        "curve_or_name": "straight",
        "gaps": [None, 2],
        "holes": {"n": None, "m": 2.5},
        "numbers_or_texts": [1, 2],
    }


def other_unions() -> Made:
    """Set another member of each."""
    curve = Curve(points=[CurvePoint(x=0, y=1)])
    workflow = Unions(
        number_or_text="8",
        scalar=0.5,
        maybe_number=0,
        shape=Box(width=3, height=4),
        told_shape=Circle(radius=5),
        maybe_shape=None,
        shares=0.3,
        text_or_texts=["one", "two"],
        number_or_curve=curve,
        curve_or_name=curve,
        numbers_or_texts=["x"],
    )
    return workflow, {
        "number_or_text": "8",
        "scalar": 0.5,
        "maybe_number": 0,
        "shape": {"kind": "box", "width": 3, "height": 4},
        "told_shape": {"kind": "circle", "radius": 5},
        "shares": 0.3,
        "text_or_texts": ["one", "two"],
        "number_or_curve": {"points": [{"x": 0, "y": 1}]},
        "curve_or_name": {"points": [{"x": 0, "y": 1}]},
        "numbers_or_texts": ["x"],
    }


def choices() -> Made:
    """Set choices; one that is no text or whole number cannot be a `Literal`."""
    workflow = Choices(
        mood="eerie",
        default_mood="bright",
        maybe_mood=None,
        level=0,
        awkward='"""',
        size=512,
        mixed=1,
        share=1.0,
        loose="auto",
        or_nothing="a",
        only="only",
        labelled="a",
        moods=["calm", "bright"],
        sizes=[512],
        mood_or_moods="eerie",
        mood_of=MoodOf(sky="eerie", level=100, others={"a": "calm"}),
        levels={"l": 1},
        by_choice={"a": 3},
        by_pattern={"kk": 4},
        by_number={"5": 0.5},
    )
    return workflow, {
        "mood": "eerie",
        "default_mood": "bright",
        "level": 0,
        "awkward": '"""',
        "size": 512,
        "mixed": 1,
        "share": 1.0,
        "loose": "auto",
        "or_nothing": "a",
        "only": "only",
        "labelled": "a",
        "moods": ["calm", "bright"],
        "sizes": [512],
        "mood_or_moods": "eerie",
        "mood_of": {"sky": "eerie", "level": 100, "others": {"a": "calm"}},
        "levels": {"l": 1},
        "by_choice": {"a": 3},
        "by_pattern": {"kk": 4},
        "by_number": {"5": 0.5},
    }


def texts() -> Made:
    """Set texts and lists with limits; texts of some format are left as they were."""
    workflow = Texts(
        word="quay",
        awkward_pattern="{}",
        area="a\n\nb",
        maybe_word=None,
        words=["one", "two"],
        few_numbers=[4],
        flags=[False, False],
        rows=[[], [0.5]],
        cubes=[[[9]]],
        pixels=96,
    )
    return workflow, {
        "word": "quay",
        "awkward_pattern": "{}",
        "area": "a\n\nb",
        "words": ["one", "two"],
        "few_numbers": [4],
        "flags": [False, False],
        "rows": [[], [0.5]],
        "cubes": [[[9]]],
        "pixels": 96,
    }


def open_values() -> Made:
    """Set what nobody knows the type of."""
    workflow = OpenValues(
        anything=[1, {"a": None}],
        undeclared="text",
        by_name={"b": [True]},
        plain={"c": {"d": 1}},
        several=[None, "e"],
        rest=[{}],
        json_value={"f": 0.5},
        settings=Settings(name="g", more={"h": [1]}, anything=2, rest=["i"]),
        value=[None],
    )
    return workflow, {
        "anything": [1, {"a": None}],
        "undeclared": "text",
        "by_name": {"b": [True]},
        "plain": {"c": {"d": 1}},
        "several": [None, "e"],
        "rest": [{}],
        "json_value": {"f": 0.5},
        "settings": {"name": "g", "more": {"h": [1]}, "anything": 2, "rest": ["i"]},
        "value": [None],
    }


def names() -> Made:
    """Set attributes that are not called in Python what they are called in JSON."""
    odd = OddNames(class_="c", copy_=3, schema_="s", model_name="m")
    workflow = TrickyNames(odd=odd, pair=Pair_int_(one=3, other=4), numbers=[5], text="t")
    return workflow, {
        "odd": {"class": "c", "copy": 3, "schema": "s", "model_name": "m"},
        "pair": {"one": 3, "other": 4},
        "numbers": [5],
        "text": "t",
    }


MADE = (curves, many_curves, layers, unions, other_unions, choices, texts, open_values, names)


def received(workflow: InvokeAIWorkflow[Outputs], server: InvokeAI | None) -> dict[str, Any]:
    """Return the values of all nodes by field: what would be posted, or what a server says it received."""
    if server is None:
        nodes = json.loads(preview(workflow)[0])["batch"]["graph"]["nodes"].values()
        return {name: value for node in nodes for name, value in node.items()}
    told = server.run(workflow, timeout=60).nodes.values()
    return {name: value for (node,) in told for name, value in json.loads(node["value"]).items()}


def main(urls: list[str]) -> None:
    """Print it all as JSON."""
    server = InvokeAI(urls[0], check="error") if urls else None
    told: dict[str, Any] = {}
    for make in MADE:
        workflow, meant = make()
        told[make.__name__] = {"received": received(workflow, server), "meant": meant}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
