"""What the manifest says of a node class and its inputs: engine-neutral, so that drift can compare it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flowbind.comfyui.schema.class_inputs import Shown, class_inputs, option_inputs_shown
from flowbind.comfyui.schema.controls import option_inputs
from flowbind.comfyui.schema.node_classes import COMBO, DYNAMIC_COMBO, NodeClass, NodeInput, types_in
from flowbind.comfyui.schema.server_files import is_server_list, upload_kind
from flowbind.plain_schemas import is_number

CORE_PACK = "comfyui"
"""What the classes that come with every server are said to be a pack of."""

_CUSTOM = "custom_nodes."
_SCALARS = {"INT": "integer", "FLOAT": "number", "STRING": "string", "BOOLEAN": "boolean", "COLOR": "string"}
_LONGEST = 200


def about(node_class: NodeClass) -> dict[str, str]:
    """Return a class's version, which the server does not say, its pack, and how settled its authors say it is."""
    return {
        "version": "",
        "node_pack": node_pack(node_class.module),
        "classification": (
            "deprecated" if node_class.is_deprecated else "experimental" if node_class.is_experimental else "stable"
        ),
    }


def node_pack(module: str) -> str:
    """Return the pack that a class comes from by its module: "custom_nodes.a-pack" is "a-pack"."""
    return module.removeprefix(_CUSTOM) if module.startswith(_CUSTOM) else CORE_PACK


def order_of(node_class: NodeClass, given: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return what a saved file has values for, in the editor's order: it has the values of a node by their places.

    A choice that brings inputs along has them behind it; `given` are the choices that a workflow makes, by the input.
    """
    return [name for one in class_inputs(node_class) for name in _saved(one, given)]


def _saved(one: Shown, given: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    for plan in one.controls or ():
        if plan.saved:
            yield plan.name
        if plan.kind == "dynamic":
            brought = option_inputs(one.input)
            for choice in sorted({key for key in given.get(plan.name, ()) if isinstance(key, str) and key in brought}):
                for inner in option_inputs_shown(brought[choice], plan.name):
                    yield from _saved(inner, given)


def input_facts(node_class: NodeClass, found: NodeInput, *, takes_values: bool) -> dict[str, Any]:
    """Return what is said of an input: its type, whether a run needs it, its default, which values it takes.

    Of one that only links feed, its type is all that matters. `files` marks one whose choices are the server's own.
    """
    facts: dict[str, Any] = {"type": found.type}
    if found.options.get("forceInput"):
        facts["input"] = "connection"
    if found.required:
        facts["required"] = True
    default = found.options.get("default")
    if _is_scalar(default) and len(str(default)) <= _LONGEST:
        facts["default"] = default
    if takes_values:
        facts["schema"] = value_schema(node_class, found)
        if _has_files(node_class, found):
            facts["files"] = True
    return facts


def value_schema(node_class: NodeClass, found: NodeInput) -> dict[str, Any]:
    """Return the plain JSON schema of the values that an input takes, {} where it takes any.

    The names of the server's own files are any text: they differ from server to server. Of other types than numbers,
    texts and booleans only the name is known.
    """
    if found.type == COMBO:
        one = {"type": "string"} if _has_files(node_class, found) else _choice(found.choices or ())
        is_many = bool(found.options.get("multi_select") or found.options.get("multiselect"))
        return {"type": "array", "items": one} if is_many else one
    if found.type == DYNAMIC_COMBO:
        return _choice(found.brings)
    told = found.options.get("widgetType")
    names = list(types_in(told if isinstance(told, str) else found.type))
    if "*" in names:
        return {}
    members = [_of_type(name, found) for name in names]
    return members[0] if len(members) == 1 else {"anyOf": members}


def _has_files(node_class: NodeClass, found: NodeInput) -> bool:
    return found.type == COMBO and (upload_kind(node_class, found) is not None or is_server_list(node_class, found))


def _of_type(name: str, found: NodeInput) -> dict[str, Any]:
    """Return the schema of the values of a type: numbers, texts or booleans, within the input's bounds."""
    kind = _SCALARS.get(name)
    if kind is None:
        return {"$ref": name}
    bounds = (("minimum", "min"), ("maximum", "max")) if kind in ("integer", "number") else ()
    # A text box of the editor keeps to no length: the server takes any.
    return {"type": kind, **{key: at for key, told in bounds if is_number(at := found.options.get(told))}}


def _choice(choices: Iterable[Any]) -> dict[str, Any]:
    kept = [choice for choice in choices if _is_scalar(choice)]
    return {"enum": kept} if kept else {}


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | bool) or is_number(value)
