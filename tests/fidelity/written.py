"""The modules of the whole corpus, generated in one run into a folder, and what tools say of them."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowbind.workflow import Workflow
from flowbind_generator.generate import Plan, plan
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import find_project

from .shared import exports, named

PACKAGE = "corpus_modules"
RUNTIME = Path(__file__).resolve().parents[2] / "runtime"


@dataclass(frozen=True)
class Written:
    """A folder with the package of all modules that the corpus gives.

    `files` maps a module to its export, `refusals` a code to how many exports are refused for it, `seconds` is the CPU
    time of the one run that made all modules.
    """

    folder: Path
    files: Mapping[str, str]
    refusals: Mapping[str, int]
    seconds: float

    @property
    def package(self) -> Path:
        """The folder of the package."""
        return self.folder / PACKAGE


def copy_corpus(folder: Path) -> dict[str, str]:
    """Make a project of all files; return what each is called there and in the corpus.

    Files of different folders want the same names, so each is copied under one of its own.
    """
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    (folder / "workflows").mkdir()
    sources: dict[str, str] = {}
    for number, path in enumerate(exports()):
        source = f"workflows/w{number:03}_{re.sub(r'[^A-Za-z0-9]+', '_', path.stem)}.json"
        shutil.copyfile(path, folder / source)
        sources[source] = named(path)
    return sources


def plan_corpus(folder: Path, catalog: Catalog) -> tuple[Plan, dict[str, str]]:
    """Plan the whole corpus in one run; return the plan, and the export that each module is of."""
    sources = copy_corpus(folder)
    made = plan(find_project(folder), {"invokeai": catalog}, Manifest())
    return made, {m.name: sources[m.source] for m in made.modules}


def write_corpus(folder: Path, catalog: Catalog) -> Written:
    """Write the package of the whole corpus."""
    start = time.process_time()
    made, files = plan_corpus(folder, catalog)
    seconds = time.process_time() - start
    refusals = Counter(next(d.code for d in r if d.severity == "error") for r in made.reports if r.refused)
    written = Written(folder, files, refusals, seconds)
    written.package.mkdir()
    for name, data in made.files.items():
        (written.package / name).write_bytes(data)
    return written


Findings = dict[str, list[str]]
"""Module name -> what a tool says of it."""


def import_errors(written: Written) -> Findings:
    """Import each module, and make its class ready to use."""
    found: Findings = {}
    with _importable(written.folder):
        for name in written.files:
            try:
                module = importlib.import_module(f"{PACKAGE}.{name}")
                _workflow_class(vars(module)).model_rebuild()
            except Exception as error:  # whatever a generated module raises is a finding about it
                found.setdefault(name, []).append(f"import: {type(error).__name__}: {error}")
    return found


def ruff_findings(written: Written) -> Findings:
    """Lint with ruff's own defaults."""
    done = _run(written, "ruff", "check", "--isolated", "--no-cache", "--output-format", "json", PACKAGE)
    found: Findings = {}
    for told in json.loads(done.stdout):
        _note(found, told["filename"], told["location"]["row"], f"ruff {told['code']}: {told['message']}")
    return found


def mypy_findings(written: Written) -> Findings:
    """Check with `mypy --strict`, all modules in one run."""
    done = _run(written, "mypy", "--strict", "--output", "json", "--config-file", "", "--no-incremental", PACKAGE)
    found: Findings = {}
    told_of = [line for line in done.stdout.splitlines() if line.startswith("{")]  # and a last line for people
    for told in map(json.loads, told_of):
        if told["severity"] == "error":
            _note(found, told["file"], told["line"], f"mypy: {told['message']}")
    return found


def pyright_findings(written: Written) -> Findings:
    """Check with pyright in strict mode, all modules in one run."""
    settings = {"typeCheckingMode": "strict", "include": [PACKAGE], "extraPaths": [str(RUNTIME)]}
    (written.folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = _run(written, "pyright", "--outputjson", "--pythonpath", sys.executable)
    found: Findings = {}
    for told in json.loads(done.stdout)["generalDiagnostics"]:
        if told["severity"] == "error":
            _note(found, told["file"], told["range"]["start"]["line"] + 1, f"pyright: {told['message']}")
    return found


TOOLS: Mapping[str, Callable[[Written], Findings]] = {
    "import": import_errors,
    "ruff": ruff_findings,
    "mypy": mypy_findings,
    "pyright": pyright_findings,
}


def _run(written: Written, tool: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a tool beside the package, against this checkout's runtime; 0 is clean, 1 findings."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment |= {"MYPYPATH": str(RUNTIME), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command = [sys.executable, "-m", tool, *words]
    done = subprocess.run(
        command, cwd=written.folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done


def _note(found: Findings, file: str, line: int, message: str) -> None:
    found.setdefault(Path(file).stem, []).append(f"line {line}: {message}")


def _workflow_class(members: Mapping[str, Any]) -> type[Workflow[Any]]:
    (found,) = (m for m in members.values() if isinstance(m, type) and "__flowbind__" in vars(m))
    return found


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in [n for n in sys.modules if n.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
