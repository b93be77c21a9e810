"""What a project declares public of a workflow: in `[tool.flowbind.declarations]`, or in a file beside the export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Declaration:
    """The inputs and outputs that a project declares, in this order, by attribute.

    An input is given as the slots that take its value, each as "node id.input"; an output by its node's id. `place` is
    where it is declared, for messages. `outputs` is None where only inputs are declared.
    """

    inputs: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, str] | None
    place: str
