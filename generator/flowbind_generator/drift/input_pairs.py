"""Which input of a new export is which of the old one: by its slot, else by its label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]
Key = Callable[[Item], object]

# The surest first. An input without a match by one of them is gone, or new.
_KEYS: Sequence[Key] = (
    lambda item: (item["node_id"], item["field_name"], item["node_type"]),
    lambda item: (item["node_id"], item["field_name"]),
    # Namesakes are told apart by their nodes' names, which the attribute has.
    lambda item: (item["label"], item["field_name"], item["attribute"]),
    lambda item: (item["label"], item["field_name"], item["node_type"]),
    lambda item: (item["label"], item["field_name"]),
    lambda item: item["label"],
)


def input_pairs(old: Sequence[Item], new: Sequence[Item]) -> Iterator[tuple[Item | None, Item | None]]:
    """Yield pairs of old and new inputs in the new order, then those that are gone (no new) in the old order.

    Several inputs of one label are matched in their order.
    """
    match: dict[int, Item] = {}
    gone = list(old)
    for key in _KEYS:
        by_key: dict[object, list[Item]] = {}
        for item in gone:
            by_key.setdefault(key(item), []).append(item)
        for at, item in enumerate(new):
            if at not in match and (candidates := by_key.get(key(item))):
                match[at] = candidates.pop(0)
        matched = {id(item) for item in match.values()}
        gone = [item for item in gone if id(item) not in matched]
    yield from ((match.get(at), item) for at, item in enumerate(new))
    yield from ((item, None) for item in gone)


def pinned_names(old: Sequence[Item], new: Sequence[Item]) -> dict[str, str]:
    """Return the attributes that inputs had, by "node id/field name"; of a node that was replaced, by its label."""
    pairs = ((was, now) for was, now in input_pairs(old, new) if was and now)
    return {f"{now['node_id']}/{now['field_name']}": was["attribute"] for was, now in pairs}
