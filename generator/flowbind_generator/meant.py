"""Which workflow of the manifest a new export is of: by its path, its name, or the nodes that both have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flowbind_generator.building import Basis, build_module, module_name
from flowbind_generator.console import listed
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import Project


def meant_workflow(path: Path, basis: Basis) -> str:
    """Return the source of the workflow in the manifest; raises `Refused` where none can be meant."""
    known = known_workflow(path, basis.project, basis.manifest)
    return known or _of_the_same_nodes(path, basis)


def known_workflow(path: Path, project: Project, manifest: Manifest) -> str | None:
    """Return the source of the workflow in the manifest that has the path, or the name, of a file."""
    source = project.source(path)
    if source in manifest.workflows:
        return source
    name = module_name(path.stem)
    return next((known for known, entry in manifest.workflows.items() if entry["module"] == name), None)


def _of_the_same_nodes(path: Path, basis: Basis) -> str:
    """Return the workflow that has most nodes behind its inputs and outputs in common with an export."""
    source, manifest = basis.project.source(path), basis.manifest
    report = Report(source)
    if module := build_module(path, source, basis, report):
        nodes = {i.node_id for i in module.inputs} | {o.node_id for o in module.outputs}
        shared = {
            known: len(nodes & {item["node_id"] for item in (*entry["inputs"], *entry["outputs"])})
            for known, entry in manifest.workflows.items()
        }
        most = max(shared.values(), default=0)
        found = [known for known, number in shared.items() if most and number == most]
        if len(found) == 1:
            return found[0]
        # What was told of the export itself is no reason.
        report = Report(source)
        _tell(report, found, "It shares no nodes with one, either.", manifest)
    else:
        _tell(report, [], "It cannot be read, either, to go by its nodes.", manifest)
    raise Refused(report)


def _tell(report: Report, found: Sequence[str], why: str, manifest: Manifest) -> None:
    if len(found) > 1:
        why = f"It shares as many nodes with {listed(found[:-1])} as with {found[-1]}."
    known = ", ".join(str(entry["module"]) for entry in manifest.workflows.values())
    cure = f"Call the file like the workflow that it is a new export of: {known}."
    cure = cure if known else "Run `flowbind generate` first: the manifest has no workflows."
    report.error("FB506", f"No workflow of the manifest has the name of this file. {why}", cure)
