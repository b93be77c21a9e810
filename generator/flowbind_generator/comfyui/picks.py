"""A widget that is public, and what the rule that chose it says of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flowbind_generator.comfyui.knobs import Knob
from flowbind_generator.diagnostics import Report


@dataclass(frozen=True)
class Pick:
    """One public input.

    `name` is what the author or the project calls it, "" where they do not say; a `declared` one is final. `doc` is
    what the author says of it. One that is `beside` is none of those that the rule chose, but runs elsewhere need it;
    one that is `further` no rule chose at all.
    """

    knob: Knob
    name: str = ""
    declared: bool = False
    doc: str = ""
    beside: bool = False
    further: bool = False


def each_once(picks: Iterable[Pick], report: Report) -> list[Pick]:
    """Return the picks without those of which an earlier one is the same input: they are reported."""
    found: list[Pick] = []
    taken: set[object] = set()
    for pick in picks:
        knob = pick.knob
        if taken.isdisjoint(knob.targets):
            taken |= set(knob.targets)
            found.append(pick)
            continue
        report.warning(
            "FB202",
            f'"{knob.label}" is chosen twice; it becomes one input, at the first place.',
            "Choose it once.",
            **knob.whereabouts,
        )
    return found
