"""The command `flowbind compare`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowbind.errors import PictureError
from flowbind.outside import printable
from flowbind_generator.console import CLEAN, FAILED, FINDINGS, FORM

if TYPE_CHECKING:
    from flowbind.pictures import Comparison

_PICTURE = click.Path(path_type=Path)


@click.command()
@click.argument("a", type=_PICTURE)
@click.argument("b", type=_PICTURE)
@click.option(
    "--ssim",
    "least",
    type=click.FloatRange(0, 1),
    metavar="LEAST",
    help="Let pass what is that similar, such as 0.98.",
)
@click.option(
    "--most-pixels",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="The most pixels that a picture may have; else Pillow's own limit.",
)
@FORM
def compare(a: Path, b: Path, least: float | None, most_pixels: int | None, form: str) -> None:
    """Compare two pictures; exit code 1 where their pixels differ.

    With --ssim, differing pixels are let pass where the structural similarity is at least LEAST. It is 1
    for the same picture, and about 0 for pictures that have nothing in common. Different sizes never pass.
    """
    try:
        from flowbind import pictures

        found = pictures.compare(a, b, most_pixels=most_pixels)
    except (PictureError, ModuleNotFoundError) as error:
        click.secho(printable(str(error)), fg="red", err=True)
        sys.exit(FAILED)
    passes = found.same or (least is not None and found.ssim is not None and found.ssim >= least)
    if form == "json":
        click.echo(_as_json(a, b, found))
    else:
        click.echo(_as_text(a, b, found))
        click.secho(_verdict(found, least, passes), fg=None if passes else "red", err=True)
    sys.exit(CLEAN if passes else FINDINGS)


def _as_json(a: Path, b: Path, found: Comparison) -> str:
    sized = [
        {"path": str(path), "width": width, "height": height}
        for path, (width, height) in zip((a, b), found.sizes, strict=True)
    ]
    told = {"pictures": sized, "same": found.same, "mean_difference": found.mean_difference, "ssim": found.ssim}
    return json.dumps(told, indent=2, ensure_ascii=False)


def _as_text(a: Path, b: Path, found: Comparison) -> str:
    rows = [
        (printable(str(path)), f"{width} x {height}") for path, (width, height) in zip((a, b), found.sizes, strict=True)
    ]
    if found.mean_difference is not None:
        rows.append(("mean difference", f"{found.mean_difference:.4g} of 255"))
        rows.append(("SSIM", "none: the pictures are too small" if found.ssim is None else f"{found.ssim:.6f}"))
    wide = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:{wide}}  {value}" for name, value in rows)


def _verdict(found: Comparison, least: float | None, passes: bool) -> str:
    if found.same:
        return "The pixels are the same."
    if found.mean_difference is None:
        return "The sizes differ."
    if least is None or found.ssim is None:
        return "The pixels differ."
    return f"The pixels differ; the SSIM is {'at least' if passes else 'less than'} {least:g}."
