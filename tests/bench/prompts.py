"""The conversion of ComfyUI files to prompts, where their truth is here: see tests/fidelity."""

from __future__ import annotations

import json
from statistics import median, quantiles

from tests.bench.measuring import in_turn
from tests.bench.rows import Row
from tests.performance.budgets import WHOLE

from flowbind_generator.comfyui.convert import convert
from flowbind_generator.diagnostics import Report

ALLOWED = 0.002
TIMES, CALLS = 5, 2


def prompts() -> list[Row]:
    """What a file costs, beside an allowance and beside reading its JSON."""
    from tests.fidelity.prompts import ARE_HERE, all_pairs, server_catalog

    if not ARE_HERE:
        return []
    catalog = server_catalog()
    files = [pair["ui"] for pair in all_pairs()]
    # Node classes are read once for all files.
    for file in files:
        convert(file, catalog, Report(""))
    costs = [_cost(file) for file in files]
    ours, read = ([cost[side] for cost in costs] for side in (0, 1))
    what = f"one of {len(files)} ComfyUI files to its prompt"
    return [
        Row(f"{what}, the median", median(ours), "2 ms", ALLOWED, WHOLE),
        Row(
            f"{what}, the 95th of 100",
            quantiles(ours, n=100)[94],
            "json.loads of such a file",
            quantiles(read, n=100)[94],
        ),
    ]


def _cost(file: dict[str, object]) -> list[float]:
    from tests.fidelity.prompts import server_catalog

    text = json.dumps(file)
    return in_turn(
        lambda: convert(file, server_catalog(), Report("")), lambda: json.loads(text), times=TIMES, calls=CALLS
    )
