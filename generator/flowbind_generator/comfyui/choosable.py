"""All values of a workflow that may become inputs, by their nodes, and all nodes that may be declared outputs."""

from __future__ import annotations

from collections import defaultdict

from flowbind.saved_nodes import Literal, SavedNode
from flowbind_generator.choosable import Choosable, Ending
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.knobs import Knob, knobs_of
from flowbind_generator.comfyui.prompt import EditorNode, Prompt, PromptNode, is_link
from flowbind_generator.comfyui.shown import shown_by
from flowbind_generator.comfyui.widget_values import unwrapped


def choosable_in(prompt: Prompt, catalog: Catalog) -> Choosable:
    """Return what of a prompt can be chosen: each literal that is posted, each node that shows something."""
    literals: defaultdict[str, dict[str, Literal]] = defaultdict(dict)
    handed: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for knob in knobs_of(prompt, catalog):
        if knob.spec.type:  # the server has no other
            literals[knob.widget.path].setdefault(knob.widget.name, _literal(knob, _title(prompt, catalog, knob.shown)))
            for place in knob.targets:
                path = prompt.nodes[place.node_id].path
                if (path, place.name) != (knob.widget.path, knob.widget.name):
                    handed[path][place.name] = knob.address
    nodes = [
        SavedNode(
            shown.path,
            _title(prompt, catalog, shown),
            shown.type,
            literals[shown.path],
            _fed(prompt, posted),
            handed[shown.path],
            shown.prompt_id,
        )
        for shown in prompt.editor_nodes
        for posted in [prompt.nodes.get(shown.prompt_id or "")]
    ]
    endings = {
        node.path: Ending(node.path, shown_by(node_class).kind, _title_at(prompt, catalog, node.path), node.id)
        for node in prompt.nodes.values()
        if (node_class := catalog.get(node.class_type)) and node_class.is_output
    }
    return Choosable(tuple(nodes), tuple(endings.values()))


def _literal(knob: Knob, title: str) -> Literal:
    places = tuple((place.node_id, place.name) for place in knob.targets)
    return Literal(knob.address, knob.spec.type, unwrapped(knob.widget.value), title, places, knob.is_given)


def _fed(prompt: Prompt, posted: PromptNode | None) -> dict[str, str]:
    """Return the inputs of a node that are links, with the paths of the nodes that they come from."""
    inputs = posted.inputs.items() if posted else ()
    return {name: prompt.nodes[value[0]].path for name, value in inputs if is_link(value) and value[0] in prompt.nodes}


def _title_at(prompt: Prompt, catalog: Catalog, path: str) -> str:
    shown = prompt.by_path.get(path)
    return _title(prompt, catalog, shown) if shown else ""


def _title(prompt: Prompt, catalog: Catalog, shown: EditorNode) -> str:
    """Return what the editor calls a node: the author's title, else that of its class."""
    posted = prompt.nodes.get(shown.prompt_id) if shown.prompt_id else None
    node_class = catalog.get(shown.type)
    return (
        shown.title or (posted.title if posted else "") or (node_class.display_name if node_class else "") or shown.type
    )
