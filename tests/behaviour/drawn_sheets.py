"""What tests of contact sheets look at: the cells of each sheet before it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowbind.pictures import Cells
from flowbind_generator import contact_sheets

Drawn = list[tuple[Cells, int | None]]
"""Cells, with how many of them are in a row where that is settled."""


def noted(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """Return a list that gets the cells of each sheet which is written from now on."""
    seen: Drawn = []
    write: Callable[..., None] = contact_sheets.write_sheet

    def noting(path: Path, cells: Cells, columns: int | None) -> None:
        seen.append((cells, columns))
        write(path, cells, columns)

    monkeypatch.setattr(contact_sheets, "write_sheet", noting)
    return seen


def captions(cells: Cells) -> list[str]:
    """Return the first line of each caption."""
    return [caption.partition("\n")[0] for caption, _ in cells.cells]
