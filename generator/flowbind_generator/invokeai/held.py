"""What an output holds, in Python's terms: by its own type, or by what feeds a node that hands values on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.node_types import OutputField
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
    "AnyField": ("value", "object"),
}
# The inputs that a node hands on, and what it makes of them.
_HANDED_ON = {
    ("if", "value"): ("true_input", "false_input"),
    ("iterate", "item"): ("collection",),
    ("collect", "collection"): ("item", "collection"),
}


@dataclass(frozen=True)
class Held:
    """What an output holds; `many` where it is a list, `empty` where it may be nothing."""

    kind: OutputKind
    item: str
    many: bool = False
    empty: bool = False

    @property
    def annotation(self) -> str:
        """The Python type."""
        return (f"list[{self.item}]" if self.many else self.item) + " | None" * self.empty


# More than JSON: what is known by its keys, such as a picture, is made an object of Python.
ANYTHING = Held("value", "object")
# A chain of nodes that hand values on is followed so far, and a union has a text of so many letters.
_DEEPEST, _LONGEST = 20, 400
_NOTHING = Held("value", "None")


class HeldValues:
    """What the outputs of a graph hold."""

    def __init__(self, graph: Mapping[str, Any], catalog: Catalog) -> None:
        self._nodes: Mapping[str, Any] = graph["nodes"]
        self._catalog = catalog
        self._feeding: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._handed: dict[tuple[str, str, int], Held | None] = {}
        for edge in graph["edges"]:
            target, source = edge["destination"], edge["source"]
            place = target["node_id"], target["field"]
            self._feeding.setdefault(place, []).append((source["node_id"], source["field"]))

    def sources(self, node_id: str, field: str) -> list[tuple[str, str]]:
        """Return the outputs that feed an input, as (node id, field)."""
        return self._feeding.get((node_id, field), [])

    def by(self, node_id: str, output: OutputField, depth: int = 0) -> Held | None:
        """Return what an output holds, None for what only another node can use, such as latents.

        `depth` is how many nodes have handed it on already.
        """
        node_type = self._nodes[node_id]["type"]
        if (node_type, output.name) in _HANDED_ON:
            key = (node_id, output.name, depth)
            if key not in self._handed:
                self._handed[key] = self._handed_on(node_id, node_type, output.name, depth)
            return self._handed[key]
        many = output.type.cardinality != "single"
        if output.type.name in _TYPES:
            return Held(*_TYPES[output.type.name], many)
        return None if output.is_handle else Held("value", "JsonValue", many)

    def of_input(self, node_id: str, field: str) -> Held:
        """Return what an input is given, by an edge or as a value; anything where they differ."""
        found = {self._at(*source, 0) for source in self.sources(node_id, field)}
        if not found:
            return _of_value(self._nodes[node_id].get(field))
        return found.pop() or ANYTHING if len(found) == 1 else ANYTHING

    def _at(self, node_id: str, field: str, depth: int) -> Held | None:
        node_type = self._catalog.get(self._nodes[node_id]["type"])
        output = node_type.outputs.get(field) if node_type else None
        return self.by(node_id, output, depth) if output else None

    def _handed_on(self, node_id: str, node_type: str, field: str, depth: int) -> Held | None:
        """Return what passes through a node; None where it is of no use outside the graph."""
        names = _HANDED_ON[node_type, field]
        if depth > _DEEPEST:
            return ANYTHING
        if not any(self.sources(node_id, name) for name in names):
            return None
        found: list[Held] = []
        for name in names:
            sources = self.sources(node_id, name)
            if node_type == "if" and not sources:
                # The branch may be taken all the same.
                own = self._nodes[node_id].get(name)
                found.append(_NOTHING if own is None else _of_value(own))
            for source in sources:
                held = self._at(*source, depth + 1)
                if held is None:
                    return None
                if node_type == "iterate":
                    held = Held(held.kind, held.item)
                elif node_type == "collect":
                    held = _gathered(held) if name == "item" else replace(held, empty=False)
                found.append(held)
        return _either(found)


def _gathered(held: Held) -> Held:
    """Return a list of what is held."""
    return Held("value" if held.many else held.kind, held.annotation, True)


def _either(held: Sequence[Held]) -> Held | None:
    """Return what is one of several; None where all are nothing."""
    some = [h for h in held if h != _NOTHING]
    if not some:
        return None
    empty = len(some) < len(held) or any(h.empty for h in some)
    full = sorted({replace(h, empty=False) for h in some}, key=lambda h: h.annotation)
    if len(full) == 1:
        return replace(full[0], empty=empty)
    if ANYTHING in full or sum(len(h.annotation) for h in full) > _LONGEST:
        return ANYTHING
    if all(h.many for h in full):
        return Held("value", " | ".join(h.item for h in full), True, empty)
    return Held("value", " | ".join(h.annotation for h in full), empty=empty)


def _of_value(value: Any) -> Held:
    for kind, item in ((bool, "bool"), (int, "int"), (float, "float"), (str, "str")):
        if isinstance(value, kind):
            return Held("scalar", item)
    return ANYTHING
