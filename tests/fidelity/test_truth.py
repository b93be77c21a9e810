"""Against the truth: what InvokeAI's own page posts for a file, and in which order it shows the inputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import BATCH_TYPES, CALLEE_INPUT, Catalog
from flowbind_generator.invokeai.document import Node
from flowbind_generator.invokeai.engine import draft
from flowbind_generator.invokeai.load import Loaded, load

from .shared import needs_shared, truth

pytestmark = needs_shared

RECORDS = [*truth("real"), *truth("synthetic")]
SUBMITTED = [r for r in RECORDS if r.values[0]["status"] == "submitted"]
BLOCKED = [r for r in RECORDS if r.values[0]["status"] == "blocked"]
FAILED = [r for r in RECORDS if r.values[0]["status"] == "load_failed"]
WITH_FORM = [r for r in RECORDS if "gui_form_fields" in r.values[0]]

# What the page makes of an object that it does not understand (contract, C1; design, decision 6): here it is unset.
JUNK = {"type": "float_generator_arithmetic_sequence", "start": 0, "step": 0.1, "count": 10}

# Files that the page submits and flowbind refuses, besides those with batch nodes (FB305, not supported yet).
REFUSED = {
    "node_id_duplicate": ("FB307", "the page silently drops one of two nodes with one id"),
}
# Inputs that the page posts differently, and why flowbind does not do as it does.
DIFFERENT = {
    "core_metadata_extras": ({("m", "zzz")}, "the page makes junk of an object; flowbind keeps it"),
    "values_lists_odd": ({("bc", "collection")}, "the page loses lists of booleans (contract, C2; decision 6)"),
}
# Files that the page refuses to load and flowbind reads, and why.
LENIENT = {
    "form_bad_parent": "the walk of the form needs no parents, so the inputs are certain",
    "form_no_parent": "the same",
    "form_orphan_element": "an element that hangs on nothing shows nothing",
}


def canonical(value: Any) -> Any:
    """Return a JSON value that compares numbers by value and booleans strictly."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | float):
        return "number", float(value)
    if isinstance(value, dict):
        return {k: canonical(v) for k, v in value.items()}
    return [canonical(v) for v in value] if isinstance(value, list) else value


def read(record: Mapping[str, Any], catalog: Catalog) -> tuple[Loaded | None, Report]:
    report = Report(record["name"])
    return load(json.dumps(record["workflow"]).encode(), catalog, report), report


def has_batch(record: Mapping[str, Any]) -> bool:
    return any((n.get("data") or {}).get("type") in BATCH_TYPES for n in record["workflow"]["nodes"])


def as_on_the_page(loaded: Loaded, record: Mapping[str, Any], catalog: Catalog) -> dict[str, Any]:
    """Return the graph with what the page adds of its own state: boards, the callee's values, what was picked in it."""
    nodes: dict[str, Any] = json.loads(json.dumps(loaded.graph["nodes"]))
    for node in loaded.workflow.nodes:
        if node.id in nodes:
            _add_boards(node, nodes[node.id], record, catalog)
            if node.type == "call_saved_workflow":
                _add_callee(nodes[node.id], loaded, record, catalog)
    for patch in record.get("patches") or []:
        nodes[patch["nodeId"]][patch["fieldName"]] = patch["value"]
    return nodes


def _add_boards(node: Node, sent: dict[str, Any], record: Mapping[str, Any], catalog: Catalog) -> None:
    """Forget a board that the server lacks; put what is `auto` on the page's own board."""
    state = record.get("ui_state") or {}
    node_type = catalog.get(node.type)
    for name, field in (node_type.inputs if node_type else {}).items():
        if field.type.name != "BoardField":
            continue
        board = sent.get(name)
        if state and isinstance(board, dict) and board["board_id"] not in state["boards_on_server"]:
            del sent[name]
        own = state.get("autoAddBoardId", "none")
        if name not in sent and own != "none" and (name not in node.inputs or node.inputs[name].value != "none"):
            sent[name] = {"board_id": own}


def _add_callee(sent: dict[str, Any], loaded: Loaded, record: Mapping[str, Any], catalog: Catalog) -> None:
    """Give the called workflow its own values, as the page does."""
    callee = record.get("saved_workflow")
    if not callee or callee["id"] != sent.get("workflow_id"):
        return
    found, _ = read({"name": "callee", "workflow": callee["workflow"]}, catalog)
    assert found is not None
    fed = {e["destination"]["field"] for e in loaded.graph["edges"]}
    for field in found.fields:
        key = f"{CALLEE_INPUT}{field.id.node_id}::{field.id.field_name}"
        value = found.graph["nodes"][field.id.node_id].get(field.id.field_name)
        if value is not None and key not in fed:
            sent["workflow_inputs"].setdefault(key, value)


def edges(graph: Mapping[str, Any]) -> set[str]:
    pairs = ({"source": e["source"], "destination": e["destination"]} for e in graph["edges"])
    return {json.dumps(e, sort_keys=True) for e in pairs}


def differences(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the inputs that differ, as node id and field name; junk counts as unset."""
    found = set()
    for node_id in mine.keys() | theirs.keys():
        left, right = mine.get(node_id, {}), theirs.get(node_id, {})
        wanted = {k: canonical(v) for k, v in right.items() if v != JUNK}
        sent = {k: canonical(v) for k, v in left.items()}
        found |= {(node_id, k) for k in wanted.keys() | sent.keys() if wanted.get(k, "unset") != sent.get(k, "unset")}
    return found


@pytest.mark.parametrize("record", SUBMITTED)
def test_the_graph_is_the_one_that_the_page_posts(record: Any, catalog: Catalog) -> None:
    loaded, report = read(record, catalog)
    codes = {d.code for d in report if d.severity == "error"}
    if loaded is None:
        assert codes == ({"FB305"} if has_batch(record) else {REFUSED[record["name"]][0]})
        return
    assert record["name"] not in REFUSED
    posted = record["enqueue_body"]["batch"]["graph"]
    assert edges(loaded.graph) == edges(posted)
    expected, _ = DIFFERENT.get(record["name"], (set(), ""))
    assert differences(as_on_the_page(loaded, record, catalog), posted["nodes"]) == expected


@pytest.mark.parametrize("record", WITH_FORM)
def test_inputs_have_the_order_of_the_page(record: Any, catalog: Catalog) -> None:
    loaded, _ = read(record, catalog)
    if loaded is None:
        return
    mine = [[f.id.node_id, f.id.field_name] for f in loaded.fields]
    theirs: list[Any] = []
    for field in record["gui_form_fields"]:
        if field not in theirs:
            theirs.append(field)
    assert mine == theirs
    indices = [f.index for f in loaded.fields]
    assert indices == sorted(set(indices))


@pytest.mark.parametrize("record", FAILED)
def test_what_the_page_cannot_load_is_refused(record: Any, catalog: Catalog) -> None:
    loaded, report = read(record, catalog)
    if record["name"] in LENIENT:
        assert loaded is not None
        assert {d.code for d in report} == {"FB203"}
    else:
        assert loaded is None
        assert report.refused


@pytest.mark.parametrize("record", BLOCKED)
def test_what_the_page_blocks_is_never_sent_in_silence(record: Any, catalog: Catalog) -> None:
    report = Report(record["name"])
    made = draft(json.dumps(record["workflow"]).encode(), catalog, report)
    if made is None:
        assert report.refused
        return
    assert list(report) or any(d.input.required for d in made.inputs), record["reasons"]


@pytest.mark.parametrize("record", [r for r in BLOCKED if r.values[0].get("unvalidated_enqueue_body")])
def test_the_graph_of_a_blocked_file_follows_the_same_rules(record: Any, catalog: Catalog) -> None:
    loaded, report = read(record, catalog)
    if loaded is None:
        assert report.refused
        return
    posted = record["unvalidated_enqueue_body"]["batch"]["graph"]
    assert edges(loaded.graph) == edges(posted)
    assert not differences(as_on_the_page(loaded, record | {"patches": []}, catalog), posted["nodes"])


def test_the_tables_name_records_that_there_are() -> None:
    names = {r.values[0]["name"] for r in RECORDS}
    assert {*REFUSED, *DIFFERENT, *LENIENT} <= names
    assert len(RECORDS) > 300
