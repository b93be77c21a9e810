"""The whole processes of `flowbind generate` and `flowbind check`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.measuring import ROOT, process_seconds
from tests.bench.rows import Row

GENERATIONS, CORPORA, CHECKS, WORKFLOWS = 15, 5, 7, 100


def generation() -> Row:
    """The whole process `flowbind generate`, in a copy of the project."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copy(ROOT / "pyproject.toml", copy)
        for part in ("workflows", "generated"):
            shutil.copytree(ROOT / part, copy / part)
        command = [sys.executable, "-m", "flowbind", "generate"]
        process_seconds(command, copy)
        ours, other = [], []
        for _ in range(GENERATIONS):
            ours.append(process_seconds(command, copy))
            other.append(process_seconds([sys.executable, "-c", "pass"], copy))
        workflows = sum(1 for p in copy.glob("workflows/*.json") if p.name != "openapi.json")
    return Row(f"flowbind generate, {workflows} workflows, nothing new", median(ours), "python -c pass", median(other))


def checks() -> list[Row]:
    """The whole process `flowbind check`, with all shipped exports copied under many names."""
    shipped = sorted(p for p in (ROOT / "workflows").glob("*.json") if p.name != "openapi.json")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "workflows").mkdir()
        (project / "pyproject.toml").write_text("[tool.flowbind]\n", encoding="utf-8")
        for number in range(WORKFLOWS):
            export = shipped[number % len(shipped)]
            shutil.copy(export, project / "workflows" / f"{export.stem}_{number}.json")
        process_seconds([sys.executable, "-m", "flowbind", "generate"], project)
        slow, fast, other = [], [], []
        for _ in range(CHECKS):
            slow.append(process_seconds([sys.executable, "-m", "flowbind", "check"], project))
            fast.append(process_seconds([sys.executable, "-m", "flowbind", "check", "--fast"], project))
            other.append(process_seconds([sys.executable, "-c", "pass"], project))
    start = ("python -c pass", median(other))
    return [
        Row(f"flowbind check, {WORKFLOWS} workflows", median(slow), *start),
        Row(f"flowbind check --fast, {WORKFLOWS} workflows", median(fast), *start),
    ]


def corpus() -> list[Row]:
    """The whole process `flowbind generate` for all real files, where they are here: see tests/fidelity."""
    from tests.fidelity.shared import exports
    from tests.fidelity.written import copy_corpus

    if not exports():
        return []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        files = list(copy_corpus(project))
        read = "import json, sys; [json.load(open(name, encoding='utf-8-sig')) for name in sys.argv[1:]]"
        ours, other = [], []
        for _ in range(CORPORA):
            # Some files are refused: exit code 1, and the others are written.
            ours.append(process_seconds([sys.executable, "-m", "flowbind", "generate"], project, code=1))
            other.append(process_seconds([sys.executable, "-c", read, *files], project))
            modules = sum(1 for _ in project.glob("generated/*.graph.json"))
            shutil.rmtree(project / "generated")
    name = f"flowbind generate, {modules} modules of {len(files)} real files"
    return [Row(name, median(ours), "json.load of the same files", median(other))]
