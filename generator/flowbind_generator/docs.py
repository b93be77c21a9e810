"""The text of docstrings: paragraphs, wrapped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from flowbind_generator.ir import RandomRange
from flowbind_generator.quoting import docstring

_WIDTH = 84


def wrapped(*paragraphs: str) -> str:
    """Return the paragraphs as the text of a docstring, its lines not longer than a module's."""
    return "\n\n".join(filter(None, map(_lines, paragraphs)))


def _lines(text: str) -> str:
    if len(text) <= _WIDTH and text.isprintable():
        return text.rstrip()  # as most are
    return "\n".join(textwrap.wrap(text, _WIDTH, break_on_hyphens=False, break_long_words=False))


def sentence(text: str) -> str:
    """Return the text as a sentence: no space around it, a full stop at its end."""
    text = " ".join(text.split())
    return text if not text or text[-1] in ".!?:。！？" else text + "."


def sentences(texts: Iterable[str]) -> list[str]:
    """Return texts as sentences, those left out that say what an earlier one does."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text.strip(". ").lower(), sentence(text))
    return list(found.values())


def random_in_words(random: RandomRange) -> str:
    """Return what `RANDOM` does as a sentence."""
    step = "" if random.step in (None, 1) else f", a multiple of {random.step}"
    return f"RANDOM draws a new number for each run, from {random.minimum} to {random.maximum}{step}."


def visible(text: str) -> str:
    """Return the text, "" where a reader of its docstring would see nothing."""
    return text if docstring(text) else ""
