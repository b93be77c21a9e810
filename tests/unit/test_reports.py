"""Reports of `flowbind check`: text, JSON with its schema, and GitHub's commands."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from flowbind.findings import SEVERITIES, Finding
from flowbind_generator.checked import Change, Checked, Question
from flowbind_generator.diagnostics import CODES
from flowbind_generator.reports import FORMATS, Format, report
from flowbind_generator.reports.github import as_github
from flowbind_generator.reports.json_report import VERSION, as_json
from flowbind_generator.reports.text import as_text, summary
from flowbind_generator.rules import all_rules

from .findings import POSTER, SAMPLE, TEXT_TO_IMAGE, checks

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/check.schema.json").read_text("utf-8"))

TEXT = """\
the server
  info     APP_VERSION_CHANGED  The server is 6.14.2.
           was "6.13.8", is "6.14.2"
           Nothing.

workflows/poster.json (Poster)
  error    FB301  /nodes/3: No such node type.
           Install the pack.
  3 inputs: 1 unchanged, 1 moved, 1 relabelled, 1 missing

workflows/text_to_image.json (TextToImage)
  error    NODE_REMOVED      canny: It is gone.
           Replace it.
  warning  RANGE_NARROWED    cfg: Less.
           was 0, is 1
           Look.
  info     ENUM_VALUE_ADDED  scheduler: New choices.
  info     ENUM_VALUE_ADDED  refiner: New choices.
           Generate again to use it.

Generated files
  error    FILE_STALE  generated/poster.py: The file is stale.
           Generate."""


def checked(*findings: Finding, questions: tuple[Question, ...] = ("files",)) -> Checked:
    """Return what a check of two workflows has found."""
    return Checked(questions, {POSTER: "Poster", TEXT_TO_IMAGE: "TextToImage"}, findings)


def found(old: Any, new: Any, cause: str = "It changed.") -> list[str]:
    """Return what the text says of a change of values."""
    one = Finding("TYPE_CHANGED", "error", cause, "Look.", POSTER, "Poster", "steps", old=old, new=new)
    return [line.strip() for line in click.unstyle(as_text(checked(one))).splitlines()[2:-1]]


def test_text_groups_findings_by_what_they_are_about() -> None:
    assert click.unstyle(as_text(SAMPLE)) == TEXT


def test_text_colours_the_severity() -> None:
    text = as_text(SAMPLE)
    for severity, colour in (("error  ", "red"), ("warning", "yellow"), ("info   ", "blue")):
        assert click.style(severity, fg=colour) in text


def test_nothing_found_says_nothing() -> None:
    assert as_text(checked()) == ""
    assert as_github(checked()) == ""


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (None, None, []),
        (7.5, 5, ["was 7.5, is 5"]),
        (None, "x", []),
        (True, None, []),
        (["a", "b"], ["b", "c"], ['gone: "a"; new: "c"']),
        (["a", "b"], ["b", "a"], []),
        (list(range(20)), [], ["gone: 0, 1, 2, 3, 4, 5, 6, 7 and 12 more"]),
        ({"minimum": 0, "maximum": 9}, {"minimum": 1, "maximum": 9}, ["minimum was 0, is 1"]),
        ({"minimum": 0}, {"maximum": 9}, []),
        ("x" * 99, 1, [f'was "{"x" * 58}…, is 1']),
        ("a\x1b\u202e", "", ['was "a\\u001b\\u202e", is ""']),
    ],
)
def test_text_shows_what_was_and_is(old: Any, new: Any, shown: list[str]) -> None:
    assert found(old, new) == shown


@pytest.mark.parametrize(
    ("cause", "shown"),
    [("It was 5 and is 15.", []), ("It was 5.", ["was 5, is 15"]), ("15 of 1.5 or 5.5", ["was 5, is 15"])],
)
def test_text_does_not_repeat_the_cause(cause: str, shown: list[str]) -> None:
    assert found(5, 15, cause) == shown
    assert found(["euler"], ["lms"], "'euler' is gone.") == ['new: "lms"']


@given(checks)
def test_text_obeys_nothing_from_outside(one: Checked) -> None:
    text = click.unstyle(as_text(one))
    assert all(c.isprintable() or c == "\n" for c in text)
    assert summary(one, "error").isprintable()


ERROR = Finding("NODE_REMOVED", "error", "c", "c", POSTER)
WARNING = Finding("NODE_DEPRECATED", "warning", "c", "c", TEXT_TO_IMAGE)
INFO = Finding("APP_VERSION_CHANGED", "info", "c", "c")
STALE = Finding("FILE_STALE", "error", "c", "c", "generated/poster.py")


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (checked(), "2 workflows: everything is fresh."),
        (checked(questions=("workflow",)), "2 workflows: everything fits the new export."),
        (checked(questions=("spec",)), "2 workflows: everything fits the server's document."),
        (checked(questions=("files", "server")), "2 workflows: everything is fresh and fits the server."),
        (checked(INFO, INFO), "2 workflows: everything is fresh (2 infos)."),
        (checked(WARNING, INFO), "1 warning, 1 info in 1 of 2 workflows and the server; none is an error."),
        (checked(ERROR, ERROR, WARNING), "2 errors, 1 warning in 2 of 2 workflows."),
        (checked(STALE), "1 error in 1 file."),
        (checked(ERROR, STALE, INFO), "2 errors, 1 info in 1 of 2 workflows, 1 other file and the server."),
    ],
)
def test_summary(one: Checked, line: str) -> None:
    assert summary(one, "error") == line


def test_summary_of_what_fails_by_choice() -> None:
    assert summary(checked(WARNING), "warning") == "1 warning in 1 of 2 workflows."
    assert summary(checked(INFO), "warning") == "2 workflows: everything is fresh (1 info)."
    assert summary(checked(INFO), "info") == "1 info about the server."


def test_json_has_all() -> None:
    document = json.loads(as_json(SAMPLE))
    Draft202012Validator(SCHEMA).validate(document)
    assert document["counts"] == {"error": 3, "warning": 1, "info": 3}
    assert document["workflows"] == SAMPLE.workflows
    assert len(document["findings"]) == len(SAMPLE.findings)
    assert document["findings"][0]["rule"] == "APP_VERSION_CHANGED"
    assert [i["changes"] for i in document["inputs"]] == [["unchanged"], ["moved", "relabelled"], ["missing"]]


@given(checks)
def test_json_of_anything_is_ascii_and_fits_its_schema(one: Checked) -> None:
    text = as_json(one)
    assert text.isascii()
    document = json.loads(text, parse_constant=pytest.fail)
    Draft202012Validator(SCHEMA).validate(document)
    causes = sorted(json.dumps(f.cause) for f in one.findings)
    assert sorted(json.dumps(f["cause"]) for f in document["findings"]) == causes


def test_json_has_no_numbers_that_json_lacks() -> None:
    one = Finding(
        "RANGE_WIDENED", "info", "c", "c", POSTER, old={"maximum": 5}, new={"maximum": math.inf, "x": [math.nan]}
    )
    assert json.loads(as_json(checked(one)))["findings"][0]["new"] == {"maximum": "inf", "x": ["nan"]}


def test_the_schema_is_that_of_the_code() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    properties, finding = SCHEMA["properties"], SCHEMA["$defs"]["finding"]["properties"]
    assert properties["version"]["const"] == VERSION
    assert tuple(properties["questions"]["items"]["enum"]) == get_args(Question)
    assert tuple(finding["severity"]["enum"]) == SEVERITIES
    assert tuple(properties["counts"]["properties"]) == SEVERITIES
    assert tuple(SCHEMA["$defs"]["input"]["properties"]["changes"]["items"]["enum"]) == get_args(Change)
    assert [name for name in (*all_rules(), *CODES) if not re.search(finding["rule"]["pattern"], name)] == []
    assert list(finding) == list(SAMPLE.findings[0].as_json())
    assert list(SCHEMA["$defs"]["input"]["properties"]) == list(SAMPLE.inputs[0].as_json())


def test_github_names_file_rule_and_attribute() -> None:
    lines = as_github(SAMPLE).splitlines()
    assert lines[0] == "::notice title=APP_VERSION_CHANGED::The server is 6.14.2.%0ANothing."
    assert (
        lines[2] == "::error file=workflows/poster.json,title=FB301::/nodes/3: No such node type.%0AInstall the pack."
    )
    named = f"file={TEXT_TO_IMAGE},title=RANGE_NARROWED"
    assert lines[4] == f"::warning {named}::TextToImage.cfg: Less.%0ALook."


def test_github_escapes_what_would_end_a_property() -> None:
    one = Finding("FB101", "error", "100%\r\n::error::x", "c", "a,b:c%.json")
    line = "::error file=a%2Cb%3Ac%25.json,title=FB101::100%25\\r\\n::error::x%0Ac"
    assert as_github(checked(one)) == line


@given(checks)
def test_github_has_one_line_for_each_finding(one: Checked) -> None:
    text = as_github(one)
    lines = text.splitlines()
    assert text.isprintable() or text.count("\n") == len(lines) - 1
    assert len(lines) == len(one.findings)
    form = re.compile(r"::(error|warning|notice) (file=[^,:]*,)?title=[A-Z0-9_]+::((?:[^%]|%25|%0A)*)")
    for line, told in zip(lines, (f for group in one.by_source().values() for f in group), strict=True):
        match = form.fullmatch(line)
        assert match, line
        assert match[3].replace("%25", "%").count("%0A") >= 1
        assert told.rule in line


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_loads_no_other(form: Format) -> None:
    text = report(form, SAMPLE, "error")
    assert "NODE_REMOVED" in text
    assert not text.endswith("\n")
    code = f"""
import sys
from flowbind_generator.checked import Checked
from flowbind_generator.reports import report
report({form!r}, Checked(("files",), {{}}), "error")
print(*(m for m in sys.modules if m.startswith("flowbind_generator.reports.")), *({{"pydantic"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    own = {"json": {"json_report"}, "sarif": {"sarif", "json_report"}}.get(form, {form})
    assert set(done.stdout.split()) == {f"flowbind_generator.reports.{name}" for name in own}
