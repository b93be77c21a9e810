"""Draws what a project of hostile files is made from, and where its files are."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from .hostile_documents import Chance
from .hostile_texts import HALF, PIECES, WHOLE, very_long

_MOST_BYTES_OF_A_NAME = 200


class Drawn(NamedTuple):
    """What a project is made from; where texts go is left to a seed: Hypothesis would take long to draw each place."""

    texts: list[str]
    long: str | None
    share: float
    seed: int
    own_document: bool

    @property
    def chance(self) -> Chance:
        """What puts the texts into places."""
        texts = self.texts if self.long is None else [*self.texts, very_long(self.long)]
        return Chance(texts, Random(self.seed), self.share)


def _seldom(value: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.integers(0, 15).flatmap(lambda number: value if number == 0 else st.none())


@st.composite
def drawings(draw: st.DrawFn) -> Drawn:
    """Draw what a project is made from."""
    texts = draw(st.lists(WHOLE, min_size=1, max_size=8))
    if half := draw(_seldom(HALF)):
        texts.append(half)
    share = draw(st.sampled_from((0.05, 0.3, 0.7, 1.0)))
    return Drawn(texts, draw(_seldom(PIECES)), share, draw(st.integers(0, 2**32)), draw(st.integers(0, 5)) == 0)


def path_of(chance: Chance, number: int, taken: Any) -> str:
    """Return where an export is: a hostile name, sometimes in a hostile folder."""
    random = chance.random
    name = f"w{number}" if random.random() < 0.5 else _name(chance.text(f"w{number}") or "w")
    name += random.choice((".json", ".json", ".json", ".json", ".png", ".JSON"))
    folder = f"{_name(chance.text('f') or 'f')}/" if random.random() < 0.2 else ""
    path = folder + name
    return f"w{number}.json" if path in taken or path == "openapi.json" or PurePosixPath(path).is_absolute() else path


def _name(text: str) -> str:
    """Return a text as far as a name of a file on Linux may have it."""
    data = text.replace("/", "").replace("\0", "").encode("utf-8", "surrogatepass")[:_MOST_BYTES_OF_A_NAME]
    # Bytes that are no text are a surrogate each to Python.
    name = os.fsdecode(data)
    return "w" if name in ("", ".", "..") else name
