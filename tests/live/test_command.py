"""The command on a real server: run, spec pull, progress on a terminal, Ctrl-C."""

from __future__ import annotations

import json
from pathlib import Path

from tests.behaviour.terminals import Terminal

from live_tools import QUEUE, ROOT, Live, Project, command, export_with_model, own_environment, shipped_export, size_of

SMALL = ("--set", "width=64", "--set", "height=72")


def test_only_the_path_goes_to_standard_output(live: Live, project: Project) -> None:
    project.add("poster", shipped_export("poster"))
    done = project.flowbind("run", "poster", "--url", live.url, *SMALL, "--out", "made")
    assert done.returncode == 0, done.stderr
    path = project.root / done.stdout.removesuffix("\n")
    assert path.parent == project.root / "made"
    assert size_of(path.read_bytes()) == (64, 72)
    assert done.stderr == ""
    assert list((project.root / "made").iterdir()) == [path]


def test_json_and_the_address_from_the_environment(live: Live, project: Project) -> None:
    project.add("poster", shipped_export("poster"))
    done = project.flowbind("run", "poster", *SMALL, "--format", "json", INVOKEAI_URL=live.url)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {*document} == {"item_id", "batch_id", "varied", "outputs"}
    assert live.item(document["item_id"])["batch_id"] == document["batch_id"]
    (path,) = document["outputs"]["image"]
    assert Path(path).parent == Path("outputs")
    assert size_of((project.root / path).read_bytes()) == (64, 72)


def test_a_picture_and_a_model_are_settings(live: Live, project: Project) -> None:
    project.add("poster", shipped_export("poster"))
    project.add("redraw", shipped_export("image_to_image_sd15"))
    drawn = project.flowbind("run", "poster", "--url", live.url, *SMALL).stdout.strip()
    settings = (f"source_image={drawn}", f"model={live.model['name']}", "steps=2", "width=64", "height=64")
    words = [word for setting in settings for word in ("--set", setting)]
    done = project.flowbind("run", "redraw", "--url", live.url, *words)
    assert done.returncode == 0, done.stderr
    assert size_of((project.root / done.stdout.strip()).read_bytes()) == (64, 64)


def test_several_outputs_are_several_lines(live: Live, project: Project) -> None:
    project.add("sheet", shipped_export("contact_sheet"))
    done = project.flowbind("run", "sheet", "--url", live.url, "--set", "count=3", "--set", "frame_size=64")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert all((project.root / line).is_file() for line in done.stdout.splitlines())


def test_failures_have_one_line_and_their_exit_code(live: Live, project: Project) -> None:
    project.add("text", shipped_export("text_to_image_sd15"))
    no_model = project.flowbind("run", "text", "--url", live.url)
    assert (no_model.returncode, no_model.stdout) == (2, "")
    assert 'the server has no model "Dreamshaper 8"' in no_model.stderr
    assert len(no_model.stderr.splitlines()) == 1
    bad_value = project.flowbind("run", "text", "--url", live.url, "--set", "width=65", "--set", "step=2")
    assert bad_value.returncode == 2
    assert "multiple of 8" in bad_value.stderr
    assert "did you mean steps" in bad_value.stderr
    nobody = project.flowbind("run", "text", "--url", "http://127.0.0.1:9")
    assert nobody.returncode == 2
    assert "No InvokeAI answers" in nobody.stderr
    for done in (no_model, bad_value, nobody):
        assert "Traceback" not in done.stderr


def test_a_pinned_document_gives_the_same_modules(live: Live, project: Project) -> None:
    for name in ("poster", "text_to_image_sd15"):
        project.add(name, shipped_export(name))
    pulled = project.flowbind("spec", "pull", live.url)
    assert pulled.returncode == 0, pulled.stderr
    assert pulled.stdout == "workflows/openapi.json: InvokeAI 6.14.2\n"
    assert json.loads((project.root / "workflows" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    project.generate()
    for name in ("poster", "text_to_image_sd15"):
        made = (project.root / "generated" / f"{name}.py").read_bytes()
        assert made == (ROOT / "generated" / f"{name}.py").read_bytes()
    assert project.flowbind("check").returncode == 0
    assert project.flowbind("check", "--spec", live.url).returncode == 0


def test_waiting_ends_and_the_run_goes_on(live: Live, project: Project) -> None:
    project.add("poster", shipped_export("poster"))
    with live.paused():
        done = project.flowbind("run", "poster", "--url", live.url, *SMALL, "--timeout", "0.5")
        item_id = live.newest_item()
        assert live.item(item_id)["status"] == "pending"
        live.call("DELETE", f"{QUEUE}/i/{item_id}")
    assert (done.returncode, done.stdout) == (1, "")
    assert "has not ended after 0.5 s; it goes on" in done.stderr


def terminal_of(project: Project, *words: str) -> Terminal:
    """Run the command in a project under a terminal of its own."""
    return Terminal(command(*words), project.root, own_environment())


def test_progress_is_shown_on_a_terminal(live: Live, project: Project) -> None:
    project.add("poster", shipped_export("poster"))
    with live.paused():
        terminal = terminal_of(project, "run", "poster", "--url", live.url, *SMALL)
        terminal.read_until(b"Poster: pending, 1 s")
    code, output = terminal.end()
    assert code == 0, terminal.shown
    assert (project.root / output.decode().strip()).is_file()
    # The line is wiped, so that nothing of it stays on the screen.
    assert terminal.shown.endswith(b"\r\x1b[K")


def test_a_node_that_counts_is_shown_with_its_percentage(live: Live, project: Project) -> None:
    project.add("picture", export_with_model("text_to_image_sd15", live.model))
    terminal = terminal_of(
        project, "run", "picture", "--url", live.url, "--set", "steps=5", "--set", "scheduler=euler", *SMALL
    )
    code, output = terminal.end()
    assert code == 0, terminal.shown
    assert (project.root / output.decode().strip()).is_file()
    assert b"Picture: 40 % denoise_latents, " in terminal.shown
    assert terminal.shown.endswith(b"\r\x1b[K")


def test_the_runs_of_a_batch_are_counted_on_a_terminal(live: Live, project: Project) -> None:
    project.add("grain_study", shipped_export("grain_study"))
    terminal = terminal_of(project, "run", "grain_study", "--url", live.url)
    code, output = terminal.end()
    assert code == 0, terminal.shown
    assert len(output.splitlines()) == 6
    assert b"GrainStudy: 3 of 6 runs have ended, " in terminal.shown


def test_ctrl_c_cancels_the_run(live: Live, project: Project) -> None:
    project.add("poster", shipped_export("poster"))
    before = live.newest_item()
    with live.paused():
        terminal = terminal_of(project, "run", "poster", "--url", live.url, *SMALL)
        terminal.read_until(b"Poster: pending")
        terminal.press_ctrl_c()
        code, output = terminal.end()
    assert (code, output) == (130, b"")
    assert b"Canceled" in terminal.shown
    assert b"Traceback" not in terminal.shown
    item_id = live.newest_item()
    assert item_id > before
    assert live.item(item_id)["status"] == "canceled"
    assert not (project.root / "outputs").exists()


def test_objects_are_taken_and_texts_are_printed(live: Live, project: Project) -> None:
    project.add("region_caption", shipped_export("region_caption"))
    region = '[{"prompt": "a red boat", "bbox": [600, 100, 900, 400]}]'
    done = project.flowbind("run", "region_caption", "--url", live.url, "--set", f"regions={region}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('caption: "{')
    assert "a red boat" in done.stdout
