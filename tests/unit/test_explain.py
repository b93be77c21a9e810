"""What rules say of themselves: in their docstrings, on the terminal, as JSON, on the page."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from flowbind_generator.diagnostics import CODES, Refused
from flowbind_generator.explaining import as_json, explain, explanation, list_rules, rules_page
from flowbind_generator.rules import all_rules

from .command import flowbind

MAINTAIN = Path(__file__).resolve().parents[1] / "maintain" / "rules_page.py"


@pytest.fixture(scope="module")
def maintain() -> ModuleType:
    """The maintainer's command, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("rules_page", MAINTAIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("rule", all_rules())
def test_a_docstring_has_all_that_people_ask(rule: str) -> None:
    found = explanation(rule)
    first, *others = found.text.split("\n\n")
    assert first == found.summary
    assert first.endswith(".")
    assert sum(p.startswith("Example: ") for p in others) == 1
    assert others[-1].startswith("What to do: ")
    assert all(p.endswith(".") for p in others)
    assert max(map(len, (all_rules()[rule].__doc__ or "").splitlines())) <= 120
    assert found.severities


def test_the_page_is_fresh(maintain: ModuleType) -> None:
    assert maintain.PAGE.read_text(encoding="utf-8") == rules_page(), "run `make docs`"


def test_the_page_has_all_rules_once_and_generated_files_last() -> None:
    headings = [line.removeprefix("### ") for line in rules_page().splitlines() if line.startswith("### ")]
    assert sorted(headings) == list(all_rules())
    assert headings[-4:] == ["FILE_MISSING", "FILE_STALE", "FILE_EDITED", "FILE_LEFTOVER"]


def test_a_rule_is_explained() -> None:
    text = flowbind("explain", "enum_value_removed").stdout
    assert text.startswith("ENUM_VALUE_REMOVED: error or warning\n\nA choice that an input had is gone.\n\nAn error")
    assert "\nWhat to do: choose another value" in text
    assert max(map(len, text.splitlines())) <= 84


def test_a_code_is_explained() -> None:
    text = explain("fb301")
    assert text.startswith("FB301\n\nThe server has no such node type.\n\n")
    assert "docs/diagnostics.md" in text


def test_all_are_listed() -> None:
    lines = flowbind("explain").stdout.splitlines()
    assert lines == list_rules().splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ")} == all_rules().keys()
    assert lines[1] == "  NODE_REMOVED          error, warning        The server has no node type of that name."


def test_json() -> None:
    one = json.loads(flowbind("explain", "NODE_REMOVED", "--format", "json").stdout)
    assert (one["rule"], one["severities"]) == ("NODE_REMOVED", ["error", "warning"])
    assert one["text"].startswith(one["summary"])
    every = json.loads(flowbind("explain", "--format", "json").stdout)
    assert {e["rule"] for e in every} == all_rules().keys() | CODES.keys()
    assert one in every
    assert json.loads(as_json("FB101"))["severities"] == []


def test_an_unknown_rule_is_refused_with_what_is_near() -> None:
    error = flowbind("explain", "node_removd", code=2).stderr
    assert "FB505" in error
    assert "There is no rule NODE_REMOVD." in error
    assert "Did you mean NODE_REMOVED" in error
    with pytest.raises(
        Refused, match=r"^flowbind explain: error FB505: There is no rule \\x1b\.\n    `flowbind explain`"
    ):
        explain("\x1b")
