"""InvokeAI as the core sees it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click

    from flowbind.drift_check import CheckMode
    from flowbind.invokeai import InvokeAI
    from flowbind.invokeai.schema.served import ServedNodes
    from flowbind.workflow import Workflow
    from flowbind_generator.choosable import Choosable
    from flowbind_generator.copying import Difference
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
DECLARED = False
RUN_IDS = ("item_id", "batch_id")


def claims(data: bytes) -> bool:
    """Tell whether the bytes of a file are an export of InvokeAI."""
    from flowbind_generator.diagnostics import Report
    from flowbind_generator.invokeai.export import read_export

    return read_export(data, Report("")) is not None


def claims_document(document: Any) -> bool:
    """Tell whether a parsed JSON document is an OpenAPI document."""
    return isinstance(document, Mapping) and ("openapi" in document or "components" in document)


def draft(
    data: bytes,
    catalog: Catalog,
    report: Report,
    declaration: Declaration | None = None,
    further: Collection[str] = (),
) -> Draft | None:
    """Return what an export holds, with `further` literals as inputs, or None when the report refuses it."""
    from flowbind_generator.invokeai.drafting import draft

    if declaration is not None:
        report.warning(
            "FB504",
            f"{declaration.place} declares inputs of a workflow whose own form says what is public.",
            "Take the declaration out, and arrange the form in InvokeAI's editor.",
        )
    return draft(data, catalog, report, further)


def choosable(
    data: bytes, catalog: Catalog, report: Report, declaration: Declaration | None = None
) -> Choosable | None:
    """Return all literals of an export, or None when the report refuses it; its form says what is public."""
    from flowbind_generator.invokeai.drafting import choosable

    del declaration
    return choosable(data, catalog, report)


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


def copy(
    workflow: Workflow[Any], catalog: Catalog, declaration: Declaration | None, before: bytes | None
) -> Mapping[str, Any]:
    """Return the export that has an instance's values, as JSON; raises `InputError` for what no file holds."""
    from flowbind_generator.invokeai.copying import copy

    del catalog, declaration, before  # the workflow says all, and has no id
    return copy(workflow)


def differences(workflow: Workflow[Any], read: type[Workflow[Any]], catalog: Catalog) -> Sequence[Difference]:
    """Return what a run of an instance posts otherwise than one of the class that was read from its copy."""
    from flowbind_generator.invokeai.copying import differences

    del catalog
    return differences(workflow, read)


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


def connect(url: str, check: CheckMode) -> InvokeAI:
    """Return a client of the server at a URL."""
    from flowbind.invokeai import InvokeAI

    return InvokeAI.from_env(url=url, check=check)


def commands() -> Sequence[click.Command]:
    """Return the commands for a server's library of workflows."""
    from flowbind_generator.invokeai.library_commands import workflow

    return (workflow,)


def start_command() -> click.Command:
    """Return `flowbind server start invokeai`."""
    from flowbind_generator.invokeai.start_command import start_invokeai

    return start_invokeai
