"""Where instances run: where what they need is, and nowhere else; what cannot run is a failure as a value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.fidelity.pictures import grey

from flowbind import Fleet, grid, load
from flowbind.errors import (
    InputError,
    NoServer,
    RunFailed,
)

from ..both_clients import carry_out
from ..both_families.comfyui_family import COMFYUI
from ..both_families.invokeai_family import INVOKEAI
from ..comfyui.fake_comfyui import FakeComfyUI
from .connecting import without_check
from .servers import ROOT
from .yards import Yard


def test_failures_stand_among_the_others(yard: Yard) -> None:
    rows = [yard.made("fine"), yard.made(yard.family.fails), yard.made("good")]
    with yard.fleet() as fleet:
        first, failed, last = fleet.run_many(rows)
        assert isinstance(failed, RunFailed)
        assert failed.node_id == yard.family.node
        assert failed.server in yard.urls
        assert failed.__notes__ == [f"It ran on {failed.server}."]
        assert not isinstance(first, Exception)
        assert not isinstance(last, Exception)
        with pytest.raises(RunFailed):
            fleet.run(rows[1])
        with pytest.raises(TypeError, match=r"workflows\[0\] is a int"):
            list(fleet.run_many([3]))  # type: ignore[list-item]


def test_a_file_that_is_not_there_is_a_failure(yard: Yard, tmp_path: Path) -> None:
    with yard.fleet() as fleet:
        missing, fine = fleet.run_many([yard.made(picture=tmp_path / "none.png"), yard.made()])
    assert isinstance(missing, InputError)
    assert not isinstance(fine, Exception)


def test_an_instance_goes_where_its_picture_is(yard: Yard) -> None:
    there = yard.servers[2]
    if yard.family.name == "InvokeAI":
        there.kept["there.png"] = there.kept["here.png"]
    else:
        there.files.put("there.png", grey(32, 200), folder="input")
    with yard.fleet() as fleet:
        outcomes = list(fleet.run_many(yard.made(f"run-{n}", picture="there.png") for n in range(6)))
        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert [len(texts) for texts in yard.texts()] == [0, 0, 6]
        nowhere = next(fleet.run_many([yard.made(picture="nowhere.png")]))
    assert isinstance(nowhere, NoServer)
    assert nowhere.reasons.keys() == set(yard.urls)
    assert all("nowhere.png" in reason for reason in nowhere.reasons.values())


@pytest.mark.parametrize("client", ["sync", "async"])
def test_a_picture_of_another_server_is_carried_over(yard: Yard, client: str) -> None:
    home, *others = yard.servers

    async def script(server: Any) -> Any:
        return await server.run(yard.made(), timeout=20)

    made = carry_out(client, home.url, script, yard.family.clients, check="off")
    (picture, *_) = yard.family.pictures(made)
    with Fleet([server.url for server in others], connect=without_check) as fleet:
        outcomes = list(fleet.run_many(yard.made(f"run-{n}", picture=picture) for n in range(8)))
    assert not [str(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    # Once to each server, and not by its name, which may be another picture's there.
    assert [len(server.uploads()) for server in others] == [1, 1]
    assert all(given["picture"] != "here.png" for server in others for given in server.given())


def test_two_families_in_one_fleet() -> None:
    with INVOKEAI.stand_in() as one, COMFYUI.stand_in() as other:
        yards = [Yard(INVOKEAI, [one]), Yard(COMFYUI, [other])]
        with Fleet([one.url, other.url], connect=without_check) as fleet:
            rows = [yard.made(f"run-{n}") for n in range(4) for yard in yards]
            outcomes = list(fleet.run_many(rows))
            assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
            assert [outcome.server for outcome in outcomes] == [one.url, other.url] * 4
            # Whoever is free is tried once, and says why not.
            unfit = {name: reason for server in fleet.metrics() for name, reason in server.unfit.items()}
            assert unfit.keys() <= {type(row).__name__ for row in rows}
            assert all("workflow" in reason for reason in unfit.values())
        assert [sorted(*yard.texts()) for yard in yards] == [[f"run-{n}" for n in range(4)]] * 2


def test_a_class_that_lives_in_this_process_only(yard: Yard) -> None:
    with yard.fleet() as fleet:
        result = fleet.run(yard.own())
    assert yard.family.pictures(result)


def test_one_object_that_is_changed_again_and_again(yard: Yard) -> None:
    def changed() -> Iterator[Any]:
        one = yard.made()
        for number in range(9):
            setattr(one, yard.family.text, f"run-{number}")
            yield one

    with yard.fleet() as fleet:
        assert not [outcome for outcome in fleet.run_many(changed()) if isinstance(outcome, Exception)]
    assert sorted(text for texts in yard.texts() for text in texts) == [f"run-{n}" for n in range(9)]


def test_a_loaded_workflow() -> None:
    loaded = load(ROOT / "workflows" / "comfy_text_to_image.json")
    with ExitStack() as stack:
        servers = [stack.enter_context(FakeComfyUI()) for _ in range(2)]
        fleet = stack.enter_context(Fleet([server.url for server in servers], connect=without_check))
        loaded["KSampler", "denoise"] = 0.5
        assert not [o for o in fleet.run_many(grid(loaded, seed=[1, 2, 3, 4])) if isinstance(o, Exception)]
        posted = [prompt.graph for server in servers for prompt in server.posted]
    samplers = [node["inputs"] for graph in posted for node in graph.values() if node["class_type"] == "KSampler"]
    assert sorted((inputs["seed"], inputs["denoise"]) for inputs in samplers) == [(n, 0.5) for n in range(1, 5)]
