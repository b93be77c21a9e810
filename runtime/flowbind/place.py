"""How messages name the place of a value: the input of the class, or the node that has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowbind.binding import Slot
from flowbind.workflow import Workflow, labelled


@dataclass(frozen=True)
class Place:
    """The place of a value; `settable` tells whether the class has an attribute for it."""

    text: str
    settable: bool

    def cure(self, of_input: str) -> str:
        """Return what to do: `of_input` where there is an attribute to set."""
        return (
            of_input
            if self.settable
            else "It is not among the inputs: put it into the form in the editor and export again."
        )

    def __str__(self) -> str:
        return self.text


def place_of(workflow: type[Workflow[Any]], slot: Slot, node_label: str) -> Place:
    """Return the place of a slot."""
    if slot.attribute:
        return Place(labelled(workflow, slot.attribute, slot.label), True)
    return Place(f'{workflow.__name__}, `{slot.field}` of the node "{node_label}"', False)
