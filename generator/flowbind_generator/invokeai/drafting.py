"""From an InvokeAI export to the draft that the core finishes."""

from __future__ import annotations

from collections.abc import Collection

from flowbind.digest import json_sha256
from flowbind_generator.choosable import Choosable
from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import Draft
from flowbind_generator.invokeai.batch_inputs import BatchInputs
from flowbind_generator.invokeai.branches import tell_endless
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.choosable import choosable_in, further_inputs
from flowbind_generator.invokeai.engine import NAME, RUNTIME
from flowbind_generator.invokeai.inputs import draft_inputs, references
from flowbind_generator.invokeai.load import load
from flowbind_generator.invokeai.lost import tell_others_lost
from flowbind_generator.invokeai.named import named_things
from flowbind_generator.invokeai.outputs import draft_outputs
from flowbind_generator.invokeai.stored import stored_workflow
from flowbind_generator.invokeai.uses import used_node_types


def draft(data: bytes, catalog: Catalog, report: Report, further: Collection[str] = ()) -> Draft | None:
    """Return what an export holds, with `further` literals as inputs, or None when the report refuses it."""
    loaded = load(data, catalog, report)
    if loaded is None:
        return None
    batches = BatchInputs(loaded, catalog, report)
    inputs = draft_inputs(loaded, catalog, batches, report)
    inputs += further_inputs(loaded, catalog, further, inputs, report)
    tell_others_lost(loaded, catalog, inputs, report)
    if report.refused:
        return None
    tell_endless(loaded, report)
    workflow = loaded.workflow
    outputs = draft_outputs(loaded, catalog)
    batched = tuple(batches.drafts())
    looked_up = references(loaded, catalog, inputs)
    return Draft(
        engine=NAME,
        runtime=RUNTIME,
        base_class="InvokeAIBatchWorkflow" if loaded.batches else "InvokeAIWorkflow",
        title=workflow.name,
        description=workflow.description,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        references=tuple(looked_up),
        batches=batched,
        node_types=used_node_types(loaded, catalog.served, inputs, batched, outputs),
        named=named_things(loaded, inputs, looked_up),
        source_digest=json_sha256(workflow.saved),
        workflow_id=own_id if isinstance(own_id := workflow.saved.get("id"), str) else None,
        values=loaded.graph["nodes"],
        edges=loaded.graph["edges"],
        graph=loaded.graph,
        workflow=stored_workflow(workflow),
    )


def choosable(data: bytes, catalog: Catalog, report: Report) -> Choosable | None:
    """Return all literals of an export, or None when the report refuses it."""
    loaded = load(data, catalog, report)
    if loaded is None:
        return None
    inputs = draft_inputs(loaded, catalog, BatchInputs(loaded, catalog, report), report)
    return None if report.refused else choosable_in(loaded, catalog, inputs)
