"""Copies of workflows on a real server: its library takes them, and they run as what they were made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.batch_exports import batch, batched, generator
from tests.unit.exports import as_bytes

import flowbind
from flowbind.invokeai import Color, InvokeAI
from live_tools import ROOT, Live, first_pixel


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> flowbind.Store:
    """An empty folder."""
    monkeypatch.chdir(tmp_path)
    return flowbind.Store(tmp_path)


def without_id(workflow: Any) -> Any:
    """Return a workflow of the library without the id that it gives."""
    return {key: value for key, value in workflow.items() if key != "id"}


def test_a_copy_runs_as_its_instance_and_is_what_its_pictures_hold(live: Live, store: flowbind.Store) -> None:
    poster = flowbind.load(ROOT / "workflows" / "poster.json")(
        width=72, height=96, sky_colour=Color(1, 2, 3), grain=0.4
    )
    path = store.save("small", poster)
    with InvokeAI(live.url) as server:
        copied = server.run(store.load("small")()).outputs.image
        drawn = server.run(poster).outputs.image
        assert (copied.width, copied.height) == (72, 96)
        assert first_pixel(copied.bytes()) == first_pixel(drawn.bytes())
    held = live.call("GET", f"/api/v1/images/i/{copied.name}/workflow")["workflow"]
    assert json.loads(held) == json.loads(path.read_text(encoding="utf-8"))


def test_the_library_takes_a_copy_and_gives_it_back(live: Live, store: flowbind.Store) -> None:
    poster = flowbind.load(ROOT / "workflows" / "poster.json")(width=64)
    path = store.save("small", poster)
    with InvokeAI(live.url) as server:
        made = server.library.save(path, "A small copy")
        try:
            kept = server.library.get(made).workflow
        finally:
            server.library.delete(made)
    assert without_id(kept) == {**json.loads(path.read_text(encoding="utf-8")), "name": "A small copy"}


def test_a_list_in_the_place_of_a_generator_runs_as_often(live: Live, store: flowbind.Store) -> None:
    split = {"type": "integer_generator_parse_string", "input": "8,16,24", "splitOn": ","}
    wires = ["g.integers>b.integers", "b.value>p.width"]
    document = batched(generator("g", split), batch("b", "integer", group="None"), edges=wires)
    Path("own.json").write_bytes(as_bytes(document))
    store.save("listed", store.load("own")(integers=[8, 32]))
    with InvokeAI(live.url) as server:
        results = server.run(store.load("listed")())
    assert [r.varied["integers"] for r in results] == [8, 32]
