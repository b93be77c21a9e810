"""What a workflow uses of each node type, as the manifest keeps it: enough to compare it with any server later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from flowbind.digest import json_sha256
from flowbind.invokeai.schema.served import ServedNodes
from flowbind_generator.draft import DraftBatch, DraftInput, DraftOutput
from flowbind_generator.input_use import InputUse
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.invokeai.node_types import BATCH_NODES


def used_node_types(
    loaded: Loaded,
    served: ServedNodes,
    inputs: Iterable[DraftInput],
    batches: Iterable[DraftBatch],
    outputs: Iterable[DraftOutput],
) -> dict[str, dict[str, Any]]:
    """Return, by node type, what the graph uses of it: version, pack, inputs, outputs, and the digest of all that."""
    types = {n.type for n in loaded.workflow.nodes if n.kind == "invocation" and n.type in served}
    used = _used_inputs(loaded, served, inputs, batches)
    given = _used_outputs(loaded, served, outputs)
    runs = {values["type"] for values in loaded.graph["nodes"].values()}
    records = {t: _record(served, t, used[t], given[t]) for t in sorted(types)}
    # Batches and generators are the editor's alone.
    return {t: record if t in runs else {**record, "runs": False} for t, record in records.items()}


def _record(
    served: ServedNodes, node_type: str, used: Mapping[str, InputUse], outputs: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    uses: dict[str, Any] = {}
    for name, use in sorted(used.items()):
        takes_values = use.is_attribute or use.is_literal or bool(use.items_of)
        found = served.input(node_type, name, takes_values=takes_values)
        # What nobody touches matters as far as it has a default, or cannot do without a value.
        if found and (takes_values or use.is_fed or not found.keys().isdisjoint({"default", "required"})):
            facts[name] = found
            uses[name] = use.as_json()
    about = served.about(node_type)
    digest = json_sha256([about, facts, {name: output["type"] for name, output in outputs.items()}])
    inputs = {name: {**found, **uses[name]} for name, found in facts.items()}
    return {**about, "digest": digest, "inputs": inputs, "outputs": dict(sorted(outputs.items()))}


def _used_inputs(
    loaded: Loaded, served: ServedNodes, inputs: Iterable[DraftInput], batches: Iterable[DraftBatch]
) -> defaultdict[str, defaultdict[str, InputUse]]:
    used: defaultdict[str, defaultdict[str, InputUse]] = defaultdict(lambda: defaultdict(InputUse))
    fed = {(e.target, e.target_field) for e in loaded.edges}
    attributes = {(d.input.node_id, d.input.field_name): d.input for d in inputs if not d.input.connected}
    nodes: Mapping[str, Mapping[str, Any]] = loaded.graph["nodes"]
    for node_id, values in nodes.items():
        for name in served.inputs(values["type"]):
            use = used[values["type"]][name]
            if (node_id, name) in fed:
                use.is_fed = True
            elif (node_id, name) in attributes:
                use.is_attribute = True
                use.is_unset |= name not in values
            elif name in values:
                use.add(values[name])
            elif (node_id, name) not in loaded.batched:
                use.is_unset = True
    for (_, name), item in attributes.items():
        if item.node_type in BATCH_NODES:  # no node of the graph
            used[item.node_type][name].is_attribute = True
    for batch in batches:
        for node_id, name in batch.targets:
            used[nodes[node_id]["type"]][name].items_of.append(batch.items_key)
    return used


def _used_outputs(
    loaded: Loaded, served: ServedNodes, outputs: Iterable[DraftOutput]
) -> defaultdict[str, dict[str, dict[str, Any]]]:
    types = {node_id: values["type"] for node_id, values in loaded.graph["nodes"].items()}
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def output(node_type: str, name: str) -> dict[str, Any] | None:
        kind = served.output(node_type, name)
        return None if kind is None else found[node_type].setdefault(name, {"type": kind, "feeds": []})

    for edge in loaded.edges:
        start, end = output(types[edge.source], edge.source_field), f"{types[edge.target]}.{edge.target_field}"
        if start and end not in start["feeds"]:
            start["feeds"] = sorted([*start["feeds"], end])
    for draft in outputs:
        if read := output(draft.output.node_type, draft.output.field_name):
            read["read"] = True
    return found
