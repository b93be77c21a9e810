"""Values of which the schema says nothing: told as FB402, an error where the user wants none."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from .packed import SAVED, Project, findings

# The labels of the inputs that take anything, or lists and dictionaries of it.
UNKNOWN = {"Anything", "Undeclared", "By Name", "Plain", "Several", "Rest", "Json Value", "Value", "json_value"}


@pytest.fixture
def open_project(tmp_path: Path) -> Project:
    """A project with nothing but the export with open values."""
    return Project.with_exports(tmp_path / "project", "open_values")


def test_each_unknown_type_is_told(open_project: Project) -> None:
    told = open_project.flowbind("generate").stderr
    assert {"Anything", "Undeclared", "By Name", "Plain", "Several", "Rest", "Value"} <= set(findings(told, "FB402"))
    assert set(findings(told, "FB402")) <= UNKNOWN | {"settings"}
    assert "error" not in told


@pytest.mark.parametrize("name", [n for n in SAVED if n != "open_values"])
def test_all_other_types_are_understood(tmp_path: Path, name: str) -> None:
    made = Project.with_exports(tmp_path / "project", name)
    assert "FB402" not in made.flowbind("generate", "--strict").stderr
    assert "warning" not in made.flowbind("check", "--strict").stdout


def test_strict_makes_it_an_error(open_project: Project) -> None:
    for words in (["generate"], ["inspect", "open_values"]):
        done = open_project.flowbind(*words, "--strict", code=1)
        assert "error FB402" in done.stderr
    assert not (open_project.root / "generated" / "open_values.py").exists()
    open_project.flowbind("generate")
    open_project.flowbind("check")
    assert "error    FB402" in open_project.flowbind("check", "--strict", code=1).stdout


def test_inspect_tells_it_to_programs(open_project: Project) -> None:
    found = json.loads(open_project.flowbind("inspect", "open_values", "--format", "json").stdout)
    told = [d for d in found["diagnostics"] if d["code"] == "FB402"]
    assert {d["severity"] for d in told} == {"warning"}
    strict = open_project.flowbind("inspect", "open_values", "--format", "json", "--strict", code=1)
    told = [d for d in json.loads(strict.stdout)["diagnostics"] if d["code"] == "FB402"]
    assert {d["severity"] for d in told} == {"error"}


def test_an_unknown_type_is_json_and_neither_any_nor_text(open_project: Project) -> None:
    open_project.flowbind("generate")
    tree = ast.parse(open_project.source("open_values.py"))
    types = {ast.unparse(n.target): ast.unparse(n.annotation) for n in ast.walk(tree) if isinstance(n, ast.AnnAssign)}
    for name in ("anything", "undeclared", "by_name", "plain", "several", "rest", "json_value", "value"):
        assert "JsonValue" in types[name], name
    assert [name for name, kind in types.items() if "Any" in kind.split("[")] == []


def test_inspect_names_the_types(tmp_path: Path) -> None:
    made = Project.with_exports(tmp_path / "project", "curves")
    found = json.loads(made.flowbind("inspect", "curves", "--format", "json").stdout)
    told = {i["attribute"]: (i["field_type"], i["cardinality"]) for i in found["inputs"]}
    assert told["tone_curve"] == ("Curve", "single")
    assert told["curves"] == ("Curve", "list")
    assert told["one_or_many"] == ("Curve", "single_or_list")
    assert found["diagnostics"] == []
    assert "Curve" in made.flowbind("inspect", "curves").stdout


def test_inspect_shows_objects_whole(project: Project) -> None:
    shown = project.flowbind("inspect", "curves").stdout
    (line,) = (line for line in shown.splitlines() if "and_then" in line)
    assert '{"points": [{"x": 0.25' in line
