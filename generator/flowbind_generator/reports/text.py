"""The report for people: what was found, by what it is about."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import click

from flowbind.findings import Finding, at_least
from flowbind.outside import printable
from flowbind.rules import Severity
from flowbind_generator.checked import Change, Checked, InputChange, Question
from flowbind_generator.console import count, listed
from flowbind_generator.export_rules import FILE_EDITED, FILE_LEFTOVER, FILE_MISSING, FILE_STALE, INPUT_MOVED

COLOURS: Mapping[Severity, str] = {"error": "red", "warning": "yellow", "info": "blue"}
_SERVER = "the server"
_INDENT = " " * len("  warning  ")
_WIDEST = 60
_OF_FILES = frozenset({FILE_EDITED.__name__, FILE_LEFTOVER.__name__, FILE_MISSING.__name__, FILE_STALE.__name__})
_MOST = 8

_FITS: Mapping[Question, str] = {
    "workflow": "the new export",
    "spec": "the server's document",
    "server": _SERVER,
    "library": "the server's library",
}


def as_text(checked: Checked) -> str:
    """Return all findings under what they are about, and what new exports do to inputs; in colours."""
    by_source = checked.by_source()
    changes: dict[str, list[InputChange]] = {}
    for change in checked.inputs:
        changes.setdefault(change.source, []).append(change)
    groups: list[str] = []
    files: list[Finding] = []
    for source in sorted(by_source.keys() | changes.keys()):
        found = by_source.get(source, [])
        if found and source not in changes and all(f.rule in _OF_FILES and not f.class_name for f in found):
            files += found
            continue
        lines = [_heading(source, checked, found), *_findings(found)]
        if source in changes:
            lines.append(f"  {_inputs(changes[source])}")
        groups.append("\n".join(lines))
    if files:
        # One line for each, under one heading: they are told apart by their names alone.
        told = [replace(f, place=f.source) for f in files]
        groups.append("\n".join([click.style("Generated files", bold=True), *_findings(told)]))
    return "\n\n".join(groups)


def summary(checked: Checked, fail_on: Severity) -> str:
    """Return in one line what came out; what fails the check is as grave as `fail_on`."""
    numbers = ", ".join(count(number, severity) for severity, number in checked.counts().items() if number)
    failing = at_least(checked.findings, fail_on)
    if not failing and not at_least(checked.findings, "warning"):
        return f"{count(len(checked.workflows), 'workflow')}: {_fits(checked)}{f' ({numbers})' if numbers else ''}."
    return f"{numbers} {_places(checked)}{'' if failing else f'; none is an {fail_on}'}."


def _fits(checked: Checked) -> str:
    fresh = ["is fresh"] if "files" in checked.questions else []
    # Asked along with the files, the export and the document are those that the classes were generated from.
    fits = [
        what for question, what in _FITS.items() if question in checked.questions and not (fresh and what != _SERVER)
    ]
    return f"everything {' and '.join(fresh + ([f'fits {listed(fits)}'] if fits else []))}"


def _places(checked: Checked) -> str:
    """Return where findings are: "in 2 of 8 workflows, 1 other file and the server"."""
    sources = {f.source for f in checked.findings}
    others = sources - checked.workflows.keys() - {""}
    places: list[str] = []
    if inside := sources & checked.workflows.keys():
        places.append(f"{len(inside)} of {count(len(checked.workflows), 'workflow')}")
    if others:
        places.append(count(len(others), "other file" if places else "file"))
    if "" in sources:
        places.append(_SERVER)
    return f"{'about' if places == [_SERVER] else 'in'} {listed(places)}"


def _heading(source: str, checked: Checked, found: Sequence[Finding]) -> str:
    name = checked.workflows.get(source) or next((f.class_name for f in found if f.class_name), None)
    return click.style(printable(source or _SERVER) + (f" ({printable(name)})" if name else ""), bold=True)


def _findings(found: Sequence[Finding]) -> Iterable[str]:
    found = _folded(found)
    wide = max((len(f.rule) for f in found), default=0)
    for this, following in zip(found, [*found[1:], None], strict=False):
        named = this.attribute is None and (this.place or "") in this.cause
        cause = printable(this.cause if named else f"{this.attribute or this.place}: {this.cause}")
        yield f"  {click.style(f'{this.severity:7}', fg=COLOURS[this.severity])}  {this.rule:{wide}}  {cause}"
        if difference := _difference(this):
            yield f"{_INDENT}{printable(difference)}"
        # Said once for several findings in a row: new choices of ten inputs all want the same.
        if following is None or (this.rule, this.cure) != (following.rule, following.cure):
            yield f"{_INDENT}{printable(this.cure)}"


def _folded(found: Sequence[Finding]) -> list[Finding]:
    """Return findings with one for all inputs that moved: an input that goes moves all those below it."""
    moved = [f for f in found if f.rule == INPUT_MOVED.__name__ and f.attribute]
    if len(moved) < 2:
        return list(found)
    told = listed(
        [f"{f.attribute} ({'none' if f.old is None else f.old} to {'none' if f.new is None else f.new})" for f in moved]
    )
    one = replace(
        moved[0], cause=f"The indices of {told} have changed.", attribute=None, place=None, old=None, new=None
    )
    return [one if f is moved[0] else f for f in found if f is moved[0] or f not in moved]


def _inputs(changes: Sequence[InputChange]) -> str:
    numbers = Counter(change for one in changes for change in one.changes)
    told = ", ".join(f"{numbers[change]} {change}" for change in get_args(Change) if numbers[change])
    return f"{count(len(changes), 'input')}: {told}"


def _difference(found: Finding) -> str:
    """Return what was and what is, as far as the cause does not say it."""
    old, new = found.old, found.new
    if isinstance(old, list) and isinstance(new, list):
        parts = {"gone": [v for v in old if v not in new], "new": [v for v in new if v not in old]}
        untold = {word: [v for v in values if not _says(found.cause, v)] for word, values in parts.items()}
        return "; ".join(f"{word}: {_several(values)}" for word, values in untold.items() if values)
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in old | new if old.get(key) != new.get(key)]
        told = {key: _was_is(found.cause, old.get(key), new.get(key)) for key in keys}
        return "; ".join(f"{key} {text}" for key, text in told.items() if text)
    return _was_is(found.cause, old, new)


def _was_is(cause: str, old: Any, new: Any) -> str:
    values = {"was": old, "is": new}
    # One without the other is a thing that is gone or new, which is what the cause says.
    if None in (old, new) or all(_says(cause, value) for value in values.values()):
        return ""
    return ", ".join(f"{word} {_short(_shown(value))}" for word, value in values.items())


def _says(cause: str, value: Any) -> bool:
    """Tell whether a sentence names a value: 5 is not in "15", nor in "5.5"."""
    texts = filter(None, (_shown(value), str(value)))
    return any(re.search(rf"(?<![\w.]){re.escape(text)}(?!\w|\.\w)", cause) for text in texts)


def _several(values: Sequence[Any]) -> str:
    more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
    return ", ".join(_short(_shown(v)) for v in values[:_MOST]) + more


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
