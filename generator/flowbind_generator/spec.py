"""The server's document: where it comes from, and how it is pinned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.invokeai import engine
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.project import Project


def find_catalog(project: Project, given: str | None = None) -> Catalog:
    """Return the catalog: `given` (a file or URL), the setting, the pinned document, else the shipped one.

    Raises `Refused` for a document that cannot be read.
    """
    if given:
        return _from_url(given) if _is_url(given) else _from_file(Path(given), given)
    if project.spec:
        return (
            _from_url(project.spec) if _is_url(project.spec) else _from_file(project.root / project.spec, project.spec)
        )
    if project.pinned_spec.is_file():
        return _from_file(project.pinned_spec, project.source(project.pinned_spec))
    return engine.shipped_catalog()


def pull(url: str, target: Path) -> str | None:
    """Write a running server's document to a file, with the release it says it is; return that release."""
    document, version = _fetch(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(target)
    return version


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _from_file(path: Path, source: str) -> Catalog:
    report = Report(source)
    try:
        data = path.read_bytes()
    except OSError as error:
        report.error(
            "FB401",
            f"The OpenAPI document cannot be read ({error.strerror}).",
            "Check the path, or pin a server's document with `flowbind spec pull URL`.",
        )
        raise Refused(report) from None
    return _read(data, report)


def _from_url(url: str) -> Catalog:
    document, _ = _fetch(url)
    return _read(json.dumps(document).encode(), Report(url))


def _read(data: bytes, report: Report) -> Catalog:
    catalog = engine.read_catalog(data, report)
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
