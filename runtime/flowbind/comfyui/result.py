"""What a finished run of ComfyUI gives back."""

from __future__ import annotations

from dataclasses import dataclass

from flowbind import result
from flowbind.workflow import OutputsT


@dataclass(frozen=True)
class Result(result.Result[OutputsT]):
    """A finished run: its typed outputs, and the prompt it was."""

    item_id: str
    """The id of the prompt."""
