"""From a file of any version to the workflow that the editor holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import MISSING, Edge, FieldId, Input, Node, Workflow
from flowbind_generator.invokeai.values import ValueReader, fits_old_type, old_model
from flowbind_generator.invokeai.versions import EXPORT_AGAIN, format_version
from flowbind_generator.pointers import json_pointer

Path = tuple[str | int, ...]
# No release has more digits than these, and Python reads no number of thousands of them.
_SEMVER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){2}(?![0-9])")
_TEXTS = ("name", "author", "description", "version", "contact", "tags", "notes")
# Version 1.0.0 writes types as words: "integer", "IntegerPolymorphic", "ImageCollection", "MainModelField".
_V1_SUFFIX = re.compile(r"(Polymorphic|Collection|Field)\Z")


def migrate(saved: Mapping[str, Any], catalog: Catalog, report: Report) -> Workflow | None:
    """Return the workflow of a file, or None when the report refuses it."""
    version = format_version(saved, report)
    if version is None:
        return None
    reader = _Reader(version, catalog, report)
    workflow = reader.workflow(saved)
    return None if report.refused else workflow


class _Reader:
    """Reads one file of one version, and reports every place where its structure is broken."""

    def __init__(self, version: str, catalog: Catalog, report: Report) -> None:
        self._version = version
        self._typed = version in {"1.0.0", "2.0.0"}
        self._report = report
        self._values = ValueReader(catalog.model_bases, catalog.model_types, catalog.submodel_types)

    def workflow(self, saved: Mapping[str, Any]) -> Workflow:
        if self._version != "1.0.0":
            for key in _TEXTS:
                self._text(saved, key, ())
            self._category(saved)
        nodes = [n for i, raw in enumerate(self._list(saved, "nodes")) if (n := self._node(raw, i))]
        edges = [e for i, raw in enumerate(self._list(saved, "edges")) if (e := self._edge(raw, i))]
        self._one_return(nodes)
        self._unique_ids(nodes)
        return Workflow(
            file=self._report.file,
            name=str(saved.get("name") or ""),
            description=str(saved.get("description") or ""),
            nodes=tuple(nodes),
            edges=tuple(edges),
            exposed_fields=tuple(
                self._field_id(raw, ("exposedFields", i)) for i, raw in enumerate(self._list(saved, "exposedFields"))
            ),
            form=None if self._typed else saved.get("form"),
            saved=saved,
        )

    def _node(self, raw: Any, position: int) -> Node | None:
        at = ("nodes", position)
        if not isinstance(raw, Mapping) or not isinstance(data := raw.get("data"), Mapping):
            self._broken(at, "a node is an object with `data`")
            return None
        kind = raw.get("type")
        node_id = self._text(raw, "id", at).strip()
        if kind not in ("invocation", "notes", "connector") or (self._typed and kind == "connector"):
            self._report.error(
                "FB105",
                f"A node of kind {kind!r} is unknown.",
                "Remove the node in the editor and export again, or update flowbind if the kind is newer than it.",
                pointer=json_pointer((*at, "type")),
                node_label=str(data.get("label") or "") or None,
            )
            return None
        if not node_id:
            if isinstance(raw.get("id"), str):
                self._broken((*at, "id"), "a node needs an id")
            return None
        if kind != "invocation":
            return Node(node_id, kind, position, label=str(data.get("label") or ""))
        if self._version != "1.0.0":
            self._flag(data, "isOpen", (*at, "data"))
        inputs = data.get("inputs")
        if not isinstance(inputs, Mapping):
            self._broken((*at, "data", "inputs"), "a node has an object of inputs")
            return None
        node_type = self._text(data, "type", (*at, "data")).strip()
        return Node(
            id=node_id,
            kind="invocation",
            position=position,
            type=node_type,
            version=self._semver(data, (*at, "data", "version")),
            node_pack=str(data.get("nodePack") or "invokeai"),
            label=self._text(data, "label", (*at, "data")),
            use_cache=self._flag(data, "useCache", (*at, "data"), default=self._version == "1.0.0" or None),
            is_intermediate=self._flag(data, "isIntermediate", (*at, "data")),
            inputs={
                str(name): entry
                for name, raw_input in inputs.items()
                if (entry := self._input(raw_input, str(name), node_type, (*at, "data", "inputs", str(name))))
            },
        )

    def _input(self, raw: Any, name: str, node_type: str, at: Path) -> Input | None:
        if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str) or not raw["name"].strip():
            self._broken(at, "an input is an object with a name")
            return None
        label, description = raw.get("label"), raw.get("description")
        if not isinstance(label, str | None) or not isinstance(description, str | None):
            self._broken(at, "labels and descriptions are text")
            return None
        saved = raw.get("value", MISSING)
        value = self._values.read(saved)
        if self._typed:
            old_type = self._old_type(raw, at)
            if value is not MISSING and not (old_type and fits_old_type(saved, old_type)):
                value = MISSING
        elif node_type == "core_metadata" and value is MISSING and saved is not MISSING and old_model(saved) is None:
            value = saved  # the one node type that takes any value, null too
        lost = value is MISSING and saved not in (MISSING, None, [])
        if self._typed and isinstance(saved, list):
            saved = MISSING  # these versions hold no list by the editor's own rule
        return Input(name, label or "", description or "", value, saved, lost)

    def _old_type(self, raw: Mapping[str, Any], at: Path) -> str | None:
        """Return the type by which a file of version 1.0.0 or 2.0.0 types a value, None for a type without values."""
        kind = raw.get("type")
        if not isinstance(raw.get("id"), str) or raw.get("fieldKind") != "input":
            self._broken(at, 'an input of this version has an id and fieldKind "input"')
            return None
        if self._version == "1.0.0" and isinstance(kind, str):
            base = _V1_SUFFIX.sub("", kind)
            return f"{base[:1].upper()}{base[1:]}Field"
        if isinstance(kind, Mapping) and isinstance(kind.get("name"), str):
            return str(kind["name"])
        self._broken((*at, "type"), "an input of this version has a type")
        return None

    def _edge(self, raw: Any, position: int) -> Edge | None:
        at = ("edges", position)
        if not isinstance(raw, Mapping):
            self._broken(at, "an edge is an object")
            return None
        kind = raw.get("type")
        if kind not in ("default", "collapsed"):
            self._report.error(
                "FB105",
                f"An edge of kind {kind!r} is unknown.",
                "Export the workflow again, or update flowbind if the kind is newer than it.",
                pointer=json_pointer((*at, "type")),
            )
            return None
        ends = (
            ("id", "source", "target")
            if kind == "collapsed"
            else ("id", "source", "sourceHandle", "target", "targetHandle")
        )
        texts = {key: self._text(raw, key, at).strip() for key in ends}
        if not all(texts.values()):
            if all(isinstance(raw.get(key), str) for key in ends):
                self._broken(at, "the ends of an edge are named")
            return None
        if kind == "collapsed":
            return None  # a drawing aid for folded nodes: the real edges are in the file, too
        return Edge(texts["source"], texts["sourceHandle"], texts["target"], texts["targetHandle"], position)

    def _field_id(self, raw: Any, at: Path) -> FieldId:
        if not isinstance(raw, Mapping):
            self._broken(at, "a field is named by nodeId and fieldName")
            return FieldId("", "")
        return FieldId(self._text(raw, "nodeId", at).strip(), self._text(raw, "fieldName", at).strip())

    def _category(self, saved: Mapping[str, Any]) -> None:
        category = saved["meta"].get("category", "user")
        if category not in ("user", "default"):
            self._broken(("meta", "category"), f'the category is "user" or "default", not {category!r}')

    def _one_return(self, nodes: list[Node]) -> None:
        if sum(n.type == "workflow_return" for n in nodes) > 1:
            self._broken(("nodes",), "a workflow has at most one workflow_return node")

    def _unique_ids(self, nodes: list[Node]) -> None:
        seen: set[str] = set()
        for node in nodes:
            if node.id in seen:
                self._report.error(
                    "FB307",
                    f"Two nodes have the id {node.id!r}; the server would run only one of them.",
                    EXPORT_AGAIN,
                    pointer=json_pointer((*node.path, "id")),
                    node_label=node.label or None,
                )
            seen.add(node.id)

    def _list(self, raw: Mapping[str, Any], key: str) -> list[Any]:
        value = raw.get(key, [] if self._version == "1.0.0" else None)
        if isinstance(value, list):
            return value
        self._broken((key,), f'"{key}" is a list')
        return []

    def _text(self, raw: Mapping[str, Any], key: str, at: Path) -> str:
        value = raw.get(key)
        if not isinstance(value, str):
            self._broken((*at, key), f'"{key}" is text')
            return ""
        return value

    def _flag(self, raw: Mapping[str, Any], key: str, at: Path, *, default: bool | None = None) -> bool:
        value = raw.get(key, default)
        if not isinstance(value, bool):
            self._broken((*at, key), f'"{key}" is true or false')
            return False
        return value

    def _semver(self, data: Mapping[str, Any], at: Path) -> str:
        version = data.get("version") or ("1.0.0" if self._version == "1.0.0" else None)
        if not isinstance(version, str) or not _SEMVER.match(version):
            self._broken(at, "the version of a node is three numbers")
            return "0.0.0"
        return version

    def _broken(self, at: Path, rule: str) -> None:
        self._report.error("FB104", f"The structure is broken: {rule}.", EXPORT_AGAIN, pointer=json_pointer(at))
