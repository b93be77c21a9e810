"""What flowbind makes of the inputs of small prompts, and the classes and nodes for such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, TypeAdapter

from flowbind.choices import OneOf
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.chosen import Chosen, choose
from flowbind_generator.comfyui.inputs import draft_inputs
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Diagnostic, Report
from flowbind_generator.draft import DraftInput
from flowbind_generator.ir import Input
from flowbind_generator.names import attribute_names

from .given_prompts import Told, told

_KNOWN = {
    "Annotated": Annotated,
    "Literal": Literal,
    "Field": Field,
    "JsonValue": JsonValue,
    "OneOf": OneOf,
    "ImageInput": str,
    "AudioInput": str,
    "VideoInput": str,
    "Model3DInput": str,
    "FileInput": str,
    "Random": None,
    "Unset": None,
    "UNSET": None,
    "fresh": lambda make: make(),
}


def class_told(
    outputs: Sequence[str] = (), *, optional: Told | None = None, api: bool = False, **required: Any
) -> Told:
    """Return what `/object_info` says of a class with these inputs, each as [type, options]."""
    return told(required, optional, gives=outputs, api_node=api)


TEXT = ["STRING", {"multiline": True}]
SEED = ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}]
CATALOG: Mapping[str, Told] = {
    "CLIPTextEncode": class_told(["CONDITIONING"], text=TEXT, clip=["CLIP", {}]),
    "KSampler": class_told(
        ["LATENT"],
        seed=SEED,
        steps=["INT", {"default": 20, "min": 1, "max": 10000}],
        cfg=["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0}],
        sampler_name=[["euler", "dpm_2"], {}],
        positive=["CONDITIONING", {}],
        negative=["CONDITIONING", {}],
    ),
    "LoadImage": class_told(["IMAGE", "MASK"], image=[["example.png"], {"image_upload": True}]),
    "Guide": class_told(["CONDITIONING"], conditioning=["CONDITIONING", {}], guidance=["FLOAT", {"min": 0, "max": 9}]),
    "PrimitiveInt": class_told(["INT"], value=["INT", {}]),
    "Save": class_told(images=["IMAGE", {}], filename_prefix=["STRING", {"default": "ComfyUI"}]),
}


def catalog(**classes: Told) -> Catalog:
    """Return a catalog of a few classes of ComfyUI's, and these."""
    return Catalog({**CATALOG, **classes})


def node(class_type: str, title: str = "", **inputs: Any) -> Told:
    """Return a node of the API format."""
    return {"class_type": class_type, "inputs": inputs, "_meta": {"title": title}}


def changed(prompt: Prompt, path: str, name: str, **fields: Any) -> Prompt:
    """Return a prompt of which one widget is another."""
    widgets = [replace(w, **fields) if (w.path, w.name) == (path, name) else w for w in prompt.widgets]
    return replace(prompt, widgets=widgets)


@cache
def _takes(annotation: str) -> TypeAdapter[Any]:
    return TypeAdapter(eval(annotation, dict(_KNOWN)))


def check_default(found: Input) -> None:
    """Fail where an annotation is no Python, or its type refuses the default."""
    takes = _takes(found.annotation)
    if found.default_code not in (None, "UNSET"):
        # As in the classes, which are strict.
        takes.validate_python(eval(str(found.default_code), dict(_KNOWN)), strict=True)


class Read:
    """What flowbind makes of a prompt: what is chosen, the inputs by their names, and the findings."""

    def __init__(self, prompt: Prompt, known: Catalog | None = None, declaration: Declaration | None = None) -> None:
        known = known or catalog()
        report = Report("a.json")
        self.chosen: Chosen = choose(prompt, known, declaration, report)
        self.drafts: list[DraftInput] = draft_inputs(prompt, known, self.chosen, report)
        names = attribute_names([d.candidate for d in self.drafts], reserved=(), pinned={}, prefix="input")
        self.inputs = {names[d.candidate.key]: d.input for d in self.drafts}
        self.findings: list[Diagnostic] = list(report)

    @property
    def codes(self) -> list[str]:
        """The codes of the findings."""
        return [finding.code for finding in self.findings]
