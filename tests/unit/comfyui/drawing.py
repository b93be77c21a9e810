"""Small ComfyUI workflows as the editor saves them, and a server with a few made-up node classes."""

from __future__ import annotations

from typing import Any

from flowbind_generator.comfyui.catalog import Catalog

Json = dict[str, Any]


def node_class(required: Json, optional: Json | None = None, output: list[str] | None = None, **more: Any) -> Json:
    """Return what `/object_info` says of a class."""
    sections = {"required": required, "optional": optional or {}}
    return {
        "input": sections,
        "input_order": {section: list(told) for section, told in sections.items()},
        "output": output or [],
        "output_name": output or [],
        "display_name": more.pop("display_name", ""),
        **more,
    }


CATALOG = Catalog(
    {
        "Source": node_class({}, output=["IMAGE", "LATENT"]),
        "Text": node_class({"text": ["STRING", {"multiline": True, "dynamicPrompts": True}]}, output=["STRING"]),
        "Sampler": node_class(
            {
                "image": ["IMAGE"],
                "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1}],
                "steps": ["INT", {"default": 20, "min": 1, "max": 100}],
                "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1}],
                "name": [["euler", "heun"], {}],
            },
            output=["IMAGE"],
        ),
        "SaveImage": node_class(
            {"images": ["IMAGE"], "filename_prefix": ["STRING", {"default": "out"}]}, display_name="Save Image"
        ),
        "Load": node_class({"image": [["a.png"], {"image_upload": True}]}, output=["IMAGE"]),
        "Forced": node_class(
            {"a": ["STRING", {}], "b": ["STRING", {"forceInput": True}], "c": ["STRING", {}]}, output=["STRING"]
        ),
        "Either": node_class(
            {
                "model": [
                    "COMFY_DYNAMICCOMBO_V3",
                    {
                        "options": [
                            {"key": "small", "inputs": {"required": {"size": ["INT", {"default": 1}]}}},
                            {
                                "key": "large",
                                "inputs": {
                                    "required": {
                                        "images": [
                                            "COMFY_AUTOGROW_V3",
                                            {
                                                "template": {
                                                    "input": {"required": {"image": ["IMAGE", {}]}},
                                                    "prefix": "image",
                                                }
                                            },
                                        ],
                                        "hint": ["STRING", {"default": "none"}],
                                        "depth": [
                                            "COMFY_DYNAMICCOMBO_V3",
                                            {
                                                "options": [
                                                    {"key": "8", "inputs": {}},
                                                    {"key": "16", "inputs": {"required": {"curve": ["FLOAT", {}]}}},
                                                ]
                                            },
                                        ],
                                    }
                                },
                            },
                        ]
                    },
                ],
                "last": ["BOOLEAN", {"default": True}],
            },
            output=["IMAGE"],
        ),
        "Match": node_class(
            {
                "one": ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "IMAGE,LATENT"}}],
                "two": ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "IMAGE,LATENT"}}],
            },
            output=["COMFY_MATCHTYPE_V3"],
            output_matchtypes=["t"],
        ),
        "View": node_class({"picture": ["LOAD_3D", {}]}),
        "Rows": node_class(
            {
                "rows": [
                    "COMFY_DYNAMICGROUP_V3",
                    {"min": 1, "template": {"required": {"text": ["STRING", {"default": "-"}], "on": ["BOOLEAN"]}}},
                ],
                "end": ["INT", {}],
            }
        ),
        "Branch": node_class(
            {
                "autogrow": ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"in": ["*"]}}, "prefix": "in"}}],
                "names": ["COMFY_BRANCH_INPUT_NAMES", {}],
                "chosen": ["COMFY_BRANCH_SELECTOR", {}],
            }
        ),
        "CustomCombo": node_class({"choice": ["COMBO", {"options": []}]}, output=["STRING", "INT"]),
        "ImageCompare": node_class({"image_a": ["IMAGE"], "compare_view": ["IMAGECOMPARE", {}]}),
        "Curve": node_class({"curve": ["CURVE", {}], "box": ["BOUNDING_BOX", {}], "end": ["INT", {}]}),
    }
)


def node(known: int, type_: str, values: Any = None, links: Json | None = None, **more: Any) -> Json:
    """Return a node as it is saved; `links` are the ids of the links into its inputs, by name."""
    made: Json = {"id": known, "type": type_, "mode": 0, **more}
    made["inputs"] = [
        {"name": name, "type": "*", "link": link, "widget": {"name": name}} for name, link in (links or {}).items()
    ] + more.pop("inputs", [])
    if values is not None:
        made["widgets_values"] = values
    return made


def workflow(
    *nodes: Json, links: list[list[Any]] | None = None, subgraphs: list[Json] | None = None, **more: Any
) -> Json:
    """Return a workflow in the format 0.4; outputs know their links, as in the file of an editor."""
    made: Json = {"version": 0.4, "last_node_id": 50, "nodes": list(nodes), "links": links or [], **more}
    for link in made["links"]:
        _connect(made["nodes"], link)
    if subgraphs:
        made["definitions"] = {"subgraphs": subgraphs}
    return made


def subgraph(known: str, *nodes: Json, links: list[list[Any]], inputs: list[str], outputs: int = 0) -> Json:
    """Return a subgraph; its links are given as those of a workflow, -10 are its inputs and -20 its outputs."""
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    for link in links:
        _connect(list(nodes), link)

    def ids(end: int, place: int) -> list[int]:
        return [link[0] for link in links if (link[1], link[2]) == (end, place) or (link[3], link[4]) == (end, place)]

    return {
        "id": known,
        "name": f"The {known}",
        "nodes": list(nodes),
        "links": [dict(zip(keys, link, strict=True)) for link in links],
        "inputs": [{"name": name, "type": "*", "linkIds": ids(-10, place)} for place, name in enumerate(inputs)],
        "outputs": [{"name": f"out{n}", "type": "IMAGE", "linkIds": ids(-20, n)} for n in range(outputs)],
    }


def _connect(nodes: list[Json], link: list[Any]) -> None:
    for made in nodes:
        if made["id"] == link[1]:
            outputs = made.setdefault("outputs", [])
            while len(outputs) <= link[2]:
                outputs.append({"name": "", "type": link[5], "links": []})
            outputs[link[2]]["links"].append(link[0])
