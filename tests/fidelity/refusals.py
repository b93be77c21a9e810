"""Why a real file may be refused: each code with what the contract says, and a look into the file that it is so."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from flowbind_generator.diagnostics import Diagnostic
from flowbind_generator.invokeai.catalog import Catalog

from .page import BATCH_TYPES

Document = Mapping[str, Any]
Proof = Callable[[Document, Diagnostic, Catalog], bool]


def _holds_no_workflow(document: Document, _: Diagnostic, __: Catalog) -> bool:
    return "nodes" not in document or not isinstance(document["nodes"], list)


def _has_another_category(document: Document, finding: Diagnostic, _: Catalog) -> bool:
    return finding.pointer == "/meta/category" and document["meta"]["category"] not in ("user", "default")


def _has_a_strange_kind(document: Document, _: Diagnostic, __: Catalog) -> bool:
    nodes = {n.get("type") for n in document["nodes"]} - {"invocation", "notes", "connector"}
    return bool(nodes or {e.get("type") for e in document["edges"]} - {"default", "collapsed"})


def _has_no_version(document: Document, _: Diagnostic, __: Catalog) -> bool:
    return not (document.get("meta") or {}).get("version")


def _has_a_type_that_the_server_lacks(document: Document, finding: Diagnostic, catalog: Catalog) -> bool:
    node_type = _node_at(document, finding)["data"]["type"]
    return node_type not in catalog and f'"{node_type}"' in finding.message


def _has_a_batch_node(document: Document, finding: Diagnostic, _: Catalog) -> bool:
    return _node_at(document, finding)["data"]["type"] in BATCH_TYPES


def _has_an_id_twice(document: Document, _: Diagnostic, __: Catalog) -> bool:
    return any(count > 1 for count in Counter(n["id"].strip() for n in document["nodes"]).values())


def _lacks_what_only_an_edge_gives(document: Document, finding: Diagnostic, catalog: Catalog) -> bool:
    node = _node_at(document, finding)
    name = (finding.pointer or "").rpartition("/")[2]
    node_type = catalog.get(node["data"]["type"])
    entry = node["data"]["inputs"].get(name, {})
    return node_type is not None and node_type.inputs[name].required and entry.get("value") is None


# Code -> where the contract says it, and the look.
REASONS: Mapping[str, tuple[str, Proof]] = {
    "FB102": ("a graph or a dump without a workflow (design, decision 10)", _holds_no_workflow),
    "FB104": ("the category is user or default (contract, C6)", _has_another_category),
    "FB105": ("unknown kinds of nodes and edges (contract, 8 and C6)", _has_a_strange_kind),
    "FB106": ("no version of the format (contract, C6; design, decision 10)", _has_no_version),
    "FB301": ("a node type that the server lacks (contract, C5)", _has_a_type_that_the_server_lacks),
    "FB305": ("a batch node that cannot run (contract, 2.2)", _has_a_batch_node),
    "FB307": ("the id of a node is its key in the graph (contract, C12)", _has_an_id_twice),
    "FB308": ("a required input that is unset and unconnected (contract, 2.2)", _lacks_what_only_an_edge_gives),
}


def unfounded(data: bytes, errors: list[Diagnostic], catalog: Catalog) -> str | None:
    """Return what is wrong with the reasons for which a file is refused: none, not the contract's, or not so."""
    document = workflow_in(json.loads(data.decode("utf-8-sig")))
    for finding in errors:
        if finding.code not in REASONS or not (finding.message and finding.cure):
            return f"the contract gives no such reason: {finding}"
        why, is_so = REASONS[finding.code]
        if not is_so(document, finding, catalog):
            return f"it is not so that there is {why}: {finding}"
    return None if errors else "it is refused for no reason"


def workflow_in(document: Document) -> Document:
    """Return the workflow that a dump of the server embeds, or the document itself."""
    embedded = document.get("workflow") or (document.get("batch") or {}).get("workflow")
    found = json.loads(embedded) if isinstance(embedded, str) else embedded
    return found if isinstance(found, dict) else document


def _node_at(document: Document, finding: Diagnostic) -> Any:
    found = re.search(r"/nodes/(\d+)/", finding.pointer or "")
    assert found, finding
    return document["nodes"][int(found[1])]
