"""What the server refuses of a request (422), told as inputs of the class and nodes of the workflow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowbind.errors import Refused
from flowbind.inside import place_inside
from flowbind.invokeai.runs.inputs_of_nodes import attribute_at, node_named
from flowbind.outside import one_line
from flowbind.transport.steps import Reply
from flowbind.transport.wire import details, said_by
from flowbind.workflow import Workflow, named

_MOST = 20
"""How many problems a message lists: a batch may have thousands."""
_LONGEST = 4000
"""The most characters of them all."""

_OF_INPUT = "Set the input to what the server takes."
_OF_VALUE = (
    "A value that is no input is the workflow's own: change it in the editor and export again, or put it into the form."
)
_OF_NODE = "Look at the node in the editor, and export again."
_OF_TYPE = "Install the node pack on the server, or replace the node in the editor and export again."
_OF_RELEASE = (
    "If the server's release is not the one the class was generated for, pin its document with "
    "`flowbind spec pull URL` and generate again."
)


@dataclass(frozen=True)
class _Problem:
    """Something that the server objects to: where, why, the inputs that it is about, and what to do."""

    place: str
    said: str
    cure: str = ""
    attributes: tuple[str, ...] = ()


def refused(workflow: type[Workflow[Any]], reply: Reply, content: bytes) -> Refused:
    """Return the error for a refused `enqueue_batch`, whose body was `content`; it names all inputs objected to."""
    detail = details(reply)
    reader = _Reader(workflow, _batch_in(content))
    found = [reader.read(about) for about in detail if isinstance(about, dict)] if isinstance(detail, list) else []
    said: dict[str, dict[str, None]] = {}
    for problem in found:
        said.setdefault(problem.place, {})[problem.said] = None
    lines = [": ".join(filter(None, (place, "; or ".join(words)))) for place, words in said.items()]
    if len(lines) > _MOST:
        lines[_MOST:] = [f"and {len(lines) - _MOST} more"]
    cures = dict.fromkeys(filter(None, (*(problem.cure for problem in found), _OF_RELEASE)))
    told = one_line("; ".join(lines), _LONGEST) or said_by(reply)
    return Refused(
        f"The server refuses {workflow.__name__}: {told}. {' '.join(cures)}",
        status=reply.status,
        attributes=tuple(dict.fromkeys(a for problem in found for a in problem.attributes)),
    )


def _batch_in(content: bytes) -> Mapping[str, Any]:
    batch: Mapping[str, Any] = json.loads(content)["batch"]
    return batch


class _Reader:
    """Reads the problems of one refused batch."""

    def __init__(self, workflow: type[Workflow[Any]], batch: Mapping[str, Any]) -> None:
        self._workflow = workflow
        self._nodes: Mapping[str, Any] = batch["graph"]["nodes"]
        self._data: Sequence[Sequence[Mapping[str, Any]]] = batch.get("data") or ()

    def read(self, found: Mapping[str, Any]) -> _Problem:
        """Return one entry of FastAPI's list as a problem."""
        said = one_line(found.get("msg", "no reason is given")).removeprefix("Value error, ")
        loc = found.get("loc")
        match loc if isinstance(loc, list) and all(isinstance(step, str | int) for step in loc) else []:
            case ["body", "batch", "graph", "nodes", str(node), str(), str(field), *_]:
                inside = place_inside(self._nodes.get(node, {}).get(field), {"type": "", **found}, 7)
                return self._of_field(node, field, f" at {one_line(inside, 80)}" if inside else "", said)
            case ["body", "batch", "graph", "nodes", str(node), *_]:
                missing = _missing_type(found)
                return _Problem(node_named(self._workflow, node), missing or said, _OF_TYPE if missing else _OF_NODE)
            case ["body", "batch", "data", int(group), int(number), "items", *rest] if self._has(group, number):
                datum = self._data[group][number]
                at = f" at {rest[0]}" if rest and isinstance(rest[0], int) else ""
                return self._of_field(datum["node_path"], datum["field_name"], at, said)
            case ["body", "batch", "workflow", *rest]:
                where = f", `{one_line('.'.join(map(str, rest)), 80)}`" if rest else ""
                return _Problem(
                    f"the workflow that is stored with the pictures{where}", said, "Generate the class again."
                )
            case ["body", "batch"] | ["body", "batch", "graph" | "data"]:
                return self._of_graph(said)
            case ["body", "batch", *rest] | rest:
                return _Problem(one_line(".".join(map(str, rest)), 80), said)

    def _has(self, group: int, number: int) -> bool:
        return 0 <= group < len(self._data) and 0 <= number < len(self._data[group])

    def _of_field(self, node: str, field: str, inside: str, said: str) -> _Problem:
        attribute = attribute_at(self._workflow, node, field)
        if attribute:
            return _Problem(f"{named(self._workflow, attribute)}{inside}", said, _OF_INPUT, (attribute,))
        return _Problem(f"`{one_line(field, 80)}` of {node_named(self._workflow, node)}{inside}", said, _OF_VALUE)

    def _of_graph(self, said: str) -> _Problem:
        """Return a problem of which only the words tell the place: they name nodes by their ids."""
        attributes = tuple(dict.fromkeys(filter(None, self._attributes(said))))
        place = ", ".join(named(self._workflow, attribute) for attribute in attributes)
        labels = [
            f"{node} is {node_named(self._workflow, node)}"
            for node in dict.fromkeys(_pattern(self._nodes).findall(said))
        ]
        known = f" ({', '.join(labels)})" if labels else ""
        return _Problem(place, said + known, _OF_INPUT if attributes else _OF_NODE, attributes)

    def _attributes(self, said: str) -> Iterator[str | None]:
        places = [(m["node"], m["field"]) for pattern in _FIELDS for m in re.finditer(pattern, said)]
        places += [(d["node_path"], d["field_name"]) for d in self._misfits(said)]
        for node, field in places:
            yield attribute_at(self._workflow, node, field)

    def _misfits(self, said: str) -> Iterator[Mapping[str, Any]]:
        """Yield what is at fault among the data of a batch, where the words do not tell."""
        seen: set[tuple[str, str]] = set()
        for group in self._data:
            lengths = {len(datum["items"]) for datum in group}
            for datum in group:
                place = (datum["node_path"], datum["field_name"])
                if (
                    (said.endswith("must all have the same length") and len(lengths) > 1)
                    or (said.endswith("must have the same type") and _is_mixed(datum["items"]))
                    or (said.endswith("must have unique node_id and field_name") and place in seen)
                    or said == f"Node {datum['node_path']} not found in graph"
                ):
                    yield datum
                seen.add(place)


_FIELDS = (
    r" -> (?P<node>\S+)\.(?P<field>[^.\s]+)\)",
    r"^Edge destination field (?P<field>\S+) does not exist in node (?P<node>.+)$",
    r"^Field (?P<field>\S+) not found in node (?P<node>.+)$",
)
"""How the server's words name an input of a node."""


def _pattern(nodes: Mapping[str, Any]) -> re.Pattern[str]:
    """Return what finds the ids of nodes where the server's words have one: an id may be any word."""
    ids = "|".join(re.escape(node) for node in sorted(nodes, key=len, reverse=True)) or "(?!)"
    before = "|".join(f"(?<={re.escape(words)})" for words in ("node ", "got ", "and ", "(", "-> ", "{'", ", '"))
    return re.compile(rf"(?:{before})({ids})(?=[\s.,:)']|$)")


def _is_mixed(items: Sequence[object]) -> bool:
    # The server lets integers and floats stand side by side.
    return len({"number" if isinstance(item, int | float) else type(item).__name__ for item in items}) > 1


def _missing_type(found: Mapping[str, Any]) -> str | None:
    """Return what is said of a node type that the server does not have: its own words list all that it has."""
    about = found.get("ctx")
    if found.get("type") != "union_tag_invalid" or not isinstance(about, dict) or "tag" not in about:
        return None
    return f'the server has no node type "{one_line(about["tag"], 80)}"'
