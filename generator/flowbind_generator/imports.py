"""What the code of a generated module names, and its imports, grouped and sorted as ruff would have them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

Imports = tuple[Mapping[str, tuple[str, ...]], ...]
"""Groups that map a module to what is taken from it: `Name`, or `Name as Other`."""
_Part = tuple[int, int, str]

_TYPING = ("Annotated", "Literal")
_PYDANTIC = ("Field", "JsonValue")


def names_in(sources: Iterable[str]) -> set[str]:
    """Return the names that expressions use."""
    return set().union(*map(_names, sources))


@cache
def _names(source: str) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(ast.parse(source, mode="eval")) if isinstance(n, ast.Name))


def union_members(annotation: str) -> list[str]:
    """Return what an annotation allows, each as source without its limits."""
    node = ast.parse(annotation, mode="eval").body
    if isinstance(node, ast.BinOp):
        return [*union_members(ast.unparse(node.left)), *union_members(ast.unparse(node.right))]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
        return union_members(ast.unparse(node.slice.elts[0]))
    return [ast.unparse(node)]


def imports_of(used: Iterable[str], others: Mapping[str, Iterable[str]], own: Mapping[str, Iterable[str]]) -> Imports:
    """Return the imports for the names used: those of typing and pydantic, and all of the `others`.

    `own` come from the user's packages, or from the folder of the module itself (".field_types").
    """
    found = set(used)
    groups = (
        {"typing": [n for n in _TYPING if n in found]},
        {**others, "pydantic": [n for n in _PYDANTIC if n in found], **{m: n for m, n in own.items() if m[0] != "."}},
        {module: names for module, names in own.items() if module[0] == "."},
    )
    kept = ({m: tuple(sorted(n, key=_import_order)) for m, n in sorted(group.items()) if n} for group in groups)
    return tuple(group for group in kept if group)


def name_order(name: str) -> tuple[int, list[_Part]]:
    """Sort as ruff sorts exported names: constants, classes, others; numbers in them by their value."""
    return _kind(name), _natural(name)


def package_orders(modules: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return pairs of class and module in the order of imports, then in that of exported names, both as ruff's."""
    pairs = sorted(modules)
    return sorted(pairs, key=lambda pair: _natural(pair[1].lower())), sorted(
        pairs, key=lambda pair: name_order(pair[0])
    )


def _import_order(name: str) -> tuple[int, list[_Part]]:
    """Sort as ruff sorts imported names: the same, whatever the case of the letters."""
    return _kind(name), _natural(name.lower())


def _kind(name: str) -> int:
    # ruff counts bytes: a single letter that takes two of them is no class to it.
    return 0 if name.isupper() and len(name.encode()) > 1 else 1 if name[:1].isupper() else 2


def _natural(name: str) -> list[_Part]:
    parts = re.findall("[0-9]+|[^0-9]+", name)
    # A number that begins with 0 is compared digit by digit, as if it stood behind a point.
    return [(0, 0, p) if p[0] == "0" else (1, int(p), "") if p[0] in "123456789" else (-1, 0, p) for p in parts]
