"""Texts with choices, `a {red|green} car`, as the editor makes them at each run; the server makes none."""

from __future__ import annotations

import random
import re

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n\r\u2028\u2029]*", re.DOTALL)
_ESCAPED = re.compile(r"\\([{}|])")
_SPECIAL = re.compile(r"[\\{]")
_OF_BLOCKS = re.compile(r"\\.|[{}|]", re.DOTALL)
_MARKS = ("{", "\\", "//", "/*")


def dynamic(text: str, *, source: random.Random | None = None) -> str:
    r"""Return a text with one of the choices in each `{a|b}`, without `//` and `/* */` comments, as the editor does.

    Choices may hold others; `\{`, `\|` and `\}` stand for the characters themselves. `source` is where chance comes
    from. Raises nothing.
    """
    choose = (source or random).choice
    # A choice is a text of its own: where it stands is kept until it is done.
    waiting: list[tuple[str, int, list[str]]] = []
    text, at, made = _COMMENT.sub("", text), 0, list[str]()
    while True:
        special = _SPECIAL.search(text, at)
        made.append(text[at : special.start() if special else len(text)])
        if special is None:
            done = _ESCAPED.sub(r"\1", "".join(made))
            if not waiting:
                return done
            text, at, made = waiting.pop()
            made.append(done)
        elif special[0] == "{":
            options, at = _options(text, special.end())
            waiting.append((text, at, made))
            text, at, made = choose(options), 0, []
        else:
            at = special.end() + 1
            # The editor reads on behind the end of a text, and sends what it finds there.
            made.append(text[special.start() : at] if at <= len(text) else "\\undefined")


def is_dynamic(text: str) -> bool:
    """Tell whether the editor may send something else than the text itself."""
    return any(mark in text for mark in _MARKS)


def _options(text: str, start: int) -> tuple[list[str], int]:
    """Return the choices of a block, and where it ends; one that is not closed ends with the text."""
    options: list[str] = []
    depth = 0
    for mark in _OF_BLOCKS.finditer(text, start):
        if mark[0] == "{":
            depth += 1
        elif mark[0] == "}" and depth:
            depth -= 1
        elif mark[0] in "|}" and not depth:
            options.append(text[start : mark.start()])
            start = mark.end()
            if mark[0] == "}":
                return options, start
    return [*options, text[start:]], len(text)
