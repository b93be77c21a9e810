"""A running InvokeAI, asked on behalf of a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flowbind.outside import tellable
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import VERSION_KEY

if TYPE_CHECKING:
    from flowbind.invokeai import InvokeAI


@contextmanager
def connected(url: str) -> Iterator[InvokeAI]:
    """Yield a client of a server, whose address may be that of its document, with the account of the environment.

    Raises `Refused` where the server does not answer as it should.
    """
    from flowbind.errors import FlowbindError, ServerUnreachable
    from flowbind.invokeai import InvokeAI

    try:
        with InvokeAI.from_env(url=url.removesuffix("/").removesuffix("/openapi.json")) as server:
            yield server
    except (FlowbindError, ValueError) as error:
        report = Report(tellable(url))
        cure = (
            "Check the address and start the server."
            if isinstance(error, ServerUnreachable)
            else "Check that it is the address of an InvokeAI server; that server's log may say more."
        )
        report.error("FB401", f"The server cannot be asked: {error}", cure)
        raise Refused(report) from None


def fetch(url: str) -> tuple[dict[str, Any], str]:
    """Return a server's document, marked with its release and in order, and the release; raises `Refused`."""
    with connected(url) as server:
        document, version = document_of(server)
    document.setdefault("info", {})[VERSION_KEY] = version
    return _sorted(document), version


def document_of(server: InvokeAI) -> tuple[dict[str, Any], str]:
    """Return a server's document and its release, which the document does not say."""
    from flowbind.invokeai.app import server_document, server_version

    return server.perform(server_document()), server.perform(server_version())


def _sorted(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with paths and schemas by name; the order of a schema's properties says something."""
    components = document.get("components") or {}
    in_order = {name: dict(sorted(part.items())) for name, part in components.items() if isinstance(part, dict)}
    paths = dict(sorted((document.get("paths") or {}).items()))
    return {**document, "paths": paths, "components": {**components, **in_order}}
