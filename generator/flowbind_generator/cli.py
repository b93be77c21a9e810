"""The `flowbind` command: flags in, text out. What it does is done elsewhere, imported when needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowbind.outside import printable
from flowbind_generator import __version__
from flowbind_generator.commands.check import check
from flowbind_generator.commands.compare import compare
from flowbind_generator.commands.diff import diff
from flowbind_generator.commands.explain import explain
from flowbind_generator.commands.generate import generate
from flowbind_generator.commands.inspect import inspect
from flowbind_generator.commands.server import server
from flowbind_generator.console import FORM, SPEC, WORKFLOW, find_export, listed, module_of, refuse
from flowbind_generator.contact_sheets import check_room, sheet_path
from flowbind_generator.diagnostics import Refused
from flowbind_generator.disk import refusal, unnamed
from flowbind_generator.engines import engine, engines
from flowbind_generator.project import find_project

if TYPE_CHECKING:
    from flowbind.drift_check import CheckMode

_SET = click.option("--set", "settings", metavar="ATTRIBUTE=VALUE", multiple=True, help="Set an input; repeatable.")
_SWEEP = click.option(
    "--sweep",
    "sweeps",
    metavar="ATTRIBUTE=VALUE,VALUE",
    multiple=True,
    help="Run for each of several values of an input; repeatable, for all combinations.",
)
_URL = click.option(
    "--url",
    help=f"The server; else where {listed([e.URL_VARIABLE for e in engines()], 'or')} says, or "
    f"{listed([e.DEFAULT_URL for e in engines()], 'or')}.",
)


class _Group(click.Group):
    """Prints refusals and ends with the exit code that says what they mean."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            refuse(refused)
        except OSError as error:
            # Whoever reads what is printed may stop reading.
            if isinstance(error, BrokenPipeError):
                raise
            refuse(refusal(error))
        except UnicodeEncodeError as error:
            if error.encoding == "utf-8":
                raise
            refuse(unnamed(error))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="flowbind")
def main() -> None:
    """Typed Python classes from workflows drawn in InvokeAI or ComfyUI.

    Exit codes: 0 clean, 1 findings, 2 could not run.
    """
    for stream in (sys.stdout, sys.stderr):
        # A label in any language must not end the command on a terminal that cannot show it.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")


@main.command()
@WORKFLOW
@SPEC
@_SET
@click.option("--graph-only", is_flag=True, help="Print the graph alone.")
def payload(workflow: Path, spec: str | None, settings: tuple[str, ...], graph_only: bool) -> None:
    """Print the request that would be posted for an export, without a server.

    Names, local files and models are not looked up; standard error lists them.
    """
    from flowbind_generator.running import instance_of, preview_text

    project = find_project()
    module = module_of(project, find_export(project, workflow), spec)
    instance = instance_of(module, settings, project.root)
    text, placeholders = preview_text(engine(module.engine), instance, graph_only=graph_only)
    click.echo(text)
    for placeholder in placeholders:
        click.echo(f"not looked up: {printable(placeholder)}", err=True)


@main.command()
@WORKFLOW
@SPEC
@_SET
@_SWEEP
@_URL
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
    default="warn",
    show_default=True,
    help="Compare the workflow with the server first.",
)
@click.option("--timeout", type=float, metavar="SECONDS", help="Stop waiting after this time; what runs goes on.")
@FORM
def run(
    workflow: Path,
    spec: str | None,
    settings: tuple[str, ...],
    sweeps: tuple[str, ...],
    url: str | None,
    out: Path,
    sheet: Path | None,
    check: CheckMode,
    timeout: float | None,
    form: str,
) -> None:
    """Run an export on a server and save what it makes, without generating first.

    With --sweep it runs for each of several values: --sweep steps=4,8 --sweep seed=1,2,3 makes six runs, the last
    input varying fastest. Values are separated as in CSV ('prompt="a cat, sitting",a dog'), or are the items of a list
    in JSON ('cfg=[[1, 2], [3]]'); each is read as --set reads it.
    """
    from flowbind_generator.run_and_save import Wishes, run_and_save
    from flowbind_generator.running import asked_of

    project = find_project()
    module = module_of(project, find_export(project, workflow), spec)
    of = engine(module.engine)
    if url is None:
        url = os.environ.get(of.URL_VARIABLE) or of.DEFAULT_URL
    asked = asked_of(module, settings, sweeps, project.root)
    if sheet:
        check_room(len(asked.instances))
    sys.exit(run_and_save(asked, of, url, check, Wishes(out, sheet, timeout, form)))


@main.group()
def spec() -> None:
    """The server's own document, from which all types come."""


@spec.command()
@click.argument("url")
def pull(url: str) -> None:
    """Pin a running server's document, with its release, in workflows/."""
    from flowbind_generator.spec import pull as pull_document

    project = find_project()
    of, path, version = pull_document(url, project)
    click.echo(f"{project.source(path)}: {of.TITLE} {version or 'of an unknown release'}")


for command in (
    inspect,
    generate,
    check,
    diff,
    explain,
    compare,
    server,
    *(own for of in engines() for own in of.commands()),
):
    main.add_command(command)

if __name__ == "__main__":
    main()
