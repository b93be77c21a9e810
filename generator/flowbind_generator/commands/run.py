"""`flowbind run`: an export on a server, or on several, without generating first."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowbind_generator.console import FORM, SET, SPEC, WORKFLOW, find_export, listed, module_of
from flowbind_generator.contact_sheets import check_room, sheet_path
from flowbind_generator.engines import engine, engines
from flowbind_generator.project import find_project

if TYPE_CHECKING:
    from flowbind.drift_check import CheckMode

_SWEEP = click.option(
    "--sweep",
    "sweeps",
    metavar="ATTRIBUTE=VALUE,VALUE",
    multiple=True,
    help="Run for each of several values of an input; repeatable, for all combinations.",
)
_URLS = click.option(
    "--url",
    "urls",
    metavar="URL",
    multiple=True,
    help="The server; repeatable, for several that share the runs. Else where "
    f"{listed([e.URL_VARIABLE for e in engines()], 'or')} says, or "
    f"{listed([e.DEFAULT_URL for e in engines()], 'or')}.",
)


@click.command()
@WORKFLOW
@SPEC
@SET
@_SWEEP
@_URLS
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("outputs"),
    show_default=True,
    help="The folder to save to.",
)
@click.option(
    "--sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=sheet_path,
    help="Lay the pictures out on a contact sheet: a .png, .jpg or .webp file, which is replaced.",
)
@click.option(
    "--check",
    type=click.Choice(["warn", "error", "off"]),
    help="Compare the workflow with the server first: warn of what has changed, or give it no run. "
    "[default: warn; error with several --url]",
)
@click.option("--timeout", type=float, metavar="SECONDS", help="Stop waiting after this time; what runs goes on.")
@FORM
def run(
    workflow: Path,
    spec: str | None,
    settings: tuple[str, ...],
    sweeps: tuple[str, ...],
    urls: tuple[str, ...],
    out: Path,
    sheet: Path | None,
    check: CheckMode | None,
    timeout: float | None,
    form: str,
) -> None:
    """Run an export on a server, or on several, and save what it makes, without generating first.

    With --sweep it runs for each of several values: --sweep steps=4,8 --sweep seed=1,2,3 makes six runs, the last
    input varying fastest. Values are separated as in CSV ('prompt="a cat, sitting",a dog'), or are the items of a list
    in JSON ('cfg=[[1, 2], [3]]'); each is read as --set reads it.

    With --url for each of several servers, every one of them runs one at a time, and what one that goes away had is run
    by another. That needs the extra flowbind[fleet].
    """
    from flowbind_generator.following import on_server
    from flowbind_generator.on_fleet import on_fleet
    from flowbind_generator.run_and_save import Wishes, run_and_save
    from flowbind_generator.running import asked_of

    if len(urls) > 1 and timeout is not None:
        raise click.UsageError(
            "--timeout lets runs go on in a server's queue, and those for several servers wait in this command: leave "
            "it out, or give one --url."
        )
    project = find_project()
    module = module_of(project, find_export(project, workflow), spec)
    of = engine(module.engine)
    asked = asked_of(module, settings, sweeps, project.root)
    if sheet:
        check_room(len(asked.instances))
    if len(urls) > 1:
        # Each server is given what it has the nodes for.
        runs = on_fleet(asked, of, urls, check or "error")
    else:
        (url,) = urls or (os.environ.get(of.URL_VARIABLE) or of.DEFAULT_URL,)
        runs = on_server(asked, of, url, check or "warn", timeout)
    sys.exit(run_and_save(asked, of, runs, Wishes(out, sheet, form)))
