"""The node types that a server has, read from its OpenAPI document as drift compares them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from flowbind.errors import UnexpectedReply
from flowbind.invokeai.schema.field_types import DEEPEST, Schema, described, is_nullable, mapping, ref_name
from flowbind.invokeai.schema.model_filters import model_filter
from flowbind.invokeai.schema.plain import plain
from flowbind.served import Given

# What no run goes without. Later releases add and remove others.
_PATHS = (
    ("post", "/api/v1/queue/{queue_id}/enqueue_batch"),
    ("get", "/api/v1/queue/{queue_id}/i/{item_id}"),
    ("get", "/api/v1/app/version"),
    ("get", "/api/v2/models/"),
)
# What a node is, not what it takes.
_ATTRIBUTES = frozenset({"id", "type", "is_intermediate"})
_LIST = "list of "
_DEEPEST_VALUE = 100
# The server lets pydantic convert these, but not where null is taken besides: its rule sees a union then.
_CONVERTED = {
    ("IntegerField", "FloatField"), ("IntegerField", "StringField"), ("FloatField", "StringField"),
    ("BooleanField", "IntegerField"),
}  # fmt: skip


def served_nodes(document: Mapping[str, Any], app_version: str | None = None) -> ServedNodes:
    """Return the node types of a server; raises `UnexpectedReply` for the document of another program."""
    return with_node_types(ServedNodes(document, app_version))


def with_node_types(served: ServedNodes) -> ServedNodes:
    """Return the node types of a server where there are any; raises `UnexpectedReply` where there are none."""
    if not served.node_types:
        raise UnexpectedReply(
            "GET /openapi.json was answered with a document without node types. The address may be that of another "
            "program."
        )
    return served


def schemas_of(document: Mapping[str, Any]) -> dict[str, Schema]:
    """Return the schemas of an OpenAPI document by name; one that is none holds nothing."""
    schemas = mapping(mapping(document.get("components")).get("schemas"))
    return {name: mapping(schema) for name, schema in schemas.items()}


def node_schemas(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the schemas of nodes by node type."""
    return {
        kind: schema
        for schema in schemas.values()
        if schema.get("class") == "invocation"
        and isinstance(kind := mapping(mapping(schema.get("properties")).get("type")).get("const"), str)
    }


class ServedNodes:
    """The node types of one server; `name` is what messages call it."""

    ignores_edges = False

    def __init__(self, document: Mapping[str, Any], app_version: str | None = None) -> None:
        self.app_version = app_version
        self.name = f"InvokeAI {app_version}" if app_version else "The server"
        self._schemas = schemas_of(document)
        self._paths = mapping(document.get("paths"))
        self._by_type = node_schemas(self._schemas)
        self._properties: Mapping[str, Mapping[str, Schema]] = {
            node_type: {name: mapping(said) for name, said in schema["properties"].items()}
            for node_type, schema in self._by_type.items()
        }
        self.packs = frozenset(self.about(node_type)["node_pack"] for node_type in self._by_type)
        self._inputs: dict[tuple[str, str, bool], dict[str, Any] | None] = {}

    def __contains__(self, node_type: str) -> bool:
        return node_type in self._by_type

    @property
    def node_types(self) -> list[str]:
        """The names of all node types."""
        return list(self._by_type)

    @property
    def missing_paths(self) -> list[str]:
        """The paths that runs need and the server lacks."""
        return [f"{verb.upper()} {path}" for verb, path in _PATHS if verb not in mapping(self._paths.get(path))]

    def lacks_pack(self, pack: str) -> bool:
        """Tell whether the server has no node of a pack."""
        return pack not in self.packs

    def about(self, node_type: str) -> dict[str, str]:
        """Return a node type's version, the pack that it comes from, and how settled its authors say it is."""
        schema = self._by_type[node_type]
        return {
            "version": _text(schema, "version", "1.0.0"),
            "node_pack": _text(schema, "node_pack", "invokeai"),
            "classification": _text(schema, "classification", "stable"),
        }

    def input(
        self, node_type: str, name: str, *, takes_values: bool, under: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Return what the server says of an input, None when it has none of that name.

        Of one that only edges feed, its type is all that matters; what it says of values is left out. All inputs are
        there whatever is chosen, so `under` says nothing.
        """
        del under
        key = (node_type, name, takes_values)
        if key not in self._inputs:
            schema = self._properties[node_type].get(name)
            self._inputs[key] = None if schema is None else self._input(schema, takes_values)
        return self._inputs[key]

    def inputs(self, node_type: str) -> list[str]:
        """Return the inputs of a node type by name."""
        return [name for name in self._properties[node_type] if name not in _ATTRIBUTES]

    def required(self, node_type: str, given: Given | None = None) -> list[str]:
        """Return the inputs without which a node fails: the document's own `required` does not say it."""
        del given
        return [name for name in self.inputs(node_type) if is_required(self._properties[node_type][name])]

    def output(self, node_type: str, name: str) -> str | None:
        """Return the type of an output, None when the node has none of that name."""
        output = mapping(self._by_type[node_type].get("output"))
        found = self._schemas.get(ref_name(output), {}) if "$ref" in output else {}
        properties = mapping(found.get("properties"))
        return _edge_type(mapping(properties[name])) if name in properties and name != "type" else None

    def fits(self, output: str, into: str) -> bool:
        """Tell whether the server takes an edge from an output of one type to an input of another (its own rule)."""
        gives, takes = _kinds(output), _kinds(into)
        return (
            gives == takes
            or any(_is_any(kinds) for kinds in (gives, takes))
            or (len(takes) == 1 and takes <= gives)
            or gives <= takes
            or (output, into) in _CONVERTED
        )

    def layout(self, node_type: str, given: Given) -> None:
        """Return nothing: values and edges go by names."""
        del node_type, given

    def _input(self, schema: Schema, takes_values: bool) -> dict[str, Any]:
        found: dict[str, Any] = {"type": _edge_type(schema)}
        if (kind := _text(schema, "input", "any")) != "any":
            found["input"] = kind
        if is_required(schema):
            found["required"] = True
        elif schema.get("default") is not None:
            found["default"] = schema["default"]
        if takes_values:
            found["schema"] = plain(schema, self._schemas)
            if accepted := model_filter(schema):
                found["models"] = {key: list(names) for key, names in asdict(accepted).items() if names}
        said: dict[str, Any] = _kept(found)
        return said


def is_required(schema: Schema) -> bool:
    """Tell whether a run needs a value or an edge for an input: the document's `required` does not say it."""
    return bool(schema.get("orig_required")) and "orig_default" not in schema


def _edge_type(schema: Schema) -> str:
    """Return the type by which the server judges edges: it tells what may be null from what may not."""
    return f"{described(schema)} | null" if is_nullable(schema) else described(schema)


def _kept(value: Any, depth: int = 0) -> Any:
    """Return a value as a manifest can keep it: infinities, which JSON does not have, as text, and no endless depth."""
    if isinstance(value, float) and not isfinite(value):
        return repr(value)
    if depth > _DEEPEST_VALUE:
        return None
    if isinstance(value, Mapping):
        return {key: _kept(item, depth + 1) for key, item in value.items()}
    return [_kept(item, depth + 1) for item in value] if isinstance(value, list) else value


def _text(schema: Schema, key: str, otherwise: str) -> str:
    found = schema.get(key)
    return found if found and isinstance(found, str) else otherwise


def _is_any(kinds: frozenset[Hashable]) -> bool:
    """Tell whether a type is anything or a list of it; of a union, only a member that is anything counts."""
    return "AnyField" in kinds or kinds == {(_LIST, frozenset({"AnyField"}))}


def _kinds(described_type: str, depth: int = 0) -> frozenset[Hashable]:
    """Return the members of a type in words: names, and lists of other members, in whatever order."""
    return frozenset(_kind(part, depth) for part in _split(described_type))


def _kind(text: str, depth: int) -> Hashable:
    if depth > DEEPEST or not text.startswith(_LIST):
        return text
    items = text.removeprefix(_LIST)
    inner = items[1:-1] if items.startswith("(") and items.endswith(")") else items
    return (_LIST, _kinds(inner, depth + 1))


def _split(text: str) -> list[str]:
    """Return the members of a union in words; one in brackets belongs to a list."""
    parts, opened = [""], 0
    for word in text.split(" | "):
        parts[-1] += word
        opened += word.count("(") - word.count(")")
        if opened > 0:
            parts[-1] += " | "
        else:
            parts.append("")
    return parts[:-1] if not parts[-1] and len(parts) > 1 else parts
