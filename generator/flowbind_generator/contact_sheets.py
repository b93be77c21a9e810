"""`flowbind run --sheet`: the pictures that were saved, laid out with what was varied as captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flowbind.pictures.runs import Cells, Ended
    from flowbind_generator.running import Asked
    from flowbind_generator.told_runs import Run


def sheet_path(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Return where a sheet goes; raises `click.BadParameter` where none can be written."""
    if value is None:
        return None
    from flowbind.pictures.sheets import needed

    try:
        needed()
    except ModuleNotFoundError as error:
        raise click.BadParameter(f"{error}.", ctx, param) from None
    writable = sorted(_formats())
    if value.suffix.lower() not in writable:
        said = f"{value.name!r} does not end like a picture: write one of {', '.join(writable)}."
        raise click.BadParameter(said, ctx, param)
    if not value.parent.is_dir():
        raise click.BadParameter(f"There is no folder {str(value.parent)!r}: make it first.", ctx, param)
    return value


def check_room(runs: int) -> None:
    """Raise `click.UsageError` where a sheet has no room for so many runs."""
    from flowbind.pictures.layout import MOST_CELLS

    if runs > MOST_CELLS:
        raise click.UsageError(f"These are {runs} runs, and a sheet shows at most {MOST_CELLS}: leave --sheet out.")


def lay_out(asked: Asked, runs: Sequence[Run], path: Path) -> None:
    """Write the sheet of runs, whole or not at all; raises `ValueError` where none can be made, and `OSError`."""
    from flowbind.pictures.runs import Ended
    from flowbind_generator.saved_outputs import items

    files = {item.resolve() for run in runs for item in items(run.made.outputs) if isinstance(item, Path)}
    if path.resolve() in files:
        raise ValueError(f"{path} is a picture that a run has left.")
    varied = {name for run in runs for name in run.varied}
    given = {name: getattr(asked.instances[0], name) for name in asked.given if name not in varied}
    of_each = sum(run.place == 0 for run in runs)
    shown = [Ended(run.varied, run.made.outputs, str(run.error or "")) for run in runs]
    write_sheet(path, *cells_of(asked.workflow.__name__, given, asked.swept, of_each, shown))


def cells_of(
    name: str, given: Mapping[str, Any], swept: Mapping[str, int], of_each: int, runs: Sequence[Ended]
) -> tuple[Cells, int | None]:
    """Return the cells of runs with captions and a title, and how many stand in a row, where that is settled.

    `name` is that of the class, `given` what was set for all runs, `swept` how many values each swept input has: of
    several with more than one, the last varies along the rows. `of_each` is how many runs each combination has.
    """
    from flowbind.pictures.captions import captions
    from flowbind.pictures.runs import cells

    made = cells(runs)
    about, _ = captions([given, given])
    told = ", ".join(filter(None, (about, made.title)))
    of_one = made.per_run * of_each
    varying = [count for count in swept.values() if count > 1]
    last = varying[-1] if len(varying) > 1 else 1
    columns = last * of_one if varying and last * of_one > 1 else None
    return replace(made, title=f"{name}: {told}" if told else name), columns


def write_sheet(path: Path, cells: Cells, columns: int | None) -> None:
    """Write a sheet, whole or not at all; raises `ValueError` where there are too many cells, and `OSError`."""
    from flowbind.files import whole_file
    from flowbind.pictures.sheets import sheet

    try:
        made = sheet(cells.cells, columns=columns, title=cells.title)
    except ValueError:
        if columns is None:
            raise
        # Rows that are too long, or too many.
        made = sheet(cells.cells, title=cells.title)
    with whole_file(path) as part:
        made.save(part, format=_formats()[path.suffix.lower()])


def _formats() -> dict[str, str]:
    """Return the formats in which Pillow writes pictures on this machine, by how names end."""
    from PIL import Image as pillow

    from flowbind.saving import PICTURES

    endings = pillow.registered_extensions()
    return {
        ending: named for ending, named in endings.items() if ending[1:] in PICTURES and named.upper() in pillow.SAVE
    }
