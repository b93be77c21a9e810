"""What a server's copies of workflows would change for users of the classes: compared as new exports would be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flowbind.errors import Forbidden, WorkflowNotFound
from flowbind.findings import Finding
from flowbind.invokeai import InvokeAI, LibraryWorkflow
from flowbind.invokeai.document import ServerDocument
from flowbind.invokeai.library.check import copy_of
from flowbind.invokeai.library.workflows import found
from flowbind_generator.building import Basis
from flowbind_generator.checked import Checked
from flowbind_generator.checking import Check
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import Project, find_project
from flowbind_generator.spec import Catalogs


def copy_drift(
    source: str, entry: Mapping[str, Any], workflow: Mapping[str, Any], beside: Path | None, spec: str | None
) -> Sequence[Finding]:
    """Return what a copy changes for users of one class, the gravest first; its project is the one around `beside`.

    `entry` is what the manifest says of the class, `spec` a document instead of the project's. Raises `Refused` where
    that cannot be read.
    """
    project = find_project(beside)
    check = Check(Basis(project, Catalogs(project, spec), Manifest({source: entry})))
    check.copy(source, _export_of(workflow), strict=False)
    return tuple(check.checked().by_source().get(source, ()))


def checked_copies(
    project: Project, manifest: Manifest, server: InvokeAI, copy: str | None = None, *, strict: bool = False
) -> Checked:
    """Return what a server's copies change for users of the manifest's classes; `copy` is an id or name for all.

    Raises `Refused` where the document or a generated file cannot be read, and a `ServerError`.
    """
    check = Check(Basis(project, Catalogs(project), manifest))
    for source, there in _copies(project, manifest, server, copy):
        if isinstance(there, LibraryWorkflow):
            check.copy(source, _export_of(there.workflow), strict=strict)
        else:
            check.no_copy(source, str(there))
    return check.checked()


def _copies(
    project: Project, manifest: Manifest, server: InvokeAI, copy: str | None
) -> Iterator[tuple[str, LibraryWorkflow | WorkflowNotFound | Forbidden]]:
    """Yield the copy of each workflow, or why there is none."""
    supports = ServerDocument(with_nodes=False).supports
    for source, entry in manifest.workflows.items():
        name = _name(project, entry)
        try:
            if copy is not None:
                yield source, server.perform(found(copy, supports))
            else:
                yield source, server.perform(copy_of(entry.get("workflow_id"), name, supports))
        except (Forbidden, WorkflowNotFound) as error:
            yield source, error


def _name(project: Project, entry: Mapping[str, Any]) -> str:
    """Return a workflow's name: it stands beside the class, whatever has become of the export."""
    path = project.output / f"{entry['module']}.workflow.json"
    try:
        return str(json.loads(path.read_bytes())["name"])
    except (OSError, ValueError, KeyError, TypeError):
        report = Report(project.source(path))
        report.error("FB101", "The file is not there, or damaged.", "Run `flowbind generate`.")
        raise Refused(report) from None


def _export_of(workflow: Mapping[str, Any]) -> bytes:
    # What is no text is told as that of an export.
    return json.dumps(workflow, ensure_ascii=False).encode("utf-8", "surrogatepass")
