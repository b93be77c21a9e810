"""Sweeps and contact sheets on a real server: each caption says what the picture above it was made with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image
from tests.behaviour.drawn_sheets import Drawn, noted

from flowbind import load
from flowbind_generator.cli import main
from flowbind_generator.progress_line import ProgressLine
from live_tools import Live, Project, export_with_model, shipped_export, texts

SMALL = ("--set", "width=64", "--set", "height=64")


@pytest.fixture
def drawn(project: Project, monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """The cells of each sheet that is written; the project is worked in."""
    monkeypatch.chdir(project.root)
    return noted(monkeypatch)


def run(live: Live, *words: str, code: int = 0) -> Any:
    """Run the command and return what it tells in JSON."""
    done = CliRunner().invoke(main, ["run", *words, "--url", live.url, "--format", "json"], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def made_with(path: Path, slots: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """Return what the graph that is stored in a picture has for inputs, by their names."""
    nodes = json.loads(texts(path.read_bytes())["invokeai_graph"])["nodes"]
    return {name: nodes[node][field] for name, (node, field) in slots.items()}


def slots_of(export: Path) -> dict[str, tuple[str, str]]:
    """Return the node and the field of each input."""
    return {slot.attribute: (slot.node, slot.field) for slot in load(export).__flowbind__.slots if slot.attribute}


def test_each_caption_is_what_its_picture_was_made_with(live: Live, project: Project, drawn: Drawn) -> None:
    export = project.add("picture", export_with_model("text_to_image_sd15", live.model))
    words = (*SMALL, "--set", "scheduler=euler", "--sweep", "steps=1,2", "--sweep", "seed=7,8,random")
    told = run(live, "picture", *words, "--sheet", "sheet.png")
    ((cells, columns),) = drawn
    assert columns == 3
    assert cells.title == "Picture: width=64, height=64, scheduler=euler"
    slots = slots_of(export)
    assert len(cells.cells) == 6
    for caption, path in cells.cells:
        stored = made_with(path, {name: slots[name] for name in ("steps", "seed", "width", "scheduler")})
        assert caption == f"steps={stored['steps']}, seed={stored['seed']}"
        assert (stored["width"], stored["scheduler"]) == (64, "euler")
    assert [str(path) for _, path in cells.cells] == [p for r in told["runs"] for p in r["outputs"]["image"]]
    with Image.open("sheet.png") as sheet:
        assert sheet.width > 3 * 64


def test_texts_and_models_are_told_as_they_are_called(live: Live, project: Project, drawn: Drawn) -> None:
    export = project.add("picture", export_with_model("text_to_image_sd15", live.model))
    words = (*SMALL, "--set", "steps=1", "--sweep", f"model={live.model['name']}")
    told = run(live, "picture", *words, "--sweep", 'positive_prompt="a cat, sitting",一只猫', "--sheet", "sheet.jpg")
    ((cells, _),) = drawn
    assert f"model={live.model['name']}" in cells.title
    slots = slots_of(export)
    for caption, path in cells.cells:
        stored = made_with(path, {name: slots[name] for name in ("positive_prompt", "model")})
        assert caption == f"positive_prompt={stored['positive_prompt']}"
        assert stored["model"]["name"] == live.model["name"]
    assert [r["varied"]["positive_prompt"] for r in told["runs"]] == ["a cat, sitting", "一只猫"]
    assert {r["varied"]["model"] for r in told["runs"]} == {live.model["name"]}


def test_what_a_batch_cannot_vary_is_in_the_captions_too(live: Live, project: Project, drawn: Drawn) -> None:
    export = project.add("poster", shipped_export("poster"))
    words = (*SMALL, "--sweep", "coloured_grain=true,false", "--sweep", "blend_mode=Screen,Multiply")
    run(live, "poster", *words, "--sweep", "grain_seed=1,random", "--sheet", "sheet.webp")
    ((cells, columns),) = drawn
    assert (len(cells.cells), columns) == (8, 2)
    slots = slots_of(export)
    for caption, path in cells.cells:
        stored = made_with(path, {n: slots[n] for n in ("coloured_grain", "blend_mode", "grain_seed")})
        assert caption == ", ".join(f"{name}={value}" for name, value in stored.items())


def test_a_batch_is_laid_out_and_can_be_swept(live: Live, project: Project, drawn: Drawn) -> None:
    project.add("grain_study", shipped_export("grain_study"))
    run(live, "grain_study", "--sheet", "one.png")
    swept = ("--sweep", "width=64,128", "--sweep", "seeds=[[1, 2, 3], [4, 5, 6]]")
    told = run(live, "grain_study", *swept, "--sheet", "two.png")
    (one, _), (two, columns) = drawn
    assert len({caption for caption, _ in one.cells}) == len(one.cells) == 6
    # Those of one instance stand side by side.
    assert (len(two.cells), columns) == (24, 12)
    seeds = [r["varied"]["seeds"] for r in told["runs"]]
    assert ({*seeds[:6]}, {*seeds[6:12]}) == ({1, 2, 3}, {4, 5, 6})
    for run_told, (caption, path) in zip(told["runs"], two.cells, strict=True):
        width = run_told["varied"]["width"]
        assert caption.startswith(f"width={width}, ")
        with Image.open(path) as picture:
            assert picture.width == width


def test_more_runs_than_the_queue_has_room_for(packed: Live, project: Project, drawn: Drawn) -> None:
    project.add("picture", export_with_model("text_to_image_sd15", packed.model))
    words = (*SMALL, "--set", "steps=1", "--sweep", "seed=" + ",".join(map(str, range(9))), "--sheet", "sheet.png")
    told = run(packed, "picture", *words)
    assert [r["varied"]["seed"] for r in told["runs"]] == [*range(9)]
    assert len(drawn[0][0].cells) == 9


def test_runs_over_two_addresses_are_told_in_order_and_where_they_were(
    live: Live, project: Project, drawn: Drawn
) -> None:
    export = project.add("poster", shipped_export("poster"))
    if "127.0.0.1" not in live.url:
        pytest.skip("the server of INVOKEAI_URL has one address only")
    other = live.url.replace("127.0.0.1", "localhost")
    words = (*SMALL, "--sweep", "grain_seed=5,3,8,1,9,2", "--url", other, "--sheet", "sheet.png")
    told = run(live, "poster", *words)
    assert [r["varied"]["grain_seed"] for r in told["runs"]] == [5, 3, 8, 1, 9, 2]
    assert {r["server"] for r in told["runs"]} == {live.url, other}
    ((cells, _),) = drawn
    slots = slots_of(export)
    for run_told, (caption, path) in zip(told["runs"], cells.cells, strict=True):
        stored = made_with(path, {"grain_seed": slots["grain_seed"]})
        assert stored == run_told["varied"]
        assert caption == f"grain_seed={stored['grain_seed']}"


def test_ctrl_c_cancels_what_is_left(live: Live, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: ProgressLine) -> None:
        raise KeyboardInterrupt

    project.add("poster", shipped_export("poster"))
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(ProgressLine, "count", interrupt)
    before = live.newest_item()
    words = ["run", "poster", *SMALL, "--sweep", "grain_seed=" + ",".join(map(str, range(60))), "--url", live.url]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 130, done.output
    assert "Canceled: <ManyJob Poster, 60 instances: " in done.stderr
    statuses = [live.item(item_id)["status"] for item_id in range(before + 1, before + 61)]
    assert statuses[0] == "completed"
    assert statuses[-1] == "canceled"
    assert {*statuses} <= {"completed", "canceled"}
