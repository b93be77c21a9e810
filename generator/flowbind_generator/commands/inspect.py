"""The command `flowbind inspect`: what of an export is public."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flowbind_generator.console import (
    CLEAN,
    FINDINGS,
    FORM,
    SPEC,
    STRICT,
    WORKFLOW,
    build,
    find_export,
    print_diagnostics,
)
from flowbind_generator.project import find_project


@click.command()
@WORKFLOW
@SPEC
@STRICT
@FORM
def inspect(workflow: Path, spec: str | None, strict: bool, form: str) -> None:
    """Show the inputs and outputs of an export."""
    from flowbind_generator.inspection import as_json, as_text

    project = find_project()
    path = find_export(project, workflow)
    module, diagnostics = build(project, path, spec, strict=strict)
    if form == "json":
        click.echo(as_json(project.source(path), module, diagnostics))
    else:
        if module:
            click.echo(as_text(module))
        print_diagnostics(diagnostics)
    sys.exit(CLEAN if module else FINDINGS)
