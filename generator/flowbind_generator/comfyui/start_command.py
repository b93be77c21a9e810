"""`flowbind server start comfyui`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flowbind_generator.comfyui.engine import NAME
from flowbind_generator.starting import options_of_starts, start_and_tell


@click.command(NAME)
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.option("--input-directory", type=click.Path(path_type=Path), help="Where it reads inputs.")
@click.option("--output-directory", type=click.Path(path_type=Path), help="Where it saves outputs.")
@click.option("--python", type=click.Path(path_type=Path), help="The interpreter that it runs under.")
@options_of_starts
def start_comfyui(path: Path, args: tuple[str, ...], form: str, **options: Any) -> None:
    """Start the ComfyUI of a checkout: PATH is the folder that holds its main.py.

    ARGS are more options of its own, after two dashes: `flowbind server start comfyui ~/ComfyUI -- --cpu`. Without
    --python it runs under that of PATH/venv or PATH/.venv, of the portable package, or under flowbind's own.
    """
    from flowbind import LocalServer

    start_and_tell(lambda: LocalServer.comfyui(path, args=args, detached=True, **options), form)
