"""Many instances become few requests, which make of a server the runs that single submits would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from flowbind.invokeai import UNSET, Color, Image, ModelRef
from flowbind.invokeai.runs.grouping import Request
from flowbind.workflow import Workflow

from .many import KINDS, expanded, requests_for, single

PICTURES = st.sampled_from(["a.png", "own.png", Image("b.png"), Image("a.png", 8, 8)])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "width": st.integers(1, 3).map(lambda n: n * 64),
    "height": st.just(512),
    "mode": st.sampled_from(["RGB", "RGBA"]),
    "colour": st.sampled_from([Color(1, 2, 3), Color(9, 9, 9)]),
    "board": st.sampled_from(["Posters", "board-Trials", "none", None]),
    "strength": st.sampled_from([7, 7.0, 1.5, -0.0, 1]),
    "text": st.sampled_from(["a", "", 'ä\n"', "1", "\U0001f600"]),
    "switch": st.booleans(),
    "numbers": st.sampled_from([[1, 2], [], [2]]),
    "model": st.sampled_from(["Tiny", ModelRef("Tiny"), ModelRef(key="key-Large"), "Own"]),
    "picture": PICTURES,
    "seed": st.sampled_from([0, 1, 2**32 - 1, UNSET]),
    "shift": st.sampled_from([None, 3, 0.5]),
    "kept": st.sampled_from([None, 3, 4]),
}
ROWS = st.lists(
    st.sets(st.sampled_from([*VALUES]), max_size=4).flatmap(
        lambda names: st.fixed_dictionaries({name: VALUES[name] for name in sorted(names)})
    ),
    min_size=1,
    max_size=12,
)


def partition(nodes: dict[str, Any]) -> str:
    """Return what instances of one request have in common: all values, but only the types of those that vary."""
    varied = [
        ("p", "width"),
        ("p", "height"),
        ("p", "mode"),
        ("f", "value"),
        ("s", "value"),
        ("n", "seed"),
        ("z", "shift"),
    ]
    held = {n: dict(fields) for n, fields in nodes.items()}
    for node, name in [*varied, ("i", "image")]:
        if name in held[node]:
            held[node][name] = type(held[node][name]).__name__
    # The class holds fractions, whole numbers among them.
    held["f"]["value"] = "float"
    return json.dumps(held, sort_keys=True)


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_the_runs_are_those_of_single_submits(rows: list[dict[str, Any]]) -> None:
    instances = [KINDS(**row) for row in rows]
    requests = requests_for(instances)
    wanted = [single(instance) for instance in instances]
    found: dict[int, Any] = {}
    for request in requests:
        runs = list(expanded(request.content("id")))
        assert len(runs) == len(request) == len(request.places)
        assert not found.keys() & set(request.places)
        found |= dict(zip(request.places, runs, strict=True))
    assert [found[place] for place in range(len(rows))] == wanted
    assert len(requests) == len(set(map(partition, wanted)))
    event(f"{len(requests)} requests")


@given(ROWS, st.data())
def test_parts_make_the_same_runs(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    for request in requests_for([KINDS(**row) for row in rows]):
        cut = data.draw(st.integers(1, len(request)))
        parts = [part for part in (request.part(0, cut), request.part(cut)) if len(part)]
        assert [place for part in parts for place in part.places] == [*request.places]
        runs = [run for part in parts for run in expanded(part.content("id"))]
        assert runs == list(expanded(request.content("id")))


def contents(*rows: Workflow[Any]) -> list[Any]:
    return [json.loads(request.content("the-id"))["batch"] for request in requests_for([*rows])]


def test_what_differs_in_scalars_and_pictures_is_one_request() -> None:
    (batch,) = contents(KINDS(), KINDS(width=64, text="b"), KINDS(mode="RGBA", picture="a.png", strength=1))
    assert (batch["runs"], batch["batch_id"], len(batch["data"])) == (1, "the-id", 1)
    assert {(d["node_path"], d["field_name"]): d["items"] for d in batch["data"][0]} == {
        ("p", "width"): [512, 64, 512],
        ("p", "mode"): ["RGB", "RGB", "RGBA"],
        ("f", "value"): [7.0, 7.0, 1.0],
        ("s", "value"): ["a", "b", "a"],
        ("i", "image"): [{"image_name": name} for name in ("own.png", "own.png", "a.png")],
    }


def test_instances_that_are_the_same_are_runs_of_one_request() -> None:
    (batch,) = contents(*[KINDS(width=64)] * 3)
    assert batch["runs"] == 3
    assert "data" not in batch
    assert batch["graph"]["nodes"]["p"]["width"] == 64


@pytest.mark.parametrize(
    ("name", "values", "requests"),
    [
        ("switch", [True, False, True], 2),
        ("numbers", [[1], [2], [1]], 2),
        ("seed", [1, UNSET, 2], 2),
        ("shift", [1, None, 2.5], 2),
        ("kept", [1, None, 2], 3),
        ("model", ["Tiny", "Large", ModelRef("Tiny")], 2),
        ("board", ["Posters", "Trials", "none", "auto"], 3),
        ("colour", [Color(1, 1, 1), Color(2, 2, 2)], 2),
    ],
)
def test_what_a_batch_cannot_vary_makes_requests(name: str, values: list[Any], requests: int) -> None:
    rows = [KINDS(**{name: value}, width=64 * n) for n, value in enumerate(values, 1)]
    assert len(requests_for(rows)) == requests


def test_an_input_that_the_workflow_does_not_set_splits_instances_that_set_it() -> None:
    # The workflow has a width, so that varies; it has no seed, and a batch cannot leave one out.
    assert len(requests_for([KINDS(), KINDS(width=64)])) == 1
    assert len(requests_for([KINDS(), KINDS(seed=5), KINDS(seed=6)])) == 2


def test_the_stored_workflow_keeps_its_own_value_where_runs_differ() -> None:
    (batch,) = contents(KINDS(width=64, text="b"), KINDS(width=128, text="b"))
    stored = {n["id"]: n["data"]["inputs"] for n in batch["workflow"]["nodes"]}
    assert stored["p"]["width"]["value"] == 512
    assert stored["s"]["value"]["value"] == batch["graph"]["nodes"]["s"]["value"] == "b"
    # The server checks the graph: what stands there has to be valid.
    assert batch["graph"]["nodes"]["p"]["width"] == 64


def test_requests_know_what_only_they_have() -> None:
    rows = [KINDS(model="Tiny", width=64), KINDS(model="Tiny", width=128), KINDS(model="Large", width=64, height=8)]
    first, second = requests_for(rows)
    assert first.given == {"model": "Tiny", "height": 512}
    assert second.given == {"model": "Large", "width": 64, "height": 8}


def test_each_model_and_picture_is_looked_up_once() -> None:
    asked: list[str] = []
    rows = [KINDS(model="Tiny" if n % 2 else "Large", picture=f"{n % 3}.png") for n in range(30)]
    assert len(requests_for(rows, asked)) == 2
    pictures = [f"/api/v1/images/i/{n}.png" for n in range(3)]
    assert sorted(asked) == [*pictures, "/api/v2/models/"]


def test_no_instances_make_no_request() -> None:
    assert requests_for([]) == []


def test_a_request_is_as_long_as_its_runs() -> None:
    (request,) = requests_for([KINDS(width=64), KINDS(width=128)])
    assert isinstance(request, Request)
    assert len(request) == 2
    assert len(request.part(1)) == 1
