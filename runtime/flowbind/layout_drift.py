"""What a server's document changes of what has a place: the values of a saved workflow, the outputs, what is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowbind.drift_words import in_backticks
from flowbind.findings import Finding, finding
from flowbind.rules import OUTPUT_MOVED, OUTPUT_REMOVED, WIDGETS_SHIFTED
from flowbind.served import Layout

SAVE_ANEW = "Open the workflow in the editor, set the node right, save it, and generate again."


class LayoutDrift:
    """Compares what a manifest entry says of places in the nodes of a type with what a server says of them."""

    def __init__(self, where: Mapping[str, str], node_type: str, used: Mapping[str, Any], now: Layout) -> None:
        self._where = where
        self._node_type = node_type
        self._used = used
        self._now = now

    def values(self, server: str) -> Iterator[Finding]:
        """Yield the finding about values that a saved workflow has for other inputs than the server reads there."""
        if said := shifted_values(self._node_type, self._used.get("order", ()), self._now.order):
            cause = (
                f"{server} has {said}, in the editor and when you generate from its document. Runs go on as before: "
                "they send values by name."
            )
            yield finding(WIDGETS_SHIFTED, None, cause, SAVE_ANEW, **self._where, **said.about)

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


@dataclass(frozen=True)
class Shift:
    """How the values that a saved workflow has for nodes of a type are read by others than they were saved for."""

    node_type: str
    before: Sequence[str]
    after: Sequence[str]

    @property
    def about(self) -> dict[str, Any]:
        """What a finding says of it besides cause and cure."""
        return {"place": self.node_type, "old": list(self.before), "new": list(self.after)}

    def __str__(self) -> str:
        wrong = [(was, now) for was, now in zip(self.before, self.after, strict=False) if was != now]
        was, now = wrong[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return (
            f'other inputs of "{self.node_type}" in the places where a saved workflow has its values: `{now}` gets '
            f"what was saved for `{was}`{more}"
        )


def shifted_values(node_type: str, before: Sequence[str], after: Sequence[str]) -> Shift | None:
    """Return how values are read wrongly, None where they are not: what has another name in its place shifts nothing.

    `before` and `after` are the inputs that have values, in the order of a saved workflow.
    """
    places = _places(after)
    is_shifted = any(places.get(key, at) != at for key, at in _places(before).items())
    return Shift(node_type, before, after) if is_shifted else None


def _places(order: Sequence[str]) -> dict[tuple[str, int], int]:
    """Return the place of each name; the editor calls the controls of several seeds the same."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], int] = {}
    for at, name in enumerate(order):
        found[name, seen[name]] = at
        seen[name] += 1
    return found
