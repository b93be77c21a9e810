"""Whether flowbind gives one or many where the server does: a result, compared with the session of its run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from flowbind.binding import OutputSlot
from flowbind.errors import NoOutput
from flowbind.invokeai import Image, Result, Video
from flowbind.workflow import Workflow

from .sessions import Ran, ran_in

_MEDIA = ("image", "video")


def differences(workflow: type[Workflow[Any]], result: Result[Any], session: Mapping[str, Any]) -> list[str]:
    """Return where the result of a run is not what its session says."""
    ran = ran_in(session)
    found = [said for slot in workflow.__flowbind__.outputs for said in _of_output(workflow, slot, result, ran)]
    return found + [said for node_id, node in ran.items() for said in _of_node(node_id, node, result)]


def _of_output(
    workflow: type[Workflow[Any]], slot: OutputSlot, result: Result[Any], ran: Mapping[str, Ran]
) -> Iterator[str]:
    node = ran[slot.node]
    outputs = workflow.__flowbind__.outputs_class
    declared = str(outputs.__annotations__[slot.attribute])
    expected = _expected(slot, node)
    if slot.repeated != node.repeated and (node.results or node.repeated):
        yield f"{slot.attribute}: the class says repeated={slot.repeated}, the server {node.repeated}"
    if node.skipped and not slot.optional:
        yield f"{slot.attribute}: the node did not run {node.skipped} times, and the class does not say that it may"
    held = [value for value in _held(slot, node) if value is not None]
    lists = any(isinstance(value, list) for value in held)
    if held and slot.many != (node.repeated or lists) and _tells(declared):
        yield f"{slot.attribute}: the class says many={slot.many}, the server gives {expected}"
    if slot.attribute not in vars(result.outputs):
        yield f"{slot.attribute}: missing, the server gives {expected}"
        return
    value = getattr(result.outputs, slot.attribute)
    if as_json(value) != expected:
        yield f"{slot.attribute}: {as_json(value)}, the server gives {expected}"
    hint = get_type_hints(outputs)[slot.attribute]
    try:
        TypeAdapter(hint).validate_python(value, strict=True)
    except ValidationError as error:
        yield f"{slot.attribute}: {value!r} is no {declared}: {error.errors()[0]['msg']}"


def _tells(annotation: str) -> bool:
    """Tell whether an annotation says one or many: anything, and a choice of two, may be either."""
    return "object" not in annotation and " | " not in annotation.removesuffix(" | None")


def _held(slot: OutputSlot, node: Ran) -> list[Any]:
    held = node.field(slot.field)
    return held if slot.key is None else [values.get(slot.key) for values in held]


def _expected(slot: OutputSlot, node: Ran) -> Any:
    """Return what an output should hold, as JSON: None where its node did not run."""
    held = _held(slot, node)
    if not node.repeated:
        return held[0] if held else None
    if slot.kind in _MEDIA and any(isinstance(value, list) for value in held):
        # The pictures of all iterations are one list.
        return [item for items in held for item in items]
    return held


def _of_node(node_id: str, node: Ran, result: Result[Any]) -> Iterator[str]:
    try:
        given = vars(result.node(node_id))
    except NoOutput as error:
        if node.results:
            yield f"node {node_id}: {error}"
        return
    if not node.results:
        yield f"node {node_id}: gives {given}, although it did not run"
        return
    # What is nothing each time, the server does not name at all.
    names = {*given, *(name for values in node.results for name in values)} - {"type"}
    expected = {name: node.field(name) if node.repeated else node.field(name)[0] for name in names}
    if as_json(given) != expected:
        yield f"node {node_id}: {as_json(given)}, the server gives {expected}"


def as_json(value: Any) -> Any:
    """Return a value that a result holds as the server has it."""
    if isinstance(value, Image):
        return {"image_name": value.name}
    if isinstance(value, Video):
        return {"video_name": value.name}
    if is_dataclass(value):
        # The server leaves out what a box has no value for.
        return {f.name: held for f in fields(value) if (held := getattr(value, f.name)) is not None}
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value
