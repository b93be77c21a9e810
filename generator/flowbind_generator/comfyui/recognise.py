"""Telling ComfyUI's files by what is in them, and finding the workflow in what its server and pictures wrap it in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Literal

from flowbind_generator.comfyui.prompt import Keys
from flowbind_generator.pictures import is_png, is_webp, png_texts
from flowbind_generator.strict_json import parse

Kind = Literal["workflow", "prompt"]
Found = tuple[Kind, Mapping[str, Any], Keys]
"""What a file holds, a saved workflow or a prompt of the API, and the keys that lead to it."""

PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"comf"})
"""The chunks that ComfyUI writes texts to; the last kind is its own, in animated pictures."""
EMBEDDED = ("workflow", "prompt")
"""The names of these texts, the better one first: a prompt has lost the author's titles and subgraphs."""
_OTHERS_TEXT = "invokeai_workflow"

# A saved file of any version has one of the last three; looking for them is cheaper than parsing a file.
_TRACES = (b"class_type", b"last_node_id", b"links", b"state")
_SURE = re.compile(rb'"(?:class_type|last_node_id)"\s*:')
_OTHERS = re.compile(rb'"edges"\s*:')
_ONLY_SAVED = frozenset({"last_node_id", "last_link_id", "links", "state"})

# Where the page's download, a body for POST /prompt, /history, /queue and /api/jobs have them.
_SAVED_AT: tuple[Keys, ...] = (
    (),
    ("workflow",),
    ("extra_data", "extra_pnginfo", "workflow"),
    ("workflow", "extra_data", "extra_pnginfo", "workflow"),
    ("prompt", 3, "extra_pnginfo", "workflow"),
    (3, "extra_pnginfo", "workflow"),
)
_PROMPT_AT: tuple[Keys, ...] = (
    (),
    ("prompt",),
    ("output",),
    ("workflow",),
    ("workflow", "prompt"),
    ("prompt", 2),
    (2,),
)


def claims(data: bytes) -> bool:
    """Tell whether the bytes of a file are a workflow of ComfyUI, or were meant as one.

    A WEBP always counts: of the families that flowbind knows, only this one puts workflows into such.
    """
    if is_png(data):
        return _claims_png(data)
    if is_webp(data):
        return True
    if not any(trace in data for trace in _TRACES):
        return False
    is_sure = _SURE.search(data) is not None
    if is_sure and not _OTHERS.search(data):
        return True
    try:
        document = parse(data, constant=as_null)
    except ValueError:
        return is_sure
    return bool(runs(document)) or find(document, _embedded) is not None


def _claims_png(data: bytes) -> bool:
    names: set[str] = set()
    # What stands before a damage still tells whose picture it is.
    with suppress(ValueError):
        for name, _ in png_texts(data, PNG_TEXTS):
            names.add(name)
    return not names.isdisjoint(EMBEDDED) and _OTHERS_TEXT not in names


def claims_document(document: Any) -> bool:
    """Tell whether a parsed JSON document is what a ComfyUI server answers to `/object_info`."""
    # With it comes pydantic, which files need not be waited for.
    from flowbind.comfyui.schema.node_classes import is_node_class

    return isinstance(document, Mapping) and any(map(is_node_class, document.values()))


def find(document: Any, read: Callable[[str, Keys], Any]) -> Found | None:
    """Return what a document holds, a saved workflow sooner than a prompt; None where it holds neither.

    `read` reads JSON that stands in a text: it gets the text and the keys that lead to it.
    """
    start = only[0] if len(only := runs(document)) == 1 else ()
    for inner in _SAVED_AT:
        keys = (*start, *inner)
        if is_saved(value := _read_at(document, keys, read)):
            return "workflow", value, keys
    for inner in _PROMPT_AT:
        keys = (*start, *inner)
        if is_prompt(value := _read_at(document, keys, read)):
            return "prompt", value, keys
    return None


def runs(document: Any) -> list[Keys]:
    """Return the keys that lead to the runs in an answer to /history or /queue; none for any other document."""
    return list(_runs(document)) if isinstance(document, Mapping) else []


def is_saved(document: Any) -> bool:
    """Tell whether a value is a workflow as the editor saves it."""
    return (
        isinstance(document, Mapping)
        and isinstance(document.get("nodes"), list)
        and "edges" not in document
        and not _ONLY_SAVED.isdisjoint(document)
    )


def is_prompt(document: Any) -> bool:
    """Tell whether a value is a workflow in the format of the API, or was meant as one."""
    return isinstance(document, Mapping) and any(
        isinstance(node, Mapping) and "class_type" in node for node in document.values()
    )


def as_null(constant: str) -> None:
    """Return what the editor reads for NaN and its like, which Python's own JSON has."""
    del constant


def _runs(document: Mapping[str, Any]) -> Iterator[Keys]:
    for key, value in document.items():
        if key in ("queue_running", "queue_pending") and isinstance(value, list):
            yield from ((key, place) for place in range(len(value)))
        elif isinstance(value, Mapping) and isinstance(value.get("prompt"), list):
            yield (key,)


def _read_at(document: Any, keys: Keys, read: Callable[[str, Keys], Any]) -> Any:
    for key in keys:
        if isinstance(key, int):
            document = document[key] if isinstance(document, list) and key < len(document) else None
        else:
            document = document.get(key) if isinstance(document, Mapping) else None
    return read(document, keys) if isinstance(document, str) else document


def _embedded(text: str, keys: Keys) -> Any:
    del keys
    try:
        return parse(text, constant=as_null)
    except ValueError:
        return None
