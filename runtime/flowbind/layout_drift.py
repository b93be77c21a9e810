"""What a server's document changes of what has a place: the values of a saved workflow, the outputs, what is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowbind.drift_words import in_backticks
from flowbind.findings import Finding, finding
from flowbind.rules import OUTPUT_MOVED, OUTPUT_REMOVED, WIDGETS_SHIFTED
from flowbind.served import Layout

_SAVE_ANEW = "Open the workflow in the editor, set the node right, save it, and generate again."


class LayoutDrift:
    """Compares what a manifest entry says of places in the nodes of a type with what a server says of them."""

    def __init__(self, where: Mapping[str, str], node_type: str, used: Mapping[str, Any], now: Layout) -> None:
        self._where = where
        self._node_type = node_type
        self._used = used
        self._now = now

    def values(self, server: str) -> Iterator[Finding]:
        """Yield the finding about values that a saved workflow has for other inputs than the server reads there."""
        before, after = self._used.get("order", ()), self._now.order
        if not _is_shifted(before, after):
            return
        wrong = [(was, now) for was, now in zip(before, after, strict=False) if was != now]
        was, now = wrong[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        cause = (
            f'{server} has other inputs of "{self._node_type}" in the places where a saved workflow has its values: '
            f"`{now}` gets what was saved for `{was}`{more}, in the editor and when you generate from its document. "
            "Runs go on as before: they send values by name."
        )
        where = {**self._where, "place": self._node_type}
        yield finding(WIDGETS_SHIFTED, None, cause, _SAVE_ANEW, **where, old=list(before), new=list(after))

    def moved(self, output: str) -> Finding | None:
        """Return the finding about an output (its number) that has another number now, None where it has not."""
        was = self._used["outputs"][output]
        name, names = was.get("name"), self._now.outputs
        if name is None or (output.isdecimal() and int(output) < len(names) and names[int(output)] == name):
            return None
        taken = {place for place, other in self._used["outputs"].items() if other.get("name") == name}
        at = next((str(at) for at, said in enumerate(names) if said == name and str(at) not in taken), None)
        if at is None:
            return None
        place = f"{self._node_type}.{output}"
        cause = (
            f'The output "{name}" of "{self._node_type}" has the number {at} now, not {output}: edges go by numbers, '
            f"so {in_backticks(was['feeds'])} would get something else."
        )
        cure = "Open the workflow in the editor, connect the node anew, save it, and generate again."
        return finding(OUTPUT_MOVED, None, cause, cure, **self._where, place=place, old=output, new=at)

    def shows(self, attributes: Sequence[str]) -> Iterator[Finding]:
        """Yield the findings about the outputs of the class that runs no longer keep; `attributes` are the node's."""
        if not self._used.get("shows") or self._now.shows:
            return
        for attribute in attributes:
            cause = f'"{self._node_type}" no longer shows what it makes: runs leave it out, and give no `{attribute}`.'
            cure = "Put a node that saves or shows in its place in the editor, and generate again."
            where = {**self._where, "attribute": attribute, "place": self._node_type}
            yield finding(OUTPUT_REMOVED, None, cause, cure, **where)


def _is_shifted(before: Sequence[str], after: Sequence[str]) -> bool:
    """Tell whether an input that is still there has another place: what was renamed in its place shifts nothing."""
    places = _places(after)
    return any(places.get(key, at) != at for key, at in _places(before).items())


def _places(order: Sequence[str]) -> dict[tuple[str, int], int]:
    """Return the place of each name; the editor calls the controls of several seeds the same."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], int] = {}
    for at, name in enumerate(order):
        found[name, seen[name]] = at
        seen[name] += 1
    return found
