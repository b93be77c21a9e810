"""All values of a workflow that a project may declare inputs, and all nodes that it may declare outputs."""

from __future__ import annotations

from collections.abc import Mapping

from flowbind.comfyui.schema.live_inputs import input_named
from flowbind.comfyui.schema.node_classes import NodeClass
from flowbind_generator.choosable import Choosable, Ending, Literal
from flowbind_generator.comfyui.prompt import Prompt, Widget
from flowbind_generator.comfyui.shown import shown_by


def choosable_in(prompt: Prompt, catalog: Mapping[str, NodeClass]) -> Choosable:
    """Return what of a prompt can be chosen: each literal that is posted, each node that shows something."""
    literals: dict[str, Literal] = {}
    for widget in prompt.widgets:
        if widget.targets and (kind := _type_of(prompt, catalog, widget)):
            address = f"{widget.path}.{widget.name}"
            places = tuple((place.node_id, place.name) for place in widget.targets)
            literals.setdefault(address, Literal(address, kind, widget.value, _title(prompt, widget.path), places))
    endings = {
        node.path: Ending(node.path, shown_by(node_class).kind, _title(prompt, node.path), node.id)
        for node in prompt.nodes.values()
        if (node_class := catalog.get(node.class_type)) and node_class.is_output
    }
    return Choosable(tuple(literals.values()), tuple(endings.values()))


def _type_of(prompt: Prompt, catalog: Mapping[str, NodeClass], widget: Widget) -> str | None:
    """Return the type of what takes the value first, None where the server has no such input."""
    place = widget.targets[0]
    node = prompt.nodes.get(place.node_id)
    node_class = catalog.get(node.class_type) if node else None
    found = input_named(node_class, place.name, node.inputs) if node and node_class else None
    return None if found is None else found.type


def _title(prompt: Prompt, path: str) -> str:
    """Return what the editor calls a node: the author's title, else that of the posted node, else its class."""
    shown = prompt.by_path.get(path)
    if shown is None:
        return ""
    posted = prompt.nodes.get(shown.prompt_id) if shown.prompt_id else None
    return shown.title or (posted.title if posted else "") or shown.type
