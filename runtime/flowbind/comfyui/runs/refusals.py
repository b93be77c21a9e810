"""What the server refuses of a prompt, told as inputs of the class and nodes of the workflow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowbind.comfyui.body import attribute_at, node_named
from flowbind.errors import Refused
from flowbind.outside import one_line
from flowbind.transport.steps import Reply
from flowbind.transport.wire import is_json, said_by
from flowbind.workflow import Workflow, named

_MOST = 20
"""How many problems a message lists."""
_LONGEST = 4000
"""The most characters of them all."""

_OF_INPUT = "Set the input to what the server takes."
_OF_VALUE = "A value that is no input is the workflow's own: change it in the editor and save again, or make it public."
_OF_NODE = "Look at it in the editor, and save again."
_OF_CLASS = "Install the package of the node on the server, or replace the node in the editor and save again."
_OF_FILE = "Give a Path to have a file uploaded, or the name of one that the server has."
_OF_LIST = "`server.models` lists the files that the server has."
_OF_RELEASE = (
    "If the server's node classes are not those that the class was generated for, pin them with `flowbind spec pull "
    "URL` and generate again."
)


@dataclass(frozen=True)
class _Problem:
    """Something that the server objects to: where, why, the input that it is about, and what to do."""

    place: str
    said: str
    cure: str
    attribute: str | None = None


def refused(workflow: type[Workflow[Any]], reply: Reply) -> Refused:
    """Return the error for a prompt that the server refuses as a whole; it names all inputs objected to."""
    document = _document(reply)
    about = document.get("error")
    found = [*_of_nodes(workflow, document.get("node_errors"))]
    found += _of_all(workflow, about, has_more=bool(found))
    told = _listed(found) or said_by(reply)
    return _error(f"The server refuses {workflow.__name__}: {told}.", found, reply.status)


def dropped(workflow: type[Workflow[Any]], problems: Mapping[str, Any], became: str) -> Refused:
    """Return the error for a prompt of which the server took only a part; `became` says what was done with that."""
    found = [*_of_nodes(workflow, problems)]
    said = f"The server refuses a part of {workflow.__name__}{became}: {_listed(found) or 'it does not say which'}."
    return _error(said, found, 200)


def _error(said: str, found: list[_Problem], status: int) -> Refused:
    cures = dict.fromkeys([*(problem.cure for problem in found), _OF_RELEASE])
    attributes = dict.fromkeys(problem.attribute for problem in found if problem.attribute)
    return Refused(f"{said} {' '.join(cures)}", status=status, attributes=tuple(attributes))


def _listed(found: list[_Problem]) -> str:
    said: dict[str, dict[str, None]] = {}
    for problem in found:
        said.setdefault(problem.place, {})[problem.said] = None
    lines = [": ".join(filter(None, (place, "; or ".join(words)))) for place, words in said.items()]
    if len(lines) > _MOST:
        lines[_MOST:] = [f"and {len(lines) - _MOST} more"]
    return one_line("; ".join(lines), _LONGEST).rstrip(".")


def _document(reply: Reply) -> Mapping[str, Any]:
    if not is_json(reply):
        return {}
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _of_all(workflow: type[Workflow[Any]], about: Any, *, has_more: bool) -> Iterator[_Problem]:
    """Yield the problem of a prompt as a whole, unless that says only that its nodes have some, which say more."""
    if not isinstance(about, dict) or (has_more and about.get("type") == "prompt_outputs_failed_validation"):
        return
    inside = about.get("extra_info")
    node = inside.get("node_id") if isinstance(inside, dict) else None
    said = " ".join(dict.fromkeys(one_line(about[key]) for key in ("message", "details") if about.get(key)))
    is_class = about.get("type") == "missing_node_type"
    place = node_named(workflow, node) if isinstance(node, str) else ""
    yield _Problem(place, said or "it gives no reason", _OF_CLASS if is_class else _OF_NODE)


def _of_nodes(workflow: type[Workflow[Any]], problems: Any) -> Iterator[_Problem]:
    for node, about in (problems if isinstance(problems, dict) else {}).items():
        errors = about.get("errors") if isinstance(about, dict) else None
        for error in errors if isinstance(errors, list) else ():
            if isinstance(error, dict):
                yield _of_node(workflow, str(node), error)


def _of_node(workflow: type[Workflow[Any]], node: str, error: Mapping[str, Any]) -> _Problem:
    inside = error.get("extra_info")
    inside = inside if isinstance(inside, dict) else {}
    name = inside.get("input_name")
    said = _words(error, inside)
    if not isinstance(name, str):
        return _Problem(node_named(workflow, node), said, _OF_NODE)
    attribute = attribute_at(workflow, node, name)
    if attribute:
        return _Problem(named(workflow, attribute), said, _cure(workflow, attribute), attribute)
    return _Problem(f"`{one_line(name, 80)}` of {node_named(workflow, node)}", said, _OF_VALUE)


def _words(error: Mapping[str, Any], inside: Mapping[str, Any]) -> str:
    """Return what the server says; its message is the same for all values of a kind, the details tell this one."""
    message, details = (one_line(error.get(key) or "") for key in ("message", "details"))
    name = str(inside.get("input_name"))
    if details in ("", name, message) or details in message:
        return message or "it gives no reason"
    for start in (f"{name}: ", f"{name}, ", f"{name} - "):
        details = details.removeprefix(start)
    return f"{message}: {details}" if message else details


def _cure(workflow: type[Workflow[Any]], attribute: str) -> str:
    kind = next(s.kind for s in workflow.__flowbind__.slots if s.attribute == attribute)
    return {"model": f"{_OF_INPUT} {_OF_LIST}", "text": _OF_INPUT, "value": _OF_INPUT}.get(kind, _OF_FILE)
