"""The `flowbind` command: flags in, text out. What it does is done elsewhere, imported when needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from flowbind_generator import __version__
from flowbind_generator.console import (
    CLEAN,
    FINDINGS,
    build,
    count,
    end_if_empty,
    find_export,
    module_of,
    print_diagnostics,
    refuse,
)
from flowbind_generator.diagnostics import Refused
from flowbind_generator.explain_command import explain
from flowbind_generator.project import find_project

_SPEC = click.option("--spec", metavar="FILE|URL", help="The server's OpenAPI document, instead of the project's.")
_SET = click.option("--set", "settings", metavar="ATTRIBUTE=VALUE", multiple=True, help="Set an input; repeatable.")
_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_STRICT = click.option("--strict", is_flag=True, help="Refuse an export of which something is not understood.")
_WORKFLOW = click.argument("workflow", type=click.Path(path_type=Path))


class _Group(click.Group):
    """Prints refusals and ends with the exit code that says what they mean."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            refuse(refused)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="flowbind")
def main() -> None:
    """Typed Python classes from workflows drawn in InvokeAI.

    Exit codes: 0 clean, 1 findings, 2 could not run.
    """
    for stream in (sys.stdout, sys.stderr):
        # A label in any language must not end the command on a terminal that cannot show it.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")


@main.command()
@click.argument("workflows", nargs=-1, type=click.Path(path_type=Path))
@_SPEC
@click.option("--rename", is_flag=True, help="Name attributes after labels that have changed; your code may break.")
@_STRICT
def generate(workflows: tuple[Path, ...], spec: str | None, rename: bool, strict: bool) -> None:
    """Write the modules of all exports in workflows/, or of the given ones."""
    from flowbind_generator.changes import apply, changes
    from flowbind_generator.generate import plan
    from flowbind_generator.manifest import read_manifest
    from flowbind_generator.spec import find_catalog

    project = find_project()
    manifest = read_manifest(project.output)
    only = [find_export(project, w) for w in workflows]
    made = plan(project, find_catalog(project, spec), manifest, only, rename=rename, strict=strict)
    end_if_empty(project, made, manifest)
    found = changes(project.output, made.files, manifest)
    apply(project.output, found)
    print_diagnostics(d for report in made.reports for d in report)
    folder = project.source(project.output)
    for change in found:
        if change.kind != "unchanged":
            click.echo(f"{change.kind:9} {folder}/{change.name}")
    same = sum(c.kind == "unchanged" for c in found)
    click.echo(
        f"{count(len(made.modules), 'workflow')}, {count(len(found) - same, 'file')} written, {same} unchanged.",
        err=True,
    )
    sys.exit(FINDINGS if made.refused else CLEAN)


@main.command()
@_SPEC
@_STRICT
def check(spec: str | None, strict: bool) -> None:
    """Tell whether the generated files are what the exports give; for CI."""
    from flowbind_generator.changes import changes
    from flowbind_generator.generate import plan
    from flowbind_generator.manifest import read_manifest
    from flowbind_generator.spec import find_catalog

    project = find_project()
    manifest = read_manifest(project.output)
    made = plan(project, find_catalog(project, spec), manifest, strict=strict)
    end_if_empty(project, made, manifest)
    found = [c for c in changes(project.output, made.files, manifest) if c.kind != "unchanged"]
    print_diagnostics(d for report in made.reports for d in report)
    for change in found:
        click.echo(f"{project.source(project.output)}/{change.name}: {change.reason}")
    if found:
        click.echo("Run `flowbind generate` and commit what it writes.", err=True)
    elif not made.refused:
        click.echo(f"{count(len(made.modules), 'workflow')}: everything is fresh.", err=True)
    sys.exit(FINDINGS if found or made.refused else CLEAN)


@main.command()
@_WORKFLOW
@_SPEC
@_STRICT
@_FORMAT
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


@main.command()
@_WORKFLOW
@_SPEC
@_SET
@click.option("--graph-only", is_flag=True, help="Print the graph alone.")
def payload(workflow: Path, spec: str | None, settings: tuple[str, ...], graph_only: bool) -> None:
    """Print the request that would be posted for an export, without a server.

    Names, local files and models are not looked up; standard error lists them.
    """
    from flowbind_generator.running import instance_of, preview_text

    project = find_project()
    module = module_of(project, find_export(project, workflow), spec)
    text, placeholders = preview_text(instance_of(module, settings, project.root), graph_only=graph_only)
    click.echo(text)
    for placeholder in placeholders:
        click.echo(f"not looked up: {placeholder}", err=True)


@main.command()
@_WORKFLOW
@_SPEC
@_SET
@click.option(
    "--url",
    envvar="INVOKEAI_URL",
    default="http://127.0.0.1:9090",
    show_default=True,
    help="The server; INVOKEAI_URL sets it, too.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("outputs"),
    show_default=True,
    help="The folder to save to.",
)
@click.option("--timeout", type=float, metavar="SECONDS", help="Stop waiting after this time; the run goes on.")
@_FORMAT
def run(
    workflow: Path, spec: str | None, settings: tuple[str, ...], url: str, out: Path, timeout: float | None, form: str
) -> None:
    """Run an export on a server and save what it makes, without generating first."""
    from flowbind_generator.running import instance_of, run_and_save

    project = find_project()
    module = module_of(project, find_export(project, workflow), spec)
    sys.exit(run_and_save(instance_of(module, settings, project.root), url=url, out=out, timeout=timeout, form=form))


@main.group()
def spec() -> None:
    """The server's OpenAPI document, from which all types come."""


@spec.command()
@click.argument("url")
def pull(url: str) -> None:
    """Pin a running server's document, with its release, in workflows/openapi.json."""
    from flowbind_generator.spec import pull as pull_document

    project = find_project()
    version = pull_document(url, project.pinned_spec)
    click.echo(f"{project.source(project.pinned_spec)}: InvokeAI {version}")


main.add_command(explain)

if __name__ == "__main__":
    main()
