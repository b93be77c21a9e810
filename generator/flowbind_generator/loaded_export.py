"""An export as a program holds it: its class in memory, and those in which more of its literals are inputs."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from pathlib import Path
from threading import RLock
from types import new_class
from typing import Any, cast

from flowbind.loaded import LoadedWorkflow
from flowbind.saved_nodes import SavedNode
from flowbind_generator.building import Basis, Export, build_copy, read_export, with_further
from flowbind_generator.declaration import declaration_of
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.ir import Module
from flowbind_generator.live_module import class_of
from flowbind_generator.names import Candidate, attribute_names, members


def load_export(path: Path, basis: Basis) -> LoadedWorkflow:
    """Return an instance of an export's class with nothing set; raises `Refused` with the findings."""
    source = basis.project.source(path)
    report = Report(str(path))
    export = read_export(path, source, report)
    module = build_copy(export, basis, report) if export else None
    if export is None or module is None:
        raise Refused(report)
    # Without its checks: what is required is missing until it is set.
    return LoadedExport(module, export, basis).with_inputs().model_construct()


class LoadedExport:
    """The classes of one export. Those of the same literals are one class, so that their instances run together."""

    def __init__(self, module: Module, export: Export, basis: Basis) -> None:
        self._module = module
        self._export = export
        self._catalog = basis.catalogs[export.engine.NAME]
        # Read now: what the project declares later is for those who load the export then.
        self._declaration = declaration_of(basis.project, export.source, Report(export.source))
        self._made: dict[frozenset[str], type[LoadedWorkflow]] = {}
        self._making = RLock()

    @cached_property
    def nodes(self) -> tuple[SavedNode, ...]:
        """All nodes in the order of the file."""
        report = Report(self._export.source)
        found = self._export.engine.choosable(self._export.data, self._catalog, report, self._declaration)
        return tuple(found.nodes) if found else ()

    def with_inputs(self, further: frozenset[str] = frozenset()) -> type[LoadedWorkflow]:
        """Return the class that has some literals as inputs besides its own, by their addresses."""
        with self._making:
            if further not in self._made:
                self._made[further] = self._class_with(further)
            return self._made[further]

    def _class_with(self, further: frozenset[str]) -> type[LoadedWorkflow]:
        module = self._module
        if further:
            module = with_further(module, self._export, self._catalog, self._declaration, further, self._names)
        made = class_of(module)
        about = {
            "__module__": made.__module__,
            "__doc__": made.__doc__,
            "__loaded__": self,
            "__further__": further,
        }
        loaded = new_class(made.__name__, (LoadedWorkflow, made), exec_body=lambda body: body.update(about))
        return cast(type[LoadedWorkflow], loaded)

    @cached_property
    def _names(self) -> dict[str, str]:
        """The attributes of all literals by "node id/field name": none depends on which others are set."""
        runtime: Any = import_module(self._export.engine.RUNTIME)
        reserved = {*members(getattr(runtime, self._module.base_class)), *self._catalog.schema_names}
        public = {
            f"{node_id}/{name}": item.attribute
            for item in self._module.inputs
            for node_id, name in ((item.node_id, item.field_name), *item.also)
        }
        others = [
            Candidate(key, (name,), (node.title, f"node {node.id} {name}"))
            for node in self.nodes
            for name, literal in node.literals.items()
            if (key := "/".join(literal.places[0])) not in public
        ]
        candidates = [*(Candidate(key, (), ()) for key in public), *others]
        return attribute_names(candidates, reserved=reserved, pinned=public, prefix="input")
