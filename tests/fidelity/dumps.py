"""Items of a real queue that hold both the page's workflow and the graph that ran, on nodes of release 6.3."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from flowbind.invokeai.runs.preview import preview
from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.engine import catalog_of

from .building import build
from .compare import canonical, edge_differences, node_differences
from .page import boards_of
from .shared import CORPUS, SHARED, named
from .values import plausible

RELEASE = SHARED / "specs" / "openapi-6.3.0.json.gz"


def _is_of_a_workflow(path: Path) -> bool:
    document = json.loads(path.read_text(encoding="utf-8"))
    return bool(document.get("origin") == "workflows")


_FOLDER = CORPUS / "_api_graphs" / "CodeGandee__invokeai-py-client"
DUMPS = [p for p in sorted(_FOLDER.glob("call-wf-*.json")) if _is_of_a_workflow(p)]


@cache
def _release() -> tuple[Catalog, dict[str, Any]]:
    """Return the catalog of release 6.3.0, and the schemas of its nodes by type."""
    document = json.loads(gzip.decompress(RELEASE.read_bytes()))
    catalog = catalog_of(document, Report(RELEASE.name))
    assert catalog is not None
    schemas = document["components"]["schemas"].values()
    nodes = {s["properties"]["type"]["const"]: s["properties"] for s in schemas if s.get("class") == "invocation"}
    return catalog, nodes


def posts_the_graph_that_ran(path: Path, _: Catalog) -> str | None:
    """Compare flowbind's graph with the one in the dump.

    The server wrote defaults into the graph that ran, and the page its own board where the workflow says `auto`.
    """
    catalog, schemas = _release()
    data = path.read_bytes()
    built = build(data, catalog, named(path))
    if built.module is None:
        return built.refusal
    instance = built.made(**{i.attribute: plausible(i, catalog) for i in built.module.inputs if i.required})
    mine = json.loads(preview(instance)[0])["batch"]["graph"]
    ran = json.loads(data)["session"]["graph"]
    different = node_differences(mine["nodes"], ran["nodes"])
    for node_id, name in list(different):
        node = ran["nodes"].get(node_id) or {}
        if name in mine["nodes"].get(node_id, {}) or name not in node:
            continue
        default = schemas[node["type"]].get(name, {}).get("default")
        if name in boards_of(node["type"], catalog) or canonical(node[name]) == canonical(default):
            del different[node_id, name]
    return "; ".join([*different.values(), *edge_differences(mine, ran)]) or None
