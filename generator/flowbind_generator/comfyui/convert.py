"""Converts a saved file to the prompt that the editor would post for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.controls import MADE_BY_BROWSER
from flowbind_generator.comfyui.instances import Instance
from flowbind_generator.comfyui.live_nodes import Control, LiveNode, Slot
from flowbind_generator.comfyui.loading import Loaded
from flowbind_generator.comfyui.posting import Held, Posting, Unrunnable
from flowbind_generator.comfyui.prompt import EditorNode, Keys, Prompt, Widget
from flowbind_generator.comfyui.proxy_widgets import PRIMITIVE
from flowbind_generator.comfyui.resolving import Scope
from flowbind_generator.comfyui.shapes import mapping, text
from flowbind_generator.comfyui.values import Disagreement
from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer


def convert(
    document: Mapping[str, Any], catalog: Catalog, report: Report, root: Keys = (), *, as_editor: bool = False
) -> Prompt | None:
    """Return what the editor posts for a saved file, and where each value comes from; None when the report refuses it.

    `root` are the keys that lead to the workflow in its file. Where a node class has changed since the file was saved,
    the editor reads values by their positions all the same, and lets links slip to other inputs; with `as_editor` that
    is done here, too. Otherwise names win, and such links are left out.
    """
    loaded = Loaded(document, catalog, root, as_editor=as_editor)
    try:
        posting = Posting(loaded)
    except Unrunnable as error:
        _report_unrunnable(error, report)
        return None
    for node, found in loaded.disagreements:
        _report_disagreement(node, found, report)
    for node, slot in [*posting.lost, *_adrift(posting)]:
        report.warning(
            "FB302",
            f'The connection of the input "{slot.name}" leads nowhere; it is left out.',
            "Connect the nodes anew in the editor and save again, if the connection matters.",
            pointer=json_pointer(slot.keys or node.keys),
            node_label=_label(node),
        )
    if posting.unknown:
        for _, node in posting.unknown:
            _report_unknown(node, report)
        return None
    for scope, node in posting.shown:
        if (id(scope), node.id) in posting.prompt_ids:
            _report_made_by_browser(node, report)
    extra = mapping(document.get("extra"))
    return Prompt(
        nodes=posting.nodes,
        editor_nodes=[_editor_node(posting, scope, node) for scope, node in posting.shown],
        widgets=[widget for held in posting.shown for widget in _widgets(posting, held)],
        title=text(document.get("title")) or text(document.get("name")),
        linear=mapping(extra.get("linearData")),
        root=root,
    )


def _editor_node(posting: Posting, scope: Scope, node: LiveNode) -> EditorNode:
    is_subgraph = isinstance(node, Instance)
    own = {node.type, node.node_class.display_name} if node.node_class else {node.type, "Primitive", "Markdown Note"}
    if isinstance(node, Instance):
        own = {node.inside.name}
    return EditorNode(
        path=scope.path + node.file_id,
        type=_type(node),
        title="" if node.title in own else node.title,
        prompt_id=posting.prompt_ids.get((id(scope), node.id)),
        keys=node.keys,
        is_subgraph=is_subgraph,
    )


def _widgets(posting: Posting, held: Held) -> Iterator[Widget]:
    scope, node = held
    if isinstance(node, Instance):
        for slot in node.hosts:
            if slot.shows is not None:
                yield _widget(posting, scope, node, slot.shows, slot.label or slot.port.label, promoted=True)
        return
    for control in node.controls:
        is_value = node.type == PRIMITIVE and not control.plan.governs
        if is_value or (control.plan.posted and control.plan.kind not in ("button", "index", "branches")):
            fed = node.slot_of(control.plan.name)
            yield _widget(posting, scope, node, control, fed.label if fed else "")


def _widget(
    posting: Posting, scope: Scope, node: LiveNode, control: Control, label: str, *, promoted: bool = False
) -> Widget:
    governor = node.governor(control)
    value = posting.value(scope, control)
    return Widget(
        path=scope.path + node.file_id,
        name=control.plan.name,
        value=value if control.has_value else None,
        targets=posting.targets(scope, control),
        keys=control.keys,
        label=label,
        promoted=promoted,
        control=text(governor.value) or None if governor else None,
        expands=posting.expands(scope, control),
    )


def _report_unrunnable(error: Unrunnable, report: Report) -> None:
    cause = (
        "The subgraph contains itself." if error.is_endless else "The subgraphs come to more nodes than flowbind reads."
    )
    report.error(
        "FB104",
        cause,
        "Open the workflow in the editor, take the subgraph apart and save again.",
        pointer=json_pointer(error.node.keys),
        node_label=_label(error.node),
    )


def _report_disagreement(node: LiveNode, found: Disagreement, report: Report) -> None:
    shown = "; ".join(f'"{name}" is {value!r} by position, {named!r} by name' for name, value, named in found.found[:8])
    more = f"; and {len(found.found) - 8} more" if len(found.found) > 8 else ""
    gone = f" It no longer has {', '.join(map(repr, found.gone[:8]))}." if found.gone else ""
    why = (
        "The names are taken: both are the same values, so a node class has changed since."
        if found.by_name
        else "The positions are taken: the names hold other values, so they are out of date."
    )
    report.warning(
        "FB310",
        f"The saved values of {_type(node)} are one thing by position and another by name: {shown}{more}.{gone} {why}",
        "Open the workflow in the editor of this server, set these values and save again.",
        pointer=json_pointer(node.keys),
        node_label=_label(node),
    )


def _report_unknown(node: LiveNode, report: Report) -> None:
    properties = mapping(node.saved.get("properties"))
    pack = text(properties.get("cnr_id")) or text(properties.get("aux_id"))
    of = f', which is of the package "{pack}"' if pack else ""
    report.error(
        "FB301",
        f'The server has no node class "{node.type}"{of}.',
        "Install it on your server and pin what the server says then: `flowbind spec pull URL`. Or replace the node.",
        pointer=json_pointer(node.keys),
        node_label=_label(node),
    )


def _report_made_by_browser(node: LiveNode, report: Report) -> None:
    for control in node.controls:
        source = MADE_BY_BROWSER.get(control.plan.input.type) if control.plan.input else None
        if source and control.plan.posted and control.plan.kind != "button" and not control.value:
            report.warning(
                "FB311",
                f'The editor makes the value of "{control.plan.name}" from {source} at each run; the file has none.',
                "Give the input a value yourself, or replace the node by one that loads a file.",
                pointer=json_pointer(node.keys),
                node_label=_label(node),
            )


def _adrift(posting: Posting) -> Iterator[tuple[LiveNode, Slot]]:
    seen = {id(node): node for _, node in posting.shown}
    return ((node, slot) for node in seen.values() for slot in node.adrift.values())


def _type(node: LiveNode) -> str:
    return node.inside.name if isinstance(node, Instance) else node.type


def _label(node: LiveNode) -> str:
    return node.title or _type(node)
