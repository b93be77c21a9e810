"""What a run leaves behind: visible pictures and videos, values that nothing else takes, and what it returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from flowbind_generator.docs import wrapped
from flowbind_generator.draft import DraftOutput
from flowbind_generator.invokeai.branches import skippable
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import Node
from flowbind_generator.invokeai.held import Held, HeldValues
from flowbind_generator.invokeai.iterations import downstream, iteration_depths
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.invokeai.node_types import NodeType, OutputField
from flowbind_generator.invokeai.returned import returned_values
from flowbind_generator.ir import Output, OutputKind
from flowbind_generator.names import Candidate

# These hand on what they are given; they save nothing.
_PASS_THROUGH = frozenset({"image", "video", "image_collection", "show_image", "iterate", "collect", "if"})
_MEDIA: Mapping[str, tuple[OutputKind, str]] = {"ImageField": ("image", "Image"), "VideoField": ("video", "Video")}


def draft_outputs(loaded: Loaded, catalog: Catalog) -> list[DraftOutput]:
    """Return the outputs of a workflow, in the order of its nodes."""
    return list(_Outputs(loaded, catalog).drafts())


class _Outputs:
    def __init__(self, loaded: Loaded, catalog: Catalog) -> None:
        self._catalog = catalog
        self._nodes = [(n, t) for n in loaded.workflow.nodes if n.runs and (t := catalog.get(n.type))]
        self._graph = loaded.graph
        self._depths = iteration_depths(loaded.graph)
        self._skippable = skippable(loaded.graph)
        self._held = HeldValues(loaded.graph, catalog)
        self._fed = {e.target for e in loaded.edges}
        self._feeding = {e.source for e in loaded.edges}

    def drafts(self) -> Iterator[DraftOutput]:
        savers = {node.id for node, _ in self._savers}
        data = {node.id for node, _ in self._data_nodes}
        for node, node_type in self._nodes:
            if node.id in savers:
                yield from self._media(node, node_type)
            elif node.type == "workflow_return":
                yield from self._returned(node, node_type)
            elif node.id in data:
                yield from self._data(node, node_type)

    @cached_property
    def _savers(self) -> list[tuple[Node, NodeType]]:
        """The visible nodes that save media; where none is visible, those after which no other saves any."""
        found = [
            (node, node_type)
            for node, node_type in self._nodes
            if node.type not in _PASS_THROUGH and any(o.type.name in _MEDIA for o in node_type.outputs.values())
        ]
        visible = [(node, node_type) for node, node_type in found if not node.is_intermediate]
        ids = {node.id for node, _ in found}
        return visible or [(n, t) for n, t in found if ids.isdisjoint(downstream(self._graph, n.id))]

    @cached_property
    def _data_nodes(self) -> list[tuple[Node, NodeType]]:
        """The nodes at the end that give data and nothing else; a constant that nothing takes is left over."""
        found = [
            (node, node_type)
            for node, node_type in self._nodes
            if node.id not in self._feeding and node.type != "iterate" and self._gives_data(node, node_type)
        ]
        constants = [n.id for n, t in found if n.id not in self._fed and t.category == "primitives"]
        others = [(node, node_type) for node, node_type in found if node.id not in constants]
        has_returns = any(node.type == "workflow_return" for node, _ in self._nodes)
        return others if others or self._savers or has_returns else found

    def _gives_data(self, node: Node, node_type: NodeType) -> bool:
        held = [self._held.by(node.id, output) for output in node_type.outputs.values()]
        return bool(held) and all(h is not None and h.kind in ("scalar", "value") for h in held)

    def _media(self, node: Node, node_type: NodeType) -> Iterator[DraftOutput]:
        media = [o for o in node_type.outputs.values() if o.type.name in _MEDIA]
        for output in media:
            kind, item = _MEDIA[output.type.name]
            is_list = output.type.cardinality != "single"
            many = is_list or self._depths[node.id] > 0
            title = node.label or node_type.title
            what = f"video{'s' * many} made" if kind == "video" else f"picture{'s' * many} saved"
            order = ", in iteration order" if self._depths[node.id] else ""
            doc = f'The {what} by the node "{title}"{order}.'
            field_name = f"{kind}s" if is_list else output.name
            yield self._drafted(node, node_type, output, (field_name, len(media)), kind, item, many, doc)

    def _data(self, node: Node, node_type: NodeType) -> Iterator[DraftOutput]:
        title = node.label or node_type.title
        for output in node_type.outputs.values():
            held = self._held.by(node.id, output)
            assert held is not None
            about = f" {output.description.strip().rstrip('.')}." if output.description else ""
            doc = f'The `{output.name}` of the node "{title}".{about}'
            many = held.many or self._depths[node.id] > 0
            names = (output.name, len(node_type.outputs))
            yield self._drafted(node, node_type, output, names, held.kind, held.annotation, many, doc)

    def _drafted(
        self,
        node: Node,
        node_type: NodeType,
        output: OutputField,
        named: tuple[str, int],
        kind: OutputKind,
        item: str,
        many: bool,
        doc: str,
    ) -> DraftOutput:
        """Return one output; `named` are what it is called without a label, and how many outputs share the label."""
        name, count = named
        repeated = self._depths[node.id] > 0
        optional = node.id in self._skippable
        names = (f"{node.label} {output.name}" if node.label and count > 1 else node.label, name)
        in_media = kind in ("image", "video")
        annotation = f"list[{item}]" if (many if in_media else repeated) else item
        if optional and not repeated:
            annotation = annotation.removesuffix(" | None") + " | None"
            doc += " None where the branch that it belongs to is not taken."
        elif optional:
            doc += " Without those of iterations that do not take the branch."
        return DraftOutput(
            Candidate(f"{node.id}/{output.name}", names, owners=("", node_type.title)),
            Output(
                "",
                node.id,
                node.type,
                output.name,
                kind,
                many,
                annotation,
                wrapped(doc),
                repeated=repeated,
                optional=optional,
            ),
        )

    def _returned(self, node: Node, node_type: NodeType) -> Iterable[DraftOutput]:
        """Return one output for each value that a caller of the workflow would get."""
        values = returned_values(self._graph, node.id, self._held)
        if values is None:
            output = node_type.outputs["values"]
            doc = "What the workflow returns, by name."
            item = "dict[str, JsonValue]"
            return [self._drafted(node, node_type, output, ("values", 1), "value", item, False, doc)]
        return [self._named(node, key, value_id, held) for key, (value_id, held) in values.items()]

    def _named(self, node: Node, key: str, value_id: str, held: Held) -> DraftOutput:
        # A name can be given once: of a loop that gives one, at most one iteration runs.
        optional = self._depths[value_id] > 0
        annotation = held.annotation
        doc = f'The value "{key}" that the workflow returns.'
        if optional:
            annotation = annotation.removesuffix(" | None") + " | None"
            doc += " None where no iteration gives it."
        return DraftOutput(
            Candidate(f"{node.id}/values/{key}", (key,), owners=("", "returned")),
            Output(
                "", node.id, node.type, "values", "value", held.many, annotation, wrapped(doc),
                optional=optional, key=key,
            ),
        )  # fmt: skip
