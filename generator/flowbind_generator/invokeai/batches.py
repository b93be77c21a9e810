"""Batch nodes: they do not run, but say which values the nodes that they feed take, run after run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.connect import Wires
from flowbind_generator.invokeai.document import MISSING, FieldId, Node, Workflow
from flowbind_generator.invokeai.generators import TooManyItems, check_count, left_to_run, values_of
from flowbind_generator.invokeai.node_types import BATCH_NODES, InputField, NodeType
from flowbind_generator.pointers import json_pointer

GROUP_INPUT = "batch_group_id"
GENERATOR_INPUT = "generator"


@dataclass(frozen=True)
class Batch:
    """A batch node: `field` holds its items, `targets` take one of them each run.

    Batches of one `group` advance together; those of none (None) are combined with all others. `source` is the
    generator node that gives the items. `items` are those of an unset post (MISSING: none), `generator` is what a run
    has to ask first.
    """

    node: Node
    node_type: NodeType
    field: InputField
    group: str | None
    targets: tuple[FieldId, ...]
    source: Node | None
    items: Any
    generator: Mapping[str, Any] | None

    @property
    def whereabouts(self) -> dict[str, Any]:
        """Where a finding says that it is."""
        return {"pointer": json_pointer(self.node.path), "node_label": self.node.label or self.node_type.title}


def find_batches(workflow: Workflow, wires: Wires, catalog: Catalog, report: Report) -> list[Batch]:
    """Return the batches that feed something, in the order of the nodes; the report says what keeps one from it."""
    targets = _targets(workflow, wires)
    found = [
        _batch(node, node_type, targets[node.id], workflow, wires, report)
        for node in workflow.nodes
        if node.type in BATCH_NODES
        and (node_type := catalog.get(node.type))
        and _takes_items(node, node_type, report)
        and _is_connected(node, wires, targets, report)
    ]
    _check_groups(found, report)
    _check_targets(found, workflow, report)
    return found


def _targets(workflow: Workflow, wires: Wires) -> defaultdict[str, list[FieldId]]:
    """Return what each batch node feeds, in the order of the edges, connectors looked through."""
    running = {n.id for n in workflow.nodes if n.runs}
    found: defaultdict[str, list[FieldId]] = defaultdict(list)
    for edge in wires.edges:
        start = wires.source(edge)
        node = workflow.node(start.source) if start else None
        if start is None or node is None or node.type not in BATCH_NODES or edge.target not in running:
            continue
        target = FieldId(edge.target, edge.target_field)
        # The width and height of a batch's images are nobody's: the editor ignores their edges.
        if start.source_field in ("image", "value") and target not in found[node.id]:
            found[node.id].append(target)
    return found


def _takes_items(node: Node, node_type: NodeType, report: Report) -> bool:
    if any(field.type.batch for field in node_type.inputs.values()):
        return True
    report.error(
        "FB305",
        "The server's document does not say which items the batch node takes.",
        "Pin your server's own document with `flowbind spec pull URL`.",
        pointer=json_pointer(node.path),
        node_label=node.label or node.type,
    )
    return False


def _is_connected(node: Node, wires: Wires, targets: Mapping[str, list[FieldId]], report: Report) -> bool:
    if targets.get(node.id):
        return True
    place: Any = {"pointer": json_pointer(node.path), "node_label": node.label or node.type}
    cure = "Connect its output to the input that should vary, or delete the node, and export again."
    if wires.leaving(node.id):
        report.warning("FB305", "Nothing takes the items of the batch node, so they have no effect.", cure, **place)
    else:
        report.error("FB305", "The batch node is not connected.", cure, **place)
    return False


def _batch(
    node: Node, node_type: NodeType, targets: list[FieldId], workflow: Workflow, wires: Wires, report: Report
) -> Batch:
    field = next(f for f in node_type.inputs.values() if f.type.batch)
    group = node.value(GROUP_INPUT)
    edge = wires.first_into(node.id, field.name)
    start = wires.source(edge) if edge else None
    source = workflow.node(start.source) if start else None
    items, generator = (node.value(field.name), None) if edge is None else _generated(source, report)
    if items == []:
        items = MISSING
    if items is MISSING and generator is None:
        report.warning(
            "FB305",
            "The batch has no items: they must be given when the workflow runs.",
            "Give the attribute a list, or put items into the batch in the editor and export again.",
            pointer=json_pointer(node.input_path(field.name)[:-1]),
            node_label=node.label or node_type.title,
        )
    return Batch(
        node=node,
        node_type=node_type,
        field=field,
        # What is no group that the editor offers, it takes for one all the same.
        group=None if group == "None" else str("" if group is MISSING else group),
        targets=tuple(targets),
        source=source,
        items=items,
        generator=generator,
    )


def _generated(source: Node | None, report: Report) -> tuple[Any, Mapping[str, Any] | None]:
    """Return the items that a generator node gives, or what a run has to ask for them."""
    saved = source.value(GENERATOR_INPUT) if source else MISSING
    # The editor keeps any generator anywhere; only one for the node's own type gives anything.
    if source is None or not isinstance(saved, Mapping) or not str(saved.get("type")).startswith(f"{source.type}_"):
        return MISSING, None
    try:
        if left_to_run(saved):
            check_count(saved)
            return MISSING, saved
        return values_of(saved), None
    except TooManyItems as error:
        report.error(
            "FB305",
            f"The generator makes {error.count:,} values, more than the server's queue takes.",
            "Give it a smaller count in the editor and export again.",
            pointer=json_pointer(source.input_path(GENERATOR_INPUT)),
            node_label=source.label or source.type,
        )
        return MISSING, saved


def _check_groups(batches: list[Batch], report: Report) -> None:
    """Warn of a group whose lists differ in length: its batches advance together."""
    groups: defaultdict[str, list[Batch]] = defaultdict(list)
    for batch in batches:
        if batch.group is not None and isinstance(batch.items, list):
            groups[batch.group].append(batch)
    for name, members in groups.items():
        lengths = [len(b.items) for b in members]
        if len(set(lengths)) > 1:
            report.warning(
                "FB305",
                f"The batches of {_group_name(name)} advance together, but have "
                f"{' and '.join(map(str, lengths))} items.",
                "Give them lists of one length when you run the workflow, or mend them in the editor and export again.",
                **members[-1].whereabouts,
            )


def _check_targets(batches: list[Batch], workflow: Workflow, report: Report) -> None:
    owners: dict[FieldId, Batch] = {}
    for batch in batches:
        for target in batch.targets:
            node = workflow.node(target.node_id)
            if target in owners:
                report.error(
                    "FB305",
                    f'Two batches feed the input "{target.field_name}"; the server takes one.',
                    "Remove one of the two edges in the editor and export again.",
                    **batch.whereabouts,
                )
            elif node and node.type == "collect":
                report.warning(
                    "FB305",
                    "The batch feeds a collector, which takes only what edges bring: the server leaves the items out, "
                    "or refuses the run.",
                    "Feed the collector from a collection node in the editor and export again.",
                    **batch.whereabouts,
                )
            owners[target] = batch


def _group_name(group: str) -> str:
    return f'"{group}"' if group else "a group without a name"
