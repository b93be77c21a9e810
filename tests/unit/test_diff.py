"""`flowbind diff`: exactly what `flowbind generate` would do, and a line for each workflow."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from . import projects
from .drifting import fill, hide, mark, show, swap
from .exports import as_bytes, node, picture, workflow
from .projects import POSTER, QUIET, draw, files, narrower, run, without_noise


def test_nothing_to_generate_is_nothing_to_show(project: Path) -> None:
    shown = run(project, "diff")
    assert shown.stdout == ""
    assert shown.stderr == "Poster stays as it is.\nQuiet stays as it is.\n"


def change(project: Path) -> None:
    draw(project, hide("b.value"), show("p.height"), swap("steps", "float"), mark("q", label="Soft"))


def add(project: Path) -> None:
    (project / "workflows" / "third.json").write_bytes(as_bytes(workflow(picture(width=8))))


def remove(project: Path) -> None:
    (project / QUIET).unlink()


def lose(project: Path) -> None:
    (project / "generated" / "py.typed").unlink()
    (project / "generated" / "quiet.py").unlink()


def spoil(project: Path) -> None:
    with (project / "generated" / "quiet.py").open("a") as file:
        file.write("x = 1")  # without a newline


@pytest.mark.parametrize("edit", [change, add, remove, lose, spoil])
def test_what_is_shown_is_what_generate_does(project: Path, tmp_path: Path, edit: object) -> None:
    assert callable(edit)
    edit(project)
    before = files(project)
    shown = run(project, "diff", code=1).stdout
    assert files(project) == before
    patched = projects.copied(project, tmp_path / "patched")
    patch = tmp_path / "patch"
    patch.write_text(shown, encoding="utf-8")
    subprocess.run(["git", "apply", "--unsafe-paths", str(patch)], cwd=patched, check=True, capture_output=True)
    run(project, "generate")
    assert files(patched) == files(project)
    assert run(project, "diff").stdout == ""


def test_each_workflow_has_a_summary(project: Path) -> None:
    change(project)
    add(project)
    remove(project)
    told = run(project, "diff", code=1).stderr
    for line in (
        "Poster, for code that uses it:\n",
        '  ~ steps: "Steps" takes float now, not int.\n',
        '  + height: The input "Height" is new.\n',
        '  - negative_prompt: The input "Prompt" is gone.\n',
        "  ~ The output `blurred` is called `soft` now.\n",
        "Third is new.\n",
        "Quiet goes away: workflows/quiet.json is not there any more.\n",
    ):
        assert line in told


def test_a_change_that_no_code_sees_is_told_as_that(project: Path) -> None:
    draw(project, fill("sum.b", value=3))
    told = run(project, "diff", code=1).stderr
    assert told == "Poster changes, but not for code that uses it.\nQuiet stays as it is.\n"


def test_line_ends_of_version_control_are_no_lines_of_a_diff(project: Path) -> None:
    path = project / "generated" / "quiet.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert run(project, "diff").stdout == ""
    path.write_bytes(path.read_bytes() + b"x = 1\r\n")
    lines = run(project, "diff", code=1).stdout.splitlines()
    assert [line for line in lines if line.startswith(("+", "-"))][2:] == ["-x = 1"]


def test_one_workflow_can_be_asked_for(project: Path) -> None:
    change(project)
    shown = run(project, "diff", "quiet")
    assert shown.stdout == ""
    assert shown.stderr == "Quiet stays as it is.\n"
    assert "generated/poster.py" in run(project, "diff", "poster", code=1).stdout


def test_a_refused_export_is_told(project: Path) -> None:
    (project / POSTER).write_bytes(as_bytes(workflow(picture(), node("x", "no_such_node"))))
    told = run(project, "diff", code=1)
    assert "FB301" in told.stderr
    assert f"{POSTER} cannot be generated: see above." in told.stderr
    assert "generated/poster.py" not in told.stdout


def test_another_document_shows_what_an_upgrade_would_do(project: Path) -> None:
    (project / "new.json").write_bytes(projects.document(narrower, version="6.15.0"))
    shown = run(project, "diff", "--spec", "new.json", code=1)
    assert "le=999" in shown.stdout
    assert '  ~ seed: "Seed" takes Annotated[int, Field(ge=0, le=999)] now, not' in shown.stderr
    assert "Quiet stays as it is." in shown.stderr
    assert run(project, "diff").stdout == ""


def test_another_document_without_a_node_refuses_its_workflow(project: Path) -> None:
    (project / "new.json").write_bytes(projects.document(without_noise))
    told = run(project, "diff", "--spec", "new.json", code=1).stderr
    assert 'has no node type "noise"' in told
    assert "Quiet stays as it is." in told


def test_a_new_name_of_the_class_is_told(project: Path) -> None:
    shutil.move(project / POSTER, project / "workflows" / "placard.json")
    told = run(project, "diff", code=1).stderr
    assert "Placard is new." in told
    assert "Poster goes away" in told


def test_text_of_others_cannot_drive_a_terminal(project: Path) -> None:
    draw(project, fill("steps.value", label="\x1b[2J\u202eSteps"))
    shown = run(project, "diff", code=1)
    assert all(c.isprintable() or c == "\n" for c in shown.output)


def test_there_is_nothing_to_show_without_exports(project: Path) -> None:
    shutil.rmtree(project / "workflows")
    shutil.rmtree(project / "generated")
    assert "There are no exports" in run(project, "diff", code=2).stderr


# What `flowbind generate` says.


def test_generate_says_what_is_different_for_users(project: Path) -> None:
    change(project)
    remove(project)
    summary = run(project, "diff", code=1).stderr
    told = run(project, "generate").stderr
    assert [line for line in told.splitlines() if line.startswith("  ")] == [
        line for line in summary.splitlines() if line.startswith("  ")
    ]
    assert "Poster, for code that uses it:" in told
    assert "Quiet goes away" in told
    assert "for code" not in run(project, "generate").stderr


def test_generate_says_what_a_new_name_breaks(project: Path) -> None:
    draw(project, fill("steps.value", label="Denoising"))
    assert "for code" not in run(project, "generate").stderr
    assert "  ~ The input `steps` is called `denoising` now." in run(project, "generate", "--rename").stderr


def test_generate_says_nothing_of_what_no_code_sees(project: Path) -> None:
    draw(project, fill("p.width", value=128), fill("sum.b", value=3), fill("steps.value", label="x"))
    told = run(project, "generate").stderr
    assert "for code" not in told
