"""Drawing the numbers that `RANDOM` stands for: the server draws none."""

from __future__ import annotations

import random
from typing import Any, TypeVar

from flowbind.workflow import RANDOM, Workflow

W = TypeVar("W", bound=Workflow[Any])


def settled(workflow: W) -> tuple[W, dict[str, Any]]:
    """Return what to send of an instance, with a number for each `RANDOM`, and those numbers by attribute.

    The instance itself stays as it is; without a `RANDOM` it is what is returned.
    """
    given = vars(workflow)
    numbers = {
        slot.attribute: drawn(*slot.random)
        for slot in workflow.__flowbind__.slots
        if slot.random and slot.attribute and given.get(slot.attribute) is RANDOM
    }
    return (workflow.model_copy(update=numbers) if numbers else workflow), numbers


def drawn(low: float, high: float, step: float | None) -> float:
    """Return a number of a slot's `random`, each with the same chance."""
    if isinstance(low, int) and isinstance(high, int) and isinstance(step, int):
        return random.randrange(low, high + 1, step)
    if step is None:
        # Not `random.uniform`, which overflows between far ends.
        chance = random.random()
        number = low * (1 - chance) + high * chance
    else:
        number = step * random.randint(round(low / step), round(high / step))
    # Rounding may have led past an end.
    return min(max(number, low), high)
