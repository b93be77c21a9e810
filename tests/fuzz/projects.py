"""A project of hostile files in a temporary folder, the commands run in it, and what must hold of what they write."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from xml.etree import ElementTree

from click import unstyle
from click.testing import CliRunner, Result
from ruff import find_ruff_bin

from flowbind_generator.cli import main
from flowbind_generator.commands.check import Asked, answers
from flowbind_generator.manifest import read_manifest
from flowbind_generator.project import find_project
from flowbind_generator.reports import FORMATS, report

from .hostile_texts import CANARY, has_run
from .watching import watched

PACKAGE = "flowbind_fuzzed"
OUTPUT = "generated"
SETTINGS = '[tool.flowbind]\nspec = "server.json"\n'
_LIBRARIES = frozenset({"__future__", "flowbind", "pydantic", "typing", PACKAGE})


@dataclass
class HostileProject:
    """Exports by path inside `workflows/`, as their authors wrote them, and a server's document.

    `side_files` are texts beside them. Each family of exports has its own pictures and checks: see the subclasses.
    """

    looks: ClassVar[Sequence[Sequence[str]]] = (("inspect", "--format", "text"), ("inspect", "--format", "json"))
    """The commands to try on an export, the export left out."""

    exports: dict[str, Any] = field(repr=False)
    pictures: frozenset[str] = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    side_files: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    root: Path = Path()

    def as_png(self, text: bytes) -> bytes:
        """Return a picture with an export in it."""
        raise NotImplementedError

    def assert_values(self, package: ModuleType, source: str, entry: Mapping[str, Any]) -> bool:
        """Check that a class holds what its export says; return whether a request could be built."""
        raise NotImplementedError

    def relabelled(self, export: Any) -> Any:
        """Return an export in which texts stand in each other's places."""
        raise NotImplementedError

    @property
    def output(self) -> Path:
        """The folder of generated files."""
        return self.root / OUTPUT

    def flowbind(self, *words: str) -> Result:
        """Run a command; it ends with 0 or 1, and prints nothing that a terminal would obey."""
        with chdir(self.root):
            done = CliRunner(env={"INVOKEAI_URL": None}).invoke(main, words)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code in (0, 1), done.output
        assert_printable(done.stdout, "standard output", tabs=words[0] == "diff")
        assert_printable(done.stderr, "standard error")
        assert not has_run()
        return done


def files(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder by their paths in it."""
    found: dict[str, bytes] = {}
    for above, _, names in os.walk(folder):
        for name in names:
            path = Path(above, name)
            found[os.path.relpath(path, folder)] = path.read_bytes()
    return found


def assert_printable(text: str, what: str, *, tabs: bool = False) -> None:
    """Check that a text hides nothing and commands no terminal; lines end with newlines."""
    hidden = {c for c in text if not c.isprintable() and c != "\n" and not (tabs and c == "\t")}
    assert not hidden, (what, hidden)


def assert_files(project: HostileProject) -> None:
    """Check the generated files as texts: nothing hidden, nothing that a formatter or linter would touch."""
    sources: list[str] = []
    for path in sorted(project.output.rglob("*")):
        assert path.parent == project.output
        text = path.read_bytes().decode("utf-8")
        assert_printable(text, path.name)
        if path.suffix == ".json":
            assert text.isascii()
            json.loads(text, parse_constant=_no_constant)
        elif path.suffix == ".py":
            sources.append(text)
            _assert_source(path)
    ruff = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "--ignore", "N999", OUTPUT]
    linted = subprocess.run(ruff, cwd=project.root, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout
    ruff = [find_ruff_bin(), "format", "--isolated", "--no-cache", "--check", OUTPUT]
    assert subprocess.run(ruff, cwd=project.root, capture_output=True, check=False).returncode == 0


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _assert_source(path: Path) -> None:
    """Check that Python reads a module's bytes as flowbind meant them, and that it imports what it may."""
    data = path.read_bytes()
    assert ast.dump(ast.parse(data)) == ast.dump(ast.parse(data.decode("utf-8")))
    for node in ast.walk(ast.parse(data)):
        if isinstance(node, ast.Import):
            raise AssertionError(f"{path.name} imports {ast.unparse(node)}")
        if isinstance(node, ast.ImportFrom) and not node.level and path.name != "__init__.py":
            assert str(node.module).split(".")[0] in _LIBRARIES


@contextmanager
def imported(project: HostileProject) -> Iterator[ModuleType]:
    """Import the generated package under a name of its own, and watch what its modules do meanwhile."""
    spec = spec_from_file_location(
        PACKAGE, project.output / "__init__.py", submodule_search_locations=[str(project.output)]
    )
    assert spec is not None
    assert spec.loader is not None
    made = sys.modules[PACKAGE] = module_from_spec(spec)
    try:
        with watched() as seen:
            spec.loader.exec_module(made)
            for name in made.__all__:
                getattr(made, name).model_rebuild()
            strange = [s for s in seen if not s.startswith(f"import {PACKAGE}")]
        assert not strange, strange
        assert CANARY not in sys.modules
        assert not has_run()
        yield made
    finally:
        for loaded in [m for m in sys.modules if m.split(".")[0] == PACKAGE]:
            del sys.modules[loaded]


def assert_reports(project: HostileProject) -> None:
    """Check the reports of `flowbind check` in all formats: nothing hidden, and read by what reads them."""
    with chdir(project.root):
        found = find_project()
        asked = Asked(files=False, fast=False, workflows=(), spec=None, server=None, strict=False)
        checked = answers(found, read_manifest(found.output), asked)
        for form in FORMATS:
            text = report(form, checked, "error")
            text = unstyle(text)
            assert_printable(text, form)
            if form in ("json", "sarif"):
                json.loads(text, parse_constant=_no_constant)
            elif form == "junit":
                ElementTree.fromstring(text)
            elif form == "github":
                assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in text.splitlines())
