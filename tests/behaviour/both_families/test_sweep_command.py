"""`flowbind run --sweep --sheet`: what runs, what is saved and told, and what the sheet shows, with both families."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from flowbind_generator.progress_line import ProgressLine

from ..drawn_sheets import Drawn, captions, noted
from .comfyui_family import COMFYUI
from .family import CANCELED, HOLDS
from .invokeai_family import INVOKEAI
from .run_command import Command, in_project


@pytest.fixture(params=[INVOKEAI, COMFYUI], ids=lambda family: family.name)
def command(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """The command, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with in_project(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """The cells of each sheet that is written."""
    return noted(monkeypatch)


def test_all_combinations_run_the_last_input_fastest(command: Command) -> None:
    told = command.told("--sweep", "text=red,blue", "--sweep", "seed=3,1,2")
    text, seed = command.family.text, command.family.seed
    rows = [(name, number) for name in ("red", "blue") for number in (3, 1, 2)]
    assert [(run["varied"][text], run["varied"][seed]) for run in told["runs"]] == rows
    assert sorted(command.values("text", "seed")) == sorted(rows)
    files = [path for run in told["runs"] for paths in run["outputs"].values() for path in paths]
    assert len({*files}) == len(files) >= 6
    assert all(Path(path).is_file() for path in files)
    assert {*told} == {"runs"}


def test_a_single_value_is_told_like_several(command: Command) -> None:
    (run,) = command.told("--sweep", "seed=5")["runs"]
    assert run["varied"] == {command.family.seed: 5}


def test_values_are_read_as_settings_are(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(b"\x89PNG\r\n\x1a\nmine")
    # The class of the other family has no input that takes RANDOM.
    drawn = "random" if command.family is INVOKEAI else "8"
    words = ("--sweep", f"picture=mine.png,{command.family.here}", "--sweep", f"seed={drawn},7")
    told = command.told(*words, "--sweep", 'text="a, b"')
    varied = [run["varied"] for run in told["runs"]]
    picture, seed, text = command.family.picture, command.family.seed, command.family.text
    assert [row[picture] for row in varied] == ["mine.png"] * 2 + ["here.png"] * 2
    assert {row[text] for row in varied} == {"a, b"}
    assert [row[seed] for row in varied[1::2]] == [7, 7]
    assert sorted(row[seed] for row in varied) == sorted(number for (number,) in command.values("seed"))
    assert len(command.stand_in.uploads()) == 1


def test_the_sheet_shows_what_each_run_had(command: Command, drawn: Drawn) -> None:
    words = ("--sweep", "seed=3,1,2", "--sweep", "text=red,blue", "--sheet", "all.png")
    told = command.told(*words)
    text, seed = command.family.text, command.family.seed
    ((cells, columns),) = drawn
    assert columns == 2 * cells.per_run
    rows = [run["varied"] for run in told["runs"]]
    assert captions(cells)[:: cells.per_run] == [f"{seed}={row[seed]}, {text}={row[text]}" for row in rows]
    assert cells.title.startswith(f"{command.title}: ")
    assert f"{command.family.picture}=here.png" in cells.title
    shown = [picture for _, picture in cells.cells if picture is not None]
    assert [str(path) for path in shown] == [
        p for run in told["runs"] for made in run["outputs"].values() for p in made
    ]
    assert told["sheet"] == "all.png"
    with Image.open("all.png") as sheet:
        assert sheet.width > columns * 64


def test_one_sweep_makes_rows_and_columns_of_its_own(command: Command, drawn: Drawn) -> None:
    done = command.run("--sweep", "seed=1,2,3,4,5", "--sheet", "all.webp")
    assert done.stdout.splitlines()[-1] == "all.webp"
    ((cells, columns),) = drawn
    assert columns == (None if cells.per_run == 1 else cells.per_run)
    with Image.open("all.webp") as sheet:
        assert sheet.format == "WEBP"


def test_a_single_run_has_a_sheet_too(command: Command, drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(b"an old one")
    told = command.told("--set", "seed=5", "--sheet", "one.jpg")
    assert (told["sheet"], told["varied"]) == ("one.jpg", {})
    ((cells, _),) = drawn
    assert captions(cells)[0].startswith(*told["outputs"])
    assert f"{command.family.seed}=5" in cells.title
    with Image.open("one.jpg") as sheet:
        assert sheet.format == "JPEG"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_a_failure_stands_among_the_others(command: Command, drawn: Drawn) -> None:
    words = ("--sweep", f"text=red,{command.family.fails},{CANCELED},blue", "--sheet", "all.png", "--format", "json")
    done = command.run(*words, code=1)
    runs = json.loads(done.stdout)["runs"]
    text = command.family.text
    assert [run["varied"][text] for run in runs] == ["red", command.family.fails, CANCELED, "blue"]
    assert ["outputs" in run for run in runs] == [True, False, False, True]
    assert done.stderr.startswith(f"{command.title}: 2 of 4 runs did not end well. Run 2: {runs[1]['error']}")
    ((cells, _),) = drawn
    failed, canceled = (cells.cells[n * cells.per_run] for n in (1, 2))
    assert failed[0] == f"{text}={command.family.fails}"
    assert [str(error) for _, error in (failed, canceled)] == [runs[1]["error"], runs[2]["error"]]


def test_what_is_wrong_is_told_before_anything_is_sent(command: Command) -> None:
    seed = command.family.seed
    words = ("--sweep", "seed=1,-1,two", "--sweep", "sed=1", "--sweep", "picture=[]", "--set", "text=x", "--sweep")
    said = command.run(*words, "text=a,b", code=2).stderr
    for part in (f"{seed} ", "is -1", "'two'", "no input 'sed'", "the list is empty", "--set sets it, too"):
        assert part in said
    assert command.stand_in.requests == []


@pytest.mark.parametrize(
    ("sheet", "said"),
    [("all.pdf", "does not end like a picture"), ("gone/all.png", "no folder 'gone'"), (".", "is a directory")],
)
def test_a_sheet_that_cannot_be_is_refused_before_anything_runs(command: Command, sheet: str, said: str) -> None:
    assert said in command.run("--sheet", sheet, code=2).stderr
    assert command.stand_in.requests == []


def test_too_many_runs_for_a_sheet_are_refused(command: Command) -> None:
    many = ",".join(map(str, range(2001)))
    assert "2001 runs" in command.run("--sweep", f"seed={many}", "--sheet", "all.png", code=2).stderr
    assert command.stand_in.requests == []


def test_pillow_is_only_needed_for_a_sheet(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    command.run("--sweep", "seed=1,2")
    asked = len(command.stand_in.requests)
    assert "pip install 'flowbind[images]'" in command.run("--sheet", "all.png", code=2).stderr
    assert len(command.stand_in.requests) == asked


def test_a_picture_of_the_run_is_not_replaced_by_the_sheet(command: Command) -> None:
    (path, *_) = command.run("--set", "seed=1", "--out", ".").stdout.split()
    before = Path(path).read_bytes()
    done = command.run("--set", "seed=1", "--out", "other")
    again = done.stdout.split()[0]
    said = command.run("--set", "seed=1", "--out", ".", "--sheet", next_name(path, again), code=2)
    assert "is a picture that a run has left" in said.stderr
    assert Path(path).read_bytes() == before


def next_name(first: str, second: str) -> str:
    """Return how a server that has counted to two names goes on."""
    one, two = Path(first).name, Path(second).name
    place = next(n for n, (a, b) in enumerate(zip(one, two, strict=True)) if a != b)
    return f"{two[:place]}{int(two[place]) + 1}{two[place + 1 :]}"


def test_what_has_ended_in_time_is_saved_told_and_laid_out(command: Command, drawn: Drawn) -> None:
    words = ("--sweep", f"text=red,{HOLDS},blue", "--timeout", "2", "--sheet", "all.png", "--format", "json")
    done = command.run(*words, code=1)
    (run,) = json.loads(done.stdout)["runs"]
    assert run["varied"] == {command.family.text: "red"}
    assert "1 of 3 runs have ended after 2 s" in done.stderr
    assert all(Path(path).is_file() for paths in run["outputs"].values() for path in paths)
    assert len(drawn) == 1


def test_ctrl_c_cancels_all_that_is_left(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: ProgressLine) -> None:
        nonlocal ended
        ended += 1
        if ended == 2:
            raise KeyboardInterrupt

    ended = 0
    monkeypatch.setattr(ProgressLine, "count", interrupt)
    words = ("--sweep", f"text=red,green,{HOLDS},blue", "--sweep", "seed=1,2,3", "--sheet", "all.png")
    done = command.run(*words, code=130)
    assert "Canceled: <ManyJob " in done.stderr
    assert "12 instances: " in done.stderr
    # What was saved by then is told; there is no sheet of a part.
    assert done.stdout.splitlines() != []
    assert all(Path(line).is_file() for line in done.stdout.splitlines())
    assert not Path("all.png").exists()
    command.stand_in.go_on.set()
    assert command.stand_in.posts() <= 12


def test_pictures_are_saved_as_runs_end(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[int] = []
    count = ProgressLine.count

    def counting(line: ProgressLine) -> None:
        there.append(len([*Path("outputs").iterdir()]) if Path("outputs").exists() else 0)
        count(line)

    monkeypatch.setattr(ProgressLine, "count", counting)
    command.run("--sweep", "seed=1,2,3")
    assert there[0] == 0
    assert there == sorted({*there})
