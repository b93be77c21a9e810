"""A workflow of ComfyUI with something of everything, its manifest entry, and what another server does to it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from flowbind.comfyui.schema.served import served_classes
from flowbind.drift import workflow_drift
from flowbind.findings import Finding
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.engine import draft
from flowbind_generator.diagnostics import Report
from flowbind_generator.manifest import entry_of
from flowbind_generator.resolve import resolve

from .drawing import Json, node, node_class, workflow
from .files import as_bytes

Change = Callable[[Json], object]
FILE = "a.json"
JPG: Json = {
    "quality": ["INT", {"default": 90, "min": 1, "max": 100}],
    "codec": [
        "COMFY_DYNAMICCOMBO_V3",
        {"options": [{"key": "fast", "inputs": {}}, {"key": "slow", "inputs": {"required": {"passes": ["INT", {}]}}}]},
    ],
}
CLASSES: Json = {
    "Loader": node_class(
        {"ckpt_name": [["sd15.safetensors", "sdxl.safetensors"], {}]}, output=["MODEL", "CLIP", "VAE"]
    ),
    "Text": node_class({"text": ["STRING", {"multiline": True}], "clip": ["CLIP"]}, output=["CONDITIONING"]),
    "Sampler": node_class(
        {
            "model": ["MODEL"],
            "positive": ["CONDITIONING"],
            "seed": ["INT", {"default": 0, "min": 0, "max": 999, "control_after_generate": True}],
            "steps": ["INT", {"default": 20, "min": 1, "max": 100}],
            "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 30.0}],
            "kind": [["euler", "heun", "ddim"], {}],
            "strength": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 2.0}],
        },
        {"scale": ["FLOAT", {"default": 1.0}], "mask": ["MASK"]},
        output=["LATENT", "IMAGE", "MASK"],
    ),
    "a.Writer": node_class(
        {
            "images": ["IMAGE"],
            "masks": ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"m": ["MASK"]}}, "prefix": "m"}}],
            "format": [
                "COMFY_DYNAMICCOMBO_V3",
                {
                    "options": [
                        {"key": "png", "inputs": {"required": {"depth": [["8", "16"], {}]}}},
                        {"key": "jpg", "inputs": {"required": JPG}},
                    ]
                },
            ],
            "name": ["STRING", {"default": "out"}],
        },
        output_node=True,
        python_module="custom_nodes.a-pack",
    ),
    "Unused": node_class({"a": ["INT", {}], "b": [["x"], {}]}, output=["IMAGE"]),
}
SAVED = workflow(
    node(1, "Loader", ["sd15.safetensors"]),
    node(2, "Text", ["a cat"], {"clip": 2}),
    node(3, "Sampler", [7, "fixed", 20, 8.0, "heun", 0.5, 1.0], {"model": 1, "positive": 3}),
    node(4, "a.Writer", ["jpg", 80, "slow", 2, "cats"], {"images": 4, "masks.m0": 5}),
    links=[
        [1, 1, 0, 3, 0, "MODEL"],
        [2, 1, 1, 2, 0, "CLIP"],
        [3, 2, 0, 3, 1, "CONDITIONING"],
        [4, 3, 1, 4, 0, "IMAGE"],
        [5, 3, 2, 4, 1, "MASK"],
    ],
)


def entry(document: Any = SAVED, classes: Json = CLASSES) -> Json:
    """Return a workflow's entry in the manifest, as it is read again."""
    report = Report(FILE)
    found = draft(as_bytes(document), Catalog(classes), report)
    assert found is not None, list(map(str, report))
    module = resolve(found, source=FILE, name="a", class_name="A", pinned={})
    made: Json = json.loads(json.dumps(entry_of(module, {}, "")))
    return made


own_entry = cache(entry)


def changed(*changes: Change) -> Json:
    """Return the document of a server after changes."""
    document = copy.deepcopy(CLASSES)
    for change in changes:
        change(document)
    return document


def drift(*changes: Change, of: Json | None = None) -> list[Finding]:
    """Return what another server does to the workflow."""
    return workflow_drift(FILE, of or own_entry(), served_classes(changed(*changes)))


def said(findings: list[Finding]) -> list[tuple[str, str, str | None]]:
    """Return the severity, the rule and the place of findings."""
    return [(found.severity, found.rule, found.place) for found in findings]


# What releases of a server do to a class, as functions that change a document in place.


def put(kind: str, name: str, told: Any, *, before: str | None = None, section: str = "required") -> Change:
    """Give a class an input in place of the one of that name, else before another, else at the end."""

    def change(document: Json) -> None:
        inputs = document[kind]["input"][section]
        order = [one for one in inputs if one != name or before is None]
        if name not in order:
            order.insert(len(order) if before is None else order.index(before), name)
        made = {one: told if one == name else inputs[one] for one in order}
        _order(document[kind], section, made)

    return change


def drop(kind: str, name: str, section: str = "required") -> Change:
    """Take an input away."""

    def change(document: Json) -> None:
        inputs = document[kind]["input"][section]
        _order(document[kind], section, {one: told for one, told in inputs.items() if one != name})

    return change


def need(kind: str, name: str) -> Change:
    """Let an optional input be required."""

    def change(document: Json) -> None:
        put(kind, name, document[kind]["input"]["optional"][name])(document)
        drop(kind, name, "optional")(document)

    return change


def rename(kind: str, name: str, other: str) -> Change:
    """Call an input otherwise, in its place."""

    def change(document: Json) -> None:
        inputs = document[kind]["input"]["required"]
        made = {other if one == name else one: told for one, told in inputs.items()}
        _order(document[kind], "required", made)

    return change


def mark(kind: str, **facts: Any) -> Change:
    """Say something else of a class."""
    return lambda document: document[kind].update(facts)


def remove(kind: str) -> Change:
    """Take a class away."""
    return lambda document: document.pop(kind)


def bring(inputs: Json) -> Change:
    """Let the choice "jpg" of the writer bring these inputs."""

    def change(document: Json) -> None:
        options = document["a.Writer"]["input"]["required"]["format"][1]["options"]
        options[1]["inputs"] = {"required": inputs}

    return change


def _order(told: Json, section: str, inputs: Json) -> None:
    told["input"][section] = inputs
    told["input_order"][section] = list(inputs)
