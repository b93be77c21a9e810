"""Freshness without reading a document or rendering anything: by the digests that the manifest keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowbind.digest import json_sha256, text_sha256
from flowbind.findings import Finding, finding
from flowbind_generator.checked import Checked
from flowbind_generator.diagnostics import Report
from flowbind_generator.export_rules import FILE_EDITED, FILE_MISSING, FILE_STALE, WORKFLOW_MISSING
from flowbind_generator.made_with import options, tools
from flowbind_generator.manifest import NAME, Manifest
from flowbind_generator.project import Project
from flowbind_generator.reading import MOST_OWN_BYTES, read_file
from flowbind_generator.spec import document_bytes

_CURE = "Run `flowbind check` for the details, or `flowbind generate` and commit what it writes."


def fast_check(project: Project, manifest: Manifest) -> Checked:
    """Compare the digests of all that went into the generated files, and of the files, with the manifest's."""
    workflows = {source: str(entry["class_name"]) for source, entry in manifest.workflows.items()}
    inputs = _inputs(project, manifest) if manifest.generator else ()
    found = [*inputs, *_files(project, manifest), *_exports(project, manifest)]
    return Checked(("files",), workflows, tuple(found))


def _inputs(project: Project, manifest: Manifest) -> Iterator[Finding]:
    document = document_bytes(project)
    pairs = (
        ("the server's document", manifest.spec.get("file_digest"), document and text_sha256(document)),
        ("flowbind or a tool that it uses", manifest.generator, tools(bool(manifest.field_types))),
        ("the settings", manifest.options, options(project)),
    )
    for what, old, new in pairs:
        if old != new:
            source = project.source(project.output / NAME)
            cause = f"The classes were generated with another state of {what}."
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
        elif text_sha256(data) != entry.get("file_digest") and _digest(data, source) != entry["digest"]:
            cause = "The export has changed since its class was generated."
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


def _digest(data: bytes, source: str) -> str | None:
    """Return the digest of an export as JSON: another formatting is no change."""
    from flowbind_generator.invokeai.export import read_export

    read = read_export(data, Report(source))
    return json_sha256(read[0]) if read else None
