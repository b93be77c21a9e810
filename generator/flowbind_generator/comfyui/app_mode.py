"""The inputs that the author chose for App mode, as the editor finds them again: `extra.linearData`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from flowbind_generator.comfyui.knobs import Knob
from flowbind_generator.comfyui.picks import Pick
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer
from flowbind_generator.quoting import literal

_WIDGET_ID = re.compile(r"[^:]+:([^:]+):([^:]+)")
"""Since front end 1.47: the graph's id, the node's, and the widget's name, each quoted as in an address."""


def picks(prompt: Prompt, knobs: Sequence[Knob], report: Report) -> list[Pick]:
    """Return the chosen widgets in the author's order; a choice of which nothing is left is reported."""
    told = prompt.linear.get("inputs")
    entries = told if isinstance(told, list) else []
    by_widget = {(k.widget.path, k.widget.name): k for k in knobs if k.is_at_root}
    inner = _inner(prompt, by_widget) if entries else {}
    found: list[Pick] = []
    for place, entry in enumerate(entries):
        meant = _meant(entry)
        knob = by_widget.get(meant[:2]) if meant else None
        if meant and meant.is_instance and not (knob and knob.shown.is_subgraph):
            knob = None
        if meant and knob is None and not meant.is_full:
            # Older releases name the node inside of a subgraph.
            shown = inner.get(meant[:2], [])
            knob = shown[0] if len(shown) == 1 else None
        if knob is None:
            report.warning(
                "FB201",
                f"{_named(entry)}, chosen for App mode, {_why(prompt, meant)}.",
                "Open the app builder in the editor, take it out or choose another, and save the workflow again.",
                pointer=json_pointer((*prompt.root, "extra", "linearData", "inputs", place)),
            )
            continue
        settings = entry[2] if len(entry) > 2 and isinstance(entry[2], dict) else {}
        doc = settings.get("description")
        found.append(Pick(knob, doc=doc if isinstance(doc, str) else ""))
    return found


class _Meant(NamedTuple):
    """A widget at the root: the path of its node, its name, how far the entry says where it is."""

    path: str
    name: str
    is_full: bool
    is_instance: bool


def _meant(entry: Any) -> _Meant | None:
    """Return what an entry means: [node id or more, name, settings]."""
    if not isinstance(entry, list) or len(entry) < 2 or not isinstance(entry[1], str):
        return None
    if isinstance(entry[0], bool) or not isinstance(entry[0], int | str):
        return None
    stored = str(entry[0])
    if full := _WIDGET_ID.fullmatch(stored):
        return _Meant(unquote(full[1]), unquote(full[2]), True, False)
    definition, _, instance = stored.rpartition(":")
    return _Meant(instance, entry[1], bool(definition), bool(definition))


def _inner(prompt: Prompt, by_widget: Mapping[tuple[str, str], Knob]) -> Mapping[tuple[str, str], list[Knob]]:
    """Return the widgets of instances at the root by the node inside that they show, and the name there."""
    names_at: defaultdict[str, list[str]] = defaultdict(list)
    for widget in prompt.widgets:
        names_at[widget.path].append(widget.name)
    found: defaultdict[tuple[str, str], list[Knob]] = defaultdict(list)
    for knob in by_widget.values():
        if not knob.widget.promoted:
            continue
        first = knob.targets[0]
        inside = prompt.nodes[first.node_id].path.removeprefix(f"{knob.widget.path}:").split(":")
        names = [first.name]
        if len(inside) > 1:
            # What the instance inside calls it, the file knows: any of its widgets may be meant.
            names = names_at[f"{knob.widget.path}:{inside[0]}"]
        for name in names:
            found[inside[0], name].append(knob)
    return found


def _why(prompt: Prompt, meant: _Meant | None) -> str:
    node = prompt.by_path.get(meant.path) if meant else None
    if node is None or meant is None or (meant.is_instance and not node.is_subgraph):
        return "is not there any more"
    if node.prompt_id is None and not node.is_subgraph:
        return "takes no part in a run: its node is bypassed or muted, or leads nowhere"
    if any(w.path == meant.path and w.name == meant.name for w in prompt.widgets):
        return "takes no value: another node feeds it, or what it belongs to is bypassed"
    return "is not there any more"


def _named(entry: Any) -> str:
    if isinstance(entry, list) and len(entry) > 1 and all(isinstance(part, str | int) for part in entry[:2]):
        return f"Widget {literal(str(entry[1]))} of node {literal(str(entry[0]))}"
    return "An entry of another shape"
