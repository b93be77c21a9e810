"""Workflows of several families in one project: each is read, typed, checked and pinned by its own engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import flowbind
from flowbind_generator.building import Basis, build_module
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report
from flowbind_generator.drift.export_drift import ExportDrift
from flowbind_generator.engines import FIRST, engine
from flowbind_generator.ir import Module
from flowbind_generator.manifest import entry_of, read_manifest
from flowbind_generator.project import find_project
from flowbind_generator.render import render_module
from flowbind_generator.spec import Catalogs
from flowbind_generator.verify import NotAsPlanned, verify_module

from . import projects
from .projects import checked, files, rules, run
from .toy_engine import ADDRESS, PINNED, toy

__all__ = ["toy"]
pytestmark = pytest.mark.usefixtures("toy")

TOY = "workflows/plaything.json"
NODES = {"1": {"text": "a cat", "size": "big"}, "2": {"text": "a cat"}}
TYPES = ["text", "size"]


@pytest.fixture
def mixed(project: Path) -> Path:
    """A generated project with a workflow of each family beside each other."""
    write(project, PINNED, {"toy types": TYPES})
    draw(project)
    run(project, "generate")
    return project


def write(project: Path, name: str, document: Any) -> None:
    (project / "workflows" / name).write_text(json.dumps(document))


def draw(project: Path, **nodes: Any) -> None:
    write(project, "plaything.json", {"toy": "Plaything", "nodes": nodes or NODES})


def manifest(project: Path) -> Any:
    return json.loads((project / "generated" / "manifest.json").read_text())


def both_checks(project: Path, code: int = 0) -> list[str]:
    """Return the rules that the full check finds, which must be those of the fast one."""
    full = rules(checked(project, "--files", code=code))
    assert rules(checked(project, "--fast", code=code)) == full
    return full


def test_each_workflow_is_of_its_own_family(mixed: Path) -> None:
    made = manifest(mixed)
    assert {s: e["engine"] for s, e in made["workflows"].items()} == {
        TOY: "toy", projects.POSTER: "invokeai", projects.QUIET: "invokeai",
    }  # fmt: skip
    assert {name: told["app_version"] for name, told in made["spec"].items()} == {"invokeai": "6.14.2", "toy": "1.0"}
    assert both_checks(mixed) == []
    assert checked(mixed)["findings"] == []
    assert run(mixed, "generate").stdout == ""
    assert made["workflows"][TOY]["class_name"] == "Plaything"
    assert "from toy_runtime import Binding, Outputs, Slot, ToyWorkflow" in files(mixed)["plaything.py"].decode()


def test_a_name_that_one_family_reserves_is_free_for_the_others(mixed: Path) -> None:
    for name in ("image.json", "puppet.json"):
        write(mixed, name, {"toy": "Another", "nodes": NODES})
    run(mixed, "generate")
    made = manifest(mixed)["workflows"]
    names = [made[f"workflows/{name}.json"]["class_name"] for name in ("image", "puppet")]
    assert names == ["Image", "PuppetWorkflow"]


def test_a_document_is_read_for_its_own_workflows_only(project: Path) -> None:
    write(project, PINNED, "broken")
    run(project, "generate")
    assert both_checks(project) == []
    draw(project)
    assert "plaything" not in run(project, "inspect", "poster").stderr
    (project / "workflows" / PINNED).write_text("broken")
    assert "error FB401" in run(project, "generate", code=2).stderr


def test_a_pinned_document_of_another_family_is_refused(mixed: Path) -> None:
    (mixed / "workflows" / PINNED).write_bytes(projects.document())
    assert f"workflows/{PINNED}: error FB401: The list of Toy's types is none." in run(mixed, "generate", code=2).stderr


def test_a_wrong_declaration_refuses_its_workflow(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_project: object, source: str, report: Report) -> None:
        if source == TOY:
            report.error("FB504", "The declaration is wrong.", "Mend it.")

    monkeypatch.setattr("flowbind_generator.building.declaration_of", wrong)
    (mixed / "generated" / "plaything.py").unlink()
    assert "The declaration is wrong." in run(mixed, "generate", "plaything", code=1).stderr
    assert "plaything.py" not in files(mixed)


def test_only_the_changed_document_is_stale(mixed: Path) -> None:
    write(mixed, PINNED, {"toy types": [*TYPES, "more"]})
    assert both_checks(mixed, code=1) == ["FILE_STALE"]
    before = manifest(mixed)
    run(mixed, "generate")
    after = manifest(mixed)
    assert after["spec"]["invokeai"] == before["spec"]["invokeai"]
    assert after["spec"]["toy"] != before["spec"]["toy"]
    assert both_checks(mixed) == []


def test_generating_one_keeps_what_is_said_of_the_other(mixed: Path) -> None:
    write(mixed, PINNED, {"toy types": [*TYPES, "more"]})
    before = manifest(mixed)
    run(mixed, "generate", "quiet")
    assert manifest(mixed)["spec"] == before["spec"]
    assert both_checks(mixed, code=1) == ["FILE_STALE"]


def test_a_document_that_is_given_belongs_to_who_claims_it(mixed: Path) -> None:
    (mixed / "other.json").write_text(json.dumps({"toy types": ["text"]}))
    assert 'Toy has no input "size"' in run(mixed, "generate", "--spec", "other.json", code=1).stderr
    (mixed / "next.json").write_bytes(projects.document(version="6.15.0"))
    run(mixed, "generate", "--spec", "next.json")
    assert {n: told["app_version"] for n, told in manifest(mixed)["spec"].items()} == {
        "invokeai": "6.15.0",
        "toy": "1.0",
    }


def test_the_settings_name_a_document_for_each(mixed: Path) -> None:
    (mixed / "a.json").write_text(json.dumps({"toy types": [*TYPES, "more"]}))
    (mixed / "b.json").write_bytes(projects.document(version="6.15.0"))
    projects.set_up(mixed, 'spec = ["a.json", "b.json"]\n')
    assert both_checks(mixed, code=1) == ["FILE_STALE"]
    run(mixed, "generate")
    assert manifest(mixed)["spec"]["invokeai"]["app_version"] == "6.15.0"
    assert both_checks(mixed) == []
    projects.set_up(mixed, 'spec = ["b.json"]\n')
    assert both_checks(mixed, code=1) == ["FILE_STALE"]
    run(mixed, "generate")
    assert both_checks(mixed) == []


def test_a_document_of_the_settings_that_no_workflow_uses_changes_nothing(project: Path) -> None:
    (project / "a.json").write_text(json.dumps({"toy types": TYPES}))
    projects.set_up(project, 'spec = "a.json"\n')
    assert both_checks(project) == []
    (project / "a.json").unlink()
    assert rules(checked(project, "--fast", code=1)) == ["FILE_STALE"]


def test_two_documents_of_one_family_are_refused(mixed: Path) -> None:
    for name in ("a.json", "b.json"):
        (mixed / name).write_text(json.dumps({"toy types": TYPES}))
    projects.set_up(mixed, 'spec = ["a.json", "b.json"]\n')
    said = run(mixed, "generate", code=2).stderr
    assert "names two documents of Toy: a.json and b.json" in said


@pytest.mark.parametrize("setting", ["5", "[5]", '""', '["a.json", ""]'])
def test_a_setting_that_names_no_documents(mixed: Path, setting: str) -> None:
    projects.set_up(mixed, f"spec = {setting}\n")
    assert "spec is no text" in run(mixed, "generate", code=2).stderr


def test_frozen_uses_the_documents_of_all(mixed: Path) -> None:
    before = files(mixed)
    (mixed / "generated" / "plaything.py").unlink()
    run(mixed, "generate", "--frozen")
    assert files(mixed) == before
    write(mixed, PINNED, {"toy types": [*TYPES, "more"]})
    assert "FB507" in run(mixed, "generate", "--frozen", code=2).stderr


def test_a_server_is_asked_whose_it_is(project: Path) -> None:
    assert run(project, "spec", "pull", ADDRESS).stdout == f"workflows/{PINNED}: Toy 2.0\n"
    assert json.loads((project / "workflows" / PINNED).read_text()) == {"toy types": ["text", "more"]}
    assert find_project(project).exports() == [project / projects.POSTER, project / projects.QUIET]
    said = run(project, "spec", "pull", "http://127.0.0.1:9", code=2).stderr
    assert said.startswith("http://127.0.0.1:9: error FB401: Toy: No Toy answers.\n")
    assert "error FB401: InvokeAI: The server cannot be asked: No InvokeAI answers" in said


def test_a_workflow_is_run_by_its_family(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOY_URL", raising=False)
    said = run(mixed, "run", "plaything", "--set", "size=small", code=2).stderr
    assert said == "Toy runs nothing on http://127.0.0.1:1, warn.\n"
    monkeypatch.setenv("TOY_URL", ADDRESS)
    words = ("run", "plaything", "--check", "off")
    assert run(mixed, *words, code=2).stderr == f"Toy runs nothing on {ADDRESS}, off.\n"
    assert "on http://other.example, off" in run(mixed, *words, "--url", "http://other.example", code=2).stderr


def test_what_a_family_cannot_do_is_said_plainly(mixed: Path) -> None:
    assert "FB511" in run(mixed, "workflow", "check", "plaything", code=2).stderr


def test_each_family_is_compared_with_its_own(mixed: Path) -> None:
    assert "1 workflow: everything fits" in run(mixed, "check", "--spec", f"workflows/{PINNED}").stderr
    said = checked(mixed, "--server", ADDRESS, code=1)
    assert [(found["rule"], found["source"]) for found in said["findings"]] == [("MODEL_MISSING", TOY)]
    both = run(mixed, "check", "--server", "http://127.0.0.1:9", code=2).stderr
    assert "Toy: No Toy answers" in both
    assert "No InvokeAI answers" in both


def test_a_library_is_only_asked_for_workflows_that_it_may_have(mixed: Path) -> None:
    for name in (projects.POSTER, projects.QUIET):
        (mixed / name).unlink()
    run(mixed, "generate")
    assert "FB511: Only InvokeAI keeps workflows in a library" in run(mixed, "workflow", "check", code=2).stderr


def test_only_what_was_compared_is_said_to_fit(mixed: Path) -> None:
    (mixed / "next.json").write_bytes(projects.document())
    assert "2 workflows: everything fits the server's document." in run(mixed, "check", "--spec", "next.json").stderr
    assert "3 workflows: everything" in run(mixed, "check", "--files", "--spec", "next.json").stderr


def test_requests_and_settings_are_the_families_own(mixed: Path) -> None:
    said = run(mixed, "payload", "plaything", "--set", "text=a dog").stdout
    assert json.loads(said) == {"toy": {"text": "a dog for text", "size": "big"}}


def test_a_manifest_of_a_family_that_is_not_known_is_refused(mixed: Path) -> None:
    path = mixed / "generated" / "manifest.json"
    path.write_text(path.read_text().replace('"toy"', '"trinket"'))
    assert "it is of trinket, which this flowbind does not know" in run(mixed, "generate", code=2).stderr
    path.write_text(path.read_text().replace('"trinket": {', '"toy": {'))
    assert f"it does not say which document {TOY} was generated from" in run(mixed, "generate", code=2).stderr


def test_a_manifest_from_before_there_were_several(project: Path) -> None:
    made = manifest(project)
    made |= {"manifest_version": 3, "spec": made["spec"][FIRST]}
    (project / "generated" / "manifest.json").write_text(json.dumps(made))
    assert read_manifest(project / "generated").spec == {FIRST: made["spec"]}
    assert both_checks(project, code=1) == ["FILE_STALE"]
    run(project, "generate")
    assert both_checks(project) == []


def test_what_is_declared_decides_the_class(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = Declaration({"size": ("1.size",)}, None, "pyproject.toml")
    monkeypatch.setattr(
        "flowbind_generator.building.declaration_of", lambda _, source, __: declared if source == TOY else None
    )
    for module in ("building", "fast"):
        monkeypatch.setattr(
            f"flowbind_generator.{module}.declaration_digest", lambda _, source: "d" if source == TOY else None
        )
    assert both_checks(mixed, code=1) == ["FILE_STALE"]
    run(mixed, "generate")
    entry = manifest(mixed)["workflows"][TOY]
    assert (entry["declaration"], [i["attribute"] for i in entry["inputs"]]) == ("d", ["size"])
    assert both_checks(mixed) == []


def test_a_form_of_its_own_needs_no_declaration(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = Declaration({"x": ("k.width",)}, None, "pyproject.toml")
    monkeypatch.setattr("flowbind_generator.building.declaration_of", lambda *_: declared)
    said = run(project, "inspect", "quiet").stderr
    assert "warning FB504: pyproject.toml declares inputs of a workflow whose own form says what is public." in said


# One input at several places.


def module_of(project: Path) -> Module:
    found = find_project(project)
    report = Report(TOY)
    module = build_module(project / TOY, TOY, Basis(found, Catalogs(found), read_manifest(found.output)), report)
    assert module is not None, list(report)
    return module


def test_all_places_of_an_input_are_in_its_slot(mixed: Path) -> None:
    text = "".join(files(mixed)["plaything.py"].decode().split())
    assert 'also=(("2","text"),)' in text
    assert 'saved=(("nodes","1","text"),(0,),),' in text
    assert "workflow=None" in text
    assert "plaything.workflow.json" not in files(mixed)
    (of_text, of_size) = manifest(mixed)["workflows"][TOY]["inputs"]
    assert of_text["also"] == [["2", "text"]]
    assert "also" not in of_size


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("(('2', 'text'),)", "(('2', 'size'),)"),
        ("(('2', 'text'),)", "('2', 'text')"),
        (", also=(('2', 'text'),)", ""),
        ("(0,)", "(1,)"),
        ("('nodes','1','text'),", ""),
        ("workflow=None", "workflow=('plaything.graph.json', '')"),
    ],
)
def test_other_places_than_planned_are_refused(mixed: Path, was: str, now: str) -> None:
    module = module_of(mixed)
    made = render_module(module)
    verify_module(made, module)
    assert was in made["plaything.py"]
    with pytest.raises(NotAsPlanned):
        verify_module({**made, "plaything.py": made["plaything.py"].replace(was, now, 1)}, module)


def test_a_value_at_any_place_of_an_input_is_no_change_of_the_graph(mixed: Path) -> None:
    module = module_of(mixed)
    old = entry_of(module, {}, "")
    for nodes, changed in (
        ({"1": {"text": "a dog", "size": "big"}, "2": {"text": "a dog"}}, False),
        ({"1": {"text": "a cat", "size": "big"}, "2": {"text": "a cat", "else": "x"}}, True),
    ):
        found = ExportDrift(TOY, old, replace(module, values=nodes)).findings()
        assert ("GRAPH_CHANGED" in [f.rule for f in found]) == changed


# A workflow that is loaded.


def test_a_workflow_of_any_family_is_loaded(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = Declaration({"size": ("1.size",)}, None, "pyproject.toml")
    for module in ("building", "loaded_export"):
        monkeypatch.setattr(f"flowbind_generator.{module}.declaration_of", lambda *_: declared)
    monkeypatch.chdir(mixed)
    loaded = flowbind.load(TOY)
    assert [*type(loaded).model_fields] == ["size"]
    assert [(node.id, dict(node)) for node in flowbind.nodes(loaded)] == [
        ("1", {"text": "a cat", "size": "big"}),
        ("2", {"text": "a cat"}),
    ]
    loaded["2", "text"] = "a dog"
    assert (loaded["2", "text"], loaded["1", "text"]) == ("a dog", "a cat")
    assert engine("toy").preview(loaded, graph_only=True)[0] == {"toy": {"size": "big", "input_2_text": "a dog"}}
