"""The server's document: where it comes from, and how it is pinned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.invokeai.shipped import VERSION_KEY, shipped_document
from flowbind_generator.project import Project
from flowbind_generator.reading import read_file

if TYPE_CHECKING:
    from flowbind.invokeai import InvokeAI
    from flowbind.invokeai.schema.served import ServedNodes
    from flowbind_generator.invokeai.catalog import Catalog


def find_catalog(project: Project, given: str | None = None) -> Catalog:
    """Return the catalog: `given` (a file or URL), the setting, the pinned document, else the shipped one.

    Raises `Refused` for a document that cannot be read.
    """
    from flowbind_generator.invokeai import engine

    own_types = project.field_types
    if given is not None:
        return _open(given, Path(), own_types)
    if own := _own_document(project):
        return _open(own, project.root, own_types)
    return engine.shipped_catalog(own_types)


def document_bytes(project: Project) -> bytes | None:
    """Return the bytes of the project's document, None where they are not in a file that can be read."""
    own = _own_document(project)
    if own is None:
        return shipped_document()
    path = project.root / own
    return read_file(path) if path.is_file() else None


def _own_document(project: Project) -> str | None:
    """Return where the project's document is, None where it uses the shipped one."""
    return project.spec or (project.source(project.pinned_spec) if lexists(project.pinned_spec) else None)


def pull(url: str, target: Path) -> str | None:
    """Write a running server's document to a file, with the release it says it is; return that release."""
    from flowbind.files import whole_file

    document, version = fetch(url)
    with whole_file(target) as part:
        part.write_text(json.dumps(_sorted(document), indent=1) + "\n", encoding="utf-8")
    return version


def _sorted(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with paths and schemas by name; the order of a schema's properties says something."""
    components = document.get("components") or {}
    in_order = {name: dict(sorted(part.items())) for name, part in components.items() if isinstance(part, dict)}
    paths = dict(sorted((document.get("paths") or {}).items()))
    return {**document, "paths": paths, "components": {**components, **in_order}}


def _open(source: str, folder: Path, own_types: Mapping[str, str]) -> Catalog:
    """Return the catalog of a file or URL; a relative path starts in the folder."""
    from flowbind.outside import tellable
    from flowbind_generator.invokeai import engine

    report = Report(tellable(source))
    if source.startswith(("http://", "https://")):
        return _accepted(engine.catalog_of(fetch(source)[0], report, own_types), report)
    try:
        data = read_file(folder / source)
    except OSError as error:
        report.error(
            "FB401",
            f"The OpenAPI document cannot be read ({error.strerror}).",
            "Check the path and its permissions, or pin a server's document with `flowbind spec pull URL`.",
        )
        raise Refused(report) from None
    return _accepted(engine.read_catalog(data, report, own_types), report)


def _accepted(catalog: Catalog | None, report: Report) -> Catalog:
    if catalog is None:
        raise Refused(report)
    return catalog


@contextmanager
def served_by(url: str) -> Iterator[tuple[ServedNodes, InvokeAI]]:
    """Yield the node types of a running server, and a client of it; raises `Refused` as `connected` does."""
    from flowbind.invokeai.schema.served import served_nodes

    with connected(url) as server:
        yield served_nodes(*_document_of(server)), server


@contextmanager
def connected(url: str) -> Iterator[InvokeAI]:
    """Yield a client of a server, whose address may be that of its document, with the account of the environment.

    Raises `Refused` where the server does not answer as it should.
    """
    from flowbind.errors import FlowbindError, ServerUnreachable
    from flowbind.invokeai import InvokeAI
    from flowbind.outside import tellable

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


def fetch(url: str) -> tuple[dict[str, Any], str | None]:
    """Return a server's document, marked with its release, and the release."""
    with connected(url) as server:
        document, version = _document_of(server)
    document.setdefault("info", {})[VERSION_KEY] = version
    return document, version


def _document_of(server: InvokeAI) -> tuple[dict[str, Any], str]:
    """Return a server's document and its release, which the document does not say."""
    from flowbind.invokeai.app import server_document, server_version

    return server.perform(server_document()), server.perform(server_version())
