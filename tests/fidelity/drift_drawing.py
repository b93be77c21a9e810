"""How rows of real drift are written: small workflows of one release, and what another release does to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.unit.exports import edge, form, node, resolved, workflow

from flowbind.drift import workflow_drift
from flowbind.findings import Finding
from flowbind.invokeai.schema.served import ServedNodes
from flowbind.rules import Rule
from flowbind_generator.manifest import entry_of

from .documents import Release, Schema, release

Said = tuple[str, str, str | None, str | None]
"""Severity, rule, place and attribute of a finding."""
Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Draw:
    """Draws nodes as the editor of one release would."""

    release: Release

    def node(self, node_id: str, node_type: str, /, **inputs: Any) -> dict[str, Any]:
        """Return a node of the release's own version, so that loading it changes nothing."""
        return node(node_id, node_type, inputs, version=self.release.nodes[node_type]["version"])

    def one(self, node_type: str, shown: Inputs, hidden: Inputs) -> dict[str, Any]:
        """Return a workflow of one node, "n": some inputs in the form, others only with their values."""
        only = self.node("n", node_type, **shown, **hidden)
        return workflow(only, form=form(*(f"n.{name}" for name in shown)))

    def fed(self, node_type: str, wires: Mapping[str, str], shown: Inputs) -> dict[str, Any]:
        """Return a workflow of one node, "n", whose inputs others feed, each by "node type.output"."""
        sources = {f"s{at}": start.split(".") for at, start in enumerate(wires.values())}
        return workflow(
            self.node("n", node_type, **shown),
            *(self.node(node_id, source) for node_id, (source, _) in sources.items()),
            edges=[edge(f"{s}.{sources[s][1]}", f"n.{name}") for s, name in zip(sources, wires, strict=True)],
            form=form(*(f"n.{name}" for name in shown)),
        )


@dataclass(frozen=True)
class Row:
    """One change between two releases: a workflow of the old one, and all that flowbind says of the new one.

    `what` is the first cell of the contract's table 8.2, or a place in a document.
    """

    what: str
    old: str
    new: str
    draw: Callable[[Draw], Any]
    said: frozenset[Said]

    def __str__(self) -> str:
        return f"{self.what} {self.old} {self.new}"

    def entry(self) -> dict[str, Any]:
        """Return what the manifest would hold of the workflow, as its file has it."""
        module, _ = resolved(self.draw(Draw(release(self.old))), release(self.old).catalog)
        entry: dict[str, Any] = json.loads(json.dumps(entry_of(module, {}, "")))
        return entry

    def findings(self) -> list[Finding]:
        """Return what the new release's document changes."""
        return workflow_drift("a.json", self.entry(), ServedNodes(release(self.new).document, self.new))


@dataclass(frozen=True)
class NotHere:
    """A change that the documents do not show, why not, and a look into them that it is so."""

    what: str
    why: str
    is_so: Callable[[], bool]


def row(
    what: str, steps: str, node_type: str, said: Iterable[Said] = (), /, hidden: Inputs | None = None, **shown: Any
) -> Row:
    """Return a row about one node; `steps` are two releases, "5.0.2 5.6.2"."""
    return drawn(what, steps, lambda draw: draw.one(node_type, shown, hidden or {}), said)


def fed(
    what: str, steps: str, node_type: str, wires: Mapping[str, str], said: Iterable[Said] = (), /, **shown: Any
) -> Row:
    """Return a row about a node that others feed."""
    return drawn(what, steps, lambda draw: draw.fed(node_type, wires, shown), said)


def drawn(what: str, steps: str, draw: Callable[[Draw], Any], said: Iterable[Said] = ()) -> Row:
    """Return a row about any workflow."""
    old, new = steps.split()
    return Row(what, old, new, draw, frozenset(said))


def error(rule: type[Rule], place: str, attribute: str | None = None) -> Said:
    """Return an expected error."""
    return ("error", rule.__name__, place, attribute)


def warning(rule: type[Rule], place: str, attribute: str | None = None) -> Said:
    """Return an expected warning."""
    return ("warning", rule.__name__, place, attribute)


def info(rule: type[Rule], place: str, attribute: str | None = None) -> Said:
    """Return what is good to know."""
    return ("info", rule.__name__, place, attribute)


def model(base: str, kind: str = "main", **more: Any) -> dict[str, Any]:
    """Return a saved model."""
    return {
        "key": f"{base}-{kind}",
        "hash": "blake3:0",
        "name": f"a {kind} of {base}",
        "base": base,
        "type": kind,
        **more,
    }


def field(of: str, node_type: str, name: str) -> Schema | None:
    """Return the raw schema of an input, None where there is none."""
    found: Schema | None = release(of).nodes.get(node_type, {"properties": {}})["properties"].get(name)
    return found
