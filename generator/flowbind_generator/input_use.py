"""How a workflow uses one input of a node type, as the manifest keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Longer texts than this (prompts, mostly) meet no choices and no bounds; of lists and objects, models count.
_LONGEST, _LONGEST_OTHER = 200, 2000


@dataclass
class InputUse:
    """How the nodes of one type use one input, all together."""

    # By what they look like: 1 is not 1.0, nor true.
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    items_of: list[str] = field(default_factory=list[str])
    is_attribute: bool = False
    is_literal: bool = False
    is_fed: bool = False
    is_unset: bool = False
    is_longer: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what the manifest says of it besides what the server says of the input."""
        found: dict[str, Any] = {}
        if self.is_fed:
            found["fed"] = True
        if self.is_unset:
            found["unset"] = True
        if self.is_literal:
            found["values"] = list(self.values.values())
        if self.is_longer:
            found["longer"] = True
        if self.items_of:
            found["items_of"] = self.items_of
        return found

    def add(self, value: Any) -> None:
        """Note a value that is not among the inputs."""
        self.is_literal = True
        said = repr(value)
        if len(said) > (_LONGEST if isinstance(value, str) else _LONGEST_OTHER):
            self.is_longer = True
        elif value is not None:
            self.values.setdefault(said, value)
