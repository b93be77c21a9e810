"""Writes `tests/behaviour/openapi-5.15.0.json.gz`: a document of InvokeAI 5.15.0, cut to what the tests use of it.

    python tests/maintain/old_document.py            rewrite the document
    python tests/maintain/old_document.py --check    exit 1 when the document is not fresh

The whole is read beside the checkout, or where FLOWBIND_SHARED says; it was made from the released wheel. Kept are the
paths of the queue, pictures, boards, models and the version, and of the node types those of the workflows in NODES_OF.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RELEASE = "5.15.0"
DOCUMENT = ROOT / f"tests/behaviour/openapi-{RELEASE}.json.gz"
SHARED = Path(os.environ.get("FLOWBIND_SHARED") or ROOT.parent / "shared")
PATHS = ("/api/v1/queue/", "/api/v1/images/", "/api/v1/boards/", "/api/v1/board_images/", "/api/v1/app/version")
MODELS = "/api/v2/models/"
NODES_OF = ("contact_sheet", "grain_study", "image_to_image_sd15", "text_to_image_sd15")
REF = "#/components/schemas/"


def cut(document: dict[str, Any], node_types: set[str]) -> dict[str, Any]:
    """Return the document with some paths and node types, and the schemas that they need."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    nodes = {name: s for name, s in schemas.items() if s.get("class") == "invocation"}
    kept = {name for name, s in nodes.items() if s["properties"]["type"]["const"] in node_types}
    outputs = {nodes[name]["output"]["$ref"].removeprefix(REF) for name in kept}
    dropped = {name for name, s in schemas.items() if s.get("class") in ("invocation", "output")} - kept - outputs
    paths = {p: about for p, about in document["paths"].items() if p.startswith(PATHS) or p == MODELS}
    todo = [*_references(paths), *kept]
    found: dict[str, Any] = {}
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = _without(schemas[name], dropped)
            todo += _references(found[name])
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": paths,
        "components": {"schemas": dict(sorted(found.items()))},
    }


def _without(node: Any, dropped: set[str]) -> Any:
    """Return a schema without some of the alternatives that it lists."""
    if isinstance(node, dict):
        return {k: _without(v, dropped) for k, v in node.items() if not _leads_to(v, dropped)}
    if isinstance(node, list):
        return [_without(item, dropped) for item in node if not _leads_to(item, dropped)]
    return node


def _leads_to(node: Any, dropped: set[str]) -> bool:
    reference = node.get("$ref") if isinstance(node, dict) else node
    return isinstance(reference, str) and reference.startswith(REF) and reference.removeprefix(REF) in dropped


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.removeprefix(REF)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def fresh_text() -> str:
    """The document as it should be."""
    whole = gzip.decompress((SHARED / f"specs/openapi-{RELEASE}.json.gz").read_bytes())
    entries = json.loads((ROOT / "generated/manifest.json").read_text(encoding="utf-8"))["workflows"].values()
    used = {kind for entry in entries if entry["module"] in NODES_OF for kind in entry["node_types"]}
    return json.dumps(cut(json.loads(whole), used), separators=(",", ":")) + "\n"


def main() -> int:
    """The maintainer's command."""
    parser = argparse.ArgumentParser(description=f"Rewrite the cut document of InvokeAI {RELEASE}.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the document is not fresh")
    check: bool = parser.parse_args().check
    fresh = fresh_text()
    stale = not DOCUMENT.exists() or gzip.decompress(DOCUMENT.read_bytes()).decode() != fresh
    if not check:
        # Without a time, the same text gives the same bytes.
        DOCUMENT.write_bytes(gzip.compress(fresh.encode(), mtime=0))
    print(f"{DOCUMENT.relative_to(ROOT).as_posix()}: {('stale' if check else 'rewritten') if stale else 'unchanged'}")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
