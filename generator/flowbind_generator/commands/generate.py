"""The command `flowbind generate`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowbind_generator.alone import alone
from flowbind_generator.console import (
    CLEAN,
    FINDINGS,
    SPEC,
    STRICT,
    count,
    end_if_empty,
    find_export,
    print_diagnostics,
)
from flowbind_generator.manifest import read_manifest
from flowbind_generator.project import Project, find_project

if TYPE_CHECKING:
    from flowbind_generator.changes import Change


@click.command()
@click.argument("workflows", nargs=-1, type=click.Path(path_type=Path))
@SPEC
@click.option("--rename", is_flag=True, help="Name attributes after labels that have changed; your code may break.")
@click.option("--locked", is_flag=True, help="Change nothing: end with 1 where something would have to change.")
@click.option("--frozen", is_flag=True, help="Write the files that the manifest pins, those or none.")
@STRICT
def generate(
    workflows: tuple[Path, ...], spec: str | None, rename: bool, locked: bool, frozen: bool, strict: bool
) -> None:
    """Write the modules of all exports in workflows/, or of the given ones.

    Says which files changed, and what became different for code that uses the classes.
    """
    if frozen and (workflows or rename or locked):
        raise click.UsageError("--frozen goes with no workflow, --rename or --locked: the manifest says it all.")
    if locked and rename:
        raise click.UsageError("--locked changes nothing, so --rename has no effect.")
    project = find_project()
    with alone(project.root, partial(click.echo, err=True)):
        code = _generate(project, workflows, spec, rename, locked, frozen, strict)
    sys.exit(code)


def _generate(
    project: Project,
    workflows: Sequence[Path],
    spec: str | None,
    rename: bool,
    locked: bool,
    frozen: bool,
    strict: bool,
) -> int:
    """Write what is to be written, and tell it; return the exit code."""
    from flowbind_generator.fast import warnings_if_fresh

    manifest = read_manifest(project.output)
    asks_for_more = bool(workflows) or rename or spec is not None
    if not asks_for_more and (warnings := warnings_if_fresh(project, manifest, strict=strict)) is not None:
        print_diagnostics(() if frozen else warnings)
        _sum_up(len(manifest.workflows), 0, len(manifest.files) + 1, would=locked)
        return CLEAN
    # Imported here: where nothing has changed, none of it is needed.
    from flowbind_generator.changes import apply, changes
    from flowbind_generator.drift.class_changes import class_changes, in_lines, lost_classes
    from flowbind_generator.frozen import frozen_files
    from flowbind_generator.generate import plan
    from flowbind_generator.spec import Catalogs

    if frozen:
        found = changes(project.output, frozen_files(project, manifest, spec), manifest)
        apply(project.output, found)
        _tell(project, found, len(manifest.workflows))
        return CLEAN
    only = [find_export(project, w) for w in workflows]
    end_if_empty(project, manifest, only)
    made = plan(project, Catalogs(project, spec), manifest, only, rename=rename, strict=strict)
    found = changes(project.output, made.files, manifest)
    if not locked:
        apply(project.output, found)
    print_diagnostics(d for report in made.reports for d in report)
    stale = _tell(project, found, len(made.modules), would="would " if locked else "")
    for source, different in class_changes(made, manifest):
        if different:
            click.echo("\n".join(in_lines(str(manifest.workflows[source]["class_name"]), different)), err=True)
    for line in lost_classes(made, manifest):
        click.echo(line, err=True)
    return FINDINGS if made.refused or (locked and stale) else CLEAN


def _tell(project: Project, found: Sequence[Change], workflows: int, would: str = "") -> bool:
    """Print what is done to the files; tell whether it is anything."""
    changed = [change for change in found if change.kind != "unchanged"]
    for change in changed:
        click.echo(f"{would}{change.kind:9} {project.source(project.output)}/{change.name}")
    _sum_up(workflows, len(changed), len(found) - len(changed), would=bool(would))
    return bool(changed)


def _sum_up(workflows: int, changed: int, unchanged: int, *, would: bool) -> None:
    done = "would be written" if would else "written"
    click.echo(f"{count(workflows, 'workflow')}, {count(changed, 'file')} {done}, {unchanged} unchanged.", err=True)
