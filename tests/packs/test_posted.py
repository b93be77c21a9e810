"""What is posted for the pack's nodes: the saved values until others are set, and then those."""

from __future__ import annotations

import json
from typing import Any

import pytest

import flowbind
from flowbind.errors import InputError

from .packed import (
    EXPORTS,
    HERE,
    SAVED,
    Package,
    Project,
    annotation,
    attribute,
    from_json,
    missing,
    posted,
    posted_nodes,
    saved_values,
    with_required,
)

FIELDS = [(name, field) for name in SAVED for field in saved_values(name)]
# JSON has texts for these; their types in Python may be others.
FORMATTED = ["taken", "day", "exposure", "file", "camera", "link", "host", "raw", "price"]


def exactly(there: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what is not as wanted, by key."""
    return missing(there, wanted) | missing(wanted, {k: v for k, v in there.items() if k in wanted})


@pytest.mark.parametrize("name", [*SAVED, "makers"])
def test_a_default_instance_posts_the_saved_values(package: Package, name: str) -> None:
    assert exactly(posted(package.workflow(name)()), saved_values(name)) == {}


def test_what_an_edge_feeds_is_not_posted(package: Package) -> None:
    values = posted(package.workflow("wired")())
    assert not values.keys() & {"curves"}
    assert exactly(values, {k: v for k, v in saved_values("wired").items() if k != "curve"}) == {}
    with pytest.raises(InputError, match="read-only"):
        package.workflow("wired")(curves=[])


def test_defaults_are_objects(package: Package) -> None:
    made: Any = package.workflow("curves")()
    assert type(made.tone_curve) is package.field_types.Curve
    assert made.tone_curve.points[1].y == 0.75
    assert made.curves_by_name["the second"].interpolation == "linear"
    layers: Any = package.workflow("layers")()
    assert layers.layer.layers[0].layers[0].layers[0].opacity == 0.125
    assert layers.layer.model.name == "Ink"


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_value_that_is_set_is_posted(package: Package, name: str, field: str) -> None:
    workflow = package.workflow(name)
    value = saved_values(name)[field]
    made = workflow()
    setattr(made, attribute(workflow, field), from_json(workflow, field, value))
    # Its name is null, and may be left out: the server fills it.
    wanted = {"points": value["points"]} if field == "second_curve" else value
    assert missing(posted(made), {field: wanted}) == {}


@pytest.mark.parametrize("field", FORMATTED)
def test_texts_of_a_format_are_posted_as_texts(package: Package, field: str) -> None:
    workflow = package.workflow("texts")
    made = workflow()
    setattr(made, field, from_json(workflow, field, saved_values("texts")[field]))
    assert posted(made)[field] == saved_values("texts")[field]
    assert "Any" not in str(annotation(workflow, field))


def test_a_users_program_posts_what_it_means(project: Project) -> None:
    told = json.loads(project.python("made.py").stdout)
    assert {name: wrong for name, run in told.items() if (wrong := missing(run["received"], run["meant"]))} == {}


def test_attributes_are_posted_by_their_names_in_json(package: Package) -> None:
    workflow = package.workflow("tricky_names")
    values = saved_values("tricky_names")["odd"]
    made = workflow(odd=from_json(workflow, "odd", values))
    assert posted(made)["odd"] == values


def test_none_leaves_the_key_out(package: Package) -> None:
    made = package.workflow("curves")(and_then=None, maybe_points=None)
    assert not posted(made).keys() & {"second_curve", "maybe_points"}


def test_true_and_one_are_two_choices(package: Package) -> None:
    workflow = package.workflow("choices")
    assert posted(workflow())["mixed"] is True
    for value in (1, True, 2, "auto"):
        there = posted(workflow(mixed=value))["mixed"]
        assert (there, type(there)) == (value, type(value))


def test_a_default_that_is_changed_in_place_is_not_lost(package: Package) -> None:
    made: Any = package.workflow("curves")()
    try:
        made.tone_curve.points[0].y = 0.625
    except (TypeError, ValueError, AttributeError):
        return  # what cannot be changed cannot be lost
    assert posted(made)["curve"]["points"][0]["y"] == 0.625


def test_instances_do_not_share_their_defaults(package: Package) -> None:
    one: Any = package.workflow("curves")()
    other: Any = package.workflow("curves")()
    one.curves.append(one.curves[0])
    assert len(other.curves) == len(saved_values("curves")["curves"])


def test_without_values_only_what_the_server_cannot_fill_is_required(package: Package) -> None:
    workflow = package.workflow("nothing_set")
    required = {i.field for i in flowbind.inputs(workflow) if i.required}
    assert {"curve", "direct_curve", "layer", "folder", "shape", "mood", "word", "stamp", "value", "odd"} <= required
    assert not required & {"second_curve", "default_curve", "points", "scalar", "default_mood", "settings", "evil"}
    with pytest.raises(InputError, match="required"):
        workflow()


def test_without_values_nothing_is_posted_for_what_is_not_set(package: Package) -> None:
    made, meant = with_required(package.workflow("nothing_set"))
    there = posted_nodes(made)
    assert {node: wrong for node, values in meant.items() if (wrong := missing(there[node], values))} == {}
    assert not there["curves"].keys() & {"second_curve", "default_curve", "points"}
    assert not there["choices"].keys() & {"default_mood", "maybe_mood", "levels"}


@pytest.mark.parametrize("name", [name for name in EXPORTS if name != "nothing_set"])
def test_a_workflow_that_is_loaded_posts_the_same(
    package: Package, project: Project, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)
    loaded = flowbind.load(project.root / "workflows" / f"{name}.json")
    assert posted(loaded()) == posted(package.workflow(name)())


def test_all_exports_are_looked_at() -> None:
    assert len(FIELDS) > 100
    assert all((HERE / f"{name}.json").is_file() for name in SAVED)
