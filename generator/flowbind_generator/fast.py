"""Freshness without reading a document or rendering anything: by the digests that the manifest keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowbind.digest import text_sha256
from flowbind.findings import Finding, finding
from flowbind_generator.changes import leftovers
from flowbind_generator.checked import Checked
from flowbind_generator.class_schemas import IMPORT
from flowbind_generator.declaration import declaration_digest
from flowbind_generator.diagnostics import NOT_UNDERSTOOD, Diagnostic
from flowbind_generator.engines import engine_of
from flowbind_generator.export_rules import FILE_EDITED, FILE_MISSING, FILE_STALE, WORKFLOW_MISSING
from flowbind_generator.made_with import options, tools
from flowbind_generator.manifest import NAME, Manifest, warnings_of
from flowbind_generator.project import Project
from flowbind_generator.reading import MOST_OWN_BYTES, read_file
from flowbind_generator.spec import documents_differ

_CURE = "Run `flowbind check` for the details, or `flowbind generate` and commit what it writes."


def fast_check(project: Project, manifest: Manifest) -> Checked:
    """Compare the digests of all that went into the generated files, and of the files, with the manifest's."""
    workflows = {source: str(entry["class_name"]) for source, entry in manifest.workflows.items()}
    return Checked(("files",), workflows, tuple(_stale(project, manifest)))


def warnings_if_fresh(project: Project, manifest: Manifest, *, strict: bool) -> list[Diagnostic] | None:
    """Return what generating everything would tell where it would change nothing, else None.

    With `strict`, what is not understood has to be generated again: to be refused.
    """
    imported = {schema.get(IMPORT) for schema in manifest.field_types.values()}
    # Of a setting that no input needs, only the document tells whether it names anything.
    if not imported.issuperset(project.field_types.values()):
        return None
    if not manifest.workflows or next(_stale(project, manifest), None) or next(leftovers(project.output), None):
        return None
    told = [found for source, entry in manifest.workflows.items() for found in warnings_of(source, entry)]
    return None if strict and any(found.code in NOT_UNDERSTOOD for found in told) else told


def _stale(project: Project, manifest: Manifest) -> Iterator[Finding]:
    if manifest.generator:
        yield from _manifest(project, manifest)
    yield from _files(project, manifest)
    yield from _exports(project, manifest)


def _manifest(project: Project, manifest: Manifest) -> Iterator[Finding]:
    """Yield what the manifest says otherwise than it would be written now."""
    source = project.source(project.output / NAME)
    documents = {name: told.get("file_digest") for name, told in manifest.spec.items()}
    states = (
        ("the server's document", documents_differ(project, documents)),
        ("flowbind or a tool that it uses", manifest.generator != tools(bool(manifest.field_types))),
        ("the settings", manifest.options != options(project)),
    )
    for what, differs in states:
        if differs:
            cause = f"The classes were generated with another state of {what}."
            yield finding(FILE_STALE, None, cause, _CURE, source=source)
    if not manifest.sealed:
        cause = "What it says of workflows is not what flowbind wrote there: it was edited or merged, or is old."
        yield finding(FILE_STALE, None, cause, _CURE, source=source)


def _files(project: Project, manifest: Manifest) -> Iterator[Finding]:
    folder = project.source(project.output)
    for name, digest in sorted(manifest.files.items()):
        source, data = f"{folder}/{name}", _bytes(project.output / name)
        if data is None:
            yield finding(FILE_MISSING, None, "missing: the file is not there.", _CURE, source=source)
        elif text_sha256(data) != digest:
            yield finding(FILE_EDITED, None, "edited by hand: generating again would undo that.", _CURE, source=source)


def _exports(project: Project, manifest: Manifest) -> Iterator[Finding]:
    for source, entry in manifest.workflows.items():
        where = {"source": source, "class_name": entry["class_name"]}
        data = _bytes(project.path(source))
        if data is None:
            yield finding(WORKFLOW_MISSING, None, "The export is not there.", _CURE, **where)
        # Another formatting is no change.
        elif text_sha256(data) != entry.get("file_digest") and engine_of(data).export_digest(data) != entry["digest"]:
            cause = "The export has changed since its class was generated."
            yield finding(FILE_STALE, None, cause, _CURE, **where)
        elif declaration_digest(project, source) != entry.get("declaration"):
            cause = "What the project declares public of the workflow has changed since its class was generated."
            yield finding(FILE_STALE, None, cause, _CURE, **where)
    known = {project.path(source) for source in manifest.workflows}
    for path in project.exports():
        # Nearly all are known by their paths; names are only looked up for the others.
        if path not in known and (source := project.source(path)) not in manifest.workflows:
            yield finding(FILE_MISSING, None, "The export has no class yet.", _CURE, source=source)


def _bytes(path: Path) -> bytes | None:
    try:
        return read_file(path, MOST_OWN_BYTES)
    except OSError:
        return None
