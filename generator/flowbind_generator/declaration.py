"""What a project declares public of a workflow: in `[tool.flowbind.declarations]`, or in a file beside the export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowbind_generator.diagnostics import Report
    from flowbind_generator.project import Project


@dataclass(frozen=True)
class Declaration:
    """The inputs and outputs that a project declares, in this order, by attribute.

    An input is given as the slots that take its value, each as "node id.input"; an output by its node's id. `place` is
    where it is declared, for messages. `outputs` is None where only inputs are declared.
    """

    inputs: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, str] | None
    place: str


def declaration_of(project: Project, source: str, report: Report) -> Declaration | None:  # noqa: ARG001
    """Return what a project declares of a workflow, None where it declares nothing."""
    return None


def declaration_digest(project: Project, source: str) -> str | None:  # noqa: ARG001
    """Return the digest of what a project declares of a workflow, None where it declares nothing."""
    return None
