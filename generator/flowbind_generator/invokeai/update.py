"""What the editor does to old nodes on load: new inputs get defaults, inputs that are gone are removed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import MISSING, Edge, Input, Node, Workflow
from flowbind_generator.invokeai.generator_parameters import fresh_generator
from flowbind_generator.invokeai.node_types import InputField, NodeType
from flowbind_generator.invokeai.python_types import kind_of
from flowbind_generator.invokeai.refusals import refusal
from flowbind_generator.pointers import json_pointer

_SEMVER = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)")
_REPLACE = "Open the workflow in the editor of this server, replace the node by a new one, and export again."
_GRAY = {"r": 127, "g": 127, "b": 127, "a": 255}
# What the editor puts into a new node where the schema has no default, by type name; collections differ.
_FRESH: dict[str, Any] = {
    "IntegerField": 0,
    "FloatField": 0,
    "StringField": "",
    "SavedWorkflowField": "",
    "BooleanField": False,
    "BoardField": "auto",
    "ColorField": _GRAY,
    "SchedulerField": "dpmpp_3m_k",
}
_FRESH_LISTS = {"IntegerField", "FloatField", "StringField", "ImageField"}
# The editor loses these values as lists; a bounding box it loses alone, too.
_LOST_LISTS = {
    "BooleanField",
    "BoundingBoxField",
    "CollectionField",
    "ColorField",
    "StylePresetField",
    "SystemPromptField",
    "VideoField",
}
# The types whose values the editor keeps at all; the others are there for edges.
_STATEFUL = frozenset(
    {
        *_FRESH,
        "EnumField",
        "ImageField",
        "VideoField",
        "ModelIdentifierField",
        "LoRAField",
        "StylePresetField",
        "SystemPromptField",
    }
)


def update_nodes(workflow: Workflow, edges: Collection[Edge], catalog: Catalog, report: Report) -> Workflow:
    """Return the workflow with its nodes brought to the catalog's versions, as far as the editor would."""
    nodes = []
    for node in workflow.nodes:
        node_type = catalog.get(node.type) if node.kind == "invocation" else None
        nodes.append(_update(node, node_type, edges, report) if node_type else node)
    return replace(workflow, nodes=tuple(nodes))


def _update(node: Node, node_type: NodeType, edges: Collection[Edge], report: Report) -> Node:
    node = _with_lost_values(node, node_type)
    if node.version != node_type.version:
        if _major(node.version) == _major(node_type.version):
            node = _filled(node, node_type, edges)
        else:
            report.warning(
                "FB304",
                f'Node type "{node.type}" has version {node_type.version} on the server, here {node.version}.',
                _REPLACE,
                pointer=json_pointer((*node.path, "data", "version")),
                node_label=node.label or None,
            )
    gone = [name for name in node.inputs if not node_type.accepts(name)]
    if gone:
        report.warning(
            "FB303",
            f'Node type "{node.type}" no longer has the inputs {", ".join(gone)}; they are left out.',
            _REPLACE,
            pointer=json_pointer((*node.path, "data", "inputs")),
            node_label=node.label or None,
        )
        node = replace(node, inputs={k: v for k, v in node.inputs.items() if k not in gone})
    return node


def _with_lost_values(node: Node, node_type: NodeType) -> Node:
    """Return the node with the lists and objects that the editor loses on load, as far as their own type takes them.

    The mistake of the editor is not copied (design, decision 6).
    """
    inputs = dict(node.inputs)
    for name, entry in node.inputs.items():
        field = node_type.all_inputs.get(name)
        lost = entry.value is MISSING and isinstance(entry.saved, list | dict)
        if lost and field and _is_kept(field, entry.saved) and refusal(field, entry.saved) is None:
            inputs[name] = replace(entry, value=entry.saved, lost=False, misread=False)
    return replace(node, inputs=inputs)


def _is_kept(field: InputField, saved: Any) -> bool:
    """Tell whether flowbind keeps a kind of value that the editor does not."""
    if kind_of(field) == "object":
        return fresh_generator(field.type.name) is MISSING
    return field.type.name in _LOST_LISTS and (isinstance(saved, list) or field.type.name == "BoundingBoxField")


def _filled(node: Node, node_type: NodeType, edges: Collection[Edge]) -> Node:
    inputs = dict(node.inputs)
    for name, field in node_type.inputs.items():
        entry = inputs.get(name, Input(name))
        if entry.value is MISSING and not entry.misread:
            entry = replace(entry, value=fresh_value(field))
        inputs[name] = entry
    if node.type == "image_collection" and _version(node.version) < (1, 0, 2):
        _move_collection(node, inputs, edges)
    return replace(node, inputs=inputs, version=node_type.version)


def _move_collection(node: Node, inputs: dict[str, Input], edges: Collection[Edge]) -> None:
    """Move the pictures of `image_collection` to the input that replaced `collection` in node version 1.0.2."""
    old, new = inputs.get("collection"), inputs.get("images")
    connected = any(e.target == node.id and e.target_field == "collection" for e in edges)
    if (
        old
        and new
        and isinstance(old.value, list)
        and not connected
        and not (isinstance(new.value, list) and new.value)
    ):
        inputs["images"] = replace(new, value=old.value)
        inputs["collection"] = replace(old, value=[])


def fresh_value(field: InputField) -> Any:
    """Return what the editor gives an input of a new node; MISSING where it gives none."""
    kind = field.type
    if (generator := fresh_generator(kind.name)) is not MISSING:
        return generator
    if kind.name not in _STATEFUL:
        return MISSING
    if field.default is not None:
        return field.default
    if kind.name == "EnumField":
        return field.choices[0] if field.choices else MISSING
    if kind.name == "LoRAField":
        return []
    if kind.cardinality == "list" and kind.name in _FRESH_LISTS:
        return [] if field.schema.get("orig_required") else MISSING
    return _FRESH.get(kind.name, MISSING)


def _major(version: str) -> int:
    return _version(version)[0]


def _version(version: str) -> tuple[int, int, int]:
    found = _SEMVER.match(version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)
