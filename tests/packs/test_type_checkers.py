"""What mypy --strict and pyright strict make of the generated classes of objects, and of programs that use them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .packed import SCRIPTS, Project
from .test_own_types import with_types

Lines = dict[str, dict[int, str]]
Checker = Callable[[Path], Lines]


def mypy(folder: Path) -> Lines:
    """Return what `mypy --strict` reports, by file and line."""
    words = ["--strict", "--output", "json", "--config-file", "", "--cache-dir", str(folder / ".mypy_cache"), "."]
    found: Lines = {}
    # Where nothing is wrong, there is one empty line.
    for line in filter(None, checked([sys.executable, "-m", "mypy", *words], folder).splitlines()):
        told = json.loads(line)
        if told["severity"] == "error":
            found.setdefault(Path(told["file"]).as_posix(), {})[told["line"]] = told["message"]
    return found


def pyright(folder: Path) -> Lines:
    """Return what pyright reports in strict mode, by file and line."""
    settings = {"typeCheckingMode": "strict", "include": ["."]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    words = ["--outputjson", "--pythonpath", sys.executable]
    found: Lines = {}
    for told in json.loads(checked([sys.executable, "-m", "pyright", *words], folder))["generalDiagnostics"]:
        if told["severity"] == "error":
            file = Path(told["file"]).resolve().relative_to(folder.resolve()).as_posix()
            found.setdefault(file, {})[told["range"]["start"]["line"] + 1] = told["message"]
    return found


CHECKERS = [mypy, pyright]


def checked(command: list[str], folder: Path) -> str:
    """Run a checker as a user would."""
    environment = {k: v for k, v in os.environ.items() if k not in ("MYPYPATH", "PYTHONPATH")}
    environment["PYRIGHT_PYTHON_IGNORE_WARNINGS"] = "1"
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def program(folder: Path, project: Project, *scripts: str) -> Path:
    """Lay a user's programs beside a project's generated package."""
    shutil.copytree(project.root / "generated", folder / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    for script in scripts:
        shutil.copy(SCRIPTS / script, folder)
    return folder


@pytest.mark.parametrize("checker", CHECKERS)
def test_generated_code_and_a_good_program_are_clean(checker: Checker, project: Project, tmp_path: Path) -> None:
    assert checker(program(tmp_path, project, "made.py")) == {}


@pytest.mark.parametrize("checker", CHECKERS)
def test_each_mistake_is_reported_on_its_line(checker: Checker, project: Project, tmp_path: Path) -> None:
    found = checker(program(tmp_path, project, "bad.py"))
    lines = (SCRIPTS / "bad.py").read_text(encoding="utf-8").splitlines()
    wrong = {number: line for number, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert len(wrong) > 35
    assert {n: line for n, line in wrong.items() if n not in found.get("bad.py", {})} == {}
    assert {n: said for n, said in found["bad.py"].items() if n not in wrong} == {}
    assert found.keys() == {"bad.py"}


@pytest.mark.parametrize("checker", CHECKERS)
def test_own_types_are_understood(checker: Checker, tmp_path: Path) -> None:
    made = with_types(tmp_path / "project")
    made.flowbind("generate")
    assert checker(made.root) == {}
