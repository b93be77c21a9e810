"""Documents of servers that hold anything: drift is found or not, but never an exception, and findings are JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.comfyui.schema.served import served_classes
from flowbind.drift import workflow_drift
from flowbind.errors import UnexpectedReply
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.uses import named_things, used_node_types

from .drifting import CLASSES, FILE, own_entry
from .given_prompts import prompt_of
from .test_hostile_classes import CLASSES as ANY_CLASSES
from .test_hostile_classes import JSON, NODES

SERVERS = st.dictionaries(st.sampled_from(["A", "B", "C"]), ANY_CLASSES | JSON, max_size=3)


def found_in(entry: Any, document: Any) -> list[str]:
    """Return the rules of what is found; the findings must be JSON."""
    findings = workflow_drift(FILE, entry, served_classes(document, is_whole=False))
    json.dumps([finding.as_json() for finding in findings], allow_nan=False)
    assert all(str(finding) for finding in findings)
    return [finding.rule for finding in findings]


@given(SERVERS, st.dictionaries(st.sampled_from(["1", "2"]), NODES, min_size=1, max_size=2), SERVERS)
def test_any_server_is_compared_with_any_other(before: Any, api: dict[str, Any], after: Any) -> None:
    prompt, catalog = prompt_of(api), Catalog(before)
    used = json.loads(json.dumps(used_node_types(prompt, catalog, [])))
    entry = {"class_name": "A", "inputs": [], "outputs": [], "node_types": used, "named": named_things(prompt, catalog)}
    assert found_in(entry, before) == []
    found_in(entry, after)


@given(st.sampled_from(sorted(CLASSES)), ANY_CLASSES | JSON)
def test_one_class_may_be_anything(kind: str, told: Any) -> None:
    rules = found_in(own_entry(), {**CLASSES, kind: told})
    if kind == "Unused":
        assert rules == []


@pytest.mark.parametrize("document", [None, 3, [], {}, {"A": {}}, {"A": {"input": [], "output": {}}}, "text"])
def test_what_tells_of_no_classes_is_refused(document: object) -> None:
    with pytest.raises(UnexpectedReply, match="without node classes"):
        served_classes(document)
    assert "A" not in served_classes(document, is_whole=False)
