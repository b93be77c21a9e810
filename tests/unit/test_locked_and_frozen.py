"""`generate --locked` changes nothing, `generate --frozen` makes exactly what the manifest pins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowbind_generator import made_with

from . import projects
from .drifting import fill, hide, renew
from .exports import as_bytes, form, node, picture, workflow
from .projects import POSTER, draw, files, narrower, run, set_up


def times(project: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in (project / "generated").iterdir()}


def lost(project: Path) -> None:
    """Delete all generated files but the manifest."""
    for path in (project / "generated").iterdir():
        if path.name != "manifest.json":
            path.unlink()


# --locked.


def test_locked_is_content_with_what_is_fresh(project: Path) -> None:
    before = files(project), times(project)
    told = run(project, "generate", "--locked")
    assert told.stdout == ""
    assert "0 files would be written" in told.stderr
    assert (files(project), times(project)) == before


def test_locked_changes_nothing_and_says_what_would(project: Path) -> None:
    draw(project, hide("b.value"))
    before = files(project), times(project)
    told = run(project, "generate", "--locked", code=1)
    assert "would update    generated/poster.py" in told.stdout
    assert '  - negative_prompt: The input "Prompt" is gone.' in told.stderr
    assert (files(project), times(project)) == before


def test_locked_fails_for_files_that_are_missing_or_edited(project: Path) -> None:
    lost(project)
    run(project, "generate", "--locked", code=1)
    assert list(files(project)) == ["manifest.json"]
    run(project, "generate")
    (project / "generated" / "quiet.py").write_text("x = 1\n")
    run(project, "generate", "--locked", code=1)
    assert (project / "generated" / "quiet.py").read_text() == "x = 1\n"


def test_locked_fails_for_a_refused_export(project: Path) -> None:
    (project / "workflows" / "new.json").write_bytes(as_bytes(workflow(picture(), node("x", "no_such_node"))))
    assert "FB301" in run(project, "generate", "--locked", code=1).stderr


def test_what_contradicts_itself_is_no_command(project: Path) -> None:
    for options in (
        ["--locked", "--rename"],
        ["--frozen", "--rename"],
        ["--frozen", "--locked"],
        ["--frozen", "poster"],
    ):
        run(project, "generate", *options, code=2)


# --frozen.


def test_frozen_makes_every_file_again(project: Path) -> None:
    before = files(project)
    lost(project)
    told = run(project, "generate", "--frozen")
    assert files(project) == before
    assert "2 workflows, 8 files written, 1 unchanged." in told.stderr
    still = times(project)
    assert run(project, "generate", "--frozen").stdout == ""
    assert times(project) == still


def test_frozen_makes_edited_files_again(project: Path) -> None:
    before = files(project)
    (project / "generated" / "quiet.py").write_text("x = 1\n")
    assert "update    generated/quiet.py" in run(project, "generate", "--frozen").stdout
    assert files(project) == before


def test_frozen_does_not_look_at_new_exports(project: Path) -> None:
    before = files(project)
    draw(project, name="workflows/new.json")
    (project / "workflows" / "broken.json").write_bytes(b"{")
    lost(project)
    run(project, "generate", "--frozen")
    assert files(project) == before


def test_frozen_keeps_names_that_labels_no_longer_give(project: Path) -> None:
    draw(project, fill("steps.value", label="Denoising"), renew("b", "b2"))
    run(project, "generate")
    before = files(project)
    assert b"    steps: " in before["poster.py"]
    lost(project)
    run(project, "generate", "--frozen")
    assert files(project) == before


def test_frozen_uses_the_objects_that_are_pinned(project: Path) -> None:
    regions = workflow(picture(), node("i", "ideogram4_caption_builder", {"regions": []}), form=form("i.regions"))
    (project / "workflows" / "regions.json").write_bytes(as_bytes(regions))
    run(project, "generate")
    before = files(project)
    lost(project)
    run(project, "generate", "--frozen")
    assert files(project) == before


def refused(project: Path, said: str, *options: str) -> None:
    """Check that nothing is made, and why."""
    lost(project)
    before = files(project)
    stderr = run(project, "generate", "--frozen", *options, code=2).stderr
    assert "FB507" in stderr
    assert said in stderr
    assert files(project) == before


def test_frozen_refuses_another_export(project: Path) -> None:
    draw(project, fill("p.width", value=128))
    refused(project, f"{POSTER} is not the export that the manifest pins.")


def test_frozen_refuses_an_export_that_is_gone(project: Path) -> None:
    (project / POSTER).unlink()
    lost(project)
    assert "FB101" in run(project, "generate", "--frozen", code=2).stderr
    assert list(files(project)) == ["manifest.json"]


def test_frozen_takes_another_layout_of_an_export(project: Path) -> None:
    path = project / POSTER
    path.write_text(json.dumps(json.loads(path.read_text()), indent=3, sort_keys=True))
    before = files(project)
    lost(project)
    run(project, "generate", "--frozen")
    assert files(project) == before


def test_frozen_refuses_another_document_and_finds_its_own(project: Path) -> None:
    own, other = project / "own.json", project / "other.json"
    own.write_bytes(projects.document(narrower, version="6.15.0"))
    other.write_bytes(projects.document(version="6.16.0"))
    run(project, "generate", "--spec", "own.json")
    before = files(project)
    refused(project, "The document that the manifest pins (of 6.15.0) is not here")
    refused(project, "The document that the manifest pins", "--spec", "other.json")
    run(project, "generate", "--frozen", "--spec", "own.json")
    assert files(project) == before
    lost(project)
    own.rename(project / "workflows" / "openapi.json")
    run(project, "generate", "--frozen")
    assert files(project) == before


def test_frozen_finds_the_shipped_document_beside_another(project: Path) -> None:
    before = files(project)
    lost(project)
    (project / "workflows" / "openapi.json").write_bytes(projects.document(narrower))
    run(project, "generate", "--frozen")
    assert files(project) == before


@pytest.mark.parametrize("tool", ["ruff", "flowbind", "templates"])
def test_frozen_refuses_other_tools(project: Path, tool: str) -> None:
    path = project / "generated" / "manifest.json"
    made = json.loads(path.read_text())
    made["generator"][tool] = "0.0.1"
    path.write_text(json.dumps(made))
    refused(project, f"The manifest was written with {tool} 0.0.1; here it is")


def test_frozen_tells_a_tool_from_what_it_writes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tools(with_objects: bool) -> dict[str, str]:
        return {**made_with_tools(with_objects), "ruff": "99"}

    made_with_tools = made_with.tools
    monkeypatch.setattr("flowbind_generator.frozen.tools", tools)
    refused(project, "here it is 99")


def test_frozen_goes_by_the_settings_that_are_pinned(project: Path) -> None:
    before = files(project)
    lost(project)
    set_up(project, '[tool.flowbind.field_types]\nIdeogram4Region = "mine:Region"\n')
    run(project, "generate", "--frozen")
    assert files(project) == before


def test_frozen_refuses_other_pinned_settings(project: Path) -> None:
    regions = workflow(picture(), node("i", "ideogram4_caption_builder", {"regions": []}), form=form("i.regions"))
    (project / "workflows" / "regions.json").write_bytes(as_bytes(regions))
    run(project, "generate")
    path = project / "generated" / "manifest.json"
    made = json.loads(path.read_text())
    assert made["field_types"], "the workflow takes no object"
    made["options"] = {"field_types": {"Ideogram4Region": "mine:Region"}}
    path.write_text(json.dumps(made))
    refused(project, "regions.py would not be what the manifest pins.")


def test_frozen_refuses_a_file_that_would_be_another(project: Path) -> None:
    path = project / "generated" / "manifest.json"
    made: Any = json.loads(path.read_text())
    made["workflows"][POSTER]["files"]["poster.py"] = "0" * 64
    path.write_text(json.dumps(made))
    refused(project, "poster.py would not be what the manifest pins.")


def test_frozen_needs_a_manifest(project: Path) -> None:
    (project / "generated" / "manifest.json").unlink()
    assert "FB507" in run(project, "generate", "--frozen", code=2).stderr
