"""What a server keeps with a picture or video: metadata, and the workflow and graph of the run that made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from flowbind.errors import UnexpectedReply
from flowbind.invokeai.gallery.stored import Kind
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, quoted, read


def metadata(kind: Kind[Any], name: str) -> Operation[Mapping[str, Any] | None]:
    """Return the metadata of a picture or video."""
    found: Any = yield from get(f"{kind.path}/i/{quoted(name)}/metadata")
    return _an_object(found, "metadata", name)


def embedded(kind: Kind[Any], name: str, part: Literal["workflow", "graph"]) -> Operation[Mapping[str, Any] | None]:
    """Return the workflow or the graph that is stored with a picture or video."""
    from flowbind.invokeai._rest import WorkflowAndGraphResponse

    both = read(WorkflowAndGraphResponse, (yield from get(f"{kind.path}/i/{quoted(name)}/workflow")))
    text = both.workflow if part == "workflow" else both.graph
    try:
        # Files from elsewhere may have an empty text, or one that is no JSON.
        return _an_object(json.loads(text) if text else None, part, name)
    except (ValueError, RecursionError):
        raise UnexpectedReply(
            f"The {part} stored with {name!r} is no JSON: whoever made the file wrote it so."
        ) from None


def _an_object(found: Any, what: str, name: str) -> Mapping[str, Any] | None:
    if found is None or isinstance(found, dict):
        return found
    raise UnexpectedReply(f"The {what} stored with {name!r} is no object: whoever made the file wrote it so.")
