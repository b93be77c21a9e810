"""A row of the table: what something costs beside something else, and the ratio that it must keep."""

from __future__ import annotations

from dataclasses import dataclass

from tests.performance.budgets import Budget

_SIZES = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))}


@dataclass(frozen=True)
class Row:
    """What flowbind costs and what another thing costs, both in one unit: s, MB, /s or whatever is counted."""

    ours: str
    cost: float
    other: str
    other_cost: float
    budget: Budget | None = None
    unit: str = "s"
    # Why the ratio does not keep its budget, where it does not.
    reason: str = ""

    @property
    def ratio(self) -> float:
        """How many times the other cost ours is."""
        return self.cost / self.other_cost

    @property
    def verdict(self) -> str:
        """What the budget says of the ratio, and why where it is missed; nothing where there is none."""
        if self.budget is None:
            return ""
        said = self.budget.verdict(self.ratio)
        return said if self.budget.holds(self.ratio) or not self.reason else f"{said}: {self.reason}"


@dataclass(frozen=True)
class Absent:
    """What could not be measured here, and why."""

    ours: str
    other: str
    reason: str

    @property
    def verdict(self) -> str:
        """What is said of it in place of a budget."""
        return f"not measured: {self.reason}"


def cells(row: Row | Absent) -> tuple[str, ...]:
    """Return what the table shows of a row: what, its cost, beside what, that one's cost, ratio, budget, verdict."""
    if isinstance(row, Absent):
        return (row.ours, "", row.other, "", "", "", row.verdict)
    return (
        row.ours,
        shown(row.cost, row.unit),
        row.other,
        shown(row.other_cost, row.unit),
        f"{row.ratio:.2g}" if row.ratio < 0.1 else f"{row.ratio:.2f}",
        str(row.budget or ""),
        row.verdict,
    )


def shown(value: float, unit: str) -> str:
    """A cost in the size of its unit that suits it."""
    sizes = _SIZES.get(unit, ((1.0, unit),))
    size, name = next((u for u in sizes if value >= u[0]), sizes[-1])
    return f"{value / size:.3g} {name}" if value < 100 * size else f"{value / size:.0f} {name}"
