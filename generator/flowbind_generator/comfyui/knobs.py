"""A widget that a run takes a value from, with all that is known of it before its type is worked out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flowbind.comfyui.schema.live_inputs import input_named
from flowbind.comfyui.schema.node_classes import COMBO, NodeClass, NodeInput
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.custom_combo import own_input
from flowbind_generator.comfyui.prompt import EditorNode, Place, Prompt, Widget
from flowbind_generator.numbers import is_number
from flowbind_generator.pointers import json_pointer


@dataclass(frozen=True)
class Knob:
    """A widget and the inputs that take its value: `spec` and `node_class` are those of the first.

    `widget.targets` may be fewer than all: `targets` are those of all widgets that share an attribute. `shown` is the
    node on which the editor shows it.
    """

    widget: Widget
    targets: tuple[Place, ...]
    node_class: NodeClass
    spec: NodeInput
    shown: EditorNode
    prompt: Prompt

    @property
    def label(self) -> str:
        """What the author calls it, else the editor; of primitives, which all say "value", the title says more."""
        own = self.widget.name if self.widget.promoted else self.spec.label
        return self.widget.label.strip() or (self.title if self.is_primitive else "") or own

    @property
    def title(self) -> str:
        """What the author called its node, "" where that has the name of its class."""
        title, display = self.shown.title.strip(), self.node_class.display_name
        if self.shown.is_subgraph:
            return title
        if title in ("", self.shown.type, self.node_class.name, display):
            return ""
        # Authors often only change what stands in brackets: "CLIP Text Encode (Negative Prompt)".
        stem, _, rest = title.partition("(")
        return rest.rstrip(")") if rest and stem.strip() == display.partition("(")[0].strip() else title

    @property
    def address(self) -> str:
        """How a declaration names it."""
        return f"{self.widget.path}.{self.widget.name}"

    @property
    def is_primitive(self) -> bool:
        """Whether it is a value that stands on the canvas by itself, to go to one input or several."""
        return self.shown.type.startswith("Primitive")

    @property
    def is_at_root(self) -> bool:
        """Whether its node is inside of no subgraph."""
        return ":" not in self.shown.path

    @property
    def pointer(self) -> str:
        """The JSON pointer to the value in the file, or to its node where the file does not say the value."""
        return json_pointer(self.widget.keys or self.shown.keys)

    @property
    def whereabouts(self) -> dict[str, Any]:
        """Where a finding says that it is."""
        return {"pointer": self.pointer, "node_label": self.title or None}

    @cached_property
    def given(self) -> dict[str, Any]:
        """The inputs of the first target's node as they are posted."""
        return dict(self.prompt.nodes[self.targets[0].node_id].inputs)

    @property
    def is_given(self) -> bool:
        """Whether a run gets a value at all."""
        return self.targets[0].name in self.given


def knobs_of(prompt: Prompt, catalog: Catalog) -> list[Knob]:
    """Return the knobs of all widgets that a run takes a value from, in their order."""
    return [knob for widget in prompt.widgets if (knob := knob_of(widget, prompt, catalog))]


def knob_of(widget: Widget, prompt: Prompt, catalog: Catalog, targets: tuple[Place, ...] = ()) -> Knob | None:
    """Return the knob of a widget, None where no run takes its value.

    `targets` are those that share its value, where there are more than its own. An input that the catalog does not
    have gets a type that nobody understands.
    """
    found = [place for place in targets or widget.targets if place.node_id in prompt.nodes]
    shown = prompt.by_path.get(widget.path)
    specs: list[tuple[NodeClass, NodeInput]] = []
    for place in found:
        node = prompt.nodes[place.node_id]
        if node_class := catalog.get(node.class_type):
            spec = input_named(node_class, place.name, node.inputs)
            spec = spec or own_input(node_class, place.name) or NodeInput(place.name, "", False)
            specs.append((node_class, spec))
    if shown is None or not specs or len(specs) < len(found):
        return None
    node_class, spec = specs[0]
    for _, other in specs[1:]:
        spec = _within(spec, other)
    return Knob(widget, tuple(dict.fromkeys(found)), node_class, spec, shown, prompt)


def type_of(spec: NodeInput) -> str:
    """Return the type that decides about an input's widget: the server may name one of a union."""
    told = spec.options.get("widgetType")
    return told if isinstance(told, str) and told else spec.type


def _within(spec: NodeInput, other: NodeInput) -> NodeInput:
    """Return an input that takes only what another takes, too: one value goes to both."""
    options = dict(spec.options)
    for bound, stricter in (("min", max), ("max", min)):
        told: list[Any] = [n for n in (spec.options.get(bound), other.options.get(bound)) if is_number(n)]
        if told:
            options[bound] = stricter(told)
    kind = "INT" if {type_of(spec), type_of(other)} == {"INT", "FLOAT"} else spec.type
    choices = spec.choices
    if spec.type == other.type == COMBO and spec.choices and other.choices:
        choices = tuple(c for c in spec.choices if c in other.choices) or spec.choices
    return replace(spec, type=kind, options=options, choices=choices)
