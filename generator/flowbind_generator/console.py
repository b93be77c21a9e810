"""What the commands share: the project, the export that is meant, findings on the terminal, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from flowbind.outside import printable
from flowbind_generator.diagnostics import Diagnostic, Refused, Report
from flowbind_generator.engines import suffixes

if TYPE_CHECKING:
    from flowbind_generator.ir import Module
    from flowbind_generator.manifest import Manifest
    from flowbind_generator.project import Project

CLEAN, FINDINGS, FAILED, INTERRUPTED = 0, 1, 2, 130
SPEC = click.option("--spec", metavar="FILE|URL", help="The server's own document, instead of the project's.")
FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
WORKFLOW = click.argument("workflow", type=click.Path(path_type=Path))
SET = click.option("--set", "settings", metavar="ATTRIBUTE=VALUE", multiple=True, help="Set an input; repeatable.")
STRICT = click.option("--strict", is_flag=True, help="Refuse an export of which something is not understood.")


def end_if_empty(project: Project, manifest: Manifest, given: Sequence[Path] = ()) -> None:
    """End the command where there is nothing to generate from, and nothing was."""
    if not given and not manifest.workflows and not project.exports():
        folder = project.source(project.workflows)
        click.echo(f"There are no exports in {folder}/: put the files of your workflows there.", err=True)
        sys.exit(FAILED)


def count(number: int, what: str) -> str:
    """Return "1 file", "2 files"."""
    return f"{number} {what}" + ("" if number == 1 else "s")


def listed(words: Sequence[str], joint: str = "and") -> str:
    """Return "a", "a and b", "a, b and c"."""
    return f" {joint} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def find_export(project: Project, path: Path) -> Path:
    """Return the export that is meant: a path, or the name of one in the project's folder."""
    if path.is_file():
        return path
    for suffix in ("", *suffixes()):
        if (candidate := project.workflows / f"{path}{suffix}").is_file():
            return candidate
    report = Report(str(path))
    exports = ", ".join(p.stem for p in project.exports()) or "none"
    report.error("FB101", "There is no such file.", f"Give a path, or one of the project's workflows: {exports}.")
    raise Refused(report)


def build(
    project: Project, path: Path, spec: str | None, *, strict: bool = False
) -> tuple[Module | None, list[Diagnostic]]:
    """Return the module of an export, None when it is refused, and the findings."""
    from flowbind_generator.building import Basis, build_module
    from flowbind_generator.manifest import read_manifest
    from flowbind_generator.spec import Catalogs

    report = Report(project.source(path), strict=strict)
    basis = Basis(project, Catalogs(project, spec), read_manifest(project.output))
    return build_module(path, report.file, basis, report), list(report)


def module_of(project: Project, path: Path, spec: str | None) -> Module:
    """Return the module of an export, its findings printed; end the command when it is refused."""
    module, diagnostics = build(project, path, spec)
    # What is known of a good file is told when its class is generated; that a run costs money, before each.
    print_diagnostics(d for d in diagnostics if d.severity != "info" or d.code == "FB211")
    if module is None:
        sys.exit(FINDINGS)
    return module


def warn(said: str) -> None:
    """Print a warning to standard error."""
    click.secho(printable(said), fg="yellow", err=True)


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Print findings to standard error, coloured on a terminal."""
    colours = {"error": "red", "warning": "yellow", "info": "blue"}
    # Usual for models and pictures, and shown by the table of inputs: at every command it would only be noise.
    for found in (d for d in diagnostics if d.code != "FB209"):
        head, _, cure = str(found).partition("\n")
        click.echo(click.style(head, fg=colours[found.severity]) + "\n" + cure, err=True)


def refuse(refused: Refused) -> NoReturn:
    """End a command that could not run."""
    print_diagnostics(refused.report)
    sys.exit(FAILED)
