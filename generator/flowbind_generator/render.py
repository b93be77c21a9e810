"""From finished modules to source text: templates without logic, and filters that let nothing through unquoted."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flowbind.binding import INTERFACE
from flowbind.digest import sha256
from flowbind_generator import quoting
from flowbind_generator.field_classes import FieldTypes
from flowbind_generator.imports import package_orders
from flowbind_generator.ir import Module
from flowbind_generator.readable_json import readable
from flowbind_generator.templates import templates_folder


class Source(str):
    """Text that went through a filter: the only text that a template may write."""

    __slots__ = ()


def render_module(module: Module) -> dict[str, str]:
    """Return the files of a module by name: its source, not yet formatted, and the JSON files beside it."""
    beside = {module.graph_file: sidecar(module.graph)}
    if module.workflow is not None:
        beside[module.workflow_file] = sidecar(module.workflow)
    source = (
        _environment()
        .get_template("module.py.jinja")
        .render(
            module=module,
            interface=INTERFACE,
            digests={name: sha256(text.encode()) for name, text in beside.items()},
        )
    )
    return {f"{module.name}.py": source, **beside}


def render_init(modules: Sequence[tuple[str, str]]) -> str:
    """Return the source of the package's `__init__.py`, for pairs of class and module names."""
    imported, listed = package_orders(modules)
    return _environment().get_template("init.py.jinja").render(modules=listed, imports=imported)


def render_field_types(plan: FieldTypes) -> str:
    """Return the source of `field_types.py`, not yet formatted."""
    return _environment().get_template("field_types.py.jinja").render(module=plan)


def sidecar(document: Mapping[str, Any]) -> str:
    """Return a JSON document as text, in which a change is a small diff."""
    return readable(document, open_levels=2) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_only_source,
    )
    environment.filters = {
        "literal": lambda value: Source(quoting.literal(value)),
        "docstring": lambda text: Source(quoting.docstring(text)),
        "comment": lambda text: Source(quoting.comment(text)),
        "identifier": lambda text: Source(quoting.identifier(text)),
        "identifiers": lambda names: Source(", ".join(map(_imported, names))),
        "closed": lambda text: Source(text + "\n" if "\n" in text else text),
        "indented": lambda text: Source(re.sub(r"\n(?!\n)", "\n    ", text)),
        "code": _code,
        "dotted": _dotted,
    }
    return environment


def _only_source(value: object) -> object:
    if not isinstance(value, Source):
        raise TypeError(f"a template writes {value!r} without a filter")
    return value


@lru_cache(maxsize=1024)
def _code(text: str) -> Source:
    """Let a finished annotation or default through: it must be one expression."""
    ast.parse(text, mode="eval")
    return Source(text)


def _dotted(text: str) -> Source:
    """Let the name of a module through; one dot before it means that it stands in the same folder."""
    for part in text.removeprefix(".").split("."):
        quoting.identifier(part)
    return Source(text)


def _imported(text: str) -> str:
    name, _, other = text.partition(" as ")
    return quoting.identifier(name) + (f" as {quoting.identifier(other)}" if other else "")
