"""The server's document: where it comes from, and how it is pinned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowbind.files import whole_file
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.invokeai import engine
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.project import Project


def find_catalog(project: Project, given: str | None = None) -> Catalog:
    """Return the catalog: `given` (a file or URL), the setting, the pinned document, else the shipped one.

    Raises `Refused` for a document that cannot be read.
    """
    own_types = project.field_types
    if given:
        return _open(given, Path(), own_types)
    if project.spec:
        return _open(project.spec, project.root, own_types)
    if project.pinned_spec.is_file():
        return _open(project.source(project.pinned_spec), project.root, own_types)
    return engine.shipped_catalog(own_types)


def pull(url: str, target: Path) -> str | None:
    """Write a running server's document to a file, with the release it says it is; return that release."""
    document, version = _fetch(url)
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
    report = Report(source)
    if source.startswith(("http://", "https://")):
        return _accepted(engine.catalog_of(_fetch(source)[0], report, own_types), report)
    try:
        data = (folder / source).read_bytes()
    except OSError as error:
        report.error(
            "FB401",
            f"The OpenAPI document cannot be read ({error.strerror}).",
            "Check the path, or pin a server's document with `flowbind spec pull URL`.",
        )
        raise Refused(report) from None
    return _accepted(engine.read_catalog(data, report, own_types), report)


def _accepted(catalog: Catalog | None, report: Report) -> Catalog:
    if catalog is None:
        raise Refused(report)
    return catalog


def _fetch(url: str) -> tuple[dict[str, Any], str | None]:
    """Return a server's document, marked with its release, and the release."""
    from flowbind.errors import FlowbindError
    from flowbind.invokeai import InvokeAI
    from flowbind.invokeai._wire import get

    base = url.removesuffix("/").removesuffix("/openapi.json")
    report = Report(url)
    try:
        with InvokeAI(base) as server:
            document: dict[str, Any] = server.perform(get("/openapi.json"))
            version = server.version()
    except (FlowbindError, ValueError) as error:
        report.error(
            "FB401", f"The server's document cannot be fetched: {error}", "Check the address and start the server."
        )
        raise Refused(report) from None
    document.setdefault("info", {})[engine.VERSION_KEY] = version
    return document, version
