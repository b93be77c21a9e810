"""A line of the growth table: what some work costs by the number of things, and how fast that grows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.performance.budgets import GROWTH

SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000)
HEAD = ("what", "by the number of", *(f"{size:,}" for size in SIZES), "exponent", "budget", "verdict")


@dataclass(frozen=True)
class Line:
    """What some work costs, by the number of things: seconds of CPU, or MB."""

    what: str
    things: str
    unit: str
    costs: dict[int, float]

    @property
    def exponent(self) -> float:
        """The slope over the last decade, both axes logarithmic, of the line that fits best: 1 is linear."""
        points = [(math.log(n), math.log(max(c, 1e-9))) for n, c in self.costs.items() if n * 10 >= max(self.costs)]
        x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
        return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)

    def times(self, size: int) -> float:
        """How many times the cost of the smallest number this is."""
        return self.costs[size] / self.costs[min(self.costs)]


def cells(line: Line) -> tuple[str, ...]:
    """Return what the table shows of a line: costs are in times of the first."""
    shown = [f"{line.times(size):.3g}" if size in line.costs else "" for size in SIZES]
    named = f"{line.what}: {'time' if line.unit == 's' else 'memory'}"
    return (named, line.things, *shown, f"{line.exponent:.2f}", str(GROWTH), GROWTH.verdict(line.exponent))
