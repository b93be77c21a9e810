"""What an output holds, in Python's terms: by its own type, or by what feeds a node that hands values on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowbind_generator.invokeai.catalog import Catalog, OutputField
from flowbind_generator.ir import OutputKind

_TYPES: Mapping[str, tuple[OutputKind, str]] = {
    "IntegerField": ("scalar", "int"),
    "FloatField": ("scalar", "float"),
    "StringField": ("scalar", "str"),
    "BooleanField": ("scalar", "bool"),
    "EnumField": ("scalar", "str"),
    "SchedulerField": ("scalar", "str"),
    "ImageField": ("image", "Image"),
    "VideoField": ("video", "Video"),
    "BoundingBoxField": ("value", "BoundingBox"),
    "ColorField": ("value", "Color"),
    "AnyField": ("value", "JsonValue"),
}
# The inputs that a node hands on, and what it makes of them.
_HANDED_ON = {
    ("if", "value"): ("true_input", "false_input"),
    ("iterate", "item"): ("collection",),
    ("collect", "collection"): ("item", "collection"),
}


@dataclass(frozen=True)
class Held:
    """What an output holds; `many` where it is a list."""

    kind: OutputKind
    item: str
    many: bool = False

    @property
    def annotation(self) -> str:
        """The Python type."""
        return f"list[{self.item}]" if self.many else self.item


ANYTHING = Held("value", "JsonValue")


class HeldValues:
    """What the outputs of a graph hold."""

    def __init__(self, graph: Mapping[str, Any], catalog: Catalog) -> None:
        self._nodes: Mapping[str, Any] = graph["nodes"]
        self._catalog = catalog
        self._feeding: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for edge in graph["edges"]:
            target, source = edge["destination"], edge["source"]
            place = target["node_id"], target["field"]
            self._feeding.setdefault(place, []).append((source["node_id"], source["field"]))

    def sources(self, node_id: str, field: str) -> list[tuple[str, str]]:
        """Return the outputs that feed an input, as (node id, field)."""
        return self._feeding.get((node_id, field), [])

    def by(self, node_id: str, output: OutputField) -> Held | None:
        """Return what an output holds, None for what only another node can use, such as latents."""
        node_type = self._nodes[node_id]["type"]
        if (node_type, output.name) in _HANDED_ON:
            return self._handed_on(node_id, node_type, output.name)
        many = output.type.cardinality != "single"
        if output.type.name in _TYPES:
            return Held(*_TYPES[output.type.name], many)
        return None if output.is_handle else Held("value", "JsonValue", many)

    def of_input(self, node_id: str, field: str) -> Held:
        """Return what an input is given, by an edge or as a value; anything where they differ."""
        found = {self._at(*source) for source in self.sources(node_id, field)}
        if not found:
            return _of_value(self._nodes[node_id].get(field))
        return found.pop() or ANYTHING if len(found) == 1 else ANYTHING

    def _at(self, node_id: str, field: str) -> Held | None:
        node_type = self._catalog.get(self._nodes[node_id]["type"])
        output = node_type.outputs.get(field) if node_type else None
        return self.by(node_id, output) if output else None

    def _handed_on(self, node_id: str, node_type: str, field: str) -> Held | None:
        """Return what passes through a node; None where it is of no use outside the graph."""
        found: set[Held | None] = set()
        for name in _HANDED_ON[node_type, field]:
            for source in self.sources(node_id, name):
                held = self._at(*source)
                gathered = node_type == "collect" and name == "item"
                if held is None:
                    found.add(None)
                elif node_type == "iterate":
                    found.add(Held(held.kind, held.item))
                else:
                    found.add(Held("value", "JsonValue", True) if gathered and held.many else _listed(held, gathered))
        if len(found) == 1:
            return found.pop()
        return None if None in found or not found else ANYTHING


def _listed(held: Held, gathered: bool) -> Held:
    return Held(held.kind, held.item, True) if gathered else held


def _of_value(value: Any) -> Held:
    for kind, item in ((bool, "bool"), (int, "int"), (float, "float"), (str, "str")):
        if isinstance(value, kind):
            return Held("scalar", item)
    return ANYTHING
