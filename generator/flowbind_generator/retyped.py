"""How the type of an input differs between two manifest entries, and how grave that is for code that sets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowbind.rules import TYPE_CHANGED, Severity
from flowbind.schema_changes import WIDENING, schema_changes

Item = Mapping[str, Any]
_LIMITS = (
    "minimum",
    "maximum",
    "exclusive_minimum",
    "exclusive_maximum",
    "multiple_of",
    "min_length",
    "max_length",
    "pattern",
    "min_items",
    "max_items",
)
_FORM = ("ui_minimum", "ui_maximum")


@dataclass(frozen=True)
class Retyping:
    """What was taken and is taken, in words, and how grave the change is."""

    old: str
    new: str
    severity: Severity


def retyping(old: Item, new: Item, old_entry: Mapping[str, Any], new_entry: Mapping[str, Any]) -> Retyping | None:
    """Return how the type of an input differs, or None where it is the same."""
    keys = ("python_type", "field_type", "cardinality", "choices", "models", *_LIMITS, *_FORM)
    if all(old.get(key) == new.get(key) for key in keys):
        return None
    severity = _severity(old, new, _schema(old, old_entry), _schema(new, new_entry))
    was, now = _in_words(old), _in_words(new)
    if was == now:
        # Of one Python type: another type of the server, or one that is too long to tell apart in words.
        was, now = f"{old['field_type']} ({was})", f"{new['field_type']} ({now})"
    return Retyping(was, now, severity)


def _severity(old: Item, new: Item, before: Any, after: Any) -> Severity:
    changes = list(schema_changes(before, after)) if before is not None and after is not None else []
    narrowing = [change for change in changes if change.rule not in WIDENING]
    if any(change.rule is TYPE_CHANGED for change in narrowing):
        return "error"
    if narrowing or _takes_less(old, new):
        return "warning"
    same_kind = (old["field_type"], old["cardinality"]) == (new["field_type"], new["cardinality"])
    return "info" if changes or same_kind else "error"


def _takes_less(old: Item, new: Item) -> bool:
    """Tell whether bounds that no schema shows (those of a batch's items), choices or models are fewer now."""
    if any(key in new and new[key] != old.get(key) and "batch" in new["node_type"] for key in _LIMITS):
        return True
    if set(map(repr, old.get("choices", ()))) - set(map(repr, new.get("choices", ()))):
        return "choices" in new
    before, after = old.get("models") or {}, new.get("models") or {}
    return any(names and not (before.get(key) and set(before[key]) <= set(names)) for key, names in after.items())


def _schema(item: Item, entry: Mapping[str, Any]) -> Any:
    used = entry["node_types"].get(item["node_type"], {}).get("inputs", {})
    return used.get(item["field_name"], {}).get("schema")


def _in_words(item: Item) -> str:
    """Return the type, its bounds, and what the form offers."""
    words = [str(item["python_type"])]
    if "choices" in item:
        words.append(f"of {len(item['choices'])} choices: {_some(item['choices'])}")
    if "models" in item and any(item["models"].values()):
        words.append(f"of {'; '.join(', '.join(names) for names in item['models'].values() if names)}")
    if any(key in item for key in _FORM):
        words.append(f"(the form offers {item.get('ui_minimum', 'any')} to {item.get('ui_maximum', 'any')})")
    return " ".join(words)


def _some(values: Sequence[Any]) -> str:
    shown = ", ".join(map(repr, values[:4]))
    return shown + (", ..." if len(values) > 4 else "")
