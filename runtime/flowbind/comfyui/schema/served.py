"""The node classes that a ComfyUI server has, read from its `/object_info` as drift compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbind.comfyui.schema.class_facts import CORE_PACK, about, input_facts, node_pack, order_of
from flowbind.comfyui.schema.live_inputs import input_named, live_inputs
from flowbind.comfyui.schema.node_classes import MATCH_TYPE, NodeClass, NodeClasses
from flowbind.comfyui.schema.shapes import mapping
from flowbind.errors import UnexpectedReply
from flowbind.served import Given, Layout


def served_classes(document: Any, app_version: str | None = None, *, is_whole: bool = True) -> ServedClasses:
    """Return the node classes in an answer to `/object_info`, or in several of `/object_info/{class}` put together.

    The latter is not `is_whole`: the server may have other classes as well. Raises `UnexpectedReply` for a whole answer
    without any: it is that of another program.
    """
    classes = NodeClasses(mapping(document))
    if is_whole and not classes:
        raise UnexpectedReply(
            "GET /object_info was answered with a document without node classes. The address may be that of another "
            "program."
        )
    return ServedClasses(classes, app_version, is_whole=is_whole)


class ServedClasses:
    """The node classes of one server; `name` is what messages call it."""

    ignores_edges = True

    def __init__(self, classes: Mapping[str, NodeClass], app_version: str | None, *, is_whole: bool = True) -> None:
        self.app_version = app_version
        self.name = f"ComfyUI {app_version}" if app_version else "The server"
        self.missing_paths: list[str] = []  # the document tells of classes alone
        self._classes = classes
        # Of the pack that is the server itself, every server has something.
        self._packs = frozenset({CORE_PACK, *(node_pack(found.module) for found in classes.values())})
        self._is_whole = is_whole

    def __contains__(self, node_type: str) -> bool:
        return node_type in self._classes

    def lacks_pack(self, pack: str) -> bool:
        """Tell whether the server is known to have no class of a pack: only a whole document says so."""
        return self._is_whole and pack not in self._packs

    def about(self, node_type: str) -> dict[str, str]:
        """Return the pack of a class, and how settled its authors say it is; versions the server does not say."""
        return about(self._classes[node_type])

    def input(
        self, node_type: str, name: str, *, takes_values: bool, under: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Return what the server says of an input, None when a node that makes these choices has none of that name."""
        node_class = self._classes[node_type]
        found = input_named(node_class, name, under)
        return None if found is None else input_facts(node_class, found, takes_values=takes_values)

    def required(self, node_type: str, given: Given) -> list[str]:
        """Return the inputs without which the server refuses a node, be it that the class says a default."""
        node_class = self._classes[node_type]
        found = (item for chosen in _ways(given) for item in live_inputs(node_class, chosen).values())
        return list(dict.fromkeys(item.name for item in found if item.required))

    def output(self, node_type: str, name: str) -> str | None:
        """Return the type of an output by its number, None when the class has fewer."""
        outputs = self._classes[node_type].outputs
        return next((output.type for at, output in enumerate(outputs) if str(at) == name), None)

    def fits(self, output: str, into: str) -> bool:
        """Tell whether the server takes a link between two types (its own rule): they have one in common."""
        if MATCH_TYPE in (output, into):
            return True
        gives, takes = ({name.strip() for name in kind.split(",")} for kind in (output, into))
        return "*" in gives | takes or not gives.isdisjoint(takes)

    def layout(self, node_type: str, given: Given) -> Layout:
        """Return what has a place: the values of a saved node, and the outputs."""
        node_class = self._classes[node_type]
        names = [output.name for output in node_class.outputs]
        return Layout(order_of(node_class, given), names, node_class.is_output)


def _ways(given: Given) -> Iterator[dict[str, Any]]:
    """Yield what nodes of a class may be filled in with, each value of the workflow's once.

    Which of several choices an inner one belongs to is not known: such are left out, so that no two nodes are mixed.
    """
    first = {name: values[0] for name, values in given.items() if values}
    yield first
    several = tuple(f"{name}." for name, values in given.items() if len(values) > 1)
    for name, values in given.items():
        if not name.startswith(several):
            rest = {other: value for other, value in first.items() if not other.startswith(f"{name}.")}
            yield from ({**rest, name: value} for value in values[1:] if isinstance(value, str))
