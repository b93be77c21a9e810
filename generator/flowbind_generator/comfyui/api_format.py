"""A workflow in the format of the API, which is nearly what is posted: its nodes, and its literals as controls."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from flowbind.comfyui.schema.live_inputs import live_inputs
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.prompt import EditorNode, Keys, Place, Prompt, PromptNode, Widget
from flowbind_generator.comfyui.refusals import is_group_node, package_of, refuse_class, refuse_group_node
from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer

_VALUE = "__value__"
# Buttons, views and choices of the browser's own that the editor writes as if they were inputs.
_BROWSERS_OWN = re.compile(
    r"[^.]*\.(?:upload|audioUI)|CustomCombo\.(?:index|option\d+)|(?:SaveGLB|\w*3D\w*)\.(?:image|clear|upload .*)"
)
_SAVE_AGAIN = "Export the workflow again with Export (API) in ComfyUI's editor."


def read_api(document: Mapping[str, Any], catalog: Catalog, report: Report, root: Keys = ()) -> Prompt | None:
    """Return a workflow in the format of the API as it is posted, or None when the report refuses it.

    `root` are the keys that lead to it in its file.
    """
    nodes: dict[str, PromptNode] = {}
    editor_nodes: list[EditorNode] = []
    widgets: list[Widget] = []
    for node_id, told in document.items():
        keys = (*root, node_id)
        node = _node(node_id, told, catalog, report, keys)
        if node is None:
            continue
        found = catalog[node.class_type]
        # The editor writes the class's name where the author gave none.
        own_title = "" if node.title in (found.display_name, found.name) else node.title
        nodes[node_id] = node
        editor_nodes.append(EditorNode(node_id, node.class_type, own_title, node_id, keys))
        live = live_inputs(found, node.inputs)
        widgets += _widgets(node, live, keys)
        _tell_unknown(node, live, report, keys)
    return None if report.refused else Prompt(nodes, editor_nodes, widgets, root=root)


def _node(node_id: str, told: Any, catalog: Catalog, report: Report, keys: Keys) -> PromptNode | None:
    """Return a node whose class the server has; None for another, which is refused."""
    if not (
        isinstance(told, Mapping)
        and isinstance(told.get("class_type"), str)
        and isinstance(told.get("inputs"), Mapping)
    ):
        report.error(
            "FB104",
            "The structure is broken: this is no node, with a class_type and inputs.",
            _SAVE_AGAIN,
            pointer=json_pointer(keys),
        )
        return None
    class_type, facts = told["class_type"], told.get("_meta")
    title = facts.get("title") if isinstance(facts, Mapping) else None
    title = title if isinstance(title, str) else ""
    keys = (*keys, "class_type")
    if is_group_node(class_type):
        refuse_group_node(class_type, report, keys, title)
    elif class_type not in catalog:
        refuse_class(class_type, package_of(facts), catalog, report, keys, title)
    else:
        return PromptNode(node_id, node_id, class_type, title or catalog[class_type].display_name, told["inputs"])
    return None


def _widgets(node: PromptNode, live: Iterable[str], keys: Keys) -> Iterator[Widget]:
    for name in live:
        # A list is always meant as a link; the editor wraps values that are lists.
        if name in node.inputs and not isinstance(value := node.inputs[name], list):
            inner = (_VALUE,) if _is_wrapped(value) else ()
            shown = value[_VALUE] if inner else value
            yield Widget(node.id, name, shown, (Place(node.id, name),), (*keys, "inputs", name, *inner))


def _is_wrapped(value: Any) -> bool:
    """Tell whether a value is one that the editor has wrapped: a list, or a curve."""
    return (
        isinstance(value, Mapping)
        and _VALUE in value
        and (value.get("__type__") == "CURVE" or isinstance(value[_VALUE], list))
    )


def _tell_unknown(node: PromptNode, live: Container[str], report: Report, keys: Keys) -> None:
    unknown = [
        name for name in node.inputs if name not in live and not _BROWSERS_OWN.fullmatch(f"{node.class_type}.{name}")
    ]
    if unknown:
        report.warning(
            "FB303",
            f'Node class "{node.class_type}" does not tell of the inputs {", ".join(unknown)}; they are posted as '
            "they are: the server ignores values, and a connection may fail the run.",
            "In the editor of this server replace the node by a new one, and export again.",
            pointer=json_pointer((*keys, "inputs")),
            node_label=node.title,
        )
