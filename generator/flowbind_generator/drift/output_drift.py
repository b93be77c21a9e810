"""What a new export changes of the outputs of a class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowbind.findings import Finding, finding
from flowbind.rules import OUTPUT_REMOVED, OUTPUT_TYPE_CHANGED
from flowbind_generator.export_rules import OUTPUT_NEW, OUTPUT_RENAMED

Item = Mapping[str, Any]
_CHANGE = "Change the code that reads it."


def output_drift(before: Sequence[Item], after: Sequence[Item], where: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what becomes of each output; `where` says which class they are of."""
    left = list(after)
    for old, new in _pairs(before, after):
        if new is None:
            cause = f"The output `{old['attribute']}` is gone."
            yield finding(OUTPUT_REMOVED, None, cause, _CHANGE, **where, **_of(old), old=old["python_type"])
            continue
        left.remove(new)
        was, now = old["attribute"], new["attribute"]
        if was != now:
            cause = f"The output `{was}` is called `{now}` now."
            yield finding(OUTPUT_RENAMED, None, cause, _CHANGE, **where, **_of(old), old=was, new=now)
        types = {"old": old["python_type"], "new": new["python_type"]}
        if types["old"] != types["new"]:
            cause = f"The output `{now}` is {types['new']} now, not {types['old']}."
            yield finding(OUTPUT_TYPE_CHANGED, None, cause, _CHANGE, **where, **_of(new), **types)
    for new in left:
        cause, cure = f"The class has an output `{new['attribute']}` now.", "Run `flowbind generate` to use it."
        yield finding(OUTPUT_NEW, None, cause, cure, **where, **_of(new), new=new["python_type"])


def _pairs(before: Sequence[Item], after: Sequence[Item]) -> Iterator[tuple[Item, Item | None]]:
    """Yield each output with the one of the same node, else the one of its name; None where it is gone."""
    by_slot = {_slot(item): item for item in after}
    kept = {_slot(item) for item in before}
    by_name = {item["attribute"]: item for item in after if _slot(item) not in kept}
    for item in before:
        yield item, by_slot.get(_slot(item)) or by_name.get(item["attribute"])


def _slot(output: Item) -> tuple[Any, ...]:
    return output["node_id"], output["field_name"], output.get("key")


def _of(output: Item) -> dict[str, str]:
    return {"attribute": output["attribute"], "place": f"{output['node_type']}.{output['field_name']}"}
