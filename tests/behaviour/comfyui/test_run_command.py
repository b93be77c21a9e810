"""`flowbind run` of a ComfyUI workflow: what is saved, printed and told, and how it ends."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from flowbind.events import Finished, Started
from flowbind_generator.cli import main
from flowbind_generator.progress_line import ProgressLine

from ..fake_server import Answer
from ..terminals import Terminal
from .fake_comfyui import PICTURE, FakeComfyUI
from .prompts import Prompt, by_hand, until_interrupted
from .studio import STUDIO, write_export


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is worked in: a project of its own, with the workflow `studio`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMFYUI_URL", raising=False)
    (tmp_path / "pyproject.toml").touch()
    write_export(tmp_path)
    return tmp_path


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    """A server that has the workflow's picture, and on which nothing but a picture is shown."""
    with FakeComfyUI() as running:
        running.files.put("face.png", PICTURE, folder="input")
        running.yields = {node: {} for node in ("4", "6", "8", "9")}
        yield running


def run(server: FakeComfyUI | str, *words: str, code: int = 0) -> Result:
    """Run the workflow and check the exit code."""
    url = server if isinstance(server, str) else server.url
    ended = CliRunner().invoke(main, ["run", "studio", "--url", url, *words], catch_exceptions=False)
    assert ended.exit_code == code, ended.output
    return ended


def shows(server: FakeComfyUI, node: str, key: str, *names: str, **place: str) -> None:
    """Have a node show files of these names, which hold their own names."""
    server.yields[node] = {key: [server.files.put(name, name.encode(), **place) for name in names]}


def test_files_of_all_kinds_are_saved_and_texts_are_printed(server: FakeComfyUI, folder: Path) -> None:
    shows(server, "3", "images", "draft_00001_.png", "draft_00002_.png", folder="temp")
    shows(server, "4", "audio", "hum_00001_.flac", subfolder="audio")
    shows(server, "6", "images", "walk_00001_.mp4", subfolder="video/of today")
    shows(server, "8", "3d", "chair_00001_.glb", subfolder="3d")
    server.yields["9"] = {"text": ["a red\nboat"]}
    done = run(server, "--out", "made")
    names = ["draft_00001_.png", "draft_00002_.png", "hum_00001_.flac", "walk_00001_.mp4", "chair_00001_.glb"]
    assert done.stdout.splitlines() == [*(str(Path("made", name)) for name in names), 'words: ["a red\\nboat"]']
    assert done.stderr == ""
    assert {path.name: path.read_text() for path in (folder / "made").iterdir()} == dict(zip(names, names, strict=True))


def test_json_says_which_run_it_was(server: FakeComfyUI) -> None:
    server.yields["9"] = {"text": ["a", "b"]}
    document = json.loads(run(server, "--set", "seed=random", "--format", "json").stdout)
    (posted,) = server.posted
    assert document == {
        "item_id": posted.prompt_id,
        "varied": {"seed": posted.graph["2"]["inputs"]["seed"]},
        "outputs": {
            "picture": [str(Path("outputs", "studio_00001_.png"))],
            "sound": [],
            "clip": [],
            "model": [],
            "words": ["a", "b"],
        },
    }


def test_nothing_of_a_folder_is_replaced_by_something_else(server: FakeComfyUI, folder: Path) -> None:
    """The server counts in each folder of its own, and anew in an empty one."""
    (folder / "outputs").mkdir()
    (folder / "outputs" / "a_1.png").write_text("from another server")
    same = [server.files.put("a_1.png", text.encode(), subfolder=text) for text in ("one", "two")]
    server.yields["3"] = {"images": [*same, server.files.put("b_1.png", b"b")]}
    names = ["a_1 (2).png", "a_1 (3).png", "b_1.png"]
    said = [str(Path("outputs", name)) for name in names]
    assert run(server).stdout.splitlines() == said
    # Once more it shows the same files, which are here.
    assert run(server).stdout.splitlines() == said
    held = {path.name: path.read_text() for path in (folder / "outputs").iterdir()}
    assert held == {"a_1.png": "from another server", **dict(zip(names, ("one", "two", "b"), strict=True))}


def test_what_cannot_be_saved_is_told_and_the_rest_is_saved(server: FakeComfyUI, folder: Path) -> None:
    shows(server, "3", "images", "start.bat", "fine.png")
    gone = {"filename": "gone.png", "subfolder": "", "type": "temp"}
    server.yields["3"]["images"].append(gone)
    done = run(server, "--format", "json", code=2)
    bat, missing = done.stderr.splitlines()
    assert bat.startswith("picture: not saved: The server's name 'start.bat' is no file name")
    assert missing.startswith("picture: not saved: The server has no file 'gone.png [temp]'")
    fine = str(Path("outputs", "fine.png"))
    assert json.loads(done.stdout)["outputs"]["picture"] == ["start.bat [output]", fine, "gone.png [temp]"]
    assert [path.name for path in (folder / "outputs").iterdir()] == ["fine.png"]


def test_a_server_that_fails_at_a_file_costs_that_file_alone(server: FakeComfyUI, folder: Path) -> None:
    shows(server, "3", "images", "one.png", "two.png")
    server.instead("GET", "/view", Answer(b"", 500))
    done = run(server, code=2)
    (said,) = done.stderr.splitlines()
    assert said.startswith("picture: not saved: ")
    assert json.loads(done.stdout.partition(": ")[2]) == ["one.png [output]", str(Path("outputs", "two.png"))]
    assert [path.name for path in (folder / "outputs").iterdir()] == ["two.png"]


def test_a_folder_that_cannot_be_made_is_told(server: FakeComfyUI, folder: Path) -> None:
    (folder / "made").touch()
    done = run(server, "--out", "made/here", code=2)
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert done.stderr.startswith("The outputs cannot be saved: ")


def test_a_run_that_shows_nothing_says_so(server: FakeComfyUI, folder: Path) -> None:
    server.yields["3"] = {}
    done = run(server)
    assert done.stdout == ""
    assert done.stderr == "The run has ended; it left nothing to save.\n"
    assert not (folder / "outputs").exists()


def test_a_local_file_is_uploaded_and_any_other_name_is_the_servers(server: FakeComfyUI, folder: Path) -> None:
    (folder / "me.png").write_bytes(b"my picture")
    run(server, "--set", "face=me.png")
    run(server, "--set", "face=face.png")
    assert [(part.filename, part.data) for part in server.files.uploads] == [("me.png", b"my picture")]
    assert [prompt.graph["1"]["inputs"]["image"] for prompt in server.posted] == ["me.png", "face.png"]


def test_a_failed_run_names_the_node_and_the_cause(server: FakeComfyUI) -> None:
    def out_of_memory(prompt: Prompt) -> None:
        prompt.start()
        prompt.begin("2")
        prompt.fail("torch.OutOfMemoryError", "Allocation failed\x1b[2J")

    server.course = out_of_memory
    done = run(server, code=1)
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    (posted,) = server.posted
    assert said.startswith(f"Studio: item {posted.prompt_id} failed at")
    assert '"Sampler"' in said
    assert "torch.OutOfMemoryError: Allocation failed\\x1b[2J" in said


def test_a_refused_run_names_the_input(server: FakeComfyUI) -> None:
    about = {"type": "value_not_in_list", "message": "Value not in list", "details": "image: 'x.png' not in []"}
    error = {**about, "extra_info": {"input_name": "image", "received_value": "x.png"}}
    nodes = {"1": {"errors": [error], "dependent_outputs": ["3"], "class_type": "LoadImage"}}
    whole = {"type": "prompt_outputs_failed_validation", "message": "no", "details": "", "extra_info": {}}
    body = json.dumps({"error": whole, "node_errors": nodes}).encode()
    server.instead("POST", "/prompt", Answer(body, 400, "application/json"))
    done = run(server, "--set", "face=x.png", code=2)
    assert done.stdout == ""
    assert done.stderr.startswith("The server refuses Studio: Studio.face ")
    assert done.stderr.count("\n") == 1


def test_values_that_the_class_refuses_are_told_each(server: FakeComfyUI) -> None:
    said = run(server, "--set", "seed=-1", "--set", "sed=1", code=2).stderr.splitlines()
    assert said[0].startswith("Studio.seed ")
    assert said[1].startswith("Studio has no input 'sed': did you mean seed")
    assert server.requests == []


def test_waiting_ends_and_the_run_goes_on(server: FakeComfyUI) -> None:
    server.course = by_hand
    done = run(server, "--timeout", "0.3", code=1)
    assert done.stdout == ""
    assert "has not ended after 0.3 s; it goes on" in done.stderr
    assert not server.running().interrupt_asked.is_set()


def test_a_run_that_somebody_else_cancels_is_told(server: FakeComfyUI) -> None:
    def interrupted(prompt: Prompt) -> None:
        prompt.start()
        prompt.interrupted()

    server.course = interrupted
    done = run(server, code=1)
    assert done.stdout == ""
    assert f"item {server.posted[0].prompt_id} was canceled" in done.stderr


@pytest.mark.parametrize("words", [(), ("--format", "json")])
def test_no_server(words: tuple[str, ...]) -> None:
    done = run("http://127.0.0.1:9", *words, code=2)
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert done.stderr.startswith("No ComfyUI answers at http://127.0.0.1:9 ")


def test_an_address_that_is_none() -> None:
    assert run("127.0.0.1:8188", code=2).stderr.startswith("'127.0.0.1:8188' is no address of a server")


def test_the_address_of_the_environment(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFYUI_URL", server.url)
    ended = CliRunner().invoke(main, ["run", "studio"], catch_exceptions=False)
    assert (ended.exit_code, ended.stdout) == (0, f"{Path('outputs', 'studio_00001_.png')}\n")


def at_a_terminal(server: FakeComfyUI, folder: Path) -> Terminal:
    """Run the command under a terminal."""
    words = [sys.executable, "-m", "flowbind", "run", "studio", "--url", server.url]
    return Terminal(words, folder, {**os.environ, "COLUMNS": "100"})


def test_a_terminal_shows_the_queue_the_node_and_its_percentage(server: FakeComfyUI, folder: Path) -> None:
    server.course = by_hand
    others = post_another(server)
    terminal = at_a_terminal(server, folder)
    terminal.read_until(b"Studio: pending, ")
    server.running().succeed()
    prompt = running_of(server, others)
    prompt.start()
    terminal.read_until(b"Studio: in progress, ")
    prompt.begin("2")
    prompt.progress(1, 3, PICTURE)
    terminal.read_until(b"Studio: 33 % Sampler, ")
    prompt.end()
    prompt.succeed()
    code, output = terminal.end()
    assert (code, output) == (0, b"")
    # The line is wiped, so that nothing of it stays on the screen.
    assert terminal.shown.endswith(b"\r\x1b[KThe run has ended; it left nothing to save.\r\n")


def post_another(server: FakeComfyUI) -> str:
    """Queue somebody else's run; return its id."""
    return str(httpx.post(f"{server.url}/prompt", json={"prompt": STUDIO}).json()["prompt_id"])


def running_of(server: FakeComfyUI, before: str) -> Prompt:
    """Return the prompt that runs after another one."""
    assert server.work.wait_for(lambda: server.work.running and server.work.running.prompt_id != before, 10)
    return server.running()


@pytest.mark.parametrize("has_begun", [True, False])
def test_ctrl_c_cancels_the_run_and_no_other(server: FakeComfyUI, folder: Path, has_begun: bool) -> None:
    server.course = until_interrupted
    first = None if has_begun else post_another(server)
    terminal = at_a_terminal(server, folder)
    terminal.read_until(b"Studio: Face, " if has_begun else b"Studio: pending, ")
    # What nobody has posted yet cannot be canceled.
    assert server.work.wait_for(lambda: len(server.posted) == (1 if has_begun else 2), 10)
    last = post_another(server)
    own = server.posted[-2].prompt_id
    terminal.press_ctrl_c()
    code, output = terminal.end()
    assert (code, output) == (130, b"")
    assert f"Canceled: <Job Studio, item {own}: ".encode() in terminal.shown
    assert b"Traceback" not in terminal.shown
    assert not (folder / "outputs").exists()
    if has_begun:
        assert running_of(server, own).prompt_id == last
    else:
        assert server.running().prompt_id == first
        assert not server.running().interrupt_asked.is_set()
        assert [prompt.prompt_id for prompt in server.work.pending] == [last]


def test_a_run_that_cannot_be_canceled_is_told(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: ProgressLine, event: Any) -> None:
        if isinstance(event, Started):
            server.instead("POST", f"/jobs/{event.item_id}/cancel", Answer(b"", 500))
            raise KeyboardInterrupt

    monkeypatch.setattr(ProgressLine, "show", interrupt)
    server.course = until_interrupted
    done = run(server, code=130)
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"<Job Studio, item {server.posted[0].prompt_id}: in_progress> could not be canceled: POST")


def test_what_has_ended_by_then_was_not_canceled(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: ProgressLine, event: Any) -> None:
        if isinstance(event, Finished):
            raise KeyboardInterrupt

    monkeypatch.setattr(ProgressLine, "show", interrupt)
    said = run(server, code=130).stderr
    assert said == f"Too late to cancel: <Job Studio, item {server.posted[0].prompt_id}: completed>\n"


def test_a_server_that_does_not_fit_is_told_first(server: FakeComfyUI) -> None:
    seed = server.classes["KSampler"]["input"]["required"]["seed"]
    seed[1]["max"] = 6
    said = run(server).stderr
    assert "Studio.seed" in said
    assert len(server.posted) == 1
    refused = run(server, "--check", "error", code=2)
    assert (refused.stdout, len(server.posted)) == ("", 1)
    assert refused.stderr.startswith("The server does not fit Studio:\n  error ")
    run(server, "--check", "off")
    assert len(server.posted) == 2


def test_of_several_servers_those_that_do_not_fit_run_nothing(server: FakeComfyUI) -> None:
    words = ("--sweep", "seed=1,2,3,4", "--check", "error", "--format", "json")
    with FakeComfyUI() as other:
        other.classes["KSampler"]["input"]["required"]["seed"][1]["max"] = 6
        runs = json.loads(run(server, "--url", other.url, *words).stdout)["runs"]
        assert [r["varied"] for r in runs] == [{"seed": seed} for seed in (1, 2, 3, 4)]
        assert (len(server.posted), len(other.posted)) == (4, 0)
        seed = server.classes["KSampler"]["input"]["required"]["seed"]
        seed[1]["max"] = 6
        refused = run(server, "--url", other.url, *words, code=2)
        assert f"  {server.url}: The server does not fit Studio:" in refused.stderr.splitlines()
        assert f"  {other.url}: The server does not fit Studio:" in refused.stderr.splitlines()
        assert (len(server.posted), len(other.posted)) == (4, 0)


def test_what_two_servers_lack_is_warned_of_once(server: FakeComfyUI) -> None:
    with FakeComfyUI() as other:
        for one in (server, other):
            one.classes["KSampler"]["input"]["required"]["seed"][1]["max"] = 6
            one.course = lambda prompt: time.sleep(0.2) or prompt.start() or prompt.succeed()
        said = run(server, "--url", other.url, "--check", "warn", "--sweep", "seed=1,2,3,4").stderr
        assert server.posted
        assert other.posted
    assert said.count("Studio.seed") == 1


def test_of_several_servers_one_that_lacks_something_is_given_no_run(server: FakeComfyUI) -> None:
    with FakeComfyUI() as other:
        other.classes["KSampler"]["input"]["required"]["seed"][1]["max"] = 6
        for one in (server, other):
            one.course = lambda prompt: time.sleep(0.2) or prompt.start() or prompt.succeed()
        done = run(server, "--url", other.url, "--sweep", "seed=1,2,3,4")
        assert (len(server.posted), other.posted) == (4, [])
        assert f"{other.url} was given no run." in done.stderr
    assert done.exit_code == 0
