"""Which values around the limits of its inputs a real server takes, and whether the classes take the same.

Many values go out in one request: the server names each one that it refuses. No request is ever queued, because each
holds a node that no server takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from .acceptance import Server
from .documents import Release
from .limit_values import coerced_values, is_limited, takes, values_around
from .lone_nodes import LONE, alone
from .reading import Exposed, exposed, read
from .tables import BEYOND_THE_DOCUMENT, COERCED, Known

# How many values go out in one request, and the node that is never taken.
_TOGETHER = 2000
_REFUSED: dict[str, Any] = {"id": "refused", "type": "add", "a": "many"}


@dataclass(frozen=True)
class Trial:
    """A value for an input; `coerced` where it is of another JSON type than the input's."""

    case: Exposed
    value: Any
    taken: bool
    coerced: bool = False

    @property
    def name(self) -> str:
        """What the case is called."""
        return f"{self.case.place} = {json.dumps(self.value)}"


def trials(release: Release) -> Iterator[Trial]:
    """Yield the values to try on a server of a release, with what the classes make of each."""
    for case in exposed(release):
        reading = read(case.schema)
        # Batch nodes and generators are never posted.
        if case.is_batched or not is_limited(reading):
            continue
        found = [Trial(case, value, _takes(case, value)) for value in values_around(reading)]
        yield from found
        inside = next((trial.value for trial in found if trial.taken), None)
        for value in coerced_values(reading, inside):
            yield Trial(case, value, _takes(case, value), coerced=True)


def _takes(case: Exposed, value: Any) -> bool:
    built = alone(case.release, case.node_type)
    item = built.input_at(LONE, case.name)
    return item is not None and takes(built.made, item.attribute, value)


def outcomes(tried: Sequence[Trial], server: Server) -> dict[str, str | None]:
    """Try values on a server; return for each what the class makes otherwise of it."""
    refused: set[int] = set()
    for start in range(0, len(tried), _TOGETHER):
        refused |= {start + n for n in _refused(tried[start : start + _TOGETHER], server)}
    return {trial.name: _difference(trial, n not in refused) for n, trial in enumerate(tried)}


def _difference(trial: Trial, accepted: bool) -> str | None:
    why = BEYOND_THE_DOCUMENT.get(trial.name)
    if trial.taken == accepted:
        return f"they agree, but the table says that they do not: {why}" if why else None
    if why or (accepted and trial.coerced):
        return Known(why or COERCED)
    return f"the server {'takes' if accepted else 'refuses'} it, the class does not"


def _refused(tried: Sequence[Trial], server: Server) -> set[int]:
    """Return the numbers of the values that the server refuses."""
    nodes = {str(n): {"id": str(n), "type": t.case.node_type, t.case.name: t.value} for n, t in enumerate(tried)}
    graph = {"nodes": {**nodes, _REFUSED["id"]: _REFUSED}, "edges": []}
    errors = server.errors(json.dumps({"prepend": False, "batch": {"runs": 1, "graph": graph}}).encode())
    if errors[0]["loc"] == [httpx.codes.INTERNAL_SERVER_ERROR]:
        # It fails on a value, without a word on which: on one half of them, or on the other, or on both.
        half = len(tried) // 2
        if not half:
            return {0}
        return _refused(tried[:half], server) | {half + n for n in _refused(tried[half:], server)}
    found = {(loc[4], loc[6]) for error in errors if len(loc := error["loc"]) > 6}
    assert (_REFUSED["id"], "a") in found, f"the server did not look at the nodes: {errors[:3]}"
    return {n for n, trial in enumerate(tried) if (str(n), trial.case.name) in found}
