"""Which inputs of a class the nodes of its graph take their values from, and how messages call the nodes."""

from __future__ import annotations

from typing import Any

from flowbind.invokeai.runs.body import body_of
from flowbind.outside import one_line
from flowbind.workflow import Workflow


def attribute_at(workflow: type[Workflow[Any]], node: str, field: str) -> str | None:
    """Return the attribute that a field of a node takes its value from; for the target of a batch, that of its list."""
    binding = workflow.__flowbind__
    batch = next((b.attribute for b in binding.batches if (node, field) in b.targets), None)
    return batch or next((s.attribute for s in binding.slots if (s.node, s.field) == (node, field)), None)


def node_named(workflow: type[Workflow[Any]], node: str) -> str:
    """Return how messages call a node: by its label, else its type, else its id."""
    return f'the node "{one_line(body_of(workflow).node_labels.get(node, node), 80)}"'
