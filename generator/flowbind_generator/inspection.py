"""What `flowbind inspect` shows: a table for people, JSON for machines."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence

from flowbind.outside import printable
from flowbind_generator.diagnostics import Diagnostic
from flowbind_generator.ir import Input, Module
from flowbind_generator.reports.json_report import dumped

_WIDEST = 40


def as_json(workflow: str, module: Module | None, diagnostics: Sequence[Diagnostic]) -> str:
    """Return inputs, outputs and findings as JSON; the names are null and the lists empty for a refused export."""
    return dumped(
        {
            "workflow": workflow,
            "class_name": module.class_name if module else None,
            "module": module.name if module else None,
            "engine": module.engine if module else None,
            "inputs": [i.as_json() for i in module.inputs] if module else [],
            "outputs": [o.as_json() for o in module.outputs] if module else [],
            "diagnostics": [d.as_json() for d in diagnostics],
        }
    )


def as_text(module: Module) -> str:
    """Return inputs and outputs as two tables."""
    inputs = [
        (
            "-" if i.index is None else str(i.index),
            i.attribute,
            _type(i),
            _limits(i),
            "required" if i.required else _default(i),
            i.label,
            f"{i.node_type}.{i.field_name}",
        )
        for i in module.inputs
    ]
    outputs = [
        (o.attribute, f"{o.kind}s" if o.many else o.kind, f"{o.node_type}.{o.field_name}") for o in module.outputs
    ]
    return "\n".join(
        [
            f"{module.class_name}, from {printable(module.source)}",
            "",
            *table(("#", "attribute", "type", "limits", "default", "label", "node.field"), inputs),
            "",
            *table(("output", "kind", "node.field"), outputs),
        ]
    )


def _type(item: Input) -> str:
    many = "" if item.cardinality == "single" else f" {item.cardinality.replace('_', ' ')}"
    return f"{item.field_type}{many}{' or RANDOM' if item.random else ''}"


def _limits(item: Input) -> str:
    if item.choices is not None:
        return f"{len(item.choices)} choices"
    limits = item.limits
    signs = (
        (">= ", limits.minimum),
        ("> ", limits.exclusive_minimum),
        ("<= ", limits.maximum),
        ("< ", limits.exclusive_maximum),
        ("x", limits.multiple_of),
        ("length >= ", limits.min_length),
        ("length <= ", limits.max_length),
        ("items >= ", limits.min_items),
        ("items <= ", limits.max_items),
    )
    return ", ".join(f"{sign}{value}" for sign, value in signs if value is not None)


def _default(item: Input) -> str:
    value = item.default
    # A model or picture by its name; an object of a node pack's own is shown whole.
    if isinstance(value, dict) and item.kind != "object" and ("name" in value or len(value) == 1):
        value = value.get("name") or next(iter(value.values()))
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, whole: int = 0) -> list[str]:
    """Return the lines of a table; its cells are shortened to what a terminal can show, but `whole` first columns."""
    if not rows:
        return [f"{head[0]}: none"]
    printed = [[printable(c) for c in row] for row in (head, *rows)]
    cells = [[*row[:whole], *map(_short, row[whole:])] for row in printed]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _width(text: str) -> int:
    """Return how many columns of a terminal the text takes: East Asian wide letters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)
