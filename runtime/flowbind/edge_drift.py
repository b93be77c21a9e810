"""What a server's document changes for the edges and results of a workflow: outputs gone, or of another type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowbind.drift_words import in_backticks
from flowbind.findings import Finding, finding
from flowbind.rules import OUTPUT_REMOVED, OUTPUT_TYPE_CHANGED, TYPE_CHANGED, Rule
from flowbind.served import Served

Facts = Mapping[str, Any]


class EdgeDrift:
    """Compares what a manifest entry says of outputs, and of what they feed, with what a server says of them."""

    def __init__(self, where: Mapping[str, str], entry: Mapping[str, Any], served: Served) -> None:
        self._where = where
        self._outputs = entry["outputs"]
        self._served = served
        # Names of types and of inputs may have dots: the end of an edge is looked up, not taken apart.
        self._ends = {
            f"{node_type}.{name}": (node_type, name, was)
            for node_type, used in entry["node_types"].items()
            for name, was in used["inputs"].items()
        }

    def of_output(self, node_type: str, name: str, was: Facts) -> Iterator[Finding]:
        """Yield the findings about one output, and the edges that begin there."""
        place, title = f"{node_type}.{name}", was.get("name", name)
        now = self._served.output(node_type, name)
        attribute = next(
            (o["attribute"] for o in self._outputs if (o["node_type"], o["field_name"]) == (node_type, name)),
            None,
        )
        if now is None:
            users = [f"`{attribute}`"] if attribute else []
            yield self._finding(
                OUTPUT_REMOVED,
                f'"{node_type}" no longer has the output "{title}", which {_used_by([*users, *was["feeds"]])}.',
                "Change the workflow in the editor and export again.",
                place,
                was["type"],
                None,
                attribute=attribute,
            )
            return
        unfit = [end for end in was["feeds"] if not self._still_fits(now, end)]
        if now != was["type"] and (unfit or was.get("read")):
            yield self._finding(
                OUTPUT_TYPE_CHANGED,
                f'The output "{title}" of "{node_type}" is {now} now, not {was["type"]}'
                + (f", which does not fit {in_backticks(unfit)}." if unfit else "."),
                "Change the workflow in the editor and export again, and the code that reads the output.",
                place,
                was["type"],
                now,
                attribute=attribute,
            )
        else:
            yield from (one for end in unfit if (one := self._unfit_end(end, place, now)))

    def _still_fits(self, output: str, end: str) -> bool:
        """Tell whether an output still feeds an input; one that is gone is a finding of its own."""
        into = self._end(end)[1]
        return into is None or self._served.fits(output, into["type"])

    def _end(self, end: str) -> tuple[Facts | None, Facts | None]:
        """Return what was and is said of the end of an edge, None for what is not there."""
        node_type, name, was = self._ends.get(end, ("", "", {}))
        if node_type not in self._served:
            return None, None
        return was, self._served.input(node_type, name, takes_values=False, under=was.get("under", {}))

    def _unfit_end(self, end: str, start: str, output: str) -> Finding | None:
        """Return the finding of an edge that no longer fits because its end takes something else."""
        before, after = self._end(end)
        was, now = (said and said["type"] for said in (before, after))
        if was == now:
            return None
        return self._finding(
            TYPE_CHANGED,
            f"The input {end} takes {now} now, not {was}: the edge from {start} ({output}) does not fit.",
            "Connect the nodes anew in the editor and export again.",
            end,
            was,
            now,
        )

    def _finding(
        self, rule: type[Rule], cause: str, cure: str, place: str, old: Any, new: Any, *, attribute: str | None = None
    ) -> Finding:
        where = {**self._where, "attribute": attribute, "place": place}
        return finding(rule, None, cause, cure, **where, old=old, new=new)


def _used_by(users: Sequence[str]) -> str:
    return f"feeds {in_backticks(users)}" if users else "the workflow uses"
