"""Which models the author of a workflow chose anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from flowbind.findings import Finding, finding
from flowbind_generator.export_rules import MODEL_REPICKED

Item = Mapping[str, Any]
_SAME = ("name", "base", "type")


def is_model(value: Any) -> TypeGuard[Item]:
    """Tell whether a saved value is a model's record."""
    return isinstance(value, Mapping) and value.keys() >= set(_SAME)


def model_of(item: Item, named: Sequence[Item]) -> Item | None:
    """Return the record of the model that is the default of an input, None where that is no model.

    `named` is what the workflow names: some engines know models by their names alone.
    """
    value = item.get("default")
    place = (item["node_id"], item["field_name"])
    if isinstance(value, str) and any(place == (n["node_id"], n["field_name"]) for n in named if n["kind"] == "model"):
        return _by_name(value)
    return value if is_model(value) else None


def repicked(was: Item, now: Item, item: Item, where: Mapping[str, Any]) -> Finding:
    """Return the finding of a model in place of another; `item` is the input that holds it."""
    place = f"{item['node_type']}.{item['field_name']}"
    about = {**where, "attribute": item.get("attribute"), "place": place, "old": dict(was), "new": dict(now)}
    if all(was.get(key) == now.get(key) for key in _SAME):
        cause = f'The model "{now.get("name")}" has another key or hash now.'
        return finding(MODEL_REPICKED, "info", cause, "Nothing needs to be done.", **about)
    cause = f"The model is {_named(now, was)} now, not {_named(was, now)}."
    cure = "Run `flowbind generate`; set another model if you do not want this one."
    return finding(MODEL_REPICKED, "warning", cause, cure, **about)


def hidden_models(
    before: Sequence[Item], after: Sequence[Item], inputs: Sequence[Item], where: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield the models outside the inputs that the author chose anew; both sequences are what workflows name."""
    shown = {(item["node_id"], item["field_name"]) for item in inputs}
    old = _models(before)
    for key, items in _models(after).items():
        # Of several in one place (LoRAs in a list), those in the same position are compared.
        for was, now in zip(old.get(key, ()), items, strict=False):
            if key not in shown and was["value"] != now["value"]:
                yield repicked(_record(was["value"]), _record(now["value"]), {**now, "attribute": None}, where)


def _models(named: Sequence[Item]) -> dict[tuple[str, str], list[Item]]:
    found: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in named:
        if item["kind"] == "model" and is_model(_record(item["value"])):
            found[item["node_id"], item["field_name"]].append(item)
    return found


def _record(value: Any) -> Any:
    """Return what a workflow names as a model's record."""
    return _by_name(value) if isinstance(value, str) else value


def _by_name(name: str) -> Item:
    return dict.fromkeys(_SAME) | {"name": name}


def _named(model: Item, other: Item) -> str:
    """Return a model's name, and where the other has the same, what else tells them apart."""
    if model.get("name") != other.get("name"):
        return f'"{model.get("name")}"'
    return f'"{model.get("name")}" ({", ".join(str(model.get(key)) for key in _SAME[1:])})'
