"""The plot of how costs grow: SVG, both axes logarithmic, each cost in times of the one of its smallest number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from tests.bench.lines import Line

_WIDTH, _HEIGHT, _LEFT, _TOP, _KEY = 380, 300, 56, 40, 18
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b59a00", "#56b4e9", "#7f7f7f", "#7a3e9d")
_DECADES = 3
_STYLE = (
    "text{font:12px sans-serif;fill:#333}.grid{stroke:#ddd}.linear{stroke:#999;stroke-dasharray:5 4}"
    ".line{fill:none;stroke-width:2}"
)


def plot(lines: Sequence[Line]) -> str:
    """Return the picture: time at the left, memory at the right; the dashed line is what is linear."""
    named = list(dict.fromkeys((line.what, line.things) for line in lines))
    colours = dict(zip(named, _COLOURS, strict=True))
    panel = _WIDTH + _LEFT
    height = _TOP + _HEIGHT + 50 + _KEY * len(named)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * panel + 20} {height}" role="img">',
        f"<title>How costs grow</title><style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for number, (title, unit) in enumerate((("time (CPU)", "s"), ("memory", "MB"))):
        drawn = [(colours[line.what, line.things], line) for line in lines if line.unit == unit]
        parts += [f'<g transform="translate({number * panel + _LEFT} {_TOP})">', *_panel(title, drawn), "</g>"]
    for number, (what, things) in enumerate(named):
        y = _TOP + _HEIGHT + 55 + _KEY * number
        parts.append(f'<path class="line" stroke="{colours[what, things]}" d="M{_LEFT} {y - 4}h24"/>')
        parts.append(f'<text x="{_LEFT + 32}" y="{y}">{escape(what)}, by the number of {escape(things)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(title: str, drawn: Sequence[tuple[str, Line]]) -> list[str]:
    parts = [f'<text x="0" y="-14">{title}, in times of the cost of 10</text>']
    for decade in range(_DECADES + 1):
        x, y = _at(10 * 10**decade, 10**decade)
        parts.append(f'<path class="grid" d="M{x} 0V{_HEIGHT}M0 {y}H{_WIDTH}"/>')
        parts.append(f'<text x="{x}" y="{_HEIGHT + 18}" text-anchor="middle">{10 * 10**decade:,}</text>')
        parts.append(f'<text x="-8" y="{y + 4}" text-anchor="end">{10**decade:,}</text>')
    parts.append(f'<path class="linear" d="M0 {_HEIGHT}L{_WIDTH} 0"/>')
    for colour, line in drawn:
        places = " ".join("{},{}".format(*_at(size, line.times(size))) for size in line.costs)
        parts.append(f'<polyline class="line" stroke="{colour}" points="{places}"/>')
    return parts


def _at(size: float, times: float) -> tuple[float, float]:
    """Return where a number of things and a cost stand in a panel; costs below the first stand on the edge."""
    x, y = math.log10(size / 10), math.log10(max(times, 1))
    return round(x / _DECADES * _WIDTH, 1), round(_HEIGHT - y / _DECADES * _HEIGHT, 1)
