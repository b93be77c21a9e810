"""The catalog in what a server says of its node classes: its own answer to `/object_info`, or the shipped one."""

from __future__ import annotations

import gzip
import json
from typing import Any

from flowbind.digest import text_sha256
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.recognise import claims_document
from flowbind_generator.comfyui.shipped import SNAPSHOT, shipped_document
from flowbind_generator.diagnostics import Report
from flowbind_generator.engines import VERSION_KEY


def catalog_of(document: Any, report: Report, file_digest: str | None = None) -> Catalog | None:
    """Return the catalog in a parsed answer to `/object_info`, or None when the report refuses it."""
    if not claims_document(document):
        report.error(
            "FB401",
            "The document of node classes (/object_info) cannot be used: it holds none.",
            "Pin your server's own with `flowbind spec pull URL`, or leave the setting out to use the shipped one.",
        )
        return None
    release = document.get(VERSION_KEY)
    return Catalog(document, app_version=release if isinstance(release, str) else None, file_digest=file_digest)


def shipped_catalog() -> Catalog:
    """Return the catalog of the newest release that flowbind ships."""
    data = shipped_document()
    return Catalog(json.loads(gzip.decompress(data)), app_version=SNAPSHOT, file_digest=text_sha256(data))
