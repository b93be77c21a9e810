"""What a real server says of the batches that real files give, with what a run needs filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from flowbind.invokeai.runs.preview import preview
from flowbind_generator.invokeai.catalog import Catalog

from .building import build
from .shared import named
from .tables import Aside, Known
from .values import plausible

# A queue of its own, so that what the default one holds stays untouched. The processor serves all queues.
QUEUE = "/api/v1/queue/flowbind-corpus"

# What a server refuses for good reason: node type and field, a part of the message, and why (contract, 2.1).
LISTED = (("prompt_from_file", "file_path", "FileNotFoundError", "the node looks for its file on the server"),)


class Server:
    """A server that takes batches and runs none of them."""

    def __init__(self, url: str) -> None:
        # A connection for each request: where the server fails, it closes the connection without saying so.
        headers = {"Connection": "close"}
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False, headers=headers)

    def document(self) -> Mapping[str, Any]:
        """Return the server's own OpenAPI document."""
        found: Mapping[str, Any] = self._client.get("/openapi.json").raise_for_status().json()
        return found

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold the processor; afterwards forget what was queued, and let it go on."""
        self._put("processor/pause")
        try:
            yield
        finally:
            try:
                self._put("clear")
            finally:
                self._put("processor/resume")
                self._client.close()

    def errors(self, body: bytes) -> list[Mapping[str, Any]]:
        """Post a batch; return what the server has against it, each with `loc` and `msg`."""
        answer = self._client.post(f"{QUEUE}/enqueue_batch", content=body, headers={"Content-Type": "application/json"})
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            details: list[Mapping[str, Any]] = answer.json()["detail"]
            return details
        if not answer.is_success:
            return [{"loc": [answer.status_code], "msg": answer.text[:600]}]
        return [] if answer.json()["enqueued"] else [{"loc": [], "msg": "nothing was queued"}]

    def _put(self, path: str) -> None:
        self._client.put(f"{QUEUE}/{path}").raise_for_status()


def is_accepted(path: Path, catalog: Catalog, server: Server) -> str | None:
    """Post the batch of a file, with models, pictures and whatever else a run needs filled in."""
    built = build(path.read_bytes(), catalog, named(path))
    if built.module is None:
        return Aside("flowbind refuses the file")
    instance = built.made(**{i.attribute: plausible(i, catalog) for i in built.module.inputs if i.required})
    errors = server.errors(preview(instance)[0])
    if not errors:
        return None
    listed = [_listed(error) for error in errors]
    if all(listed):
        return Known("\n".join(dict.fromkeys(filter(None, listed))))
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in errors)


def _listed(error: Mapping[str, Any]) -> str | None:
    ends = tuple(error["loc"][-2:])
    return next((why for *place, part, why in LISTED if tuple(place) == ends and part in error["msg"]), None)
