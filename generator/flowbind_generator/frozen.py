"""The files that a manifest pins, made again from the exports and the document that it pins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowbind.digest import text_sha256
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import Catalog, engine
from flowbind_generator.generate import Plan, plan
from flowbind_generator.made_with import tools
from flowbind_generator.manifest import NAME, Manifest
from flowbind_generator.project import Project
from flowbind_generator.reading import MOST_OWN_BYTES, read_file
from flowbind_generator.spec import Catalogs

_CURE = "Restore what the manifest pins from version control, or run `flowbind generate` to pin what is there."


def frozen_files(project: Project, manifest: Manifest, spec: str | None) -> dict[str, bytes]:
    """Return the generated files that the manifest pins, by name, without looking at anything that it does not list.

    Raises `Refused` where they cannot be made again, byte for byte.
    """
    report = Report(project.source(project.output / NAME))
    if not manifest.workflows:
        report.error("FB507", "There is no manifest that pins anything.", "Run `flowbind generate`, and commit it.")
        raise Refused(report)
    pinned = replace(project, field_types=dict(manifest.options.get("field_types", {})))
    paths = [project.path(source) for source in manifest.workflows]
    catalogs = Catalogs(pinned, spec)
    used = {name: _pinned_document(name, pinned, manifest, catalogs, report) for name in manifest.spec}
    made = plan(pinned, used, manifest, paths)
    for found in made.reports:
        if found.refused:
            raise Refused(found)
    for problem in _differences(made, manifest):
        report.error("FB507", problem, _CURE)
    if report.refused:
        raise Refused(report)
    own = read_file(project.output / NAME, MOST_OWN_BYTES)
    return {**{name: made.files[name] for name in manifest.files}, NAME: own}


def _pinned_document(name: str, project: Project, manifest: Manifest, catalogs: Catalogs, report: Report) -> Catalog:
    """Return the catalog of the document that the manifest pins for an engine: the project's, or the shipped one."""
    pinned = manifest.spec[name]
    wanted, catalog = pinned["digest"], catalogs[name]
    if catalog.digest != wanted and name not in catalogs.given:
        catalog = engine(name).shipped_catalog(project.field_types)
    if catalog.digest == wanted:
        return catalog
    release = pinned.get("app_version") or "an unknown release"
    report.error(
        "FB507",
        f"The document that the manifest pins (of {release}) is not here: all that are have another digest.",
        "Give it with --spec, or pin it again with `flowbind spec pull URL`.",
    )
    raise Refused(report)


def _differences(made: Plan, manifest: Manifest) -> Iterator[str]:
    """Yield why the files are not the pinned ones: what went into them first, then the files."""
    for source, entry in manifest.workflows.items():
        if made.manifest.workflows[source]["digest"] != entry["digest"]:
            yield f"{source} is not the export that the manifest pins."
    now = tools(bool(manifest.field_types))
    for tool, release in manifest.generator.items():
        if now.get(tool) != release:
            yield f"The manifest was written with {tool} {release}; here it is {now.get(tool, 'missing')}."
    for name, digest in manifest.files.items():
        if name not in made.files or text_sha256(made.files[name]) != digest:
            yield f"{name} would not be what the manifest pins."
