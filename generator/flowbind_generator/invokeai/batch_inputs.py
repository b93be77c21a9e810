"""The inputs that batch nodes give a class: one list each, checked against all that takes its items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import DraftBatch, DraftInput
from flowbind_generator.invokeai.batches import GENERATOR_INPUT, GROUP_INPUT, Batch
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.defaults import with_default
from flowbind_generator.invokeai.describe import generator_in_words
from flowbind_generator.invokeai.document import MISSING, Workflow
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.invokeai.narrow import narrowed
from flowbind_generator.invokeai.node_types import BATCH_NODES, GENERATOR_NODES
from flowbind_generator.invokeai.places import Place, candidate_key
from flowbind_generator.invokeai.python_types import python_type
from flowbind_generator.invokeai.refusals import refusal
from flowbind_generator.limits import Limits
from flowbind_generator.quoting import literal

# How the runtime turns a list into the items of a batch, by how one of them becomes JSON.
_KINDS = {"value": "items", "image": "images"}


class BatchInputs:
    """The batches of one workflow as inputs.

    A batch's list stands for it; where the form shows the generator that feeds the batch, that one does.
    """

    def __init__(self, loaded: Loaded, catalog: Catalog, report: Report) -> None:
        self._workflow = loaded.workflow
        self._batched = loaded.batched
        self._catalog = catalog
        self._report = report
        self._public = {(f.id.node_id, f.id.field_name) for f in loaded.fields}
        self._batches: defaultdict[tuple[str, str], list[Batch]] = defaultdict(list)
        for batch in loaded.batches:
            self._batches[self._key(batch)].append(batch)
        self._nodes = {batch.node.id for batch in loaded.batches}

    def __contains__(self, key: tuple[str, str]) -> bool:
        """Tell whether an input, by node id and field name, stands for a batch."""
        return key in self._batches

    def drafted(self, place: Place) -> DraftInput:
        """Return the list input that stands for the batches at a place."""
        batches = self._batches[place.key]
        first = batches[0]
        field = narrowed(first.field, self._limits(batches))
        kind = python_type(field)
        kept = replace(place.field, schema=field.schema, type=replace(place.field.type, cardinality="list"))
        place = replace(place, field=kept)
        items, notes = first.items, list(_notes(self._workflow, batches))
        if items is not MISSING and (reason := refusal(field, items)):
            self._report.warning(
                "FB204",
                f'The saved items {literal(items)} of "{place.label}" do not fit what takes them: {reason}. '
                "The server would not notice before it runs them, so they must be given.",
                "Set other items in the editor and export again.",
                **place.whereabouts,
            )
            notes.append(f"The workflow's own items, {literal(items)}, cannot be sent: {reason}.")
            items = MISSING
        if items is MISSING and first.generator:
            notes.append(f"Unset, {generator_in_words(first.generator)}.")
        required = items is MISSING and first.generator is None
        annotation, code = with_default(kind, field, items, fits=True, required=required)
        return place.drafted(
            " ".join(notes),
            kind=_KINDS[kind.kind],
            annotation=annotation,
            required=required,
            default=None if items is MISSING else items,
            default_code=code,
            limits=field.limits,
        )

    def why_read_only(self, place: Place) -> str | None:
        """Return why a value at a place would have no effect because of batches, None where it would have one."""
        if place.key in self._batched:
            return "a batch feeds it"
        if place.node.type in GENERATOR_NODES:
            return "it feeds no batch"
        if place.node.type in BATCH_NODES and place.node.id not in self._nodes:
            return "nothing takes its items"
        if place.node.id in self._nodes and place.field.name != GROUP_INPUT:
            return "a generator feeds it"
        return None

    def drafts(self) -> Iterator[DraftBatch]:
        """Yield what the runtime needs to know of each batch, in the order of the nodes."""
        in_order = {node.id: i for i, node in enumerate(self._workflow.nodes)}
        pairs = [(key, batch) for key, found in self._batches.items() for batch in found]
        for key, batch in sorted(pairs, key=lambda pair: in_order[pair[1].node.id]):
            group_key = (batch.node.id, GROUP_INPUT)
            yield DraftBatch(
                items_key=candidate_key(key),
                group_key=candidate_key(group_key) if group_key in self._public else None,
                node_id=batch.node.id,
                group=batch.group,
                targets=tuple((t.node_id, t.field_name) for t in batch.targets),
                generator=batch.generator,
            )

    def _key(self, batch: Batch) -> tuple[str, str]:
        of_source = (batch.source.id, GENERATOR_INPUT) if batch.source else None
        return of_source if of_source in self._public else (batch.node.id, batch.field.name)

    def _limits(self, batches: list[Batch]) -> Iterator[Limits]:
        for batch in batches:
            for target in batch.targets:
                node = self._workflow.node(target.node_id)
                node_type = self._catalog.get(node.type) if node else None
                field = node_type.inputs.get(target.field_name) if node_type else None
                if field:
                    yield field.limits


def _notes(workflow: Workflow, batches: list[Batch]) -> Iterator[str]:
    """Yield what becomes of the items."""
    named: list[str] = []
    for batch in batches:
        for target in batch.targets:
            node = workflow.node(target.node_id)
            named.append(f'`{target.field_name}` of the node "{(node.label or node.type) if node else target.node_id}"')
    yield f"Each run takes one item, for {' and '.join(named)}."
    groups: dict[str, Any] = dict.fromkeys(b.group for b in batches if b.group)
    for group in groups:
        yield f'The batches of "{group}" advance together: give them lists of one length.'
