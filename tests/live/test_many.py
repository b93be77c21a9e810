"""Many instances on a real server: few requests, and each outcome is that of its instance."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from generated import GrainStudy, Poster
from tests.fidelity.pictures import grey

from flowbind.errors import BatchFailed, RunCanceled, RunFailed
from flowbind.invokeai import AsyncInvokeAI, InvokeAI, Result
from flowbind.workflow import Workflow
from live_tools import QUEUE, ROOM, Live, Project, pixels


def lone(node_type: str, version: str, visible: bool = False, **inputs: Any) -> dict[str, Any]:
    """Return an export of one node, all inputs of which are shown."""
    about = dict.fromkeys(("author", "description", "version", "contact", "tags", "notes"), "")
    fields = {name: {"name": name, "label": name} for name in inputs}
    data = {"id": "n", "type": node_type, "version": version, "label": "", "notes": "", "nodePack": "invokeai"}
    data |= {"isOpen": True, "isIntermediate": not visible, "useCache": False}
    data["inputs"] = {
        name: entry | ({} if inputs[name] is None else {"value": inputs[name]}) for name, entry in fields.items()
    }
    return {
        "name": "Lone",
        **about,
        "exposedFields": [{"nodeId": "n", "fieldName": name} for name in inputs],
        "meta": {"version": "3.0.0", "category": "user"},
        "nodes": [{"id": "n", "type": "invocation", "position": {"x": 0, "y": 0}, "data": data}],
        "edges": [],
    }


@pytest.fixture
def division(project: Project) -> type[Workflow[Any]]:
    """The class of a workflow that divides `a` by `b`, which needs no model and no time."""
    project.add("division", lone("div", "1.0.1", a=6, b=3))
    project.generate()
    return project.load("division", "Division")


def quotients(outcomes: Sequence[Any]) -> list[int]:
    assert all(isinstance(outcome, Result) for outcome in outcomes), outcomes
    return [outcome.nodes["n"][0]["value"] for outcome in outcomes]


def requests_since(live: Live, newest: int) -> list[int]:
    """Return how many items each batch has that was queued since."""
    item_ids = [n for n in live.call("GET", f"{QUEUE}/item_ids?order_dir=ASC")["item_ids"] if n > newest]
    listed = live.call("POST", f"{QUEUE}/item_summaries_by_ids", {"item_ids": item_ids})
    batches = [item["batch_id"] for item in listed]
    return [batches.count(batch) for batch in dict.fromkeys(batches)]


def test_two_hundred_instances_are_one_request(client: InvokeAI, live: Live, division: type[Workflow[Any]]) -> None:
    newest = live.newest_item()
    rows = [division(a=7 * n, b=7) for n in range(200)]
    outcomes = list(client.run_many(rows, timeout=120))
    assert quotients(outcomes) == list(range(200))
    assert [outcome.varied for outcome in outcomes] == [{"a": 7 * n} for n in range(200)]
    assert [outcome.item_id for outcome in outcomes] == sorted(outcome.item_id for outcome in outcomes)
    assert requests_since(live, newest) == [200]


def test_the_async_client_does_the_same(live: Live, division: type[Workflow[Any]]) -> None:
    rows = [division(a=n, b=1) for n in range(40)]

    async def run() -> list[Any]:
        async with AsyncInvokeAI(live.url) as client:
            first = [outcome async for outcome in client.run_many(rows, timeout=120)]
            job = await client.submit_many(rows)
            assert len(job.batch_ids) == 1
            return [*first, *(await job.wait(120))]

    assert quotients(asyncio.run(run())) == list(range(40)) * 2


def test_a_failure_stands_among_the_others(client: InvokeAI, division: type[Workflow[Any]]) -> None:
    outcomes = list(client.run_many([division(a=12, b=b) for b in (1, 2, 0, 4)], timeout=60))
    failed = outcomes.pop(2)
    assert isinstance(failed, RunFailed)
    assert failed.error_type == "ZeroDivisionError"
    assert quotients(outcomes) == [12, 6, 3]


def test_the_same_instance_several_times(client: InvokeAI, live: Live, division: type[Workflow[Any]]) -> None:
    newest = live.newest_item()
    assert quotients(client.submit_many([division(a=10, b=5)] * 4).wait(60)) == [2] * 4
    assert requests_since(live, newest) == [4]


def test_groups_of_posters_in_the_order_given(client: InvokeAI, live: Live) -> None:
    newest = live.newest_item()
    rows = [
        Poster(width=64, height=64 + 8 * n, grain=0.5, coloured_grain=n % 2 == 1, blend_mode=mode, blur_type="box")
        for n, mode in enumerate(("Screen", "Multiply", "Normal", "Overlay"))
    ]
    outcomes = client.submit_many(rows).wait(60)
    assert requests_since(live, newest) == [2, 2]
    found = {}
    for row, outcome in zip(rows, outcomes, strict=True):
        assert isinstance(outcome, Result)
        assert (outcome.outputs.image.width, outcome.outputs.image.height) == (64, row.height)
        assert outcome.varied["blend_mode"] == row.blend_mode
        assert outcome.varied["coloured_grain"] is row.coloured_grain
        found[row.height] = pixels(outcome.outputs.image.bytes())
    # Each is what the same instance gives alone.
    for row in rows:
        assert found[row.height] == pixels(client.run(row, timeout=60).outputs.image.bytes())


def test_pictures_vary(client: InvokeAI, live: Live, project: Project, tmp_path: Path) -> None:
    project.add("dimming", lone("img_lerp", "1.2.2", visible=True, image=None, max=255))
    project.generate()
    dimming = project.load("dimming", "Dimming")
    paths = [tmp_path / f"{size}.png" for size in (8, 16, 24)]
    for path in paths:
        path.write_bytes(grey(int(path.stem), 200))
    newest = live.newest_item()
    rows = [dimming(image=path) for path in [*paths, *paths]]
    outcomes = [o for o in client.run_many(rows, timeout=60) if isinstance(o, Result)]
    assert [outcome.outputs.image.width for outcome in outcomes] == [8, 16, 24] * 2
    assert requests_since(live, newest) == [6]
    names = [outcome.varied["image"].name for outcome in outcomes]
    # Each was uploaded once.
    assert names[:3] == names[3:]
    assert len(set(names)) == 3


def test_instances_with_batches(client: InvokeAI, live: Live) -> None:
    newest = live.newest_item()
    rows = [GrainStudy(width=32, height=32, amounts=[0.1], seeds=[n, n + 1], softness=[0.0, 1.0]) for n in (1, 5)]
    first, second = client.run_many(rows, timeout=60)
    assert not isinstance(first, BatchFailed)
    assert not isinstance(second, BatchFailed)
    assert [[r.varied["seeds"] for r in results] for results in (first, second)] == [[1, 2], [5, 6]]
    assert requests_since(live, newest) == [2, 2]


def test_many_runs_are_canceled_together(client: InvokeAI, live: Live, division: type[Workflow[Any]]) -> None:
    with live.paused():
        job = client.submit_many([division(a=n) for n in range(20)])
        assert job.refresh() == "pending"
        assert job.cancel() == "canceled"
        assert {type(outcome) for outcome in job.wait(30)} == {RunCanceled}
    assert {live.item(n)["status"] for n in job.item_ids} == {"canceled"}


@pytest.mark.parametrize("call", ["run_many", "submit_many"])
def test_more_than_there_is_room_for(packed: Live, division: type[Workflow[Any]], call: str) -> None:
    rows = [division(a=2 * n, b=2) for n in range(23)]
    newest = packed.newest_item()
    with InvokeAI(packed.url, check="off") as client:
        with packed.paused():
            outcomes = client.run_many(rows, timeout=120) if call == "run_many" else None
            assert sum(requests_since(packed, newest)) == (ROOM if outcomes else 0)
        found = list(outcomes) if outcomes else client.submit_many(rows).wait(120)
    assert quotients(found) == list(range(23))
    # None was queued twice.
    assert sum(requests_since(packed, newest)) == 23
