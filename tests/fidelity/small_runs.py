"""Makes runs of real files possible and short on a test's server: a tiny model, one small picture, few steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flowbind.invokeai import Image, ModelRef
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Input, Module
from flowbind_generator.live_module import class_of

from .values import plausible

# The most that a run needs of each, whatever the node: what is larger makes it slow, and no different.
_MOST: Mapping[str, int] = {"width": 64, "height": 64, "steps": 2, "max_prompts": 2, "iterations": 2}
PROMPTS = ("a lighthouse", "a harbour", "a boat")


@dataclass(frozen=True)
class Means:
    """What runs are given: the tiny model, a small picture that the server has, and a file of prompts."""

    model: ModelRef
    picture: Image
    prompts: Path


def small_run(module: Module, catalog: Catalog, means: Means) -> Workflow[Any]:
    """Return an instance of the class of a workflow, with all that a run needs, made small."""
    small = replace(module, graph=_made_small(module.graph, means))
    return class_of(small)(**{i.attribute: _value(i, catalog, means) for i in module.inputs if i.required})


def _value(item: Input, catalog: Catalog, means: Means) -> Any:
    one = {"ModelIdentifierField": means.model, "ImageField": means.picture}.get(item.field_type)
    if one is None:
        return plausible(item, catalog)
    return [one] if item.cardinality == "list" else one


def _made_small(graph: Mapping[str, Any], means: Means) -> dict[str, Any]:
    nodes = {node_id: {k: _changed(k, v, means) for k, v in node.items()} for node_id, node in graph["nodes"].items()}
    return {**graph, "nodes": nodes}


def _changed(name: str, value: Any, means: Means) -> Any:
    """Return what takes the place of a value of a node."""
    match value:
        case bool():
            return value
        case int() if name in _MOST:
            return min(value, _MOST[name])
        case {"base": "sd-1", "type": "main", **more}:
            known = vars(means.model)
            return {**value, **{k: known[k] for k in ("key", "hash", "name") if k in more}}
        case {"image_name": _}:
            return {"image_name": means.picture.name}
        case str() if name == "file_path":
            return str(means.prompts)
        case _:
            return value
