"""Corrupted renderings: `verify` refuses each that does not mean the same."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import settings

from flowbind_generator.field_classes import field_types
from flowbind_generator.generate import plan
from flowbind_generator.ir import Module
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import find_project
from flowbind_generator.render import render_init
from flowbind_generator.spec import Catalogs
from flowbind_generator.verify import NotAsPlanned, verify_field_types, verify_module, verify_package

from .corrupting import corrupted_text, corrupted_tree, means_the_same

ROOT = Path(__file__).resolve().parents[2]
TRIES = max(200, settings().max_examples)
"""Corruptions of each kind, of one of all modules each."""
counts: Counter[str] = Counter()


class Rendered(NamedTuple):
    """A rendered file, and its proof."""

    name: str
    text: str
    verify: Callable[[str], None]


@cache
def rendered() -> Sequence[Rendered]:
    """Return the sources of projects: batches, names in many scripts, broken files, objects of packs, ComfyUI."""
    golden = ROOT / "tests/golden"
    found = [r for case in ("batches", "strangers", "comfyui") for r in _of(golden / case / "workflows")]
    return [*found, *_of(ROOT / "tests/packs", "openapi.json.gz")]


def _of(exports: Path, document: str = "") -> Iterator[Rendered]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(exports, root / "workflows", ignore=shutil.ignore_patterns("*.gz"))
        table = f'[tool.flowbind]\nspec = "{exports / document}"\n' if document else "[tool.flowbind]\n"
        (root / "pyproject.toml").write_text(table, encoding="utf-8")
        project = find_project(root)
        made = plan(project, Catalogs(project), Manifest())
    files = {name: data.decode() for name, data in made.files.items()}
    named = [(module.class_name, module.name) for module in made.modules]
    yield Rendered("__init__.py", files["__init__.py"], lambda text: verify_package(text, render_init([]), named))
    if "field_types.py" in files:
        planned = field_types(made.manifest.field_types)
        yield Rendered("field_types.py", files["field_types.py"], partial(verify_field_types, planned=planned))
    for module in made.modules:
        for name in module.files:
            yield Rendered(name, files[name], partial(_proof, files, module, name))


def _proof(files: dict[str, str], module: Module, name: str, text: str) -> None:
    verify_module({**files, name: text}, module)


def accepted(file: Rendered, text: str) -> bool:
    """Tell whether the proof lets a text pass for a file."""
    counts["cases"] += 1
    try:
        file.verify(text)
    except (NotAsPlanned, SyntaxError, ValueError):
        return False
    return True


def sources() -> list[Rendered]:
    return [file for file in rendered() if file.name.endswith(".py")]


def test_what_was_rendered_is_accepted() -> None:
    assert {"__init__.py", "field_types.py", "hostile.py", "texts.py"} <= {file.name for file in rendered()}
    assert [file.name for file in rendered() if not accepted(file, file.text)] == []


@pytest.mark.parametrize("corrupt", [corrupted_tree, corrupted_text])
def test_a_corrupted_source_is_refused(corrupt: Callable[[str, Random], str]) -> None:
    random = Random(1)
    let_through: list[str] = []
    for _ in range(TRIES):
        file = random.choice(sources())
        text = corrupt(file.text, random)
        if accepted(file, text) and not means_the_same(file.text, text):
            let_through.append(f"{file.name}: {_difference(file.text, text)}")
    assert let_through == []


def test_a_corrupted_document_is_refused() -> None:
    random = Random(1)
    documents = [file for file in rendered() if file.name.endswith(".json")]
    for _ in range(TRIES):
        file = random.choice(documents)
        text = corrupted_text(file.text, random)
        # The digest of its bytes stands in the module.
        assert text == file.text or not accepted(file, text), _difference(file.text, text)


def _difference(source: str, other: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(source, other, strict=False)) if a != b), len(source))
    return f"{source[max(0, at - 40) : at + 40]!r} became {other[max(0, at - 40) : at + 40]!r}"
