"""Small prompts of ComfyUI for tests, made from what is posted: each literal has a control of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.prompt import EditorNode, Place, Prompt, PromptNode, Widget, is_link
from flowbind_generator.comfyui.widget_values import unwrapped

Told = dict[str, Any]


def told(
    required: Told | None = None,
    optional: Told | None = None,
    *,
    gives: Sequence[str] = (),
    shows: bool = False,
    title: str = "",
    **more: Any,
) -> Told:
    """Return what `/object_info` says of a class; a type alone stands for an input without further facts."""
    sections = {
        name: {n: [kind] if isinstance(kind, str) else kind for n, kind in (inputs or {}).items()}
        for name, inputs in (("required", required), ("optional", optional))
    }
    return {
        "input": sections,
        "output": list(gives),
        "output_name": list(gives),
        "output_node": shows,
        "display_name": title or None,
        "python_module": "nodes",
        **more,
    }


CLASSES: dict[str, Told] = {
    "SaveImage": told(
        {"images": "IMAGE", "filename_prefix": ["STRING", {"default": "ComfyUI"}]},
        gives=["IMAGE"],
        shows=True,
        title="Save Image",
    ),
    "PreviewImage": told({"images": "IMAGE"}, gives=["IMAGE"], shows=True, title="Preview Image"),
    "PreviewAny": told({"source": "*"}, gives=["STRING"], shows=True, title="Preview as Text"),
    "EmptyImage": told(
        {
            "width": ["INT", {"default": 512, "min": 1, "max": 16384, "step": 1}],
            "height": ["INT", {"default": 512, "min": 1, "max": 16384, "step": 1}],
        },
        gives=["IMAGE"],
        title="Empty Image",
    ),
}


def prompt_of(
    api: Mapping[str, Mapping[str, Any]],
    *,
    titles: Mapping[str, str] | None = None,
    subgraphs: Mapping[str, str] | None = None,
    linear: Told | None = None,
    paths: Mapping[str, str] | None = None,
) -> Prompt:
    """Return the prompt for `{id: {"class_type", "inputs"}}`.

    `titles` are the author's by path, beside those that the nodes have themselves; `subgraphs` the titles of instances
    by path; `paths` say where a node of another id is in the file.
    """
    own, where = titles or {}, paths or {}
    nodes: dict[str, PromptNode] = {}
    widgets: list[Widget] = []
    for node_id, posted in api.items():
        path, inputs = where.get(node_id, node_id), posted.get("inputs", {})
        title = own.get(path, posted.get("_meta", {}).get("title", ""))
        nodes[node_id] = PromptNode(node_id, path, posted["class_type"], title, inputs)
        widgets += [
            Widget(path, name, unwrapped(value), (Place(node_id, name),), (path, "inputs", name))
            for name, value in inputs.items()
            if not is_link(value)
        ]
    shown = [EditorNode(n.path, n.class_type, n.title, n.id, (n.path,)) for n in nodes.values()]
    shown += [
        EditorNode(path, "subgraph", title, None, (path,), is_subgraph=True)
        for path, title in (subgraphs or {}).items()
    ]
    return Prompt(nodes, shown, widgets, linear=linear or {})


def catalog_of(**classes: Told) -> Catalog:
    """Return the catalog of a server that has some usual classes, and the given ones."""
    return Catalog({**CLASSES, **classes})
