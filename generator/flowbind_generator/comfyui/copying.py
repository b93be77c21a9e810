"""The export that has an instance's values: the workflow that a run stores, or its prompt where there is no more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from flowbind.comfyui.body import body_of
from flowbind.comfyui.dynamic_text import is_dynamic
from flowbind.comfyui.files import StoredFile
from flowbind.comfyui.request import CHOOSING, REPLACING, expanding, files_in, given
from flowbind.comfyui.schema.controls import UNSET
from flowbind.comfyui.schema.live_inputs import live_inputs
from flowbind.comfyui.schema.shapes import items, mapping
from flowbind.errors import InputError
from flowbind.same import same
from flowbind.workflow import Workflow, labelled, shortened
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.export import read_export
from flowbind_generator.comfyui.instances import holder
from flowbind_generator.comfyui.live_nodes import Control, LiveNode
from flowbind_generator.comfyui.loading import NAMED, Loaded
from flowbind_generator.comfyui.posting import Posting
from flowbind_generator.comfyui.prompt import is_link
from flowbind_generator.comfyui.widget_values import unwrapped
from flowbind_generator.copying import Difference
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report

_POSITIONS = "widgets_values"
_MADE_ANEW = {
    CHOOSING: "the editor would choose among `{a|b}`, and leave out `//` and `/* */` comments",
    REPLACING: "the editor would replace what stands between % signs",
}


def copy(
    workflow: Workflow[Any], catalog: Catalog, declaration: Declaration | None, before: bytes | None
) -> Mapping[str, Any]:
    """Return an instance as an export; raises `InputError` for files that are not on a server yet."""
    kind, values = type(workflow), _values(workflow)
    slots = kind.__flowbind__.slots
    if files := files_in(values):
        raise InputError(
            [
                f"{labelled(kind, str(slots[number].attribute), slots[number].label)} is {shortened(file)}: no file "
                "holds that. Upload it first, and give what `server.files.upload` returns."
                for number, file in files.items()
            ]
        )
    request = json.loads(body_of(kind).join(values))
    prompt: dict[str, Any] = request["prompt"]
    if not body_of(kind).stores:
        return {node_id: prompt[node_id] for node_id in _in_order(kind, prompt)}
    document: dict[str, Any] = request["extra_data"]["extra_pnginfo"]["workflow"]
    by_name = declaration is not None and declaration.by_name
    _complete(document, prompt, _places(kind, values), catalog, by_name=by_name)
    if "id" in document:
        # As with Save As, two files are two workflows.
        document["id"] = _id_of(before) or str(uuid4())
    return document


def differences(workflow: Workflow[Any], read: type[Workflow[Any]], catalog: Catalog) -> Iterator[Difference]:
    """Yield what a run of an instance posts otherwise than one of the class that was read from its copy.

    An input that came with another choice, and that the server does not look at, is no difference.
    """
    kind = type(workflow)
    values = _values(workflow)
    mine = json.loads(body_of(kind).join(values))["prompt"]
    theirs = body_of(read).prompt
    set_here = _places(kind, values)
    made_anew = {
        (slot.node, slot.field): slot.kind
        for number, slot in enumerate(read.__flowbind__.slots)
        if number in expanding(read)
    }
    for node_id in dict.fromkeys([*mine, *theirs]):
        ours, its = mapping(mine.get(node_id)), mapping(theirs.get(node_id))
        if ours.get("class_type") != its.get("class_type"):
            yield Difference(node_id, "", ours.get("class_type"), its.get("class_type"))
            continue
        live = live_inputs(catalog[its["class_type"]], its["inputs"])
        for name in dict.fromkeys([*ours["inputs"], *its["inputs"]]):
            if name not in its["inputs"] and name not in live and name.partition(".")[0] in live:
                continue
            place, one, other = (node_id, name), ours["inputs"].get(name), its["inputs"].get(name)
            if not same(one, other):
                yield Difference(*place, one, other)
            elif place in made_anew and place in set_here:
                yield Difference(*place, one, other, _MADE_ANEW[made_anew[place]])


def _places(kind: type[Workflow[Any]], numbers: Iterable[int]) -> frozenset[tuple[str, str]]:
    """Return the inputs of the prompt that take the values of some slots."""
    slots = [kind.__flowbind__.slots[number] for number in numbers]
    return frozenset(place for slot in slots for place in ((slot.node, slot.field), *slot.also))


def _values(workflow: Workflow[Any]) -> dict[int, Any]:
    """Return what was set, by the numbers of slots; files of a server are their names, as in the editor."""
    return {number: v.name if isinstance(v, StoredFile) else v for number, v in given(workflow).items()}


def _in_order(kind: type[Workflow[Any]], prompt: Mapping[str, Any]) -> list[str]:
    """Return the ids of nodes in an order in which a class has its attributes in theirs: it kept no other."""
    binding = kind.__flowbind__
    first, last = ([slot.node for slot in slots if slot.attribute] for slots in (binding.slots, binding.outputs))
    others = sorted(prompt.keys() - {*first, *last}, key=_by_number)
    return [*dict.fromkeys([*first, *others, *last])]


def _by_number(node_id: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdecimal() else -1, part) for part in node_id.split(":")]


def _id_of(before: bytes | None) -> str | None:
    """Return the id of the workflow in a file, None where there is none."""
    found = read_export(before, Report("")) if before else None
    own = found[1].get("id") if found and found[0] == "workflow" else None
    return own if isinstance(own, str) and own else None


def _complete(
    document: dict[str, Any],
    prompt: Mapping[str, Any],
    set_here: frozenset[tuple[str, str]],
    catalog: Catalog,
    *,
    by_name: bool,
) -> None:
    """Write the values of nodes in which some were set, as far as a saved workflow is not read with them.

    It may have no place for a value yet, or several; or a choice brings others along, which come in another order.
    """
    nodes = {node_id for node_id, _ in set_here}
    posting = Posting(Loaded(document, catalog, (), by_name=by_name))
    for scope, node in posting.shown:
        for control in node.controls:
            for place in posting.targets(scope, control):
                value = prompt.get(place.node_id, {}).get("inputs", {}).get(place.name, UNSET)
                if place.node_id not in nodes or value is UNSET or is_link(value):
                    continue
                read = posting.nodes[place.node_id].inputs.get(place.name, UNSET)
                is_set = (place.node_id, place.name) in set_here
                if not same(read, value) or (is_set and posting.expands(scope, control)):
                    value = unwrapped(value)
                    _write(document, node, control, _as_saved(control, value) if is_set else value)


def _as_saved(control: Control, value: Any) -> Any:
    """Return a value as the file has it: of a text that the editor would choose in, one that comes to the same."""
    chooses = control.plan.input is not None and control.plan.input.options.get("dynamicPrompts") is True
    return value.replace("{", "\\{") if chooses and isinstance(value, str) and is_dynamic(value) else value


def _write(document: dict[str, Any], node: LiveNode, control: Control, value: Any) -> None:
    held = holder(node, control)
    if held.keys is not None:
        *way, last = held.keys
        _at(document, tuple(way))[last] = value
        named = _at(document, tuple(way[:-1])).get(NAMED) if way[-1] == _POSITIONS else None
    else:
        told = _at(document, node.keys)
        named = told.get(NAMED)
        if isinstance(told.get(_POSITIONS), dict):
            told[_POSITIONS][control.name] = value
        elif control.plan.saved:
            saved = [other for other in node.controls if other.plan.saved]
            values, place = items(told.get(_POSITIONS)), saved.index(control)
            missing = [other.value if other.has_value else None for other in saved[len(values) : place + 1]]
            told[_POSITIONS] = [*values, *missing]
            told[_POSITIONS][place] = value
    if isinstance(named, dict):
        named[held.name] = value


def _at(document: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        document = document[key]
    return document
