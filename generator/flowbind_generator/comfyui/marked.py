"""The inputs that the author marked: nodes whose title, or widgets whose label, begins with "in:"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowbind_generator.comfyui.curated import is_text_or_file
from flowbind_generator.comfyui.knobs import Knob
from flowbind_generator.comfyui.picks import Pick
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.diagnostics import Report
from flowbind_generator.names import snake_case
from flowbind_generator.pointers import json_pointer

MARK = "in:"


def picks(prompt: Prompt, knobs: Sequence[Knob], report: Report) -> list[Pick]:
    """Return the marked widgets in the order of the file; a mark on what no run takes is reported."""
    by_path: dict[str, list[Knob]] = {}
    for knob in knobs:
        by_path.setdefault(knob.widget.path, []).append(knob)
    found: list[Pick] = []
    for node in prompt.editor_nodes:
        own = by_path.get(node.path, [])
        name = _after_mark(node.title)
        labelled = [Pick(c, label) for c in own if (label := _after_mark(c.widget.label)) is not None]
        marked = labelled or ([] if name is None else list(_of_node(name, own)))
        if name is not None and not marked:
            report.warning(
                "FB201",
                f'The node is marked with "{MARK}", but has no value that a run takes.',
                "Mark the node that holds the value, and check that it is neither bypassed nor fed by another.",
                pointer=json_pointer(node.keys),
                node_label=node.title,
            )
        found += marked
    return found


def unmarked(text: str) -> str:
    """Return a title or label without its mark."""
    name = _after_mark(text)
    return text if name is None else name


def _after_mark(text: str) -> str | None:
    mark, name = text.strip()[: len(MARK)], text.strip()[len(MARK) :]
    return name.strip() if mark.lower() == MARK else None


def _of_node(name: str, own: Sequence[Knob]) -> Iterator[Pick]:
    """Yield what a marked node is there for: its only value, the one of the mark's name, its text or file, else all."""
    named = [c for c in own if snake_case(name) and snake_case(name) == snake_case(c.widget.name)]
    main = next((some for some in (own, named, [c for c in own if is_text_or_file(c)]) if len(some) == 1), None)
    if main:
        yield Pick(main[0], name)
        return
    for knob in own:
        yield Pick(knob, f"{name} {knob.widget.name}")
