"""`flowbind run` of a batch whose runs do not all end well: what was made is saved all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowbind_generator.cli import main

from .batches import ended, path_of, take
from .conftest import ROOT
from .fake_server import PNG, Answer, FakeServer, as_json

SAID = (
    "GrainStudy: 1 of 3 runs did not end well. "
    "Run 2: GrainStudy: item 8 failed: OSError: disk full. The server's log says more."
)


@pytest.fixture
def half(server: FakeServer) -> FakeServer:
    """A server on which the second of three runs fails."""
    take(server, (9, 8, 7))
    about = {"error_type": "OSError", "error_message": "disk full", "error_traceback": "Traceback"}
    server.answer("GET", path_of(8), as_json(ended(8, "failed", **about)))
    for item_id in (7, 9):
        server.answer("GET", f"/api/v1/images/i/{item_id}.png/full", Answer(PNG, media_type="image/png"))
    return server


def run(server: FakeServer, *words: str) -> Result:
    """Run the grain study, which the server gives three runs."""
    export = str(ROOT / "workflows" / "grain_study.json")
    return CliRunner().invoke(main, ["run", export, "--url", server.url, "--check", "off", *words])


def test_what_was_made_is_saved_and_listed(half: FakeServer, tmp_path: Path) -> None:
    done = run(half, "--out", str(tmp_path))
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [str(tmp_path / "7.png"), str(tmp_path / "9.png")]
    assert done.stderr == f"{SAID}\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["7.png", "9.png"]


def test_json_has_every_run_in_its_order(half: FakeServer, tmp_path: Path) -> None:
    done = run(half, "--out", str(tmp_path), "--format", "json")
    assert done.exit_code == 1
    runs = json.loads(done.stdout)["runs"]
    assert [r["item_id"] for r in runs] == [7, 8, 9]
    assert [r.get("error") for r in runs] == [None, SAID.partition("Run 2: ")[2], None]
    assert runs[0]["outputs"] == {"sample": [str(tmp_path / "7.png")]}
    assert "outputs" not in runs[1]


def test_a_batch_on_one_of_several_servers_is_told_like_any_other(half: FakeServer, tmp_path: Path) -> None:
    half.answer("GET", "/api/v1/app/version", as_json({"version": "6.14.2"}))
    words = ("--out", str(tmp_path), "--url", "http://127.0.0.1:9")
    done = run(half, *words, "--format", "json")
    assert done.exit_code == 1
    runs = json.loads(done.stdout)["runs"]
    assert [(r["item_id"], r["server"], r.get("outputs")) for r in runs] == [
        (7, half.url, {"sample": [str(tmp_path / "7.png")]}),
        (8, half.url, None),
        (9, half.url, {"sample": [str(tmp_path / "9.png")]}),
    ]
    away, failed = done.stderr.splitlines()
    assert away.startswith("http://127.0.0.1:9: ")
    assert failed == SAID


def test_nothing_made_is_a_failure_alone(half: FakeServer, tmp_path: Path) -> None:
    for item_id in (7, 8, 9):
        half.answer("GET", path_of(item_id), as_json(ended(item_id, "canceled")))
    done = run(half, "--out", str(tmp_path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "3 of 3 runs did not end well" in done.stderr
    assert "left nothing to save" not in done.stderr


def test_lists_of_two_lengths_have_no_payload() -> None:
    export = str(ROOT / "workflows" / "grain_study.json")
    done = CliRunner().invoke(main, ["payload", export, "--set", "seeds=[1, 2]"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith('The lists of "Group 1" advance together')
    assert done.exception is None or isinstance(done.exception, SystemExit)
