"""Which schemas a piece of an OpenAPI document refers to."""

from __future__ import annotations

from collections.abc import Iterator


def references(node: object) -> Iterator[str]:
    """Yield the names of schemas, however deep they are named."""
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.rsplit("/", 1)[-1]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
