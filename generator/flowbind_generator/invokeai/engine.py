"""InvokeAI as the core sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click

    from flowbind.drift_check import CheckMode
    from flowbind.invokeai.schema.served import ServedNodes
    from flowbind.workflow import Workflow
    from flowbind_generator.declaration import Declaration
    from flowbind_generator.diagnostics import Report
    from flowbind_generator.draft import Draft
    from flowbind_generator.engines import Live
    from flowbind_generator.invokeai.catalog import Catalog
    from flowbind_generator.ir import Input

NAME = "invokeai"
TITLE = "InvokeAI"
RUNTIME = "flowbind.invokeai"
PINNED = "openapi.json"
SUFFIXES = frozenset({".json", ".png"})
URL_VARIABLE = "INVOKEAI_URL"
DEFAULT_URL = "http://127.0.0.1:9090"

choosable = None
"""The form of an export says what is public."""


def claims(data: bytes) -> bool:
    """Tell whether the bytes of a file are an export of InvokeAI."""
    from flowbind_generator.diagnostics import Report
    from flowbind_generator.invokeai.export import read_export

    return read_export(data, Report("")) is not None


def claims_document(document: Any) -> bool:
    """Tell whether a parsed JSON document is an OpenAPI document."""
    return isinstance(document, Mapping) and ("openapi" in document or "components" in document)


def draft(data: bytes, catalog: Catalog, report: Report, declaration: Declaration | None = None) -> Draft | None:
    """Return what an export holds, or None when the report refuses it."""
    from flowbind_generator.invokeai.drafting import draft

    if declaration is not None:
        report.warning(
            "FB504",
            f"{declaration.place} declares inputs of a workflow whose own form says what is public.",
            "Take the declaration out, and arrange the form in InvokeAI's editor.",
        )
    return draft(data, catalog, report)


def export_digest(data: bytes) -> str | None:
    """Return the digest of an export as JSON, its formatting aside; None for one that cannot be read."""
    from flowbind.digest import json_sha256
    from flowbind_generator.diagnostics import Report
    from flowbind_generator.invokeai.export import read_export

    read = read_export(data, Report(""))
    return json_sha256(read[0]) if read else None


def catalog_of(
    document: Any, report: Report, own_types: Mapping[str, str] | None = None, file_digest: str | None = None
) -> Catalog | None:
    """Return the catalog in a parsed OpenAPI document, or None when the report refuses it."""
    from flowbind_generator.invokeai.documents import catalog_of

    return catalog_of(document, report, own_types, file_digest)


def shipped_document() -> bytes:
    """Return the document that flowbind ships, compressed."""
    from flowbind_generator.invokeai.shipped import shipped_document

    return shipped_document()


def shipped_catalog(own_types: Mapping[str, str] | None = None) -> Catalog:
    """Return the catalog of the newest release that flowbind ships."""
    from flowbind_generator.invokeai.documents import shipped_catalog

    return shipped_catalog(own_types)


def fetch(url: str) -> tuple[dict[str, Any], str | None]:
    """Return a server's document, marked with its release and in order, and the release; raises `Refused`."""
    from flowbind_generator.invokeai.server import fetch

    return fetch(url)


def preview(workflow: Workflow[Any], *, graph_only: bool) -> tuple[Any, list[str]]:
    """Return the body that would be posted, or its graph alone, and what only a server can look up."""
    from flowbind.invokeai.runs.preview import preview

    body, placeholders = preview(workflow)
    document = json.loads(body)
    return document["batch"]["graph"] if graph_only else document, placeholders


def parse_setting(item: Input, text: str) -> Any:
    """Return what `--set attribute=text` means for an input; raises `InputError`."""
    from flowbind_generator.invokeai.settings import parse_setting

    return parse_setting(item, text)


def served(catalog: Catalog) -> ServedNodes:
    """Return the node types of a catalog as drift reads them."""
    return catalog.served


def live(url: str) -> AbstractContextManager[Live]:
    """Connect to a running server, to compare with; raises `Refused`."""
    from flowbind_generator.invokeai.live_check import live

    return live(url)


def run(workflow: Workflow[Any], *, url: str, out: Path, timeout: float | None, form: str, check: CheckMode) -> int:
    """Run an instance, save and print what it makes; return the exit code."""
    from flowbind.invokeai import InvokeAI
    from flowbind_generator.run_and_save import run_and_save

    def connect() -> InvokeAI:
        return InvokeAI.from_env(url=url, check=check)

    return run_and_save(workflow, connect, out=out, timeout=timeout, form=form, ids=("item_id", "batch_id"))


def commands() -> Sequence[click.Command]:
    """Return the commands for a server's library of workflows."""
    from flowbind_generator.invokeai.library_commands import workflow

    return (workflow,)


def start_command() -> click.Command:
    """Return `flowbind server start invokeai`."""
    from flowbind_generator.invokeai.start_command import start_invokeai

    return start_invokeai
