"""The node types that a server has, read from its OpenAPI document as drift compares them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flowbind.invokeai.field_types import Schema, described, is_nullable, ref_name
from flowbind.invokeai.model_filters import model_filter
from flowbind.invokeai.schemas import plain

# What no run goes without. Later releases add and remove others.
_PATHS = (
    ("post", "/api/v1/queue/{queue_id}/enqueue_batch"),
    ("get", "/api/v1/queue/{queue_id}/i/{item_id}"),
    ("get", "/api/v1/app/version"),
    ("get", "/api/v2/models/"),
)
# What a node is, not what it takes.
_ATTRIBUTES = frozenset({"id", "type", "is_intermediate"})
_NULL = "null"
_LIST_OF_ANY = {"list of AnyField"}
# The server lets pydantic convert these; not where null is taken besides, which makes its rule see a union.
_CONVERTED = {
    ("BooleanField", "IntegerField"), ("IntegerField", "FloatField"),
    ("IntegerField", "StringField"), ("FloatField", "StringField"),
}  # fmt: skip


class ServedNodes:
    """The node types of one server; `name` is what messages call it."""

    def __init__(self, document: Mapping[str, Any], app_version: str | None = None) -> None:
        self.app_version = app_version
        self.name = f"InvokeAI {app_version}" if app_version else "The server"
        self._schemas: Mapping[str, Schema] = (document.get("components") or {}).get("schemas") or {}
        self._paths: Mapping[str, Any] = document.get("paths") or {}
        self._by_type = {
            str(s["properties"]["type"]["const"]): s
            for s in self._schemas.values()
            if s.get("class") == "invocation" and "const" in (s.get("properties") or {}).get("type", {})
        }
        self.packs = frozenset(self.about(node_type)["node_pack"] for node_type in self._by_type)
        self._inputs: dict[tuple[str, str, bool], dict[str, Any] | None] = {}

    def __contains__(self, node_type: str) -> bool:
        return node_type in self._by_type

    @property
    def missing_paths(self) -> list[str]:
        """The paths that runs need and the server lacks."""
        return [f"{verb.upper()} {path}" for verb, path in _PATHS if verb not in self._paths.get(path, {})]

    def about(self, node_type: str) -> dict[str, str]:
        """Return a node type's version, the pack that it comes from, and how settled its authors say it is."""
        schema = self._by_type[node_type]
        return {
            "version": str(schema.get("version") or "1.0.0"),
            "node_pack": str(schema.get("node_pack") or "invokeai"),
            "classification": str(schema.get("classification") or "stable"),
        }

    def input(self, node_type: str, name: str, *, takes_values: bool) -> dict[str, Any] | None:
        """Return what the server says of an input, None when it has none of that name.

        Of one that only edges feed, its type is all that matters; what it says of values is left out.
        """
        key = (node_type, name, takes_values)
        if key not in self._inputs:
            schema = self._properties(node_type).get(name)
            self._inputs[key] = None if schema is None else self._input(schema, takes_values)
        return self._inputs[key]

    def inputs(self, node_type: str) -> list[str]:
        """Return the inputs of a node type by name."""
        return [name for name in self._properties(node_type) if name not in _ATTRIBUTES]

    def required(self, node_type: str) -> list[str]:
        """Return the inputs without which a node fails: the document's own `required` does not say it."""
        return [name for name in self.inputs(node_type) if is_required(self._properties(node_type)[name])]

    def output(self, node_type: str, name: str) -> str | None:
        """Return the type of an output, None when the node has none of that name."""
        output = self._by_type[node_type].get("output") or {}
        properties = self._schemas.get(ref_name(output), {}).get("properties") or {} if "$ref" in output else {}
        return _edge_type(properties[name]) if name in properties and name != "type" else None

    def fits(self, output: str, into: str) -> bool:
        """Tell whether the server takes an edge from an output of one type to an input of another (its own rule)."""
        gives, takes = _kinds(output), _kinds(into)
        return (
            gives == takes
            or "AnyField" in gives | takes
            or _LIST_OF_ANY in (gives, takes)
            or into in gives
            or gives <= takes
            or (output, into) in _CONVERTED
        )

    def _properties(self, node_type: str) -> Mapping[str, Schema]:
        found: Mapping[str, Schema] = self._by_type[node_type]["properties"]
        return found

    def _input(self, schema: Schema, takes_values: bool) -> dict[str, Any]:
        found: dict[str, Any] = {"type": _edge_type(schema)}
        if (kind := str(schema.get("input") or "any")) != "any":
            found["input"] = kind
        if is_required(schema):
            found["required"] = True
        elif schema.get("default") is not None:
            found["default"] = schema["default"]
        if takes_values:
            found["schema"] = plain(schema, self._schemas)
            if accepted := model_filter(schema):
                found["models"] = {key: list(names) for key, names in asdict(accepted).items() if names}
        return found


def is_required(schema: Schema) -> bool:
    """Tell whether a run needs a value or an edge for an input: the document's `required` does not say it."""
    return bool(schema.get("orig_required")) and "orig_default" not in schema


def _edge_type(schema: Schema) -> str:
    """Return the type by which the server judges edges: it tells what may be null from what may not."""
    return f"{described(schema)} | {_NULL}" if is_nullable(schema) else described(schema)


def _kinds(described_type: str) -> set[str]:
    return set(re.split(r" \| (?![^(]*\))", described_type))
