"""How the type of an input differs between two manifest entries, and how grave that is for code that sets it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from flowbind.drift_words import models_in_words
from flowbind.rules import TYPE_CHANGED, Severity
from flowbind.schema_changes import WIDENING, schema_changes
from flowbind_generator.limits import Limits

Item = Mapping[str, Any]
_LIMITS = tuple(part.name for part in fields(Limits))
_FORM = ("ui_minimum", "ui_maximum")


@dataclass(frozen=True)
class Retyping:
    """What is different, as the end of a sentence and as JSON values, and how grave it is."""

    what: str
    old: Any
    new: Any
    severity: Severity


def retyping(old: Item, new: Item, old_entry: Mapping[str, Any], new_entry: Mapping[str, Any]) -> Retyping | None:
    """Return how the type of an input differs, or None where it is the same."""
    # What is drawn is told of by itself.
    old, new = ({**item, "python_type": item["python_type"].replace(" | Random", "")} for item in (old, new))
    keys = ("python_type", "field_type", "cardinality", "choices", "models", "random", *_LIMITS, *_FORM)
    if all(old.get(key) == new.get(key) for key in keys):
        return None
    differences = list(_differences(old, new))
    _, was, now = differences[0]
    what = "; ".join(said for said, _, _ in differences)
    return Retyping(what, was, now, _severity(old, new, _schema(old, old_entry), _schema(new, new_entry)))


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
    """Tell whether bounds that no schema shows (those of a batch's items), choices, models or RANDOM are fewer now."""
    if any(key in new and new[key] != old.get(key) and "batch" in new["node_type"] for key in _LIMITS):
        return True
    if set(map(repr, old.get("choices", ()))) - set(map(repr, new.get("choices", ()))):
        return "choices" in new
    if "random" in old and "random" not in new:
        return True
    before, after = old.get("models") or {}, new.get("models") or {}
    return any(names and not (before.get(key) and set(before[key]) <= set(names)) for key, names in after.items())


def _schema(item: Item, entry: Mapping[str, Any]) -> Any:
    used = entry["node_types"].get(item["node_type"], {}).get("inputs", {})
    return used.get(item["field_name"], {}).get("schema")


def _differences(old: Item, new: Item) -> Iterator[tuple[str, Any, Any]]:
    """Yield each difference in words, with what was and is; the one that matters most first."""
    chosen = "choices" in old and "choices" in new and old["choices"] != new["choices"]
    if chosen and _without_choices(old) == _without_choices(new):
        yield _of_choices(old["choices"], new["choices"]), old["choices"], new["choices"]
    elif old["python_type"] != new["python_type"]:
        yield f"takes {_type(new)} now, not {_type(old)}", old["python_type"], new["python_type"]
    elif (old["field_type"], old["cardinality"]) != (new["field_type"], new["cardinality"]):
        types = [f"{item['field_type']} ({item['cardinality'].replace('_', ' ')})" for item in (old, new)]
        yield f"is {types[1]} to the server now, not {types[0]}", types[0], types[1]
    elif old.get("choices") != new.get("choices"):
        yield _of_choices(old.get("choices", []), new.get("choices", [])), old.get("choices"), new.get("choices")
    before, after = ({k: names for k, names in (item.get("models") or {}).items() if names} for item in (old, new))
    if old.get("models") != new.get("models"):
        yield f"takes other models now: {models_in_words(after)}, not {models_in_words(before)}", before, after
    limits = [{key: item[key] for key in _LIMITS if key in item} for item in (old, new)]
    if limits[0] != limits[1] and old["python_type"] == new["python_type"]:
        yield f"has other bounds now: {_bounds(limits[1])}, not {_bounds(limits[0])}", limits[0], limits[1]
    offers = [{key: item[key] for key in _FORM if key in item} for item in (old, new)]
    if offers[0] != offers[1]:
        was, now = map(_offer, offers)
        yield f"offers {now} in the form now, not {was}", offers[0], offers[1]
    if old.get("random") != new.get("random"):
        yield _of_random(old.get("random"), new.get("random")), old.get("random"), new.get("random")


def _without_choices(item: Item) -> str:
    # A default that is no choice any more makes the type admit "unset": of the choices enough is said.
    return re.sub(r"Literal\[.*\]", "Literal", item["python_type"]).removesuffix(" | Unset")


def _type(item: Item) -> str:
    """Return the Python type for a sentence; long lists of choices are counted."""
    many = f"Literal of {len(item.get('choices', ()))} choices"
    return re.sub(r"Literal\[.{60,}\]", many, item["python_type"])


def _of_choices(old: Sequence[Any], new: Sequence[Any]) -> str:
    gone, added = [v for v in old if v not in new], [v for v in new if v not in old]
    if not gone and not added:
        return "offers its choices in another order now"
    lost = [f"no longer offers {_some(gone)}"] if gone else []
    return " and ".join([*lost, *([f"offers {_some(added)}{'' if gone else ', too'}"] if added else [])])


def _bounds(limits: Mapping[str, Any]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in limits.items()) or "none"


def _offer(bounds: Mapping[str, Any]) -> str:
    low, high = (bounds.get(key) for key in _FORM)
    if low is None or high is None:
        return f"{low} or more" if low is not None else f"up to {high}" if high is not None else "any number"
    return f"{low} to {high}"


def _of_random(old: Item | None, new: Item | None) -> str:
    if new is None:
        return "takes no RANDOM any more"
    step = "" if new["step"] in (None, 1) else f" in steps of {new['step']}"
    drawn = f"{new['minimum']} to {new['maximum']}{step}"
    return f"takes RANDOM, too, which draws {drawn}" if old is None else f"draws {drawn} for RANDOM now"


def _some(values: Sequence[Any]) -> str:
    more = f" and {len(values) - 4} more" if len(values) > 4 else ""
    return ", ".join(map(repr, values[:4])) + more
