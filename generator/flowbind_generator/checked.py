"""What `flowbind check` hands to the reports: what was asked, of which workflows, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from flowbind.findings import SEVERITIES, Finding
from flowbind.rules import Severity

Question = Literal["files", "workflow", "spec", "server", "library"]
Change = Literal[
    "unchanged",
    "moved",
    "relabelled",
    "renamed",
    "retargeted",
    "retyped",
    "connected",
    "disconnected",
    "missing",
    "new",
]


@dataclass(frozen=True)
class InputChange:
    """What a new export does to one input: `changes` is ("unchanged",) or names all that applies.

    `index` and `label` are those of the new export, of a missing input those that it had.
    """

    source: str
    attribute: str
    index: int | None
    label: str
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the change in the vocabulary of `flowbind check --format json`."""
        return asdict(self)


@dataclass(frozen=True)
class Checked:
    """The answer to the questions that were asked.

    `workflows` maps the sources that were looked at to their classes; `inputs` are those of new exports.
    """

    questions: Sequence[Question]
    workflows: Mapping[str, str]
    findings: Sequence[Finding] = ()
    inputs: Sequence[InputChange] = field(default=())

    def counts(self) -> dict[Severity, int]:
        """Return how many findings there are of each severity, the gravest first."""
        return {severity: sum(f.severity == severity for f in self.findings) for severity in SEVERITIES}

    def by_source(self) -> dict[str, list[Finding]]:
        """Return the findings by what they are about, the gravest first."""
        found: dict[str, list[Finding]] = {}
        for one in sorted(self.findings, key=lambda f: (f.source, SEVERITIES.index(f.severity), f.rule)):
            found.setdefault(one.source, []).append(one)
        return found
