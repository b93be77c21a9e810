"""Which input made a node fail: told from the server's words where they leave no doubt, and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowbind.invokeai.fields import REFERENCE_KEYS
from flowbind.invokeai.runs.inputs_of_nodes import attribute_at, node_named
from flowbind.outside import one_line
from flowbind.workflow import Workflow

_FIELD = re.compile(
    r"^Node (?P<node>\S+) "
    r"(?:(?P<missing>missing (?:value or connection|connections) for field)|has invalid incoming input for) "
    r"(?P<field>\w+)"
)
_GONE = re.compile(r"(?P<kind>Image|Video|Board|Model)\w*NotFound|Unknown(?P<unknown>Model)")
"""How the server's exceptions are called that say what kind of thing is gone, and not which."""

_IDS = frozenset({"key", *REFERENCE_KEYS.values()})
_LONG = 13
"""From how many characters on a text is no accident in a message that does not quote it."""


@dataclass(frozen=True)
class Cause:
    """What made a node fail: the input, None where that is not certain, and what to do."""

    attribute: str | None
    cure: str


def cause_of(
    workflow: type[Workflow[Any]], session: Mapping[str, Any], prepared: str, node: str, kind: str, said: str
) -> Cause:
    """Return what made a node fail; `prepared` is its id in the session, `kind` and `said` the server's words."""
    graph = _Graph(workflow, session, node)
    if "out of memory" in said.lower() or kind.startswith("OutOfMemory"):
        return Cause(None, "The server has no memory left: ask for less at once, or free some on it, and submit again.")
    if (named := _FIELD.match(said)) and named["node"] in (prepared, graph.type):
        return _of_field(graph, named["field"], is_missing=bool(named["missing"]))
    if gone := _GONE.match(kind):
        said = f"{said} {_only_one(session, prepared, (gone['kind'] or gone['unknown']).lower())}"
    found = {attribute for attribute, field, value in graph.own() if _is_told(said, field, value)}
    found |= {attribute for attribute, value in graph.upstream() if _is_quoted(said, value)}
    model = next((f'That is the model "{name}". ' for key, name in graph.models() if _has_word(said, key)), "")
    if len(found) == 1:
        return Cause(found.pop(), f"{model}Set the input to something else, or put right what it names on the server.")
    return Cause(None, f"{model}Look at the node and at what feeds it; `traceback` and the server's log say more.")


def _of_field(graph: _Graph, field: str, *, is_missing: bool) -> Cause:
    place = f"`{field}` of {node_named(graph.workflow, graph.node)}"
    if graph.is_fed(field):
        gave = "nothing" if is_missing else "what it does not take"
        return Cause(None, f"The node that feeds {place} gave {gave}: look at it in the editor.")
    attribute = attribute_at(graph.workflow, graph.node, field)
    return Cause(attribute, "Set it." if attribute else f"Give {place} a value in the editor, and export again.")


def _only_one(session: Mapping[str, Any], prepared: str, kind: str) -> str:
    """Return the picture (or model and so on) that a node was given, when it was given one and no more."""
    given = session.get("execution_graph", {}).get("nodes", {}).get(prepared, {})
    key = REFERENCE_KEYS.get(kind, "key")
    found = {text for text, name in _texts(list(given.values())) if name == key}
    return found.pop() if len(found) == 1 else ""


class _Graph:
    """The graph that was posted, around the node that failed."""

    def __init__(self, workflow: type[Workflow[Any]], session: Mapping[str, Any], node: str) -> None:
        graph = session.get("graph") or {}
        self.workflow = workflow
        self.node = node
        self._nodes: Mapping[str, Mapping[str, Any]] = graph.get("nodes") or {}
        self.type = self._nodes.get(node, {}).get("type")
        self._sources: dict[str, dict[str, str]] = {}
        for edge in graph.get("edges") or ():
            target = edge["destination"]
            self._sources.setdefault(target["node_id"], {})[target["field"]] = edge["source"]["node_id"]

    def is_fed(self, field: str) -> bool:
        """Tell whether another node gives the value of a field."""
        return field in self._sources.get(self.node, ())

    def own(self) -> Iterator[tuple[str, str, Any]]:
        """Yield the inputs of the node: attribute, field and value."""
        yield from self._inputs(self.node)

    def upstream(self) -> Iterator[tuple[str, Any]]:
        """Yield the inputs of all nodes that feed the node, however far off: attribute and value."""
        seen, todo = {self.node}, [self.node]
        while todo:
            for source in self._sources.get(todo.pop(), {}).values():
                if source not in seen:
                    seen.add(source)
                    todo.append(source)
                    yield from ((attribute, value) for attribute, _, value in self._inputs(source))

    def models(self) -> Iterator[tuple[str, str]]:
        """Yield the key and the name of each model in the graph."""
        todo: list[Any] = list(self._nodes.values())
        while todo:
            value = todo.pop()
            if isinstance(value, dict) and isinstance(value.get("key"), str) and isinstance(value.get("name"), str):
                yield value["key"], one_line(value["name"], 80)
            elif isinstance(value, dict | list):
                todo += value.values() if isinstance(value, dict) else value

    def _inputs(self, node: str) -> Iterator[tuple[str, str, Any]]:
        for field, value in self._nodes.get(node, {}).items():
            attribute = attribute_at(self.workflow, node, field)
            if attribute and field not in self._sources.get(node, ()):
                yield attribute, field, value


def _is_told(said: str, field: str, value: object) -> bool:
    """Tell whether a message means an input of the node that failed: by its value, or by a name that is no word."""
    if "_" in field and _has_word(said, field):
        return True
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = rf"(?<![\w.]){re.escape(f'{value:g}')}(?:\.0)?(?![\w]|\.\d)"
        name = rf"\b{re.escape(field)}\b"
        return bool(re.search(rf"{name}.{{0,40}}{number}|{number}.{{0,40}}{name}", said))
    return _is_quoted(said, value)


def _is_quoted(said: str, value: object) -> bool:
    return any(
        _has_word(said, text) if key in _IDS or len(text) >= _LONG else any(f"{q}{text}{q}" in said for q in "'\"`")
        for text, key in _texts(value)
        if text
    )


def _texts(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts of a value with the key that each stands under; of an object, only what tells it from others."""
    if isinstance(value, str):
        yield value, key
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in _IDS or name == "name" or isinstance(item, dict | list):
                yield from _texts(item, name)


def _has_word(said: str, word: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said))
