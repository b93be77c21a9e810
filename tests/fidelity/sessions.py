"""What the session of a finished run says of its nodes, read apart from the runtime: what each gave, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ran:
    """What a session says of one node of the workflow.

    `results` are in iteration order; `repeated` where the node belongs to iterations, even to one or to none of them;
    `skipped` counts the prepared nodes that have no result.
    """

    results: tuple[Mapping[str, Any], ...]
    repeated: bool
    skipped: int

    def field(self, name: str) -> list[Any]:
        """Return what one output of the node held, each time; what is nothing, the server leaves out."""
        return [result.get(name) for result in self.results]


def ran_in(session: Mapping[str, Any]) -> dict[str, Ran]:
    """Return what a session of release 6.14 says of each node of its graph."""
    return {node_id: _ran(session, node_id) for node_id in session["graph"]["nodes"]}


def _ran(session: Mapping[str, Any], node_id: str) -> Ran:
    prepared: list[str] | None = session["source_prepared_mapping"].get(node_id)
    if prepared is None:
        return Ran((), False, 1)  # the run ended before it came to the node
    paths: Mapping[str, list[int]] = session["prepared_iteration_paths"]
    ordered = sorted(prepared, key=lambda p: paths[p])
    results = tuple(session["results"][p] for p in ordered if p in session["results"])
    # Only an iteration over nothing prepares a node no time at all.
    return Ran(results, not prepared or any(paths[p] for p in prepared), len(prepared) - len(results))
