"""The command `flowbind check`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from flowbind.findings import at_least
from flowbind_generator.console import CLEAN, FINDINGS, STRICT, end_if_empty, find_export
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.manifest import NAME, Manifest, read_manifest
from flowbind_generator.project import Project, find_project
from flowbind_generator.reports import FORMATS
from flowbind_generator.reports import report as report_as

if TYPE_CHECKING:
    from flowbind.rules import Severity
    from flowbind_generator.checked import Checked
    from flowbind_generator.reports import Format


FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="What ends the command with 1.",
)
FORMAT = click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)


@dataclass(frozen=True)
class Asked:
    """Which questions are asked; without any, all that files can answer are."""

    files: bool
    fast: bool
    workflows: tuple[Path, ...]
    spec: str | None
    server: str | None
    strict: bool

    @property
    def nothing(self) -> bool:
        """Whether no question was named."""
        return not (self.files or self.workflows) and self.spec is None and self.server is None


@click.command()
@click.option("--files", is_flag=True, help="Are the generated files fresh?")
@click.option(
    "--workflow",
    "workflows",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Does a new export fit the class? Repeatable.",
)
@click.option("--spec", metavar="FILE|URL", help="Does another document of a server fit the classes?")
@click.option("--server", metavar="URL", help="Does a running server fit: node types, models, pictures, boards?")
@click.option("--fast", is_flag=True, help="Are the files fresh, by digests alone? Reads no document, renders nothing.")
@FAIL_ON
@STRICT
@FORMAT
def check(
    files: bool,
    fast: bool,
    workflows: tuple[Path, ...],
    spec: str | None,
    server: str | None,
    strict: bool,
    fail_on: Severity,
    form: Format,
) -> None:
    """Tell whether classes, exports and servers still fit each other; for CI.

    Without options: are the files fresh, and what do changed exports and a changed document in the project do
    to the classes? Rules are explained by `flowbind explain`.
    """
    if fast and (workflows or strict or spec is not None or server is not None):
        raise click.UsageError("--fast goes by digests alone: no --workflow, --spec, --server or --strict beside it.")
    project = find_project()
    manifest = read_manifest(project.output)
    report_and_end(
        project, answers(project, manifest, Asked(files, fast, workflows, spec, server, strict)), fail_on, form
    )


def report_and_end(project: Project, found: Checked, fail_on: Severity, form: Format) -> NoReturn:
    """Print what was found, as grave as the project has it, and end the command with the code that says it."""
    from flowbind_generator.severities import with_severities

    found = replace(found, findings=tuple(with_severities(found.findings, project.rules)))
    if text := report_as(form, found, fail_on):
        click.echo(text)
    if form == "text":
        from flowbind_generator.reports.text import summary

        click.echo(summary(found, fail_on), err=True)
    sys.exit(FINDINGS if at_least(found.findings, fail_on) else CLEAN)


def answers(project: Project, manifest: Manifest, asked: Asked) -> Checked:
    """Return the answers to the questions that are asked."""
    end_if_empty(project, manifest)
    if asked.fast:
        from flowbind_generator.fast import fast_check

        return fast_check(project, manifest)
    from flowbind_generator.building import Basis
    from flowbind_generator.checking import Check
    from flowbind_generator.engines import engines
    from flowbind_generator.servers import live
    from flowbind_generator.spec import Catalogs

    check = Check(Basis(project, Catalogs(project), manifest))
    if asked.nothing or asked.files:
        check.files(everything=asked.nothing, strict=asked.strict)
    for path in asked.workflows:
        check.export(find_export(project, path), strict=asked.strict)
    # An empty address (of a variable that is not set, say) is a mistake to tell, no question left out.
    if asked.spec is not None:
        for document in Catalogs(project, asked.spec).given.values():
            catalog = document.catalog(project.field_types)
            refuse_nothing(project, manifest)
            check.document(document.engine, document.engine.served(catalog))
    if asked.server is not None:
        names = list(manifest.spec) or [known.NAME for known in engines()]
        with live(asked.server, names) as (found, server):
            refuse_nothing(project, manifest)
            check.server(found, server)
    return check.checked()


def refuse_nothing(project: Project, manifest: Manifest) -> None:
    """Refuse to find that no classes at all fit a server."""
    if not manifest.workflows:
        report = Report(project.source(project.output / NAME))
        report.error("FB506", "There are no classes to compare with a server yet.", "Run `flowbind generate` first.")
        raise Refused(report)
