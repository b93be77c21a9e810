"""`flowbind server start invokeai`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flowbind_generator.invokeai.engine import NAME
from flowbind_generator.starting import options_of_starts, start_and_tell


@click.command(NAME)
@click.argument("root", type=click.Path(path_type=Path))
@click.option(
    "--venv",
    type=click.Path(path_type=Path),
    help="The virtual environment that InvokeAI is installed in.  [default: ROOT/.venv]",
)
@options_of_starts
def start_invokeai(root: Path, venv: Path | None, form: str, **options: Any) -> None:
    """Start an InvokeAI: ROOT is the folder of its data, which no other server may use.

    Settings of its own go into its environment: --env INVOKEAI_DEVICE=cpu.
    """
    from flowbind import LocalServer

    start_and_tell(lambda: LocalServer.invokeai(venv or root / ".venv", root, detached=True, **options), form)
