"""The report as SARIF; `tests/fidelity/test_sarif.py` holds it to the official schema."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from flowbind.findings import Finding
from flowbind_generator import __version__
from flowbind_generator.checked import Checked
from flowbind_generator.reports.sarif import as_sarif

from .findings import SAMPLE, TEXT_TO_IMAGE, checks


def run(one: Checked) -> dict[str, Any]:
    """Return the one run of a report."""
    text = as_sarif(one)
    assert text.isascii()
    document = json.loads(text, parse_constant=pytest.fail)
    assert document["version"] == "2.1.0"
    (found,) = document["runs"]
    return dict(found)


def result(**parts: Any) -> dict[str, Any]:
    """Return the result of one finding."""
    finding = replace(Finding("FB101", "error", "Cause.", "Cure.", "a.json"), **parts)
    found: dict[str, Any] = run(Checked(("files",), {}, [finding]))["results"][0]
    return found


def test_rules_are_those_that_occur() -> None:
    driver = run(SAMPLE)["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("flowbind", __version__)
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert rules.keys() == {f.rule for f in SAMPLE.findings}
    removed = rules["NODE_REMOVED"]
    assert removed["name"] == "NodeRemoved"
    assert removed["shortDescription"]["text"] == "The server has no node type of that name."
    assert "\n\nWhat to do: replace the node" in removed["help"]["markdown"]
    assert rules["FB301"]["shortDescription"]["text"] == "The server has no such node type."
    levels = {name: rule["defaultConfiguration"]["level"] for name, rule in rules.items()}
    assert levels == {
        "APP_VERSION_CHANGED": "note",
        "ENUM_VALUE_ADDED": "note",
        "FB301": "error",
        "FILE_STALE": "error",
        "NODE_REMOVED": "error",
        "RANGE_NARROWED": "error",
    }


def test_a_result_has_its_place_and_values() -> None:
    found = next(r for r in run(SAMPLE)["results"] if r["ruleId"] == "RANGE_NARROWED")
    assert found["level"] == "warning"
    assert found["message"]["text"] == "Less. Look."
    assert found["properties"] == {"old": 0, "new": 1, "attribute": "cfg", "place": "d.cfg"}
    (place,) = found["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": TEXT_TO_IMAGE, "uriBaseId": "%SRCROOT%"}
    assert place["logicalLocations"] == [{"fullyQualifiedName": "TextToImage.cfg", "kind": "member"}]


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("", "pyproject.toml"),
        ("a b/ü%.json", "a%20b/%C3%BC%25.json"),
        ("a:b#?", "a%3Ab%23%3F"),
        ("\udc80", "%ED%B2%80"),
    ],
)
def test_a_source_is_a_uri(source: str, uri: str) -> None:
    assert result(source=source)["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_message_is_no_markup() -> None:
    text = result(cause="See [here](http://evil) for {0}.\x1b")["message"]["text"]
    assert text == "See [here] (http://evil) for {{0}}.\\x1b Cure."


def test_fingerprints_tell_findings_apart_and_outlive_wording() -> None:
    first, same, other = (
        result(**parts)["partialFingerprints"]
        for parts in ({}, {"cause": "Else.", "severity": "warning", "old": 5}, {"attribute": "b"})
    )
    assert first == same != other
    twice = Finding("FB101", "error", "Cause.", "Cure.", "a.json")
    results = run(Checked(("files",), {}, [twice, twice]))["results"]
    assert len({json.dumps(r["partialFingerprints"]) for r in results}) == 2


@given(checks)
def test_anything_can_be_told(one: Checked) -> None:
    found = run(one)
    rules = found["tool"]["driver"]["rules"]
    assert len(found["results"]) == len(one.findings)
    for told in found["results"]:
        assert rules[told["ruleIndex"]]["id"] == told["ruleId"]
        assert told["message"]["text"].isprintable()
        assert not re.search(r"\]\(", told["message"]["text"])
        assert re.fullmatch(r"[\w.~/%-]+", told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], re.A)
    prints = [json.dumps(r["partialFingerprints"]) for r in found["results"]]
    assert len(set(prints)) == len(prints)
