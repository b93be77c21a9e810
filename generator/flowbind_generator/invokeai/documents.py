"""InvokeAI's OpenAPI document: what is one, and the catalog in it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

from flowbind.digest import text_sha256
from flowbind.invokeai.schema.field_types import mapping
from flowbind_generator.diagnostics import Report
from flowbind_generator.engines import VERSION_KEY
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.shipped import SNAPSHOT, shipped_document


def catalog_of(
    document: Any, report: Report, own_types: Mapping[str, str] | None = None, file_digest: str | None = None
) -> Catalog | None:
    """Return the catalog in a parsed OpenAPI document, or None when the report refuses it.

    `own_types` maps the name of a schema to a class of the user's, "package.module:Class".
    """
    if isinstance(document, Mapping):
        release = mapping(document.get("info")).get(VERSION_KEY)
        catalog = _catalog(document, release if isinstance(release, str) else None, own_types, file_digest)
        if list(catalog):
            return catalog
    report.error(
        "FB401",
        "The OpenAPI document cannot be used: it holds no node types.",
        "Pin your server's own with `flowbind spec pull URL`, or leave the setting out to use the shipped one.",
    )
    return None


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
