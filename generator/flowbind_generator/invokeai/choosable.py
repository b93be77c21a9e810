"""All values of a workflow that may become inputs, by their nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from flowbind.saved_nodes import Literal, SavedNode
from flowbind_generator.choosable import Choosable
from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import DraftInput
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import MISSING, Node
from flowbind_generator.invokeai.inputs import value_input, value_of
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.invokeai.places import Place, place_of
from flowbind_generator.invokeai.python_types import type_name


def choosable_in(loaded: Loaded, catalog: Catalog, inputs: Iterable[DraftInput]) -> Choosable:
    """Return the literals of a workflow: its inputs, and all else that the form could show."""
    fed = _fed(loaded)
    literals: defaultdict[str, dict[str, Literal]] = defaultdict(dict)
    public = [draft.input for draft in inputs if not draft.input.connected]
    for item in public:
        node = loaded.workflow.node(item.node_id)
        title = _title(node, catalog) if node else ""
        key = (item.node_id, item.field_name)
        given = item.default is not None
        literals[key[0]][key[1]] = Literal(".".join(key), item.field_type, item.default, title, (key,), given)
        fed[key[0]].pop(key[1], None)
    for place in _others(loaded, catalog, {(i.node_id, i.field_name) for i in public}):
        value = value_of(loaded, place.node, place.field.name)
        given = value is not MISSING
        literals[place.node.id][place.field.name] = Literal(
            ".".join(place.key),
            type_name(place.field.type),
            value if given else None,
            _title(place.node, catalog),
            (place.key,),
            given,
        )
    return Choosable(
        tuple(
            SavedNode(
                node.id,
                _title(node, catalog),
                node.type,
                {name: literals[node.id][name] for name in _names(node, catalog) if name in literals[node.id]},
                fed[node.id],
            )
            for node in loaded.workflow.nodes
            if node.kind == "invocation"
        )
    )


def further_inputs(
    loaded: Loaded, catalog: Catalog, further: Collection[str], inputs: Iterable[DraftInput], report: Report
) -> list[DraftInput]:
    """Return the literals of some addresses as inputs."""
    public = {(d.input.node_id, d.input.field_name) for d in inputs}
    return [
        value_input(place, value_of(loaded, place.node, place.field.name), report)
        for place in (_others(loaded, catalog, public) if further else ())
        if ".".join(place.key) in further
    ]


def _others(loaded: Loaded, catalog: Catalog, public: Collection[tuple[str, str]]) -> Iterator[Place]:
    """Yield the places that a value may be given to, but for the `public` ones."""
    given = {(e.target, e.target_field) for e in loaded.edges} | loaded.batched
    for node in loaded.workflow.nodes:
        for name in _names(node, catalog) if node.runs else ():
            place = place_of(loaded, node, name, catalog, None) if (node.id, name) not in public else None
            if place and place.key not in given and _takes_values(place.field):
                yield place


def _names(node: Node, catalog: Catalog) -> Iterable[str]:
    """Return the names of a node's inputs in the order of its type."""
    node_type = catalog.get(node.type)
    return dict.fromkeys([*(node_type.all_inputs if node_type else ()), *node.inputs])


def _takes_values(field: InputField) -> bool:
    """Tell whether the editor could show a control for an input."""
    hidden = field.connects == "connection" or field.schema.get("ui_hidden")
    return not hidden and not field.objects.is_handle(field.schema)


def _fed(loaded: Loaded) -> defaultdict[str, dict[str, str]]:
    """Return by node and input which node feeds it, through edges of the graph or as a batch."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for edge in loaded.edges:
        found[edge.target].setdefault(edge.target_field, edge.source)
    for batch in loaded.batches:
        for target in batch.targets:
            found[target.node_id][target.field_name] = batch.node.id
        if batch.source:
            found[batch.node.id][batch.field.name] = batch.source.id
    return found


def _title(node: Node, catalog: Catalog) -> str:
    """Return what the editor calls a node: the author's label, else the title of its type."""
    node_type = catalog.get(node.type)
    return node.label or (node_type.title if node_type else "") or node.type
