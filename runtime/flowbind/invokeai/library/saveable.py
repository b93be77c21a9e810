"""What is saved in a server's library: an export, read, checked and made the user's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from flowbind.errors import InvalidExport

Export: TypeAlias = "Mapping[str, Any] | Path | str"
"""A workflow as the page's Download gives it: the JSON file's path, its text, or what is in it."""

_TEXTS = ("name", "author", "description", "version", "contact", "tags", "notes")
_LISTS = ("exposedFields", "nodes", "edges")
_CURE = "Open the workflow in InvokeAI's editor, choose Download Workflow, and use that file."


def saveable(export: Export, name: str | None) -> dict[str, Any]:
    """Return an export as a server takes it: without an id, in the user's category, under `name` where one is given.

    Raises `InvalidExport` for what is no workflow, or lacks what the server requires, and `OSError` for a file that
    cannot be read.
    """
    document, what = (export, "This") if isinstance(export, Mapping) else _read(export)
    workflow = {key: value for key, value in document.items() if key != "id"}
    if name is not None:
        workflow["name"] = name
    if problems := list(_problems(workflow)):
        raise InvalidExport(f"{what} is no workflow that a server keeps: {', '.join(problems)}. {_CURE}")
    return {**workflow, "meta": {**workflow["meta"], "category": "user"}}


def _read(export: Path | str) -> tuple[Mapping[str, Any], str]:
    """Return the JSON object in a file or text, and what messages call it."""
    if isinstance(export, str) and export.lstrip().startswith("{"):
        data, what = export.encode("utf-8", "surrogatepass"), "The text"
    else:
        data, what = Path(export).read_bytes(), str(export)
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise InvalidExport(f"{what} is no JSON ({error}). {_CURE}") from None
    if not isinstance(document, Mapping):
        raise InvalidExport(f"{what} holds no JSON object. {_CURE}")
    return document, what


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")


def _problems(workflow: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the server would refuse without saying where; how nodes look is the editor's business."""
    kinds: Mapping[str, type] = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_LISTS, list), "meta": Mapping}
    for key, kind in kinds.items():
        if key not in workflow:
            yield f"`{key}` is missing"
        elif not isinstance(workflow[key], kind):
            yield f"`{key}` is no {'text' if kind is str else 'list' if kind is list else 'object'}"
    meta = workflow.get("meta")
    if isinstance(meta, Mapping) and not isinstance(meta.get("version"), str):
        yield "`meta.version` is missing"
