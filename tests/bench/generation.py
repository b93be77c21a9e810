"""The whole processes of `flowbind generate` and `flowbind check`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.processes import Cost, cost, medians
from tests.bench.projects import CHECK, GENERATE, make_project
from tests.bench.rows import Row
from tests.performance.budgets import WHOLE

WORKFLOWS, TIMES, CORPORA = 100, 7, 3
_NOTHING = [sys.executable, "-c", "pass"]


def unchanged() -> list[Row]:
    """What the commands cost where there is nothing to do."""
    commands = {"generate": GENERATE, "check --fast": [*CHECK, "--fast"], "check": CHECK}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        make_project(folder, WORKFLOWS, pinned=True)
        cost(GENERATE, folder)
        found: dict[str, list[Cost]] = {name: [] for name in [*commands, "nothing"]}
        for _ in range(TIMES):
            for name, command in [*commands.items(), ("nothing", _NOTHING)]:
                found[name].append(cost(command, folder))
    costs = {name: medians(several) for name, several in found.items()}
    rows: list[Row] = []
    for name in commands:
        what = f"flowbind {name}, {WORKFLOWS} workflows, nothing new"
        rows.append(Row(what, costs[name].cpu, "python -c pass", costs["nothing"].cpu))
        if name != "check":
            rows.append(Row(f"{what}, wall", costs[name].wall, "150 ms", 0.15, WHOLE))
    return rows


def corpus() -> list[Row]:
    """The whole process `flowbind generate` for all real files, where they are here: see tests/fidelity."""
    from tests.fidelity.shared import exports
    from tests.fidelity.written import copy_corpus

    if not exports():
        return []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        files = list(copy_corpus(folder))
        read = "import json, sys; [json.load(open(name, encoding='utf-8-sig')) for name in sys.argv[1:]]"
        ours, other = [], []
        for _ in range(CORPORA):
            # Some files are refused: exit code 1, and the others are written.
            ours.append(cost(GENERATE, folder, codes=[1]))
            other.append(cost([sys.executable, "-c", read, *files], folder))
            modules = sum(1 for _ in folder.glob("generated/*.graph.json"))
            shutil.rmtree(folder / "generated")
    name = f"flowbind generate, {modules} modules of {len(files)} real files"
    return [Row(name, medians(ours).cpu, "json.load of the same files", medians(other).cpu)]
