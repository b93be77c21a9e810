"""Texts of a node pack that try to become code stay texts: in descriptions, names, keys, choices and defaults."""

from __future__ import annotations

import ast
import json
import unicodedata
from typing import Any

import pytest

from .packed import Package, Project, saved_values

# What the modules may consist of: no other statement is needed, and a call of anything else is not made.
STATEMENTS = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Expr)
MODULES = ["hostile.py", "field_types.py"]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the hostile export alone."""
    made = Project.with_exports(tmp_path_factory.mktemp("hostile") / "project", "hostile")
    made.flowbind("generate")
    return made


@pytest.mark.parametrize("name", MODULES)
def test_only_what_belongs_there_is_in_a_module(hostile: Project, name: str) -> None:
    tree = ast.parse(hostile.source(name))
    assert [type(s) for s in tree.body if not isinstance(s, STATEMENTS)] == []
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert modules <= {"__future__", "typing", "pydantic", "flowbind.invokeai", "flowbind", "field_types", "datetime"}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    assert not names & {"os", "__import__", "abort", "eval", "exec"}


@pytest.mark.parametrize("name", MODULES)
def test_nothing_in_a_module_is_hidden(hostile: Project, name: str) -> None:
    text = hostile.source(name)
    hidden = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"}
    assert hidden == set()
    assert not [line for line in text.splitlines() if "# type:" in line.split('"')[0]]


def test_templates_are_not_expanded(hostile: Project) -> None:
    for name in MODULES:
        assert "{{ 7 * 7 }}" in hostile.source(name)


def test_the_modules_can_be_imported_and_hold_the_texts(hostile: Project) -> None:
    package = Package.of(hostile, "flowbind_hostile")
    try:
        made: Any = package.workflow("hostile")()
        values = saved_values("hostile")
        assert values["words"] in [getattr(made, name) for name in type(made).model_fields]
        (evil,) = (v for v in vars(made).values() if type(v).__name__.startswith("Evil"))
        assert json.loads(evil.model_dump_json(by_alias=True)) == values["evil"]
    finally:
        package.forget()


def test_the_commands_show_no_control_characters(hostile: Project) -> None:
    for words in (["inspect", "hostile"], ["check"], ["generate"]):
        done = hostile.flowbind(*words)
        shown = done.stdout + done.stderr
        assert {c for c in shown if not c.isprintable() and c != "\n"} == set()


def test_a_name_from_outside_stays_in_the_folder(hostile: Project) -> None:
    made = {p.relative_to(hostile.root).parts[0] for p in hostile.root.rglob("*") if p.is_file()}
    assert made == {"generated", "workflows", "pyproject.toml", "server.json.gz"}
