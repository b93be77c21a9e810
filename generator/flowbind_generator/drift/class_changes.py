"""What generating again means for code that uses the classes: attributes added, removed, retyped, renamed."""

from __future__ import annotations

from collections.abc import Iterator

from flowbind.findings import Finding
from flowbind.outside import printable
from flowbind.rules import BECAME_REQUIRED, OUTPUT_REMOVED, OUTPUT_TYPE_CHANGED, WIDGETS_SHIFTED
from flowbind_generator.drift.export_drift import ExportDrift
from flowbind_generator.export_rules import (
    CLASS_RENAMED,
    INPUT_CONNECTED,
    INPUT_DISCONNECTED,
    INPUT_MISSING,
    INPUT_NEW,
    INPUT_RENAMED,
    INPUT_RETYPED,
    OUTPUT_NEW,
    OUTPUT_RENAMED,
    RUNS_CHANGED,
)
from flowbind_generator.generate import Plan
from flowbind_generator.manifest import Manifest, is_comparable

_SEEN = (
    CLASS_RENAMED, RUNS_CHANGED, INPUT_NEW, INPUT_MISSING, INPUT_RENAMED, INPUT_RETYPED, INPUT_CONNECTED,
    INPUT_DISCONNECTED, BECAME_REQUIRED, OUTPUT_NEW, OUTPUT_REMOVED, OUTPUT_RENAMED, OUTPUT_TYPE_CHANGED,
    WIDGETS_SHIFTED,
)  # fmt: skip
_RULES = frozenset(rule.__name__ for rule in _SEEN)
_MARKS = {
    INPUT_NEW.__name__: "+", OUTPUT_NEW.__name__: "+", INPUT_MISSING.__name__: "-", OUTPUT_REMOVED.__name__: "-",
}  # fmt: skip


def class_changes(made: Plan, before: Manifest) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the source of each class that was there before, and what is different for its users."""
    for module in made.modules:
        old = before.workflows.get(module.source)
        # Of the same files nothing is different: most classes, at most times.
        if old and is_comparable(old) and old["files"] != made.manifest.workflows[module.source]["files"]:
            findings = ExportDrift(module.source, old, module).findings()
            yield module.source, [found for found in findings if found.rule in _RULES]


def lost_classes(made: Plan, before: Manifest) -> list[str]:
    """Return in a line each which classes are deleted."""
    gone = [(source, entry) for source, entry in before.workflows.items() if source not in made.manifest.workflows]
    return [printable(f"{entry['class_name']} goes away: {source} is not there any more.") for source, entry in gone]


def in_lines(name: str, findings: list[Finding]) -> list[str]:
    """Return what is different as lines: "+" is new, "-" is gone, "~" is another."""
    named = ((f, f"`{f.attribute}`" in f.cause) for f in findings)
    lines = (
        f"  {_MARKS.get(f.rule, '~')} {'' if said or not f.attribute else f'{f.attribute}: '}{f.cause}"
        for f, said in named
    )
    return [f"{name}, for code that uses it:", *map(printable, lines)]
