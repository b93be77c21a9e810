"""The first `flowbind generate` of a project beside other generators, and beside the least that it can cost."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.environments import (
    ARIADNE_CODEGEN,
    DATAMODEL_CODE_GENERATOR,
    OPENAPI_PYTHON_CLIENT,
    Peer,
    Unavailable,
)
from tests.bench.peers.operations import write_operations
from tests.bench.processes import Cost, cost, medians
from tests.bench.projects import GENERATE, make_project, openapi_document
from tests.bench.rows import Absent, Row
from tests.bench.workers import PROGRAMS
from tests.performance import budgets

MODULES, TIMES = 100, 3
_MORE_WORK = "it also types inputs by the document, proves each module, and writes graph and workflow beside it"
_SHARES = "two fifths go to reading and typing exports, a seventh each to proving modules and to readable JSON"


def generators() -> Iterator[Row | Absent]:
    """Measure all in turn; each writes into a folder that is empty before."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        ours = folder / "flowbind"
        make_project(ours, MODULES, pinned=True)
        (folder / "openapi.json").write_text(openapi_document(), encoding="utf-8")
        (folder / "ariadne").mkdir()
        write_operations(folder / "ariadne", MODULES)
        runs: dict[str, Callable[[], Cost]] = {
            "flowbind": lambda: cost(_emptied(GENERATE, ours / "generated"), ours),
            "floor": lambda: cost(_floor(folder), folder),
        }
        absent: dict[str, str] = {}
        for peer, made_run in _PEERS.items():
            try:
                runs[peer.name] = made_run(peer, folder)
            except Unavailable as why:
                absent[peer.name] = str(why)
        runs["flowbind"]()  # the floor formats what it has made
        costs = {name: [run()] for name, run in runs.items()}
        for _ in range(TIMES - 1):
            for name, run in runs.items():
                costs[name].append(run())
        peak = cost(_emptied(GENERATE, ours / "generated"), ours, watched=True).memory
        yield from _rows({name: medians(several).cpu for name, several in costs.items()}, peak, absent, folder)


def _emptied(command: list[str], output: Path) -> list[str]:
    """Delete what a command has written before; return the command."""
    shutil.rmtree(output, ignore_errors=True)
    return command


def _floor(folder: Path) -> list[str | Path]:
    generated = folder / "flowbind" / "generated"
    return [sys.executable, PROGRAMS / "floor.py", folder / "openapi.json", generated, folder / "floor"]


def _ariadne_codegen(peer: Peer, folder: Path) -> Callable[[], Cost]:
    command, project = [str(peer.command("ariadne-codegen"))], folder / "ariadne"
    return lambda: cost(_emptied(command, project / "graphql_client"), project)


def _openapi_python_client(peer: Peer, folder: Path) -> Callable[[], Cost]:
    # Its default is to have ruff format all files, which its users may turn off: without it is faster.
    (folder / "config.yml").write_text("post_hooks: []\n", encoding="utf-8")
    command = [str(peer.command("openapi-python-client")), "generate", "--path", "openapi.json", "--meta", "none"]
    command += ["--config", "config.yml", "--output-path", "client"]
    return lambda: cost(_emptied(command, folder / "client"), folder)


def _datamodel_code_generator(peer: Peer, folder: Path) -> Callable[[], Cost]:
    # Its fastest formatter, which is to become its default.
    command = [str(peer.command("datamodel-codegen")), "--input", "openapi.json", "--input-file-type", "openapi"]
    command += ["--output", "models.py", "--formatters", "builtin", "--output-model-type", "pydantic_v2.BaseModel"]
    return lambda: cost(command, folder)


_PEERS = {
    ARIADNE_CODEGEN: _ariadne_codegen,
    OPENAPI_PYTHON_CLIENT: _openapi_python_client,
    DATAMODEL_CODE_GENERATOR: _datamodel_code_generator,
}


def _rows(cpu: dict[str, float], peak: float, absent: dict[str, str], folder: Path) -> Iterator[Row | Absent]:
    what = f"generate {MODULES} workflows, 3 MB document"
    yield Row(what, cpu["flowbind"], "1 s of CPU", 1.0, budgets.WHOLE, reason=_SHARES)
    yield Row(f"{what}: memory", peak, "100 MB", 100.0, budgets.WHOLE, "MB")
    yield Row(what, cpu["flowbind"], "json.load, jinja, ruff, compile", cpu["floor"])
    for peer, made, budget in (
        (ARIADNE_CODEGEN, "modules", budgets.GENERATE),
        (OPENAPI_PYTHON_CLIENT, "modules", None),
        (DATAMODEL_CODE_GENERATOR, "classes", None),
    ):
        if peer.name in absent:
            yield Absent(f"{made} per CPU second", peer.title, absent[peer.name])
            continue
        ours, theirs = _made(made, folder / "flowbind" / "generated"), _made(made, folder / _OUTPUTS[peer])
        theirs = MODULES if peer is ARIADNE_CODEGEN else theirs
        rates = (ours / cpu["flowbind"], theirs / cpu[peer.name])
        other = f"{peer.title}, {theirs} {made}"
        yield Row(f"{made} per CPU second", rates[0], other, rates[1], budget, f"{made}/s", _MORE_WORK)
        if peer is not ARIADNE_CODEGEN:
            yield Row(what, cpu["flowbind"], f"{peer.title}, the same document", cpu[peer.name])


_OUTPUTS = {ARIADNE_CODEGEN: "ariadne", OPENAPI_PYTHON_CLIENT: "client", DATAMODEL_CODE_GENERATOR: "models.py"}


def _made(what: str, place: Path) -> int:
    """Count the modules or classes that were written; the package's own `__init__.py` is not one."""
    files = [place] if place.is_file() else [p for p in place.rglob("*.py") if p.name != "__init__.py"]
    if what == "modules":
        return len(files)
    return sum(line.startswith("class ") for file in files for line in file.read_text(encoding="utf-8").splitlines())
