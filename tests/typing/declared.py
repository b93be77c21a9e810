"""What generated modules declare, read from their text: the names, types and docstrings that an editor has to show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.typing.editor import Shown


@dataclass(frozen=True)
class Class:
    """The class of a workflow, with its docstring and those of its inputs, in order, and what its outputs are.

    `lines` are the numbers of the lines that declare an output or an input, with its docstring.
    """

    package: str
    module: str
    name: str
    doc: str
    inputs: dict[str, str]
    outputs: dict[str, Shown]
    lines: dict[int, str]
    is_batch: bool
    has_client: bool


def declared(package: Path) -> list[Class]:
    """Return the classes of a generated package."""
    return [_read(path) for path in sorted(package.glob("*.py")) if path.name not in ("__init__.py", "field_types.py")]


def _read(path: Path) -> Class:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    outputs, workflow = (statement for statement in body if isinstance(statement, ast.ClassDef))
    return Class(
        package=path.parent.name,
        module=path.stem,
        name=workflow.name,
        doc=_one_line(ast.get_docstring(workflow) or ""),
        inputs={name: box.words for _, name, box in _attributes(workflow)},
        outputs={name: box for _, name, box in _attributes(outputs)},
        lines={line: box.words for of in (outputs, workflow) for line, _, box in _attributes(of)},
        is_batch="Batch" in ast.unparse(workflow.bases[0]),
        has_client=ast.unparse(workflow.bases[0]).startswith("InvokeAI"),
    )


def _attributes(of: ast.ClassDef) -> Iterator[tuple[int, str, Shown]]:
    for statement, after in zip(of.body, of.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign):
            assert isinstance(after, ast.Expr)
            name, doc = ast.unparse(statement.target), str(ast.literal_eval(after.value))
            yield statement.lineno, name, Shown(f"{name}: {ast.unparse(statement.annotation)}", _one_line(doc))


def _one_line(text: str) -> str:
    return " ".join(text.split())
