"""From the bytes of a file to its module, its class and what was found on the way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flowbind.workflow import Workflow
from flowbind_generator.diagnostics import Diagnostic, Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.engine import draft
from flowbind_generator.ir import Input, Module
from flowbind_generator.live_module import class_of
from flowbind_generator.resolve import resolve

from .shared import Record


@dataclass(frozen=True)
class Built:
    """What flowbind makes of a file: a module, or None where it refuses."""

    module: Module | None
    report: Report

    @property
    def errors(self) -> list[Diagnostic]:
        """What the file is refused for."""
        return [d for d in self.report if d.severity == "error"]

    @property
    def refusal(self) -> str:
        """Why the file is refused, in one line."""
        return "refused: " + "; ".join(f"{d.code} {d.message}" for d in self.errors)

    @cached_property
    def made(self) -> type[Workflow[Any]]:
        """The class that generating would write."""
        assert self.module is not None, self.refusal
        return class_of(self.module)

    def input_at(self, node_id: str, *field_names: str) -> Input | None:
        """Return the input of a node with one of some field names."""
        inputs = self.module.inputs if self.module else ()
        return next((i for i in inputs if i.node_id == node_id and i.field_name in field_names), None)


def build(data: bytes, catalog: Catalog, name: str) -> Built:
    """Return what flowbind makes of the bytes of a file."""
    report = Report(name)
    made = draft(data, catalog, report)
    module = resolve(made, source=name, name="flow", class_name="Flow", pinned={}) if made else None
    return Built(module, report)


def build_record(record: Record, catalog: Catalog) -> Built:
    """Return what flowbind makes of the file of a record."""
    return build(json.dumps(record["workflow"]).encode(), catalog, record["name"])
