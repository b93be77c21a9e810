"""Workflows that are loaded, not generated, on servers of both families with both clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import flowbind
from flowbind import LoadedWorkflow

from .collage import PROMPT
from .family import Side
from .invokeai_family import INVOKEAI

EXPORT = Path(__file__).resolve().parents[3] / "workflows" / "image_to_image_sd15.json"
INPUTS = {"text": "positive_prompt", "seed": "seed", "picture": "source_image"}
LITERALS = {"text": ("Save Image", "filename_prefix"), "seed": ("Ground", "color"), "picture": ("Load Image", "image")}
NO_INPUT = {True: ("Create Latent Noise", "use_cpu", False), False: ("Made small", "upscale_method", "bilinear")}


@pytest.fixture
def loaded(side: Side, tmp_path: Path) -> LoadedWorkflow:
    """A workflow of the family, of which everything that its tests want can be set."""
    if side.family is INVOKEAI:
        return flowbind.load(EXPORT)(model="Tiny")
    path = tmp_path / "collage.json"
    path.write_text(json.dumps(PROMPT), encoding="utf-8")
    return flowbind.load(path)


def given(side: Side, loaded: LoadedWorkflow, **values: Any) -> LoadedWorkflow:
    """Return a copy with values, by what they are in both families."""
    made = loaded()
    for name, value in {"picture": side.family.here, "text": "fine", **values}.items():
        made[INPUTS[name] if side.family is INVOKEAI else LITERALS[name]] = value
    return made


def test_it_runs_as_any_other(side: Side, loaded: LoadedWorkflow) -> None:
    workflow = given(side, loaded, seed=5)

    async def script(client: Any) -> Any:
        return await client.run(workflow, timeout=20)

    result = side.use(script)
    (run,) = side.stand_in.given()
    assert (run["text"], run["seed"]) == ("fine", 5)
    assert side.family.pictures(result) if side.family is INVOKEAI else result.outputs.images


def test_many_run_together_though_literals_were_set_in_some_only(side: Side, loaded: LoadedWorkflow) -> None:
    rows = [given(side, loaded, seed=seed) for seed in (1, 2, 3)]
    node, name, value = NO_INPUT[side.family is INVOKEAI]
    rows[1][node, name] = value
    kinds = [type(row) for row in rows]
    assert kinds[0] is kinds[2] is not kinds[1]

    async def script(client: Any) -> Any:
        job = await client.submit_many(rows)
        return await job.wait(30)

    assert len(side.use(script)) == 3
    assert sorted(run["seed"] for run in side.stand_in.given()) == [1, 2, 3]
    assert [type(row) for row in rows] == kinds


def test_a_sweep_over_a_literal_that_was_set(side: Side, loaded: LoadedWorkflow) -> None:
    base = given(side, loaded, seed=1)
    node, name, value = NO_INPUT[side.family is INVOKEAI]
    base[node, name] = value
    swept = next(found for found in flowbind.inputs(base) if found.field == name)
    rows = flowbind.grid(base, **{swept.attribute: [value, swept.default]})
    assert [row[node, name] for row in rows] == [value, loaded[node, name]]

    async def script(client: Any) -> Any:
        return [outcome async for outcome in client.run_many(rows, timeout=30)]

    assert len(side.use(script)) == 2


def test_instances_of_two_exports_do_not_run_together(side: Side, loaded: LoadedWorkflow, tmp_path: Path) -> None:
    other = given(side, loaded)
    again = flowbind.load(EXPORT)(model="Tiny") if side.family is INVOKEAI else flowbind.load(tmp_path / "collage.json")

    async def script(client: Any) -> Any:
        with pytest.raises(TypeError, match="all have to be instances of one class"):
            await client.submit_many([other, given(side, again)])

    side.use(script)
    assert not side.stand_in.posts()
