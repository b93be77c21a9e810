"""The inputs that the author chose for App mode, as the editor finds them again: `extra.linearData`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from flowbind_generator.comfyui.knobs import Knob
from flowbind_generator.comfyui.picks import Pick, each_once
from flowbind_generator.comfyui.prompt import Prompt, Widget
from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer
from flowbind_generator.quoting import literal

_WIDGET_ID = re.compile(r"[^:]+:([^:]+):([^:]+)")
"""Since front end 1.47: the graph's id, the node's, and the widget's name, each quoted as in an address."""


def picks(prompt: Prompt, knobs: Sequence[Knob], report: Report) -> list[Pick]:
    """Return the chosen widgets in the author's order; a choice of which nothing is left is reported."""
    told = prompt.linear.get("inputs")
    by_widget = {(c.widget.path, c.widget.name): c for c in knobs}
    found: list[Pick] = []
    for place, entry in enumerate(told if isinstance(told, list) else ()):
        widget = _widget(prompt, entry)
        knob = by_widget.get((widget.path, widget.name)) if widget else None
        if knob is None:
            report.warning(
                "FB201",
                f"{_named(entry)}, chosen for App mode, {_why(prompt, widget)}.",
                "Open the app builder in the editor, take it out or choose another, and save the workflow again.",
                pointer=json_pointer((*prompt.root, "extra", "linearData", "inputs", place)),
            )
            continue
        settings = entry[2] if len(entry) > 2 and isinstance(entry[2], dict) else {}
        doc = settings.get("description")
        found.append(Pick(knob, doc=doc if isinstance(doc, str) else ""))
    return each_once(found, report)


def _widget(prompt: Prompt, entry: Any) -> Widget | None:
    """Return the widget that an entry means: [node id or more, name, settings]."""
    if not isinstance(entry, list) or len(entry) < 2 or not isinstance(entry[1], str):
        return None
    told, name = entry[0], entry[1]
    if isinstance(told, bool) or not isinstance(told, int | str):
        return None
    stored = str(told)
    if full := _WIDGET_ID.fullmatch(stored):
        return _at_root(prompt, unquote(full[1]), unquote(full[2]))
    if ":" in stored:
        # The id of a definition, then that of its instance.
        found = _at_root(prompt, stored.rpartition(":")[2], name)
        return found if found and prompt.by_path[found.path].is_subgraph else None
    direct = _at_root(prompt, stored, name)
    if direct:
        return direct
    # Older releases name the node inside of a subgraph.
    inner = list(_promoted(prompt, stored, name))
    return inner[0] if len(inner) == 1 else None


def _at_root(prompt: Prompt, path: str, name: str) -> Widget | None:
    node = prompt.by_path.get(path)
    return next((w for w in prompt.widgets if w.path == path and w.name == name), None) if node else None


def _promoted(prompt: Prompt, inner: str, name: str) -> Iterator[Widget]:
    """Yield the widgets of instances at the root that show a widget of a node inside of them."""
    for widget in prompt.widgets:
        if not widget.promoted or ":" in widget.path or not widget.targets:
            continue
        first = widget.targets[0]
        node = prompt.nodes.get(first.node_id)
        path = f"{widget.path}:{inner}"
        if node and ((node.path == path and first.name == name) or node.path.startswith(path + ":")):
            yield widget


def _why(prompt: Prompt, widget: Widget | None) -> str:
    if widget is None:
        return "is not there any more"
    if prompt.by_path[widget.path].prompt_id is None and not prompt.by_path[widget.path].is_subgraph:
        return "takes no part in a run: its node is bypassed or muted"
    return "takes no value: another node feeds it, or what it belongs to is bypassed"


def _named(entry: Any) -> str:
    if isinstance(entry, list) and len(entry) > 1 and all(isinstance(part, str | int) for part in entry[:2]):
        return f"Widget {literal(str(entry[1]))} of node {literal(str(entry[0]))}"
    return "An entry of another shape"
