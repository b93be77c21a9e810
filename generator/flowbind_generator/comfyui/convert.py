"""Converts a saved file to the prompt that the editor would post for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from flowbind.comfyui.schema.controls import MADE_BY_BROWSER
from flowbind.comfyui.schema.shapes import items, mapping, text
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.instances import Instance, holder
from flowbind_generator.comfyui.live_nodes import Control, LiveNode, Slot
from flowbind_generator.comfyui.loading import Loaded
from flowbind_generator.comfyui.posting import Held, Posting, Unrunnable
from flowbind_generator.comfyui.prompt import EditorNode, Keys, Prompt, Widget
from flowbind_generator.comfyui.proxy_widgets import PRIMITIVE
from flowbind_generator.comfyui.refusals import package_of, refuse_class
from flowbind_generator.comfyui.resolving import Scope
from flowbind_generator.comfyui.values import Disagreement
from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer


def convert(
    document: Mapping[str, Any], catalog: Catalog, report: Report, root: Keys = (), *, by_name: bool = False
) -> Prompt | None:
    """Return what the editor posts for a saved file, and where each value comes from; None when the report refuses it.

    `root` are the keys that lead to the workflow in its file. Where a node class has changed since the file was saved,
    the editor reads values by their positions all the same, and lets links slip to other inputs. With `by_name` the
    names of the values win, and such links are left out.
    """
    loaded = Loaded(document, catalog, root, by_name=by_name)
    try:
        posting = Posting(loaded)
    except Unrunnable as error:
        _report_unrunnable(error, report)
        return None
    for node, found in loaded.disagreements:
        _report_disagreement(node, found, report)
    for node, slot in [*posting.lost, *loaded.astray, *_adrift(posting)]:
        report.warning(
            "FB302",
            f'The connection of the input "{slot.name}" leads nowhere; it is left out.',
            "Connect the nodes anew in the editor and save again, if the connection matters.",
            pointer=json_pointer(slot.keys or node.keys),
            node_label=_label(node),
        )
    if posting.unknown:
        for _, node in posting.unknown:
            pack = package_of(node.saved.get("properties"))
            refuse_class(node.type, pack, catalog, report, (*node.keys, "type"), _label(node))
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
        stored=document,
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
    governor, held = node.governor(control), holder(node, control)
    value = posting.value(scope, control)
    return Widget(
        path=scope.path + node.file_id,
        name=control.plan.name,
        value=value if control.has_value else None,
        targets=posting.targets(scope, control),
        keys=held.keys,
        inner_name=held.plan.name if held is not control else "",
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
    cure = "Open the workflow in the editor of this server, set these values and save again."
    if found.by_name:
        why = "The names are taken."
    elif found.are_current:
        why = "The positions are taken, as in the editor. The names are the same values: a node class has changed."
        if not items(node.saved.get("widgets_values")):
            why = "The editor goes by positions. The file has none of this node, so it gets its defaults."
        cure += f' Or take the names: write values = "names" into {PurePosixPath(report.file).stem}.flowbind.toml.'
    else:
        why = "The positions are taken, as in the editor: the names hold other values, so they are out of date."
    report.warning(
        "FB310",
        f"The saved values of {_type(node)} are one thing by position and another by name: {shown}{more}.{gone} {why}",
        cure,
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
