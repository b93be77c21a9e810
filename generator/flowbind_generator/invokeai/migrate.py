"""From a file of any version to the workflow that the editor holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import MISSING, Edge, FieldId, Input, Node, Workflow
from flowbind_generator.invokeai.old_types import fits_old_type, name_of_word
from flowbind_generator.invokeai.structure import problems, unknown_kinds
from flowbind_generator.invokeai.values import ValueReader, old_model
from flowbind_generator.invokeai.versions import EXPORT_AGAIN, format_version
from flowbind_generator.pointers import json_pointer

_REMOVE = "Remove the node in the editor and export again"
_UPDATE = "update flowbind if the kind is newer than it"
# A generator that does not say of which kind it is: the first that the editor tries, and what the editor leaves of one
# with a board (contract, C2).
_UNNAMED_GENERATORS = {
    "float_generator": "float_generator_arithmetic_sequence",
    "image_generator": "image_generator_images_from_board",
}


def migrate(saved: Mapping[str, Any], catalog: Catalog, report: Report) -> Workflow | None:
    """Return the workflow of a file, or None when the report refuses it."""
    version = format_version(saved, report)
    if version is None:
        return None
    _check(saved, version, report)
    if report.refused:
        return None
    workflow = _Reader(version, catalog).workflow(saved, report.file)
    _check_nodes(workflow, report)
    return None if report.refused else workflow


def _check(saved: Mapping[str, Any], version: str, report: Report) -> None:
    """Report every place where the structure is not that of the version."""
    for at, raw in unknown_kinds(saved, version):
        is_node, data = at[0] == "nodes", raw.get("data")
        report.error(
            "FB105",
            f"{'A node' if is_node else 'An edge'} of kind {raw.get('type')!r} is unknown.",
            f"{_REMOVE if is_node else 'Export the workflow again'}, or {_UPDATE}.",
            pointer=json_pointer((*at, "type")),
            node_label=_text(data.get("label")) or None if isinstance(data, Mapping) else None,
        )
    for at, rule in problems(saved, version):
        report.error("FB104", f"The structure is broken: {rule}.", EXPORT_AGAIN, pointer=json_pointer(at))


def _check_nodes(workflow: Workflow, report: Report) -> None:
    if sum(n.type == "workflow_return" for n in workflow.nodes) > 1:
        report.error(
            "FB104",
            "The structure is broken: a workflow has at most one workflow_return node.",
            EXPORT_AGAIN,
            pointer="/nodes",
        )
    seen: set[str] = set()
    for node in workflow.nodes:
        if node.id in seen:
            report.error(
                "FB307",
                f"Two nodes have the id {node.id!r}; the server would run only one of them.",
                EXPORT_AGAIN,
                pointer=json_pointer((*node.path, "id")),
                node_label=node.label or None,
            )
        seen.add(node.id)


class _Reader:
    """Reads the parts of a file whose structure is that of its version."""

    def __init__(self, version: str, catalog: Catalog) -> None:
        self._version = version
        self._typed = version in {"1.0.0", "2.0.0"}
        self._values = ValueReader(catalog.model_bases, catalog.model_types, catalog.submodel_types)

    def workflow(self, saved: Mapping[str, Any], file: str) -> Workflow:
        edges = enumerate(saved.get("edges", ()))
        return Workflow(
            file=file,
            name=str(saved.get("name") or ""),
            description=str(saved.get("description") or ""),
            nodes=tuple(self._node(raw, i) for i, raw in enumerate(saved.get("nodes", ()))),
            # Collapsed edges are drawing aids for folded nodes: the real ones are in the file, too.
            edges=tuple(_edge(raw, i) for i, raw in edges if raw["type"] == "default"),
            exposed_fields=tuple(
                FieldId(raw["nodeId"].strip(), raw["fieldName"].strip()) for raw in saved.get("exposedFields", ())
            ),
            form=None if self._typed else saved.get("form"),
            saved=saved,
        )

    def _node(self, raw: Mapping[str, Any], position: int) -> Node:
        data, node_id = raw["data"], raw["id"].strip()
        if raw["type"] != "invocation":
            return Node(node_id, raw["type"], position, label=data["label"])
        node_type = data["type"].strip()
        return Node(
            id=node_id,
            kind="invocation",
            position=position,
            type=node_type,
            version=data.get("version", "1.0.0"),
            node_pack=data.get("nodePack", "invokeai"),
            label=data["label"],
            use_cache=data.get("useCache", True),
            is_intermediate=data["isIntermediate"],
            inputs={name: self._input(entry, name, node_type) for name, entry in data["inputs"].items()},
        )

    def _input(self, raw: Mapping[str, Any], name: str, node_type: str) -> Input:
        saved = raw.get("value", MISSING)
        value, fits = self._values.read(saved), True
        if self._typed:
            fits = fits_old_type(saved, name_of_word(raw["type"]) if self._version == "1.0.0" else raw["type"]["name"])
            value = value if fits else MISSING
        elif node_type == "core_metadata" and value is MISSING and saved is not MISSING and old_model(saved) is None:
            value = saved  # the one node type that takes any value, null too
        elif node_type in _UNNAMED_GENERATORS and isinstance(saved, Mapping) and "type" not in saved:
            value = self._values.read({"type": _UNNAMED_GENERATORS[node_type], **saved})
        lost = value is MISSING and saved not in (MISSING, None, [])
        misread = lost and fits and isinstance(saved, Mapping) and "type" not in saved
        if self._typed and isinstance(saved, list):
            saved = MISSING  # these versions hold no list by the editor's own rule
        label, description = raw.get("label"), raw.get("description")
        return Input(name, _text(label), _text(description), value, saved, lost, misread)


def _edge(raw: Mapping[str, Any], position: int) -> Edge:
    source, target = raw["source"].strip(), raw["target"].strip()
    return Edge(source, raw["sourceHandle"].strip(), target, raw["targetHandle"].strip(), position)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
