"""The questions of `flowbind check`: are files fresh, do a new export, a document, a server fit the manifest?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flowbind.drift import server_drift, workflow_drift
from flowbind.findings import Finding, finding
from flowbind.served import Served
from flowbind_generator.building import Basis, Export, build_copy, build_module
from flowbind_generator.changes import Change, changes
from flowbind_generator.checked import Checked, InputChange, Question
from flowbind_generator.diagnostics import Diagnostic, Report
from flowbind_generator.drift.export_drift import ExportDrift
from flowbind_generator.engines import Engine, Live, engine, engine_of
from flowbind_generator.export_rules import FILE_EDITED, FILE_LEFTOVER, FILE_MISSING, FILE_STALE, WORKFLOW_MISSING
from flowbind_generator.generate import Plan, plan
from flowbind_generator.ir import Module
from flowbind_generator.manifest import NAME, engine_of_entry, is_comparable
from flowbind_generator.meant import meant_workflow
from flowbind_generator.server_rules import LIBRARY_COPY_MISSING

_RULES = {
    "missing": (FILE_MISSING, "missing: the file is not there."),
    "stale": (FILE_STALE, "stale: it is not what its export, the document and this flowbind give."),
    "edited by hand": (FILE_EDITED, "edited by hand: generating again would undo that."),
    "left over": (FILE_LEFTOVER, "left over: it belongs to no export any more."),
}
# Usual for models and pictures; a relabelled input has a rule of its own.
_TOLD_OTHERWISE = frozenset({"FB208", "FB209"})
# These questions are asked of the workflows that are drawn for such a server.
_OF_ONE_ENGINE = frozenset({"spec", "server"})
_GENERATE = "Run `flowbind generate` and commit what it writes."


class Check:
    """Gathers the answers to the questions that are asked, about all workflows of a project's manifest."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._project = basis.project
        self._manifest = basis.manifest
        self._questions: list[Question] = []
        self._findings: list[Finding] = []
        self._inputs: list[InputChange] = []
        self._incomparable: set[str] = set()
        self._compared: set[str] = set()
        self._workflows = {source: str(entry["class_name"]) for source, entry in basis.manifest.workflows.items()}

    @property
    def manifest_file(self) -> str:
        """What findings about the manifest call it."""
        return self._project.source(self._project.output / NAME)

    def checked(self) -> Checked:
        """Return the answers."""
        only_compared = _OF_ONE_ENGINE.issuperset(self._questions)
        workflows = {s: name for s, name in self._workflows.items() if s in self._compared or not only_compared}
        return Checked(tuple(self._questions), workflows, tuple(self._findings), tuple(self._inputs))

    def files(self, *, everything: bool, strict: bool) -> None:
        """Compare the files that are there with those that should be.

        With `everything`, also what exports and the document that have changed do to the classes.
        """
        made = plan(self._project, self._basis.catalogs, self._manifest, strict=strict)
        self._files(made)
        if everything:
            self._exports(made)
            self._ask("spec")
            for known in map(engine, self._manifest.spec):
                self._workflows_beside(known, known.served(self._basis.catalogs[known.NAME]))

    def _files(self, made: Plan) -> None:
        self._ask("files")
        self._workflows |= {m.source: m.class_name for m in made.modules}
        for report in made.reports:
            self._findings += of_diagnostics(report)
        for source in sorted(set(self._manifest.workflows) - {r.file for r in made.reports}):
            cause, cure = "The export is not there.", "Put it back, or run `flowbind generate` to delete its class."
            self._findings.append(finding(WORKFLOW_MISSING, None, cause, cure, **self._of(source)))
        found = changes(self._project.output, made.files, self._manifest)
        self._findings += [self._file(change) for change in found if change.kind != "unchanged"]

    def _exports(self, made: Plan) -> None:
        """Compare the exports that have changed since they were generated with what the manifest says of them."""
        self._ask("workflow")
        for module in made.modules:
            old = self._manifest.workflows.get(module.source)
            if old and old["digest"] != module.source_digest:
                self._export(module)

    def export(self, path: Path, *, strict: bool) -> None:
        """Compare a new export of a workflow with what the manifest says of it; raises `Refused` for one of none."""
        self._ask("workflow")
        report = Report(self._project.source(path), strict=strict)
        module = build_module(path, meant_workflow(path, self._basis), self._basis, report)
        self._findings += of_diagnostics(report)
        if module:
            self._export(module)

    def copy(self, source: str, data: bytes, *, strict: bool) -> None:
        """Compare the copy of a workflow in a server's library with what the manifest says of it."""
        self._ask("library")
        report = Report(source, strict=strict)
        module = build_copy(Export(source, data, engine_of(data)), self._basis, report)
        self._findings += of_diagnostics(report)
        if module:
            self._export(module)

    def no_copy(self, source: str, why: str) -> None:
        """Tell that a server's library has no copy of a workflow."""
        self._ask("library")
        cure = "Save the workflow on the server, or say with `--copy` which one is meant."
        self._findings.append(finding(LIBRARY_COPY_MISSING, None, why, cure, **self._of(source)))

    def document(self, of: Engine, served: Served) -> None:
        """Compare what an engine's document says with what its workflows use."""
        self._ask("spec")
        self._served(of, served)

    def server(self, of: Engine, server: Live) -> None:
        """Compare a running server of an engine with what its workflows use and name."""
        self._ask("server")
        self._served(of, server.served)
        self._findings += server.lacks(self._workflows_of(of))

    def _served(self, of: Engine, served: Served) -> None:
        """Add the drift between the manifest and the node types of a server."""
        self._findings += server_drift(self._manifest.spec.get(of.NAME, {}), served, self.manifest_file)
        self._workflows_beside(of, served)

    def _workflows_of(self, of: Engine) -> dict[str, Mapping[str, Any]]:
        return {s: entry for s, entry in self._manifest.workflows.items() if engine_of_entry(entry) == of.NAME}

    def _workflows_beside(self, of: Engine, served: Served) -> None:
        for source, entry in self._workflows_of(of).items():
            self._compared.add(source)
            if is_comparable(entry):
                self._findings += workflow_drift(source, entry, served)
            else:
                self._tell_incomparable(source)

    def _export(self, module: Module) -> None:
        old = self._manifest.workflows[module.source]
        if not is_comparable(old):
            self._tell_incomparable(module.source)
            return
        drift = ExportDrift(module.source, old, module)
        self._findings += drift.findings()
        self._inputs += drift.inputs()

    def _tell_incomparable(self, source: str) -> None:
        cause = "The manifest says too little of the workflow to compare it: an older flowbind wrote it."
        told = finding(FILE_STALE, None, cause, _GENERATE, **self._of(source))
        if source not in self._incomparable:
            self._incomparable.add(source)
            self._findings.append(told)

    def _file(self, change: Change) -> Finding:
        rule, cause = _RULES[change.reason]
        source = self._project.source(self._project.output / change.name)
        return finding(rule, None, cause, _GENERATE, source=source)

    def _ask(self, question: Question) -> None:
        if question not in self._questions:
            self._questions.append(question)

    def _of(self, source: str) -> dict[str, str]:
        return {"source": source, "class_name": self._workflows[source]}


def of_diagnostics(report: Iterable[Diagnostic]) -> Iterator[Finding]:
    """Yield the findings about an export that generating it gives."""
    for found in report:
        if found.code not in _TOLD_OTHERWISE:
            node = f' (node "{found.node_label}")' if found.node_label else ""
            yield Finding(
                found.code, found.severity, found.message + node, found.cure, source=found.file, place=found.pointer
            )
