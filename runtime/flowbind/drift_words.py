"""How findings of drift are worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowbind.rules import (
    BECAME_REQUIRED,
    ENUM_VALUE_ADDED,
    ENUM_VALUE_REMOVED,
    INPUT_REMOVED,
    RANGE_NARROWED,
    RANGE_WIDENED,
    TYPE_CHANGED,
    TYPE_WIDENED,
    Rule,
)
from flowbind.schema_changes import Change

_SENTENCES: Mapping[type[Rule], str] = {
    BECAME_REQUIRED: "{what} must be in the object now.",
    ENUM_VALUE_ADDED: "{what} has more choices: {new}.",
    ENUM_VALUE_REMOVED: "{what} has fewer choices: {old} went away.",
    INPUT_REMOVED: "{what} is no part of the object any more; the server ignores it.",
    RANGE_NARROWED: "{what} allows less than before: {new}, not {old}.",
    RANGE_WIDENED: "{what} allows more than before: {new}, not {old}.",
    TYPE_CHANGED: "{what} takes {new} now, not {old}.",
    TYPE_WIDENED: "{what} takes more than before: {new}, not only {old}.",
}
_CURES: Mapping[type[Rule], str] = {
    BECAME_REQUIRED: "Give it a value, and generate again from the server's document.",
    ENUM_VALUE_REMOVED: "Choose another value, and generate again from the server's document.",
    INPUT_REMOVED: "Leave it out, and generate again from the server's document.",
    RANGE_NARROWED: "Keep to the new bounds, and generate again from the server's document.",
    TYPE_CHANGED: "Generate again from the server's document, and see what type checkers say of your code.",
}


def change_in_words(change: Change, what: str) -> str:
    """Return a change of what an input takes as a sentence."""
    return _SENTENCES[change.rule].format(what=what, old=_in_words(change.old), new=_in_words(change.new))


def cure_of(change: Change) -> str:
    """Return what to do about a change."""
    return _CURES.get(change.rule, "Nothing needs to be done; generate again to use it.")


def models_in_words(models: Mapping[str, Sequence[str]]) -> str:
    """Return which models an input takes, as a phrase."""
    return "; ".join(f"{key} {', '.join(names)}" for key, names in models.items()) or "any"


def shown(value: Any) -> str:
    """Return a value as findings show it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def in_backticks(names: Sequence[str]) -> str:
    """Return names as code has them, a few of many."""
    return _some([f"`{name}`" for name in names])


def _in_words(said: Any) -> str:
    if isinstance(said, Mapping):
        return ", ".join(f"{key} {value}" for key, value in said.items()) or "no bound"
    return _some(list(map(shown, said))) if isinstance(said, list) else str(said)


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:5]) + (f" and {len(texts) - 5} more" if len(texts) > 5 else "")
