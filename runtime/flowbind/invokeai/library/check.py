"""A generated class beside the server's copy of its workflow: found in the library, compared by the generator."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowbind.errors import NotFound
from flowbind.extras import extra_needed
from flowbind.instances import check_class
from flowbind.invokeai.library.workflows import by_id, found
from flowbind.invokeai.workflow import InvokeAIWorkflow
from flowbind.pinned import entry_of_class
from flowbind.transport.steps import Operation, Work
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.findings import Finding
    from flowbind.invokeai._rest import LibraryWorkflow
    from flowbind.invokeai.library.workflows import Wanted
    from flowbind.invokeai.runs.recovery import Supports

    CopyDrift = Callable[[str, Mapping[str, Any], Mapping[str, Any], Path | None, str | None], Sequence[Finding]]


def compared(
    workflow: type[Workflow[Any]], copy: Wanted | None, spec: str | None, supports: Supports
) -> Operation[Sequence[Finding]]:
    """Return what the server's copy would change for users of a class; the project's document is read, or `spec`."""
    check_class(workflow, InvokeAIWorkflow.__server__)
    copy_drift: CopyDrift = yield Work(_generators_own)
    entry: Mapping[str, Any] = yield Work(partial(entry_of_class, workflow))
    there = yield from (
        copy_of(entry.get("workflow_id"), _name(workflow), supports) if copy is None else found(copy, supports)
    )
    place = getattr(sys.modules.get(workflow.__module__), "__file__", None)
    beside = Path(place).parent if place else None
    source = workflow.__flowbind__.source
    findings: Sequence[Finding] = yield Work(partial(copy_drift, source, entry, there.workflow, beside, spec))
    return findings


def copy_of(workflow_id: str | None, name: str, supports: Supports) -> Operation[LibraryWorkflow]:
    """Return a server's copy of an export: by the export's id, where the library has that, else by its name."""
    if workflow_id is not None:
        try:
            return (yield from by_id(workflow_id))
        except NotFound:
            pass  # it came from another server, or was deleted and saved again
    return (yield from found(name, supports))


def _generators_own() -> CopyDrift:
    with extra_needed("library.check", "generator"):
        from flowbind_generator.invokeai.library_drift import copy_drift
    return copy_drift


def _name(workflow: type[Workflow[Any]]) -> str:
    binding = workflow.__flowbind__
    assert binding.workflow is not None, "InvokeAI's classes have one"
    return str(json.loads(binding.read(workflow.__module__, binding.workflow))["name"])
