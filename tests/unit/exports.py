"""Small workflows, written as InvokeAI's editor exports them, and short ways to read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from flowbind_generator.diagnostics import Diagnostic, Report
from flowbind_generator.invokeai import engine
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.load import Loaded, load
from flowbind_generator.ir import Input, Module
from flowbind_generator.render import render_module
from flowbind_generator.resolve import resolve
from flowbind_generator.spec import parsed

FILE = "a.json"


@dataclass(frozen=True)
class Given:
    """An input of a node as an export writes it; without a value the key is left out."""

    entry: dict[str, Any] = field(default_factory=dict[str, Any])


def given(*value: Any, label: str = "", description: str = "") -> Given:
    """Return an input with a label; no value leaves the key `value` out."""
    entry: dict[str, Any] = {"label": label, "description": description}
    return Given(entry | ({"value": value[0]} if value else {}))


def node(
    node_id: str,
    node_type: str,
    inputs: Mapping[str, Any] | None = None,
    *,
    label: str = "",
    version: str | None = None,
    visible: bool = False,
    use_cache: bool = True,
    pack: str = "invokeai",
) -> dict[str, Any]:
    """Return a node that runs; its version is the shipped catalog's, a bare value is an input without a label."""
    entries = {k: v if isinstance(v, Given) else given(v) for k, v in (inputs or {}).items()}
    return {
        "id": node_id,
        "type": "invocation",
        "position": {"x": 0, "y": 0},
        "data": {
            "id": node_id,
            "type": node_type,
            "version": version or _version(node_type),
            "nodePack": pack,
            "label": label,
            "notes": "",
            "isOpen": True,
            "isIntermediate": not visible,
            "useCache": use_cache,
            "inputs": {name: {"name": name, **e.entry} for name, e in entries.items()},
        },
    }


def connector(node_id: str) -> dict[str, Any]:
    """Return a connector: a dot on a wire."""
    data = {"id": node_id, "type": "connector", "label": "", "isOpen": True}
    return {"id": node_id, "type": "connector", "position": {"x": 0, "y": 0}, "data": data}


def notes(node_id: str) -> dict[str, Any]:
    """Return a sheet of notes."""
    data = {"id": node_id, "type": "notes", "label": "", "isOpen": True, "notes": "Read me."}
    return {"id": node_id, "type": "notes", "position": {"x": 0, "y": 0}, "data": data}


def edge(start: str, end: str) -> dict[str, Any]:
    """Return a wire between two ends, each written "node.field"."""
    (source, out), (target, into) = start.split("."), end.split(".")
    handles = {"source": source, "sourceHandle": out, "target": target, "targetHandle": into}
    return {"id": f"{start}-{end}", "type": "default", **handles}


def element(key: str, parent: str, kind: str, **data: Any) -> dict[str, Any]:
    """Return one element of a form."""
    return {"id": key, "parentId": parent, "type": kind} | ({"data": data} if data else {})


def shown(key: str, where: str, *, parent: str = "root", settings: Any = None) -> dict[str, Any]:
    """Return the form's element for the input "node.field"."""
    node_id, name = where.split(".")
    data: dict[str, Any] = {"fieldIdentifier": {"nodeId": node_id, "fieldName": name}, "showDescription": False}
    return element(key, parent, "node-field", **data, **({} if settings is None else {"settings": settings}))


def box(key: str, parent: str | None, *children: str) -> dict[str, Any]:
    """Return a container of a form; the root has no parent."""
    made = element(key, parent or "", "container", layout="column", children=list(children))
    if parent is None:
        del made["parentId"]
    return made


def form(*fields: str | tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a form of one column that shows inputs written "node.field", some with settings."""
    pairs = [(f, None) if isinstance(f, str) else f for f in fields]
    elements = [shown(f"e{i}", where, settings=settings) for i, (where, settings) in enumerate(pairs)]
    return form_of(box("root", None, *(e["id"] for e in elements)), *elements)


def form_of(root: dict[str, Any], *elements: dict[str, Any]) -> dict[str, Any]:
    """Return a form of the given elements."""
    return {"rootElementId": root["id"], "elements": {e["id"]: e for e in (root, *elements)}}


def workflow(
    *nodes: dict[str, Any],
    edges: Sequence[dict[str, Any]] = (),
    form: Any = None,
    exposed: Sequence[str] = (),
    name: str = "A workflow",
    version: str = "4.0.0",
    **more: Any,
) -> dict[str, Any]:
    """Return a whole export; `exposed` are inputs written "node.field"."""
    ids = (where.split(".") for where in exposed)
    return {
        "name": name,
        "author": "",
        "description": "",
        "version": "1.0.0",
        "contact": "",
        "tags": "",
        "notes": "",
        "meta": {"version": version, "category": "user"},
        "exposedFields": [{"nodeId": n, "fieldName": f} for n, f in ids],
        "nodes": list(nodes),
        "edges": list(edges),
        **({} if form is None else {"form": form}),
        **more,
    }


def picture(**inputs: Any) -> dict[str, Any]:
    """Return the smallest node that runs and saves a picture: "p", a blank image."""
    return node("p", "blank_image", inputs, visible=True)


def as_bytes(document: Any) -> bytes:
    """Return an export as a file holds it."""
    return json.dumps(document).encode()


def write(folder: Path, document: Any, name: str = FILE) -> Path:
    """Write an export into a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document if isinstance(document, bytes) else as_bytes(document))
    return path


def loaded(document: Any, catalog: Catalog) -> tuple[Loaded, Report]:
    """Return a workflow that must load, and what was found on the way."""
    report = Report(FILE)
    found = load(document if isinstance(document, bytes) else as_bytes(document), catalog, report)
    assert found is not None, list(map(str, report))
    return found, report


def refused(document: Any, catalog: Catalog) -> Report:
    """Return why an export is refused."""
    report = Report(FILE)
    draft = engine.draft(document if isinstance(document, bytes) else as_bytes(document), catalog, report)
    assert draft is None
    assert report.refused
    return report


def resolved(
    document: Any, catalog: Catalog, *, pinned: Mapping[str, str] | None = None, name: str = "a", class_name: str = "A"
) -> tuple[Module, Report]:
    """Return the module of an export that must not be refused."""
    report = Report(FILE)
    draft = engine.draft(document if isinstance(document, bytes) else as_bytes(document), catalog, report)
    assert draft is not None, list(map(str, report))
    return resolve(draft, source=FILE, name=name, class_name=class_name, pinned=pinned or {}), report


def with_source(module: Module, source: str) -> dict[str, str]:
    """Return the rendered files of a module with another source."""
    return {**render_module(module), f"{module.name}.py": source}


def input_of(module: Module, field_name: str) -> Input:
    """Return the one input of that field name."""
    (found,) = (i for i in module.inputs if i.field_name == field_name)
    return found


def only(report: Report, code: str) -> Diagnostic:
    """Return the one finding of a code."""
    (found,) = (d for d in report if d.code == code)
    return found


def read_catalog(data: bytes, report: Report) -> Catalog | None:
    """Return the catalog in the bytes of a document, None when the report refuses it."""
    content = parsed(data, report)
    return None if report.refused else engine.catalog_of(content, report)


def codes(report: Report) -> list[str]:
    """Return the codes of all findings, sorted."""
    return sorted(d.code for d in report)


@cache
def _versions() -> dict[str, str]:
    catalog = engine.shipped_catalog()
    return {t: node_type.version for t in catalog if (node_type := catalog.get(t))}


def _version(node_type: str) -> str:
    return _versions().get(node_type, "1.0.0")
