"""Two commands that write into one project: one waits for the other, and what is there in the end is of one of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

import flowbind
import flowbind_generator
from flowbind_generator import alone as module
from flowbind_generator.alone import alone
from flowbind_generator.diagnostics import Refused

from . import projects
from .exports import codes
from .projects import files

ROUNDS = 2
SOURCES = os.pathsep.join(str(Path(p.__path__[0]).parent) for p in (flowbind, flowbind_generator))
COMMAND = [sys.executable, "-c", "from flowbind_generator.cli import main; main()", "generate"]


def started(project: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": SOURCES}
    command = [*COMMAND, *arguments]
    return subprocess.Popen(
        command, cwd=project, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_two_with_different_documents_leave_what_one_of_them_makes(project: Path) -> None:
    """A file of each would give classes and graphs that do not belong together."""
    documents = {"narrow.json": projects.document(projects.narrower), "whole.json": projects.document()}
    results = []
    for name, data in documents.items():
        (project / name).write_bytes(data)
        shutil.rmtree(project / "generated")
        projects.run(project, "generate", "--spec", name)
        results.append(files(project))
    assert results[0] != results[1]
    for number in range(ROUNDS):
        if number % 2:
            shutil.rmtree(project / "generated")
        running = [started(project, "--spec", name) for name in documents]
        for process in running:
            told = process.communicate(timeout=120)[1]
            assert process.returncode == 0, told
        assert files(project) in results
        assert {p.name for p in project.iterdir()} == {"generated", "pyproject.toml", "workflows", *documents}


def holder(project: Path) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a process that holds a project until its input ends."""
    code = (
        "import sys; from pathlib import Path; from flowbind_generator.alone import alone\n"
        "with alone(Path(sys.argv[1]), print): print('held', flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": SOURCES}
    command = [sys.executable, "-c", code, str(project)]
    process = subprocess.Popen(command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_who_waits_in_vain_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    told: list[str] = []
    with holder(project) as other:
        with pytest.raises(Refused) as caught, alone(project, told.append):
            pass
        assert codes(caught.value.report) == ["FB509"]
        assert told == ["Another flowbind is writing here: waiting for it."]
        assert "FB509" in projects.run(project, "generate", code=2).stderr
        other.kill()
    # A lock ends with its process.
    with alone(project, told.append):
        assert len(told) == 1


def test_one_waits_for_another(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with holder(project) as other:
        monkeypatch.setattr(module.time, "sleep", lambda _: other.communicate())
        said = projects.run(project, "generate").stderr
    assert said.startswith("Another flowbind is writing here: waiting for it.\n2 workflows")


def test_the_lock_leaves_no_file(project: Path) -> None:
    before = sorted(project.iterdir())
    with alone(project, print):
        assert sorted(project.iterdir()) == before


def test_a_project_in_another_is_not_held_with_it(project: Path) -> None:
    with alone(project, print), alone(project / "workflows", print):
        assert json.loads((project / "generated" / "manifest.json").read_bytes())
