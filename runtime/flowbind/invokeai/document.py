"""The server's own OpenAPI document: which operations it has, and which node types."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from flowbind.invokeai.app import server_document
from flowbind.invokeai.schema.field_types import mapping
from flowbind.transport.steps import Operation, Work
from flowbind.transport.wire import taken

if TYPE_CHECKING:
    from flowbind.invokeai.schema.served import ServedNodes


class ServerDocument:
    """What one client keeps of the document, which it reads once; the whole would take 8 MB.

    `with_nodes` tells whether what the document says of node types will be wanted.
    """

    def __init__(self, *, with_nodes: bool) -> None:
        self._with_nodes = with_nodes
        self._operations: frozenset[tuple[str, str]] | None = None
        self._nodes: ServedNodes | None = None
        self._fetching = Lock()

    def supports(self, method: str, path: str) -> Operation[bool]:
        """Tell whether the server has an operation; values may stand in place of a path's parameters."""
        yield from self._fetch()
        return any(
            own_method == method.upper() and _fits(own_path, path) for own_method, own_path in self._operations or ()
        )

    def nodes(self) -> Operation[ServedNodes]:
        """Return the node types; raises `UnexpectedReply` for the document of another program."""
        from flowbind.invokeai.schema.served import with_node_types

        yield from self._fetch()
        assert self._nodes is not None
        return with_node_types(self._nodes)

    def _fetch(self) -> Operation[None]:
        if self._operations is not None:
            return
        yield from taken(self._fetching)
        try:
            if self._operations is None:
                document = yield from server_document()
                yield Work(partial(self._keep, document))
        finally:
            self._fetching.release()

    def _keep(self, document: Mapping[str, Any]) -> None:
        if self._with_nodes:
            from flowbind.invokeai.schema.served import ServedNodes

            self._nodes = ServedNodes(document)
        paths = mapping(document.get("paths"))
        self._operations = frozenset((verb.upper(), path) for path, verbs in paths.items() for verb in mapping(verbs))


def _fits(template: str, path: str) -> bool:
    """Tell whether a path is that of a template, with or without values for its parameters."""
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part == value or (part.startswith("{") and value != "") for part, value in zip(parts, given, strict=True)
    )
