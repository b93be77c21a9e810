"""The text of docstrings: paragraphs, wrapped."""

from __future__ import annotations

import textwrap

from flowbind_generator.quoting import docstring

_WIDTH = 84


def wrapped(*paragraphs: str) -> str:
    """Return the paragraphs as the text of a docstring, its lines not longer than a module's."""
    lines = ["\n".join(textwrap.wrap(p, _WIDTH, break_on_hyphens=False, break_long_words=False)) for p in paragraphs]
    return "\n\n".join(line for line in lines if line)


def sentence(text: str) -> str:
    """Return the text as a sentence: no space around it, a full stop at its end."""
    text = " ".join(text.split())
    return text if not text or text[-1] in ".!?:。！？" else text + "."


def visible(text: str) -> str:
    """Return the text, "" where a reader of its docstring would see nothing."""
    return text if docstring(text) else ""
