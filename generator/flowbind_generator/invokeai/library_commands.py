"""The commands `flowbind workflow`: what an InvokeAI keeps in its library."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowbind.outside import printable
from flowbind_generator.commands.check import FAIL_ON, FORMAT, refuse_nothing, report_and_end
from flowbind_generator.console import STRICT, end_if_empty
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.invokeai.engine import DEFAULT_URL, NAME, TITLE, URL_VARIABLE
from flowbind_generator.manifest import NAME as MANIFEST
from flowbind_generator.manifest import Manifest, engine_of_entry, read_manifest
from flowbind_generator.project import Project, find_project

if TYPE_CHECKING:
    from flowbind.invokeai import LibraryEntry, LibraryWorkflow
    from flowbind.rules import Severity
    from flowbind_generator.reports import Format

_URL = click.option(
    "--url",
    envvar=URL_VARIABLE,
    default=DEFAULT_URL,
    show_default=True,
    help=f"The server; {URL_VARIABLE} sets it, too.",
)
_NEXT = {
    "created": "Run `flowbind generate` to make its class.",
    "updated": "`flowbind check` tells what that does to its class, `flowbind generate` makes it again.",
}


@click.group()
def workflow() -> None:
    """The workflows that an InvokeAI keeps in its library."""


@workflow.command("list")
@_URL
@click.option("--search", default="", metavar="TEXT", help="Only what has the text in its name, description or tags.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_workflows(url: str, search: str, form: str) -> None:
    """List the workflows of a server's library."""
    from flowbind_generator.invokeai.server import connected

    with connected(url) as server:
        entries = list(server.library.list(search))
    if form == "json":
        click.echo(json.dumps([entry.model_dump(mode="json") for entry in entries], indent=2))
    elif entries:
        click.echo("\n".join(_table(entries)))
    else:
        click.echo("The library has no such workflow." if search else "The library is empty.", err=True)


def _file_name(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    from flowbind_generator.invokeai.pulling import DOCUMENTS

    stem = None if name is None else name.removesuffix(".json")
    if stem is not None and (not stem or stem.startswith(".") or Path(stem).name != stem or stem in DOCUMENTS):
        taken = " and ".join(sorted(DOCUMENTS))
        raise click.BadParameter(f"it is the name of a file in workflows/, without a folder; not {taken}.")
    return stem


@workflow.command()
@click.argument("wanted", metavar="ID|NAME")
@_URL
@click.option(
    "--as", "stem", metavar="NAME", callback=_file_name, help="The file's name in workflows/, without its ending."
)
@click.option("--force", is_flag=True, help="Replace another export of that name.")
def pull(wanted: str, url: str, stem: str | None, force: bool) -> None:
    """Write a workflow of a server's library into workflows/, as the page's Download does.

    Pulled again, it goes to the file that holds it, by its id; that file may have another name or folder.
    """
    from flowbind_generator.invokeai.pulling import pull as pull_into

    project = find_project()
    kept = _found(url, wanted)
    pulled = pull_into(project, kept.workflow, stem, force=force)
    told = printable(f'"{kept.name}", {kept.workflow_id}')
    click.echo(f"{printable(project.source(pulled.path))}: {pulled.state} ({told})")
    if pulled.state in _NEXT:
        click.echo(_NEXT[pulled.state], err=True)


@workflow.command()
@click.argument("workflows", nargs=-1, type=click.Path(path_type=Path))
@_URL
@click.option("--copy", metavar="ID|NAME", help="The copy that is meant, of one WORKFLOW.")
@FAIL_ON
@STRICT
@FORMAT
def check(
    workflows: tuple[Path, ...], url: str, copy: str | None, fail_on: Severity, strict: bool, form: Format
) -> None:
    """Tell what a server's copies of workflows would change for users of the classes: of all, or those given.

    A copy is found by the id in the export, else by its name. Nothing is written.
    """
    from flowbind_generator.invokeai.library_drift import checked_copies
    from flowbind_generator.invokeai.server import connected

    if copy is not None and len(workflows) != 1:
        raise click.UsageError("--copy goes with one WORKFLOW.")
    project = find_project()
    manifest = read_manifest(project.output)
    end_if_empty(project, manifest)
    refuse_nothing(project, manifest)
    sources = _sources(workflows, project, manifest) if workflows else _own(manifest)
    if not sources:
        raise _in_no_library(project.source(project.output / MANIFEST))
    manifest = replace(manifest, workflows={source: manifest.workflows[source] for source in sources})
    with connected(url) as server:
        found = checked_copies(project, manifest, server, copy, strict=strict)
    report_and_end(project, found, fail_on, form)


def _found(url: str, wanted: str) -> LibraryWorkflow:
    """Return a workflow of a library; raises `Refused` where it has none of that id or name."""
    from flowbind.errors import WorkflowNotFound
    from flowbind_generator.invokeai.server import connected

    with connected(url) as server:
        try:
            return server.library.get(wanted)
        except WorkflowNotFound as error:
            report = Report(server.url)
            report.error("FB506", str(error), "`flowbind workflow list` lists all.")
            raise Refused(report) from None


def _sources(workflows: Sequence[Path], project: Project, manifest: Manifest) -> list[str]:
    """Return the sources of the classes that are meant: by export, or by name."""
    from flowbind_generator.meant import known_workflow

    found: list[str] = []
    for path in workflows:
        source = known_workflow(path, project, manifest)
        if source is None:
            report = Report(str(path))
            known = ", ".join(str(entry["module"]) for entry in manifest.workflows.values())
            report.error("FB506", "No class was generated from such a workflow.", f"There are classes of {known}.")
            raise Refused(report)
        if source not in _own(manifest):
            raise _in_no_library(source)
        found.append(source)
    return found


def _in_no_library(place: str) -> Refused:
    report = Report(place)
    report.error(
        "FB511",
        f"Only {TITLE} keeps workflows in a library: there is none of its own here.",
        "`flowbind check --workflow FILE` compares the export of any workflow with an older one of it.",
    )
    return Refused(report)


def _own(manifest: Manifest) -> list[str]:
    """Return the sources of the workflows that are InvokeAI's."""
    return [source for source, entry in manifest.workflows.items() if engine_of_entry(entry) == NAME]


def _table(entries: Sequence[LibraryEntry]) -> list[str]:
    rows = [("name", "id", "category", "updated")]
    rows += [(printable(e.name), printable(e.workflow_id), printable(e.category), e.updated_at[:16]) for e in entries]
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip() for row in rows]
