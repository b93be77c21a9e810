"""A row of the table: what something costs beside something else, and the ratio that it must keep."""

from __future__ import annotations

from dataclasses import dataclass

from tests.performance.budgets import Budget

_UNITS = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")), "MB": ((1.0, "MB"),), "/s": ((1.0, "/s"),)}


@dataclass(frozen=True)
class Row:
    """What flowbind costs and what another thing costs, both in one unit: s, MB or /s."""

    ours: str
    cost: float
    other: str
    other_cost: float
    budget: Budget | None = None
    unit: str = "s"
    # Why the ratio does not keep its budget, where that is known and accepted.
    reason: str = ""

    @property
    def ratio(self) -> float:
        """How many times the other cost ours is."""
        return self.cost / self.other_cost

    @property
    def verdict(self) -> str:
        """What the budget says of the ratio; nothing where there is none."""
        return self.budget.verdict(self.ratio) if self.budget else ""


def shown(value: float, unit: str) -> str:
    """A cost in the size of its unit that suits it."""
    size, name = next((u for u in _UNITS[unit] if value >= u[0]), _UNITS[unit][-1])
    return f"{value / size:.3g} {name}" if value < 100 * size else f"{value / size:.0f} {name}"
