"""The report as SARIF 2.1.0, the format of static analysis tools: code scanning, editors, dashboards."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flowbind.findings import SEVERITIES, Finding
from flowbind.outside import printable
from flowbind.rules import Severity
from flowbind_generator import __version__
from flowbind_generator.checked import Checked
from flowbind_generator.explaining import explanation
from flowbind_generator.reports.json_report import dumped

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}

# GitHub rejects a file in which any result has no place; what is about the server stands where its address is set.
_NO_SOURCE = "pyproject.toml"


def as_sarif(checked: Checked) -> str:
    """Return one run with its results, and the rules that they refer to."""
    findings = [f for found in checked.by_source().values() for f in found]
    rules = sorted({f.rule for f in findings})
    repeated: Counter[str] = Counter()
    results: list[dict[str, Any]] = []
    for found in findings:
        identity = _identity(found)
        repeated[identity] += 1
        results.append(_result(found, rules.index(found.rule), f"{identity}:{repeated[identity]}"))
    driver = {"name": "flowbind", "version": __version__, "rules": [_rule(rule, findings) for rule in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return dumped({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule_id: str, findings: Sequence[Finding]) -> dict[str, Any]:
    explained = explanation(rule_id)
    # A code of a file's diagnostics says nothing of its severity: the findings do.
    occurring = {f.severity for f in findings if f.rule == rule_id}
    severities: Sequence[Severity] = explained.severities or [s for s in SEVERITIES if s in occurring]
    # Each paragraph a line: where they were broken in our files is nothing to viewers.
    unfolded = re.sub(r"(?<!\n)\n(?!\n)", " ", explained.text)
    text = {"text": unfolded, "markdown": unfolded}
    return {
        "id": rule_id,
        "name": "".join(word.capitalize() for word in rule_id.split("_")),
        "shortDescription": {"text": explained.summary},
        "fullDescription": text,
        "help": text,
        "defaultConfiguration": {"level": _LEVELS[severities[0]]},
    }


def _result(found: Finding, index: int, fingerprint: str) -> dict[str, Any]:
    return {
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": _LEVELS[found.severity],
        "message": {"text": _message(f"{found.cause} {found.cure}")},
        "locations": [_location(found)],
        # The second is the one that GitHub reads. Without it GitHub takes the hash of the line, which is the same for
        # all findings of a rule in a file, and shows one of them.
        "partialFingerprints": {"flowbindFinding/v1": fingerprint, "primaryLocationLineHash": fingerprint},
        "properties": {"old": found.old, "new": found.new, "attribute": found.attribute, "place": found.place},
    }


def _location(found: Finding) -> dict[str, Any]:
    # Surrogates stand for bytes of a path that are no text.
    uri = quote((found.source or _NO_SOURCE).encode("utf-8", "surrogatepass"))
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
            # A finding is about the file as a whole; GitHub wants a line.
            "region": {"startLine": 1},
        }
    }
    if found.named:
        kind = "member" if found.attribute else "type"
        location["logicalLocations"] = [{"fullyQualifiedName": printable(found.named), "kind": kind}]
    return location


def _message(text: str) -> str:
    """Return text as a message: braces doubled as SARIF wants them, and nothing in it is a link."""
    return printable(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _identity(found: Finding) -> str:
    """Return what stays the same as long as the finding does, however it is worded."""
    parts = (found.rule, found.source, found.class_name, found.attribute, found.place)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
