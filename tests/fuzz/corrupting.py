"""Corrupts the source of a rendered module: one node of its tree, or one character of its text."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

_STATEMENTS = (
    "import os", "from os import system as Field", "pass", "x = 1", "x: int = 1", "del Outputs", "global Outputs",
    "print('pwned')", "'another docstring'", "f'{1}'", "def f(): ...", "async def f(): ...", "class C: ...", "...",
    "if True: pass", "raise SystemExit", "type_ = int", "assert True", "(x := 1)", "__all__ += ['x']", "1",
)  # fmt: skip
_EXPRESSIONS = (
    "print('pwned')", "(x := 1)", "f'{1}'", "f''", "[x for x in ()]", "lambda: 1", "None", "...", "True", "0", "''",
    "b''", "-1", "1.0", "()", "[]", "{}", "{**{}}", "(*(),)", "__import__('os')",
    "Outputs", "x.y", "x[0]", "1 if x else 2",
    "not x", "a | b", "a < b", "u'x'", "'width'", "Field(default_factory=print)", "Annotated[int, print()]",
)  # fmt: skip
_CHARACTERS = "\"'\\#\n\r\t ()[]{},:=.;*@_0a\0\x0c\u2028\u202e\u200bﬁ"
Place = tuple[ast.AST, str, int | None]


def corrupted_tree(source: str, random: Random) -> str:
    """Return the source with another tree: something dropped, doubled, swapped, exchanged, renamed or inserted."""
    tree = ast.parse(source)
    while True:
        changed = copy.deepcopy(tree)
        _corrupt(changed, random)
        ast.fix_missing_locations(changed)
        try:
            text = ast.unparse(changed)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue  # no tree that Python could have read
        if _dumped(text) != ast.dump(tree):
            return f"{source.partition(chr(10))[0]}\n{text}\n"


def _dumped(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def _corrupt(tree: ast.AST, random: Random) -> None:
    node, name, at = random.choice(list(_places(tree)))
    value: Any = getattr(node, name)
    item = value if at is None else value[at]
    if isinstance(item, ast.Constant) and random.random() < 0.5:
        item.value = _other(item.value, random)
    elif isinstance(item, ast.ClassDef) and random.random() < 0.5:
        _corrupt_class(item, random)
    elif isinstance(item, ast.AnnAssign) and random.random() < 0.3:
        item.simple = 0
    elif isinstance(item, str):
        setattr(node, name, random.choice((item + "_", "os", "print", f"_{item}", item[:-1] or "x")))
    elif at is not None and random.random() < 0.6:
        _corrupt_list(value, at, random)
    else:
        new = _statement(random) if isinstance(item, ast.stmt) else _expression(random)
        if at is None:
            setattr(node, name, random.choice((new, None)))
        else:
            value[at] = new


def _places(tree: ast.AST) -> Iterator[Place]:
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                yield from ((node, name, at) for at in range(len(value)))
            elif isinstance(value, ast.expr | ast.arguments) or (
                isinstance(value, str) and not isinstance(node, ast.Constant)
            ):
                yield node, name, None


def _statement(random: Random) -> ast.stmt:
    return ast.parse(random.choice(_STATEMENTS)).body[0]


def _expression(random: Random) -> ast.expr:
    return ast.parse(random.choice(_EXPRESSIONS), mode="eval").body


def _corrupt_list(items: list[Any], at: int, random: Random) -> None:
    kind = random.choice(("drop", "double", "swap", "insert"))
    if kind == "drop":
        del items[at]
    elif kind == "double":
        items.insert(at, copy.deepcopy(items[at]))
    elif kind == "swap":
        items[at], items[at - 1] = items[at - 1], items[at]
    elif isinstance(items[at], ast.stmt):
        items.insert(at, _statement(random))
    elif isinstance(items[at], ast.expr):
        items.insert(at, _expression(random))
    else:
        items.insert(at, copy.deepcopy(random.choice(items)))


def _corrupt_class(node: ast.ClassDef, random: Random) -> None:
    code = _expression(random)
    random.choice((
        lambda: node.decorator_list.append(code),
        lambda: node.bases.append(code),
        lambda: node.keywords.append(ast.keyword("metaclass", code)),
        lambda: node.keywords.append(ast.keyword(None, code)),
    ))()  # fmt: skip


def _other(value: object, random: Random) -> object:
    """Return another value than a literal has; one of another type that is equal to it, too."""
    match value:
        case bool():
            return random.choice((not value, int(value)))
        case int():
            return random.choice((value + 1, float(value), bool(value), str(value)))
        case float():
            return random.choice((value + 1, -value, int(value)))
        case str():
            return random.choice((value + "x", value[1:], value.swapcase(), "", value.encode("utf-8", "replace"), None))
        case _:
            return random.choice((0, False, "None"))


def corrupted_text(source: str, random: Random) -> str:
    """Return the source with one character or line dropped, doubled, exchanged or inserted."""
    at, char = random.randrange(len(source)), random.choice(_CHARACTERS)
    lines = source.splitlines(keepends=True)
    line = random.randrange(len(lines))
    comment = random.choice(("  # type: ignore\n", "  # noqa\n", "# coding: rot13\n", "\\\n", ";\n", "  # fmt: skip\n"))
    return random.choice((
        source[:at] + source[at + 1 :],
        source[:at] + source[at] + source[at:],
        source[:at] + char + source[at + 1 :],
        source[:at] + char + source[at:],
        source[:at] + source[at : at + 2][::-1] + source[at + 2 :],
        "".join([*lines[:line], lines[line].rstrip("\n") + comment, *lines[line + 1 :]]),
        "".join([*lines[:line], *lines[line + 1 :]]),
        "".join([*lines[:line], lines[line], *lines[line:]]),
    ))  # fmt: skip


def means_the_same(source: str, other: str) -> bool:
    """Tell whether Python and a reader take two sources for the same: but for how they are broken into lines."""
    if source.partition("\n")[0] != other.partition("\n")[0] or not other.replace("\n", "").isprintable():
        return False
    try:
        trees = [ast.parse(text.encode("utf-8", "surrogatepass")) for text in (source, other)]
    except (SyntaxError, ValueError):
        return False
    for tree in trees:
        for text in _docstrings(tree):
            text.value = text.value.split()
        for constant in (n for n in ast.walk(tree) if isinstance(n, ast.Constant)):
            constant.kind = None
    return ast.dump(trees[0]) == ast.dump(trees[1]) and _comments(source) == _comments(other)


def _docstrings(tree: ast.AST) -> Iterator[Any]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def _comments(source: str) -> Sequence[str]:
    from io import StringIO
    from tokenize import COMMENT, generate_tokens

    return [token.string for token in generate_tokens(StringIO(source).readline) if token.type == COMMENT]
