"""The pictures and videos that a node saves, read from the raw document, and what flowbind makes of them."""

from __future__ import annotations

from flowbind_generator.invokeai.catalog import Catalog

from .documents import Release, release, release_names
from .lone_nodes import LONE, alone
from .reading import read

TODAY = "6.14.2"

# They hand on what they are given (contract, 5), or make items for a batch.
_PASS_ON = frozenset({"image", "video", "image_collection", "show_image", "image_batch", "image_generator"})
_KINDS = {"ImageField": "image", "VideoField": "video"}

Saved = tuple[str, str, bool]
"""Field name, kind, and whether it is many."""


def saved_media(of: Release, node_type: str) -> list[Saved]:
    """Return what a node saves."""
    if node_type in _PASS_ON:
        return []
    read_outputs = ((name, read(schema)) for name, schema in of.outputs(node_type).items())
    return [
        (name, _KINDS[output["field_type"]], output["cardinality"] != "single")
        for name, output in read_outputs
        if output["field_type"] in _KINDS
    ]


def media_nodes() -> list[str]:
    """Return the types of the nodes that save something; none where the document is not here."""
    if TODAY not in release_names():
        return []
    return [node_type for node_type in release(TODAY).nodes if saved_media(release(TODAY), node_type)]


def gives_what_it_saves(node_type: str, _: Catalog) -> str | None:
    """Compare the outputs of a workflow of one node with what the node saves."""
    built = alone(release(TODAY), node_type)
    if built.module is None:
        return built.refusal
    media = [o for o in built.module.outputs if o.node_id == LONE and o.kind in _KINDS.values()]
    mine = [(o.field_name, o.kind, o.many) for o in media]
    theirs = saved_media(release(TODAY), node_type)
    return None if mine == theirs else f"the outputs are {mine}, the node saves {theirs}"
