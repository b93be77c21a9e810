"""What is special to one family of servers stays in its own packages: the core knows all of them by one registry."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("comfyui", "invokeai")
SOURCES = {
    path.relative_to(root).as_posix(): path
    for root in (ROOT / "generator", ROOT / "runtime")
    for path in sorted(root.rglob("*.py"))
}
# One for each package: the runtime never asks the generator.
REGISTRIES = ("flowbind_generator/engines.py", "flowbind/families.py")
# Modules of the core that name what is an engine's own, and why they may.
EXCEPTIONS = {
    "flowbind/errors.py": "an error holds what a server told of a model: only type checkers read the import",
    "flowbind/local_server/server.py": "users start a server by its family's name, with the arguments of that family",
}


def home(name: str) -> str | None:
    """Return the engine whose package a module is in, None for one of the core."""
    return next((engine for engine in ENGINES if engine in name.split("/")), None)


def imported(tree: ast.AST, name: str) -> Iterator[str]:
    """Yield the dotted names of all that a module imports, wherever it does, from relative imports too."""
    package = name.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*start, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def named(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module that are an engine's name, or lead into its packages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.count(" "):
            parts = node.value.replace("/", ".").split(".")
            if any(engine in parts for engine in ENGINES):
                yield node.value


def branches(tree: ast.AST) -> Iterator[str]:
    """Yield the expressions of a module that choose by what an `engine` is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            looked_at = [node.left, *node.comparators]
        elif isinstance(node, ast.Match):
            looked_at = [node.subject]
        else:
            continue
        for part in looked_at:
            inner = part.value if isinstance(part, ast.Attribute) and part.attr in ("NAME", "TITLE") else part
            if (isinstance(inner, ast.Attribute) and inner.attr == "engine") or (
                isinstance(inner, ast.Subscript)
                and isinstance(inner.slice, ast.Constant)
                and inner.slice.value == "engine"
            ):
                yield ast.unparse(node)


def faults(name: str, source: str) -> list[str]:
    """Return what a module has of an engine that is not its own."""
    tree = ast.parse(source)
    own = home(name)
    others = [engine for engine in ENGINES if engine != own]
    found = [f"imports {module}" for module in imported(tree, name) if any(o in module.split(".") for o in others)]
    if own is None and name not in REGISTRIES:
        found += [f"says {text!r}" for text in named(tree)]
        found += [f"chooses by {code}" for code in branches(tree)]
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_has_nothing_of_another_engine(name: str) -> None:
    found = faults(name, SOURCES[name].read_text("utf-8"))
    assert bool(found) == (name in EXCEPTIONS), found


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("flowbind_generator/comfyui/inputs.py", "from flowbind_generator.invokeai import numbers"),
        ("flowbind_generator/comfyui/inputs.py", "def f():\n    import flowbind.invokeai.fields"),
        ("flowbind_generator/comfyui/inputs.py", "from ..invokeai.numbers import whole"),
        ("flowbind/invokeai/client.py", "from flowbind import comfyui"),
        ("flowbind_generator/building.py", "from flowbind_generator.invokeai import engine"),
        ("flowbind_generator/building.py", "from .comfyui.engine import NAME"),
        ("flowbind_generator/commands/check.py", "from ..invokeai import server"),
        ("flowbind_generator/building.py", "if draft.engine == other: pass"),
        ("flowbind_generator/building.py", "if module.engine.NAME != wanted: pass"),
        ("flowbind_generator/building.py", "if entry['engine'] in names: pass"),
        ("flowbind_generator/building.py", "match module.engine:\n    case _: pass"),
        ("flowbind_generator/building.py", "if name == 'comfyui': pass"),
        ("flowbind_generator/building.py", "match name:\n    case 'invokeai': pass"),
        ("flowbind_generator/building.py", "import_module('flowbind_generator.invokeai.engine')"),
    ],
)
def test_a_fault_is_found(name: str, source: str) -> None:
    assert faults(name, source)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "flowbind_generator/invokeai/engine.py",
            "from flowbind_generator.invokeai import drafting\nNAME = 'invokeai'",
        ),
        ("flowbind_generator/building.py", "from flowbind_generator.engines import engine\nfound = all[engine.NAME]"),
        ("flowbind_generator/building.py", "'''How InvokeAI and comfyui are kept apart.'''"),
    ],
)
def test_what_is_no_fault_is_none(name: str, source: str) -> None:
    assert not faults(name, source)


def test_sources_are_found() -> None:
    assert {home(name) for name in SOURCES} == {None, *ENGINES}
