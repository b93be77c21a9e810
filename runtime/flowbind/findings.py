"""What a check finds: a rule, how grave it is, where, what was and is, one sentence of cause and one of cure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flowbind.rules import Rule, Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""The gravest first."""


@dataclass(frozen=True)
class Finding:
    """One finding.

    `source` is the export (or file) that it is about, relative to the project; `class_name` and `attribute` are what
    users' code calls it, where it has a name there. `place` is the input, output or node, as `node type.field`. `old`
    and `new` are JSON values.
    """

    rule: str
    severity: Severity
    cause: str
    cure: str
    source: str = ""
    class_name: str | None = None
    attribute: str | None = None
    place: str | None = None
    old: Any = None
    new: Any = None

    @property
    def named(self) -> str:
        """What users' code calls it, `Class.attribute`; empty where it has no name there."""
        return ".".join(filter(None, (self.class_name, self.attribute)))

    def as_json(self) -> dict[str, Any]:
        """Return the finding in the vocabulary of `flowbind check --format json`."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.severity} {self.rule}: {self.named or self.source}: {self.cause} {self.cure}"


def finding(rule: type[Rule], severity: Severity | None, cause: str, cure: str, **where: Any) -> Finding:
    """Return a finding of a rule; of one that has a single severity, that may be left out."""
    chosen = severity or rule.severities[0]
    assert chosen in rule.severities, (rule.__name__, chosen)
    return Finding(rule.__name__, chosen, cause, cure, **where)


def at_least(findings: Iterable[Finding], threshold: Severity) -> list[Finding]:
    """Return the findings that are as grave as a threshold, or graver."""
    grave = SEVERITIES[: SEVERITIES.index(threshold) + 1]
    return [f for f in findings if f.severity in grave]
