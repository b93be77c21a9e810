"""The command `flowbind diff`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowbind.outside import printable
from flowbind_generator.console import CLEAN, FINDINGS, SPEC, end_if_empty, find_export, print_diagnostics
from flowbind_generator.manifest import NAME, read_manifest
from flowbind_generator.project import Project, find_project

if TYPE_CHECKING:
    from flowbind_generator.changes import Change

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("workflows", nargs=-1, type=click.Path(path_type=Path))
@SPEC
def diff(workflows: tuple[Path, ...], spec: str | None) -> None:
    """Show what `flowbind generate` would change, as a unified diff; exit code 1 where it is anything.

    With --spec: what another release of the server would do to the generated code. The last lines, one for each
    workflow, say what that means for code that uses the class.
    """
    from flowbind_generator.changes import changes
    from flowbind_generator.drift.class_changes import class_changes, in_lines, lost_classes
    from flowbind_generator.generate import plan
    from flowbind_generator.spec import Catalogs

    project = find_project()
    manifest = read_manifest(project.output)
    only = [find_export(project, w) for w in workflows]
    end_if_empty(project, manifest, only)
    made = plan(project, Catalogs(project, spec), manifest, only)
    found = [change for change in changes(project.output, made.files, manifest) if change.kind != "unchanged"]
    # The manifest last: what it says is made from the others.
    for change in sorted(found, key=lambda change: change.name == NAME):
        for line in _lines(project, change):
            click.echo(click.style(line, fg=_COLOURS.get(line[:1])))
    print_diagnostics(d for report in made.reports for d in report)
    changed = {change.name for change in found}
    different = dict(class_changes(made, manifest))
    for module in made.modules:
        if findings := different.get(module.source):
            old = manifest.workflows[module.source]
            click.echo("\n".join(in_lines(str(old["class_name"]), findings)), err=True)
        else:
            state = "changes, but not for code that uses it" if changed & set(module.files) else "stays as it is"
            state = state if module.source in manifest.workflows else "is new"
            click.echo(f"{module.class_name} {state}.", err=True)
    for line in lost_classes(made, manifest):
        click.echo(line, err=True)
    for report in made.reports:
        if report.refused:
            click.echo(f"{printable(report.file)} cannot be generated: see above.", err=True)
    sys.exit(FINDINGS if found or made.refused else CLEAN)


def _lines(project: Project, change: Change) -> Iterator[str]:
    """Yield the diff of one file, as git writes it and patch tools take it; line ends of version control aside."""
    path = project.output / change.name
    name = project.source(path)
    old = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n") if path.is_file() else None
    new = None if change.data is None else change.data.decode("utf-8")
    import difflib

    yield f"diff --git a/{name} b/{name}"
    if old is None or new is None:
        yield f"{'new' if old is None else 'deleted'} file mode 100644"
    start = "/dev/null" if old is None else f"a/{name}"
    end = "/dev/null" if new is None else f"b/{name}"
    for line in difflib.unified_diff(_split(old or ""), _split(new or ""), start, end):
        yield "\t".join(map(printable, line.removesuffix("\n").split("\t")))
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _split(text: str) -> list[str]:
    """Return the lines of a text with their ends; other characters that Python takes for line ends are none here."""
    return [line for line in re.split(r"(?<=\n)", text) if line]
