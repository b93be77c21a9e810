"""Findings: stable codes, one line of cause, one of cure, nothing that a terminal would obey."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import flowbind_generator
from flowbind.outside import printable
from flowbind_generator.diagnostics import CODES, Refused, Report

SOURCES = Path(flowbind_generator.__file__).parent


def test_every_code_that_is_used_is_listed() -> None:
    used = {c for p in SOURCES.rglob("*.py") for c in re.findall(r'"(FB\d{3})"', p.read_text(encoding="utf-8"))}
    assert used == set(CODES)


def test_a_finding_as_text() -> None:
    report = Report("a.json")
    report.error("FB301", "No such node.", "Replace it.", pointer="/nodes/0", node_label="Mine")
    assert str(next(iter(report))) == 'a.json#/nodes/0: error FB301: No such node. (node "Mine")\n    Replace it.'


def test_nothing_from_outside_is_obeyed_by_a_terminal() -> None:
    report = Report("a\x1b.json")
    report.warning("FB201", "m\x1b[2J", "c\u202e", pointer="/\nx\x07", node_label="l\r")
    text = str(next(iter(report)))
    assert text.count("\n") == 1
    assert all(c.isprintable() or c == "\n" for c in text)


def test_a_finding_is_told_once() -> None:
    report = Report("a.json")
    for _ in range(2):
        report.warning("FB201", "m", "c")
    assert len(report.diagnostics) == 1
    assert not report.refused


def test_errors_refuse() -> None:
    report = Report("a.json")
    report.error("FB102", "m", "c")
    assert report.refused
    assert "FB102" in str(Refused(report))


def test_an_unlisted_code_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        Report("a.json").error("FB999", "m", "c")


@pytest.mark.parametrize(("text", "shown"), [("größe 提", "größe 提"), ("\x1b[0m", "\\x1b[0m"), ("\u2066", "\\u2066")])
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
