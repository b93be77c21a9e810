"""A workflow with something of everything, edits of it as an author would make them, and what they do to the class."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowbind.findings import Finding
from flowbind_generator.building import Basis, build_module
from flowbind_generator.checked import InputChange
from flowbind_generator.diagnostics import Report
from flowbind_generator.drift.export_drift import ExportDrift
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Module
from flowbind_generator.manifest import Manifest, entry_of
from flowbind_generator.project import find_project

from .exports import FILE, box, edge, form_of, given, node, picture, shown, workflow, write

Document = dict[str, Any]
Edit = Callable[[Document], object]

MODEL = {"key": "k1", "hash": "h1", "name": "Dreamer", "base": "sd-1", "type": "main"}
OTHER = {"key": "k2", "hash": "h2", "name": "Painter", "base": "sd-1", "type": "main"}
LORA = {"key": "k3", "hash": "h3", "name": "Ink", "base": "sd-1", "type": "lora"}
LORA_2 = {"key": "k4", "hash": "h4", "name": "Chalk", "base": "sd-1", "type": "lora"}
STYLES = {"component": "dropdown", "options": [{"label": "Oil", "value": "oil"}, {"label": "Ink", "value": "ink"}]}
STEPS = {"component": "number-input", "min": 1, "max": 50}
FORM = ("p.width", "n.seed", "steps.value", "style.value", "loader.model", "a.value", "b.value")


def base() -> Document:
    """Return a workflow of seven inputs, two of them namesakes, and two outputs."""
    settings = {"steps.value": STEPS, "style.value": STYLES}
    elements = [shown(f"e{i}", where, settings=settings.get(where)) for i, where in enumerate(FORM)]
    return workflow(
        picture(width=given(64, label="Width"), height=given(32), mode="RGB"),
        node("n", "noise", {"seed": given(5, label="Seed"), "width": 64, "height": 64}),
        node("steps", "integer", {"value": given(20, label="Steps")}),
        node("style", "string", {"value": given("oil", label="Style")}),
        node("loader", "main_model_loader", {"model": given(MODEL, label="Model")}),
        node("hidden", "main_model_loader", {"model": MODEL}),
        node("loras", "lora_collection_loader", {"loras": [{"lora": lora, "weight": 1} for lora in (LORA, LORA_2)]}),
        node("a", "string", {"value": given("a cat", label="Prompt")}, label="Positive"),
        node("b", "string", {"value": given("a dog", label="Prompt")}, label="Negative"),
        node("sum", "add", {"a": 1, "b": 2}),
        node("q", "img_blur", {"radius": 8.0}, visible=True, label="Blurred"),
        node("photo", "image", {"image": {"image_name": "one.png"}}),
        edges=[edge("steps.value", "sum.a"), edge("p.image", "q.image")],
        form=form_of(box("root", None, *(e["id"] for e in elements)), *elements),
    )


def edited(*edits: Edit) -> Document:
    """Return the workflow after edits."""
    document = copy.deepcopy(base())
    for edit in edits:
        edit(document)
    return document


@dataclass(frozen=True)
class Drifted:
    """What a new export does to a class; what is not looked at is `GRAPH_CHANGED`, unless asked for."""

    module: Module
    findings: list[Finding]
    inputs: list[InputChange]

    @property
    def told(self) -> list[tuple[str, str, str | None, Any, Any]]:
        """Rule, severity, attribute, old and new value of each finding."""
        return [(f.rule, f.severity, f.attribute, f.old, f.new) for f in self.findings]

    @property
    def rules(self) -> list[str]:
        """The rules of all findings, sorted."""
        return sorted(f.rule for f in self.findings)

    @property
    def changed(self) -> dict[str, tuple[str, ...]]:
        """The inputs that are not unchanged."""
        return {i.attribute: i.changes for i in self.inputs if i.changes != ("unchanged",)}


def entry(module: Module) -> dict[str, Any]:
    """Return a module's entry in the manifest, as it is read again."""
    read: dict[str, Any] = json.loads(json.dumps(entry_of(module, {}, "")))
    return read


def module_of(folder: Path, document: Any, catalog: Catalog, manifest: Manifest | None = None) -> Module:
    """Return the module of an export that must not be refused."""
    report = Report(FILE)
    basis = Basis(find_project(folder), {"invokeai": catalog}, manifest or Manifest())
    module = build_module(write(folder, document), FILE, basis, report)
    assert module is not None, list(map(str, report))
    return module


def drifted(folder: Path, old: Document, new: Document, catalog: Catalog) -> Drifted:
    """Return what a new export does to the class of an old one."""
    was = entry(module_of(folder, old, catalog))
    module = module_of(folder, new, catalog, Manifest({FILE: was}))
    drift = ExportDrift(FILE, was, module)
    return Drifted(module, drift.findings(), drift.inputs())


def node_at(document: Document, node_id: str) -> Document:
    """Return the data of a node."""
    (found,) = (n["data"] for n in document["nodes"] if n["id"] == node_id)
    data: Document = found
    return data


def entry_at(document: Document, where: str) -> Document:
    """Return the input "node.field" of an export."""
    node_id, name = where.split(".")
    inputs: dict[str, Document] = node_at(document, node_id)["inputs"]
    return inputs.setdefault(name, {"name": name, "label": "", "description": ""})


def element_of(document: Document, where: str) -> Document:
    """Return the form's element for the input "node.field"."""
    found = (e for e in document["form"]["elements"].values() if e["type"] == "node-field")
    ids = tuple(where.split("."))
    element: Document = next(
        e for e in found if ids == (e["data"]["fieldIdentifier"]["nodeId"], e["data"]["fieldIdentifier"]["fieldName"])
    )
    return element


# What authors do, as functions that change an export in place.


def fill(where: str, **entry: Any) -> Edit:
    """Give an input another value or label."""
    return lambda document: entry_at(document, where).update(entry)


def empty(where: str) -> Edit:
    """Take the value of an input away."""
    return lambda document: entry_at(document, where).pop("value", None)


def mark(node_id: str, **data: Any) -> Edit:
    """Change what a node says of itself."""
    return lambda document: node_at(document, node_id).update(data)


def swap(node_id: str, node_type: str, **renamed: str) -> Edit:
    """Put a node of another type in place of one, under its id; `renamed` are the fields that are called otherwise."""

    def edit(document: Document) -> None:
        data, new = node_at(document, node_id), node("x", node_type)["data"]
        inputs = {renamed.get(name, name): {**e, "name": renamed.get(name, name)} for name, e in data["inputs"].items()}
        data |= {"type": node_type, "version": new["version"], "inputs": inputs}
        for element in document["form"]["elements"].values():
            at = element.get("data", {}).get("fieldIdentifier", {})
            if at.get("nodeId") == node_id:
                at["fieldName"] = renamed.get(at["fieldName"], at["fieldName"])

    return edit


def renew(node_id: str, new_id: str) -> Edit:
    """Delete a node and draw it again: all is as before, under another id."""

    def edit(document: Document) -> None:
        text = json.dumps(document).replace(json.dumps(node_id), json.dumps(new_id))
        document.clear()
        document.update(json.loads(text))

    return edit


def arrange(*places: str) -> Edit:
    """Put the form's elements for inputs in another order."""

    def edit(document: Document) -> None:
        keys = [element_of(document, where)["id"] for where in places]
        document["form"]["elements"]["root"]["data"]["children"] = keys

    return edit


def show(where: str, settings: Any = None) -> Edit:
    """Put an input into the form, at the end."""

    def edit(document: Document) -> None:
        entry_at(document, where)
        key = f"of {where}"
        document["form"]["elements"][key] = shown(key, where, settings=settings)
        document["form"]["elements"]["root"]["data"]["children"].append(key)

    return edit


def hide(where: str) -> Edit:
    """Take an input out of the form."""

    def edit(document: Document) -> None:
        key = element_of(document, where)["id"]
        del document["form"]["elements"][key]
        document["form"]["elements"]["root"]["data"]["children"].remove(key)

    return edit


def set_up(where: str, settings: Any) -> Edit:
    """Change how the form shows an input; None leaves it to the editor."""

    def edit(document: Document) -> None:
        data = element_of(document, where)["data"]
        data.pop("settings", None)
        data |= {} if settings is None else {"settings": settings}

    return edit


def wire(*ends: str) -> Edit:
    """Connect "node.field" to "node.field"."""
    return lambda document: document["edges"].append(edge(*ends))


def cut(*ends: str) -> Edit:
    """Take an edge away."""
    return lambda document: document["edges"].remove(edge(*ends))


def draw(*nodes: Document) -> Edit:
    """Add nodes."""
    return lambda document: document["nodes"].extend(copy.deepcopy(nodes))


def delete(node_id: str) -> Edit:
    """Delete a node with its edges and its inputs in the form, as the editor does."""

    def edit(document: Document) -> None:
        document["nodes"] = [n for n in document["nodes"] if n["id"] != node_id]
        document["edges"] = [e for e in document["edges"] if node_id not in (e["source"], e["target"])]
        for key, element in list(document["form"]["elements"].items()):
            if element.get("data", {}).get("fieldIdentifier", {}).get("nodeId") == node_id:
                del document["form"]["elements"][key]
                document["form"]["elements"]["root"]["data"]["children"].remove(key)

    return edit
