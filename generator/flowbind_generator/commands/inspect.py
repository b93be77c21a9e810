"""The command `flowbind inspect`: what of an export is public, and what could be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowbind.outside import printable
from flowbind_generator.console import (
    CLEAN,
    FINDINGS,
    FORM,
    SPEC,
    STRICT,
    WORKFLOW,
    build,
    count,
    find_export,
    print_diagnostics,
)
from flowbind_generator.diagnostics import Report
from flowbind_generator.project import Project, find_project

if TYPE_CHECKING:
    from flowbind_generator.choosable import Choosable
    from flowbind_generator.ir import Module


@click.command()
@WORKFLOW
@SPEC
@STRICT
@click.option("--all", "show_all", is_flag=True, help="List all values and outputs that can be declared public.")
@click.option("--declare", is_flag=True, help="Write a file beside the export that declares what is public, to edit.")
@FORM
def inspect(workflow: Path, spec: str | None, strict: bool, show_all: bool, declare: bool, form: str) -> None:
    """Show the inputs and outputs of an export."""
    from flowbind_generator.inspection import as_json, as_text
    from flowbind_generator.inspection_of_all import as_json as all_as_json
    from flowbind_generator.inspection_of_all import as_text as all_as_text

    project = find_project()
    path = find_export(project, workflow)
    found = _choosable(project, path, spec, declare=declare) if show_all or declare else None
    module, diagnostics = build(project, path, spec, strict=strict)
    source = project.source(path)
    if form == "json":
        click.echo(
            all_as_json(source, found, module, diagnostics) if show_all else as_json(source, module, diagnostics)
        )
    else:
        if found and show_all:
            click.echo(all_as_text(found, module))
        elif module and not declare:
            click.echo(as_text(module))
        print_diagnostics(diagnostics)
    if declare and module and found:
        _declare(project, module, found)
    sys.exit(CLEAN if module else FINDINGS)


def _choosable(project: Project, path: Path, spec: str | None, *, declare: bool) -> Choosable | None:
    """Return what an export has to choose from, None where it is refused: building it says why.

    Raises `click.UsageError` where one is to be declared that says itself what is public.
    """
    from flowbind_generator.declaration import declaration_of
    from flowbind_generator.engines import engine_of
    from flowbind_generator.reading import read_file
    from flowbind_generator.spec import Catalogs

    data = read_file(path)
    engine = engine_of(data)
    if declare and not engine.DECLARED:
        raise click.UsageError(
            f"The form of {printable(project.source(path))} says what is public, so there is nothing to declare: "
            f"arrange the form in {engine.TITLE}'s editor, and export the workflow again."
        )
    report = Report(project.source(path))
    declaration = declaration_of(project, project.source(path), report)
    return engine.choosable(data, Catalogs(project, spec)[engine.NAME], report, declaration)


def _declare(project: Project, module: Module, found: Choosable) -> None:
    from flowbind_generator.declaring import write_declaration

    name = write_declaration(project, module, found)
    public = count(len(module.inputs), "input") + " and " + count(len(module.outputs), "output")
    click.echo(f"{printable(name)}: written, with {public}.", err=True)
    click.echo("Take out the # before what else is to be public, and run `flowbind generate`.", err=True)
