"""Batches on a real server: what each run was given, in which order, and how batches end."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from generated import GrainStudy
from tests.fidelity.pictures import grey

from flowbind.errors import BatchFailed, BoardNotFound, InputError, RunCanceled, RunFailed
from flowbind.invokeai import AsyncInvokeAI, InvokeAI, Result
from flowbind.workflow import Workflow
from live_tools import ROOT, Live, Project, pixels, shipped_export, size_of, texts

GOLDEN = ROOT / "tests" / "golden" / "batches" / "workflows"
GRAIN, SOFTENING = "d23f0824-128b-4f33-8c5c-7fd0a6a3a450", "9531985d-5d9d-49f8-9818-e811892f902b"
Load = Callable[..., type[Workflow[Any]]]


@pytest.fixture
def golden(project: Project) -> Load:
    """What loads the class of a golden workflow; words in its text can be replaced by others."""

    def load(name: str, **replaced: str) -> type[Workflow[Any]]:
        text = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
        for word, other in replaced.items():
            text = text.replace(word.replace("_", "-"), other)
        project.add(name, json.loads(text))
        project.generate()
        return project.load(name, name.title().replace("_", ""))

    return load


def given(live: Live, results: list[Result[Any]]) -> list[tuple[Any, ...]]:
    """Return what the runs of a batch were given, as the server remembers it."""
    return [tuple(v["value"] for v in live.item(r.item_id)["field_values"]) for r in results]


def test_six_pictures_in_order(client: InvokeAI, live: Live) -> None:
    results = client.run(GrainStudy(width=32, height=32), timeout=60)
    pairs = [(1, 0.0), (2, 1.5), (3, 4.0)]
    assert given(live, results) == [(amount, *pair) for amount in (0.05, 0.3) for pair in pairs]
    for result, (amount, seed, radius) in zip(results, given(live, results), strict=True):
        nodes = live.item(result.item_id)["session"]["graph"]["nodes"]
        assert (nodes[GRAIN]["amount"], nodes[GRAIN]["seed"], nodes[SOFTENING]["radius"]) == (amount, seed, radius)
        assert result.varied == {"amounts": amount, "seeds": seed, "softness": radius}
    pictures = [r.outputs.sample.bytes() for r in results]
    assert {size_of(png) for png in pictures} == {(32, 32)}
    assert len({pixels(png) for png in pictures}) == 6
    assert len({r.batch_id for r in results}) == 1


def test_the_same_items_give_the_same_pictures_async(live: Live) -> None:
    study = GrainStudy(width=32, height=32, amounts=[0.2], seeds=[5, 5, 6], softness=[0.0, 0.0, 0.0])

    async def run() -> list[bytes]:
        async with AsyncInvokeAI(live.url) as server:
            results = await server.run(study, timeout=60)
            return [pixels(await server.images.bytes(r.outputs.sample)) for r in results]

    first, same, other = asyncio.run(run())
    assert first == same != other


def test_the_picture_carries_the_lists_that_were_set(client: InvokeAI) -> None:
    (result,) = client.run(GrainStudy(width=32, height=32, amounts=[0.125], seeds=[5], softness=[0.5]))
    workflow = json.loads(texts(result.outputs.sample.bytes())["invokeai_workflow"])
    kept = [n["data"]["inputs"] for n in workflow["nodes"] if n["data"]["type"].endswith("_batch")]
    lists = [entry["value"] for inputs in kept for name, entry in inputs.items() if name != "batch_group_id"]
    assert sorted(lists) == [[0.125], [0.5], [5]]


def test_groups_advance_together_and_integers_fit_texts(client: InvokeAI, live: Live, golden: Load) -> None:
    own = golden("own_lists")
    results = client.run(own(), timeout=60)
    # The group comes first in the file: heights and names, then every width, also as a text.
    pairs = [(16, 'first "one"'), (24, "second {two}")]
    assert given(live, results) == [(*pair, width, width) for pair in pairs for width in (8, 16, 24)]
    assert [(r.outputs.paper.width, r.outputs.paper.height) for r in results][:2] == [(8, 16), (16, 16)]
    assert [r.nodes["name"][0]["value"] for r in results] == [name for _, name in pairs for _ in range(3)]
    assert [r.nodes["count"][0]["value"] for r in results] == ["8", "16", "24"] * 2
    together = client.run(own(widths=[8, 16], batch_group="Group 1"), timeout=60)
    assert given(live, together) == [(16, 8, 8, 'first "one"'), (24, 16, 16, "second {two}")]


def test_generators_and_integers_that_fit_floats(client: InvokeAI, live: Live, golden: Load) -> None:
    results = client.run(golden("generators")(generator_type=[8, 16]), timeout=60)
    sizes = [(r.outputs.paper.width, r.outputs.paper.height) for r in results]
    assert sizes[::2] == sizes[1::2] == [(8, 8), (8, 16), (16, 8), (16, 16)]
    throws = [r.nodes["sum"][0]["value"] for r in results]
    assert throws == throws[:2] * 4
    assert set(throws) <= {1, 2, 3, 4, 5, 6}
    assert [r.nodes["product"][0]["value"] for r in results[:2]] == [throws[0] * 0.25, throws[1] * 0.5]
    assert len(given(live, results)) == 8


def test_dynamic_prompts(client: InvokeAI, golden: Load) -> None:
    results = client.run(golden("prompts")(), timeout=60)
    prompts = [r.nodes["prompt"][0]["value"] for r in results]
    # At most three, the last choice fastest; each with two styles.
    combinations = [("red", "dawn"), ("red", "noon"), ("blue", "dawn")]
    assert prompts[::2] == [f'a {colour} "fox"\nat {time}' for colour, time in combinations]
    for result, prompt in zip(results, prompts, strict=True):
        assert result.nodes["both"][0]["value"] in (f"{prompt}in oil", f"{prompt}in chalk")


def test_a_prompt_that_cannot_be_expanded(client: InvokeAI, live: Live, golden: Load) -> None:
    before = live.newest_item()
    with pytest.raises(InputError, match=r"Prompts\.generator_type .*Expected end of text"):
        client.run(golden("prompts", dawn="dawn{x")())
    assert live.newest_item() == before


def test_the_pictures_of_a_board_and_local_files(client: InvokeAI, live: Live, golden: Load, tmp_path: Path) -> None:
    board = live.create_board(f"Batch {uuid.uuid4()}")
    try:
        pictures = golden("pictures", board_1=board)
        masks = [tmp_path / "light.png", tmp_path / "dark.png"]
        for path, shade in zip(masks, (200, 40), strict=True):
            path.write_bytes(grey(8, shade))
        with pytest.raises(InputError, match=r"Pictures\.generator_type .* has no images"):
            client.run(pictures(masks=masks))
        (sample,) = client.run(GrainStudy(width=32, height=32, amounts=[0.1], seeds=[1], softness=[0.0], board=board))
        results = client.run(pictures(masks=masks), timeout=60)
        assert [value[0] for value in given(live, results)] == [{"image_name": sample.outputs.sample.name}] * 2
        assert [r.outputs.small.width for r in results] == [16, 16]
        assert len({pixels(r.outputs.inverted.bytes()) for r in results}) == 2
    finally:
        live.call("DELETE", f"/api/v1/boards/{board}?include_images=true")
    with pytest.raises(BoardNotFound, match=r"Pictures\.generator_type"), InvokeAI(live.url) as newcomer:
        newcomer.run(pictures(masks=masks))


def quotients(project: Project) -> type[Workflow[Any]]:
    """Return the class of a workflow that divides twelve by each item of a batch."""
    export = json.loads((GOLDEN / "own_lists.json").read_text(encoding="utf-8"))
    nodes = {n["id"]: n for n in export["nodes"]}
    divide = nodes["paper"] | {"id": "divide"}
    values = {"a": {"name": "a", "label": "", "value": 12}, "b": {"name": "b", "label": "", "value": 1}}
    divide["data"] |= {"id": "divide", "type": "div", "version": "1.0.1", "label": "Share out", "inputs": values}
    export["nodes"] = [nodes["widths"], divide]
    export["edges"] = [{"id": "e", "type": "default", "source": "widths", "target": "divide"}]
    export["edges"][0] |= {"sourceHandle": "value", "targetHandle": "b"}
    del export["form"]
    project.add("quotients", export)
    project.generate()
    return project.load("quotients", "Quotients")


def test_a_run_that_fails_leaves_the_others(client: InvokeAI, project: Project) -> None:
    job = client.submit(quotients(project)(widths=[3, 0, 4]))
    with pytest.raises(BatchFailed, match=r'Run 2: .*"Share out": ZeroDivisionError') as caught:
        job.wait(60)
    first, second, third = caught.value.outcomes
    assert isinstance(first, Result)
    assert isinstance(second, RunFailed)
    assert isinstance(third, Result)
    assert [o.nodes["divide"][0]["value"] for o in (first, third)] == [4, 3]
    assert job.status == job.refresh() == "failed"


def test_a_paused_batch_is_canceled(client: InvokeAI, live: Live) -> None:
    with live.paused():
        job = client.submit(GrainStudy(width=32, height=32))
        assert len(job) == 6
        assert job.refresh() == "pending"
        assert job.cancel() == "canceled"
        with pytest.raises(BatchFailed, match="6 of 6 runs") as caught:
            job.wait(10)
    assert {type(o) for o in caught.value.outcomes} == {RunCanceled}
    assert {live.item(item_id)["status"] for item_id in job.item_ids} == {"canceled"}


def test_the_command_prints_all_runs(live: Live, project: Project) -> None:
    project.add("study", shipped_export("grain_study"))
    words = ("width=32", "height=32", "amounts=[0.1, 0.2]", "seeds=[7]", "softness=[0]")
    settings = [word for setting in words for word in ("--set", setting)]
    done = project.flowbind("run", "study", "--url", live.url, *settings, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [*document] == ["runs"]
    first, second = document["runs"]
    assert [*first] == [*second] == ["item_id", "batch_id", "varied", "outputs"]
    assert [run["varied"] for run in (first, second)] == [{"amounts": a, "seeds": 7, "softness": 0} for a in (0.1, 0.2)]
    assert first["item_id"] < second["item_id"]
    assert first["batch_id"] == second["batch_id"]
    for run in (first, second):
        (path,) = run["outputs"]["sample"]
        assert size_of((project.root / path).read_bytes()) == (32, 32)
    done = project.flowbind("run", "study", "--url", live.url, *settings)
    assert len(done.stdout.splitlines()) == 2
