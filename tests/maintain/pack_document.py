"""Writes `tests/packs/openapi.json.gz`: what a real InvokeAI says of the made-up node pack, and nothing else.

    python tests/maintain/pack_document.py            rewrite the document
    python tests/maintain/pack_document.py --check    exit 1 and show a diff when the document is not fresh

It starts a throwaway server with the pack. The whole document would be eight times as long as the rest of the tests.
"""

from __future__ import annotations

import argparse
import difflib
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "tests/packs/made_up_pack"
DOCUMENT = ROOT / "tests/packs/openapi.json.gz"
# Where `flowbind spec pull` notes the release.
VERSION_KEY = "x-flowbind-app-version"
LONGEST_DIFF = 40


def cut(document: dict[str, Any], version: str) -> dict[str, Any]:
    """Return the document with nothing but the pack's nodes and the schemas that they need, marked with a release."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    todo = [name for name, schema in schemas.items() if schema.get("node_pack") == PACK.name]
    kept: dict[str, Any] = {}
    while todo:
        name = todo.pop()
        if name not in kept:
            kept[name] = schemas[name]
            todo += _references(schemas[name])
    return {
        "openapi": document["openapi"],
        "info": document["info"] | {VERSION_KEY: version},
        "paths": {},
        "components": {"schemas": dict(sorted(kept.items()))},
    }


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.rsplit("/", 1)[-1]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def text_of(document: dict[str, Any]) -> str:
    """Return the document as text; the order of keys stays, since attributes are shown in the order of the pack."""
    return json.dumps(document, indent=1) + "\n"


def stored_text() -> str:
    """Return the document that is checked in."""
    return gzip.decompress(DOCUMENT.read_bytes()).decode() if DOCUMENT.exists() else ""


def difference(stored: str, fresh: str) -> str:
    """Return the first lines in which two documents differ, "" where they do not."""
    lines = difflib.unified_diff(stored.splitlines(), fresh.splitlines(), "stored", "fresh", n=1, lineterm="")
    return "\n".join(line for line, _ in zip(lines, range(LONGEST_DIFF), strict=False))


def fresh_text() -> str:
    """Ask a throwaway server with the pack."""
    sys.path.insert(0, str(ROOT / "tests/live"))
    from throwaway import VERSION, ThrowawayServer, api

    with ThrowawayServer(packs=[PACK]) as server:
        return text_of(cut(api.call("GET", f"{server.url}/openapi.json", timeout=120), VERSION))


def main() -> int:
    """The maintainer's command."""
    parser = argparse.ArgumentParser(description="Rewrite the OpenAPI document of the made-up node pack.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the document is not fresh")
    check: bool = parser.parse_args().check
    fresh, stored = fresh_text(), stored_text()
    if check:
        print(difference(stored, fresh), end="\n" if stored != fresh else "")
        return int(stored != fresh)
    # Without a time, the same text gives the same bytes.
    DOCUMENT.write_bytes(gzip.compress(fresh.encode(), mtime=0))
    print(f"{DOCUMENT.relative_to(ROOT).as_posix()}: {'unchanged' if stored == fresh else 'rewritten'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
