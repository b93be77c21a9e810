"""What a run leaves behind: the pictures and videos of the nodes that are not intermediate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from typing import Any

from flowbind_generator.draft import DraftOutput
from flowbind_generator.invokeai.catalog import Catalog, NodeType
from flowbind_generator.invokeai.document import Node
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.ir import Output, OutputKind
from flowbind_generator.names import Candidate

# These hand on what they are given; they save nothing.
_PASS_THROUGH = frozenset({"image", "video", "image_collection", "show_image", "iterate", "collect", "if"})
_MEDIA: Mapping[str, OutputKind] = {"ImageField": "image", "VideoField": "video"}
_CLASSES = {"image": "Image", "video": "Video"}


def draft_outputs(loaded: Loaded, catalog: Catalog) -> list[DraftOutput]:
    """Return the media that the visible nodes save; where none is visible, those of the last nodes."""
    savers = [
        (node, node_type)
        for node in loaded.workflow.nodes
        if node.runs
        and (node_type := catalog.get(node.type))
        and node.type not in _PASS_THROUGH
        and any(o.type.name in _MEDIA for o in node_type.outputs.values())
    ]
    feeding = {e.source for e in loaded.edges}
    visible = [s for s in savers if not s[0].is_intermediate] or [s for s in savers if s[0].id not in feeding]
    depths = iteration_depths(loaded.graph)
    return [d for node, node_type in visible for d in _outputs(node, node_type, depths[node.id])]


def _outputs(node: Node, node_type: NodeType, depth: int) -> Iterable[DraftOutput]:
    media = [o for o in node_type.outputs.values() if o.type.name in _MEDIA]
    for output in media:
        kind = _MEDIA[output.type.name]
        is_list = output.type.cardinality != "single"
        many = is_list or depth > 0
        item = _CLASSES[kind]
        name = f"{kind}s" if is_list else output.name
        names = (f"{node.label} {output.name}" if node.label and len(media) > 1 else node.label, name)
        title = node.label or node_type.title
        if kind == "video":
            doc = f'The videos made by the node "{title}".' if many else f'The video made by the node "{title}".'
        else:
            doc = f'The pictures saved by the node "{title}"' if many else f'The picture saved by the node "{title}".'
            doc += ", in iteration order." if many and depth else "." if many else ""
        yield DraftOutput(
            Candidate(f"{node.id}/{output.name}", names, owners=("", node_type.title)),
            Output("", node.id, node.type, output.name, kind, many, f"list[{item}]" if many else item, doc),
        )


def iteration_depths(graph: Mapping[str, Any]) -> dict[str, int]:
    """Return for each node how many iterate nodes repeat it.

    A collector takes the innermost one away from what comes in by its `item`; loops side by side multiply.
    """
    feeding: dict[str, list[tuple[str, str]]] = {node_id: [] for node_id in graph["nodes"]}
    for edge in graph["edges"]:
        feeding[edge["destination"]["node_id"]].append((edge["source"]["node_id"], edge["destination"]["field"]))
    loops: dict[str, tuple[str, ...]] = {}
    sources = {node_id: [source for source, _ in found] for node_id, found in feeding.items()}
    for node_id in TopologicalSorter(sources).static_order():
        kind = graph["nodes"][node_id]["type"]
        if kind == "collect":
            gathered = [loops[s][:-1] if field == "item" else loops[s] for s, field in feeding[node_id]]
            loops[node_id] = max(gathered, key=len, default=())
        else:
            around = tuple(dict.fromkeys(loop for source, _ in feeding[node_id] for loop in loops[source]))
            loops[node_id] = (*around, node_id) if kind == "iterate" else around
    return {node_id: len(around) for node_id, around in loops.items()}
