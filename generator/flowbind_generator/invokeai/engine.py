"""InvokeAI as the core sees it: read a catalog, draft an export."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flowbind.digest import json_sha256, text_sha256
from flowbind.invokeai.schema.field_types import mapping
from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import Draft
from flowbind_generator.invokeai.batch_inputs import BatchInputs
from flowbind_generator.invokeai.branches import tell_endless
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.inputs import draft_inputs, references
from flowbind_generator.invokeai.load import load
from flowbind_generator.invokeai.lost import tell_others_lost
from flowbind_generator.invokeai.named import named_things
from flowbind_generator.invokeai.outputs import draft_outputs
from flowbind_generator.invokeai.shipped import SNAPSHOT, VERSION_KEY, shipped_document
from flowbind_generator.invokeai.stored import stored_workflow
from flowbind_generator.invokeai.uses import used_node_types
from flowbind_generator.reading import MOST_BYTES
from flowbind_generator.strict_json import parse

NAME = "invokeai"
TITLE = "InvokeAI"
choosable = None
"""The form of an export says what is public."""
_GZIP = b"\x1f\x8b"


def read_catalog(data: bytes, report: Report, own_types: Mapping[str, str] | None = None) -> Catalog | None:
    """Return the catalog in an OpenAPI document, plain or gzip, or None when the report refuses it.

    `own_types` maps the name of a schema to a class of the user's, "package.module:Class".
    """
    try:
        document = parse(_unpacked(data) if data.startswith(_GZIP) else data)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        _refuse(report, f"it is no JSON ({error})")
        return None
    return catalog_of(document, report, own_types, text_sha256(data))


def _unpacked(data: bytes) -> bytes:
    """Return what a gzip file holds; raises `ValueError` for more than a document may have."""
    with gzip.open(BytesIO(data)) as file:
        found = file.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES >> 20} MiB unpacked")
    return found


def catalog_of(
    document: Any, report: Report, own_types: Mapping[str, str] | None = None, file_digest: str | None = None
) -> Catalog | None:
    """Return the catalog in a parsed OpenAPI document, or None when the report refuses it."""
    if isinstance(document, Mapping):
        release = mapping(document.get("info")).get(VERSION_KEY)
        catalog = _catalog(document, release if isinstance(release, str) else None, own_types, file_digest)
        if list(catalog):
            return catalog
    _refuse(report, "it holds no node types")
    return None


def _refuse(report: Report, why: str) -> None:
    report.error(
        "FB401",
        f"The OpenAPI document cannot be used: {why}.",
        "Pin your server's own with `flowbind spec pull URL`, or leave the setting out to use the shipped one.",
    )


def shipped_catalog(own_types: Mapping[str, str] | None = None) -> Catalog:
    """Return the catalog of the newest release that flowbind ships."""
    data = shipped_document()
    return _catalog(json.loads(gzip.decompress(data)), SNAPSHOT, own_types, text_sha256(data))


def _catalog(
    document: Mapping[str, Any], version: str | None, own_types: Mapping[str, str] | None, file_digest: str | None
) -> Catalog:
    from flowbind import invokeai

    return Catalog(
        document, app_version=version, own_types=own_types, reserved=invokeai.RESERVED, file_digest=file_digest
    )


def draft(data: bytes, catalog: Catalog, report: Report) -> Draft | None:
    """Return what an export holds, or None when the report refuses it."""
    loaded = load(data, catalog, report)
    if loaded is None:
        return None
    batches = BatchInputs(loaded, catalog, report)
    inputs = draft_inputs(loaded, catalog, batches, report)
    tell_others_lost(loaded, catalog, inputs, report)
    if report.refused:
        return None
    tell_endless(loaded, report)
    workflow = loaded.workflow
    outputs = draft_outputs(loaded, catalog)
    batched = tuple(batches.drafts())
    looked_up = references(loaded, catalog, inputs)
    return Draft(
        engine=NAME,
        runtime="flowbind.invokeai",
        base_class="InvokeAIBatchWorkflow" if loaded.batches else "InvokeAIWorkflow",
        title=workflow.name,
        description=workflow.description,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        references=tuple(looked_up),
        batches=batched,
        node_types=used_node_types(loaded, catalog.served, inputs, batched, outputs),
        named=named_things(loaded, inputs, looked_up),
        source_digest=json_sha256(workflow.saved),
        workflow_id=own_id if isinstance(own_id := workflow.saved.get("id"), str) else None,
        graph=loaded.graph,
        workflow=stored_workflow(workflow),
    )
