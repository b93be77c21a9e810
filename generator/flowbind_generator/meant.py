"""Which workflow of the manifest a new export is of: by its path, its name, or the nodes that both have."""

from __future__ import annotations

from pathlib import Path

from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.generate import build_module, module_name
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import Project


def meant_workflow(path: Path, project: Project, catalog: Catalog, manifest: Manifest) -> str:
    """Return the source of the workflow in the manifest; raises `Refused` where none can be meant."""
    source = project.source(path)
    if source in manifest.workflows:
        return source
    name = module_name(path.stem)
    found = [known for known, entry in manifest.workflows.items() if entry["module"] == name]
    if not found:
        found = _of_the_same_nodes(path, source, catalog, manifest)
    if len(found) == 1:
        return found[0]
    report = Report(source)
    known = ", ".join(str(entry["module"]) for entry in manifest.workflows.values()) or "none"
    report.error(
        "FB506",
        "No workflow of the manifest has this file's name, or shares nodes with it.",
        f"Call the file like the workflow that it is a new export of; there are {known}.",
    )
    raise Refused(report)


def _of_the_same_nodes(path: Path, source: str, catalog: Catalog, manifest: Manifest) -> list[str]:
    """Return the workflows that have most nodes behind their inputs and outputs in common with an export."""
    module = build_module(path, source, catalog, manifest, Report(source))
    if module is None:
        return []
    nodes = {i.node_id for i in module.inputs} | {o.node_id for o in module.outputs}
    shared = {
        known: len(nodes & {item["node_id"] for item in (*entry["inputs"], *entry["outputs"])})
        for known, entry in manifest.workflows.items()
    }
    most = max(shared.values(), default=0)
    return [known for known, count in shared.items() if most and count == most]
