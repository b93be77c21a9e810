"""What another release breaks of a posted graph, read from the two raw documents: a second opinion on drift.

It shares no code with flowbind's own comparison: values are judged by `jsonschema`, edges by the server's own rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from flowbind_generator.ir import Module

from .documents import Release, Schema, name_in
from .edge_rule import holds_choices, shape, takes_edge
from .model_filters import accepted_models

Broken = tuple[str, str]
"""How something breaks, and its place: a node type, or an input or output as "node type.field"."""

NODE_GONE, MAJOR, INPUT_GONE, LACKING = "the node is gone", "its major version", "the input is gone", "it is lacking"
VALUE_REFUSED, EDGE_REFUSED, MODEL_REFUSED = "its value is refused", "its edge is refused", "its model is refused"
PART_IGNORED, OUTPUT_GONE = "a part of its value is ignored", "the output is gone"
RESULT_CHANGED = "the result is of another type"


@dataclass(frozen=True)
class Value:
    """A value that is sent; one that is not `fixed` is that of an attribute."""

    node_type: str
    name: str
    value: Any
    fixed: bool


@dataclass(frozen=True)
class Posted:
    """What a run that sets nothing sends, as far as documents say anything of it.

    `given` are the inputs of each node that have a value or an edge, by node type; `unset` are attributes without a
    value, `batched` inputs that batches fill, `idle` the types of batch nodes, which only the editor knows.
    """

    given: tuple[tuple[str, frozenset[str]], ...]
    values: tuple[Value, ...]
    edges: frozenset[tuple[str, str, str, str]]
    results: frozenset[tuple[str, str]]
    unset: frozenset[tuple[str, str]]
    batched: frozenset[tuple[str, str]]
    idle: frozenset[str]

    @property
    def types(self) -> set[str]:
        """The types of its nodes."""
        return {node_type for node_type, _ in self.given}

    @property
    def places(self) -> set[str]:
        """All that it uses: node types, and their inputs and outputs."""
        fields = {(v.node_type, v.name) for v in self.values} | self.results | self.unset
        fields |= {(source, output) for source, output, _, _ in self.edges}
        fields |= {(node_type, name) for node_type, names in self.given for name in names}
        return self.types | {f"{node_type}.{name}" for node_type, name in fields}


def posted(module: Module) -> Posted:
    """Return what a workflow sends when nothing is set; lists of batch nodes are sent beside the graph."""
    nodes = module.graph["nodes"]
    attributes = {(i.node_id, i.field_name): i for i in module.inputs if not i.connected}
    edges = [
        (e["source"]["node_id"], e["source"]["field"], e["destination"]["node_id"], e["destination"]["field"])
        for e in module.graph["edges"]
    ]
    types = {n: v["type"] for n, v in nodes.items()} | {i.node_id: i.node_type for i in attributes.values()}
    values = [
        (node_id, name, value, (node_id, name) not in attributes)
        for node_id, node in nodes.items()
        for name, value in node.items()
        if name not in ("id", "type", "is_intermediate")
    ]
    values += [(n, name, i.default, False) for (n, name), i in attributes.items() if n not in nodes]
    lists = {i.attribute: i.default or () for i in attributes.values()}
    values += [(*t, item, False) for batch in module.batches for t in batch.targets for item in lists[batch.attribute]]
    given = {node_id: set[str]() for node_id in types}
    for node_id, name in [
        *((n, name) for n, name, value, _ in values if value is not None),
        *(edge[2:] for edge in edges),
        *(target for batch in module.batches for target in batch.targets),
    ]:
        given[node_id].add(name)
    return Posted(
        tuple((types[node_id], frozenset(names)) for node_id, names in given.items()),
        tuple(Value(types[n], name, value, fixed) for n, name, value, fixed in values if value is not None),
        frozenset((types[s], output, types[t], name) for s, output, t, name in edges),
        frozenset((o.node_type, o.field_name) for o in module.outputs),
        frozenset((i.node_type, i.field_name) for i in attributes.values() if i.default is None),
        frozenset((types[t], name) for batch in module.batches for t, name in batch.targets),
        frozenset(types.values()) - {values["type"] for values in nodes.values()},
    )


class Reading:
    """Two documents: what runs with the old one, and not with the new."""

    def __init__(self, old: Release, new: Release) -> None:
        self._old, self._new = old, new
        self._kept = old.nodes.keys() & new.nodes.keys()
        # Workflows have most values in common; what is kept goes away with the documents.
        self._required, self._is_valid = cache(_required), cache(_is_valid)

    def broken(self, run: Posted) -> set[Broken]:
        """Return what breaks of a run."""
        return set(self._broken(run))

    def among_choices(self, edge: str) -> bool:
        """Tell whether both ends of an edge, "node type.output node type.input", take choices."""
        (source, output), (target, name) = (end.split(".") for end in edge.split(" "))
        ends = _output(self._new, source, output), _property(self._new, target, name)
        return all(end is not None and holds_choices(shape(end)) for end in ends)

    def _broken(self, run: Posted) -> Iterator[Broken]:
        for node_type in run.types - self._kept - run.idle:
            yield NODE_GONE, node_type
        for node_type in run.types & self._kept:
            if _major(self._old, node_type) != _major(self._new, node_type):
                yield MAJOR, node_type
        for node_type, given in run.given:
            if node_type in self._kept - run.idle:
                for name in self._required(self._new, node_type) - self._required(self._old, node_type) - given:
                    yield LACKING, f"{node_type}.{name}"
        for value in run.values:
            if value.node_type in self._kept:
                yield from self._of_value(value)
        for node_type, name in run.unset | run.batched:
            if node_type in self._kept:
                was, now = (_property(release, node_type, name) for release in (self._old, self._new))
                if now is None:
                    yield INPUT_GONE, f"{node_type}.{name}"
                elif was is not None and _kinds(self._old, was).isdisjoint(_kinds(self._new, now)):
                    yield VALUE_REFUSED, f"{node_type}.{name}"
        for node_type, name in run.results:
            was, now = (_output(release, node_type, name) for release in (self._old, self._new))
            if was is not None and node_type in self._kept and (now is None or shape(was) != shape(now)):
                yield RESULT_CHANGED if now else OUTPUT_GONE, f"{node_type}.{name}"
        for edge in run.edges:
            yield from self._of_edge(*edge)

    def _of_value(self, value: Value) -> Iterator[Broken]:
        place = f"{value.node_type}.{value.name}"
        was, now = (_property(release, value.node_type, value.name) for release in (self._old, self._new))
        if was is None:
            return
        if now is None:
            # Without the input a run is as it was with the default.
            if not (value.fixed and value.value == was.get("default")):
                yield INPUT_GONE, place
            return
        code = json.dumps(value.value, sort_keys=True)
        key = (value.node_type, value.name, code)
        if not self._is_valid(self._new, *key) and self._is_valid(self._old, *key):
            yield VALUE_REFUSED, place
        if set(_known_parts(self._old, was, value.value)) - set(_known_parts(self._new, now, value.value)):
            yield PART_IGNORED, place
        for model in _models_in(value.value):
            if _is_accepted(was, model) and not _is_accepted(now, model):
                yield MODEL_REFUSED, place

    def _of_edge(self, source: str, output: str, target: str, name: str) -> Iterator[Broken]:
        start, end = _output(self._new, source, output), _property(self._new, target, name)
        if source in self._kept and start is None:
            yield OUTPUT_GONE, f"{source}.{output}"
        if target in self._kept and end is None:
            yield INPUT_GONE, f"{target}.{name}"
        if start is not None and end is not None and not takes_edge(start, end):
            was_start, was_end = _output(self._old, source, output), _property(self._old, target, name)
            if was_start is not None and was_end is not None and takes_edge(was_start, was_end):
                yield EDGE_REFUSED, f"{source}.{output} {target}.{name}"


def _property(of: Release, node_type: str, name: str) -> Schema | None:
    found: Schema | None = of.nodes[node_type]["properties"].get(name) if node_type in of.nodes else None
    return found


def _output(of: Release, node_type: str, name: str) -> Schema | None:
    return of.outputs(node_type).get(name) if node_type in of.nodes else None


def _major(of: Release, node_type: str) -> str:
    return str(of.nodes[node_type].get("version", "1.0.0")).split(".")[0]


def _required(of: Release, node_type: str) -> frozenset[str]:
    """Return the inputs for which the server raises when a node runs without them."""
    return frozenset(
        name
        for name, schema in of.nodes[node_type]["properties"].items()
        if schema.get("field_kind") in ("input", "internal") and schema.get("orig_required", True)
        if "orig_default" not in schema
    )


def _is_valid(of: Release, node_type: str, name: str, code: str) -> bool:
    schema = {**(_property(of, node_type, name) or {}), "components": of.document["components"]}
    return Draft202012Validator(schema).is_valid(json.loads(code))


def _kinds(of: Release, schema: Schema) -> set[str]:
    """Return which kinds of JSON values a schema takes at all."""
    members = [m for word in ("anyOf", "oneOf", "allOf") for m in schema.get(word, ())]
    if members:
        return {kind for member in members for kind in _kinds(of, member)}
    if "$ref" in schema:
        return _kinds(of, of.schemas[name_in(schema)])
    kind = schema.get("type", "anything")
    return {"integer", "number"} if kind == "number" else {kind} - {"null"}


def _known_parts(of: Release, schema: Schema, value: Any) -> Iterator[str]:
    """Yield the keys in a value that some schema of the input names, however deep."""
    for part in (schema, *(m for word in ("anyOf", "oneOf", "allOf") for m in schema.get(word, ()))):
        found = of.schemas[name_in(part)] if "$ref" in part else part
        if part is not schema and found.keys() & {"anyOf", "oneOf", "allOf"}:
            yield from _known_parts(of, found, value)
        if isinstance(value, list) and "items" in found:
            for item in value:
                yield from _known_parts(of, found["items"], item)
        if isinstance(value, Mapping):
            for key in value.keys() & found.get("properties", {}).keys():
                yield key
                yield from (f"{key}.{k}" for k in _known_parts(of, found["properties"][key], value[key]))


def _models_in(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _models_in(item)
    elif isinstance(value, Mapping):
        if {"key", "base", "type"} <= value.keys():
            yield value
        else:
            yield from _models_in(list(value.values()))


def _is_accepted(schema: Schema, model: Mapping[str, Any]) -> bool:
    accepted = accepted_models(schema) or {}
    return all(model[key] in accepted.get(word, [model[key]]) for word, key in (("bases", "base"), ("types", "type")))
