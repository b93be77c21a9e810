"""The `flowbind` command: flags in, text out. What it does is done elsewhere, imported when needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from flowbind.outside import printable
from flowbind_generator import __version__
from flowbind_generator.commands.check import check
from flowbind_generator.commands.compare import compare
from flowbind_generator.commands.diff import diff
from flowbind_generator.commands.explain import explain
from flowbind_generator.commands.generate import generate
from flowbind_generator.commands.inspect import inspect
from flowbind_generator.commands.run import run
from flowbind_generator.commands.server import server
from flowbind_generator.console import SET, SPEC, WORKFLOW, find_export, module_of, refuse
from flowbind_generator.diagnostics import Refused
from flowbind_generator.disk import refusal, unnamed
from flowbind_generator.engines import engine, engines
from flowbind_generator.project import find_project


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
@SET
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
    run,
    server,
    *(own for of in engines() for own in of.commands()),
):
    main.add_command(command)

if __name__ == "__main__":
    main()
