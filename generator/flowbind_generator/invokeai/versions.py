"""The version of the workflow format that a file is written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind_generator.diagnostics import Report

VERSIONS = ("1.0.0", "2.0.0", "3.0.0", "4.0.0")
EXPORT_AGAIN = "Open the workflow in InvokeAI's editor and export it again."


def format_version(saved: Mapping[str, Any], report: Report) -> str | None:
    """Return the version of a file's format, or None when the report refuses it (design, decision 10)."""
    meta = saved.get("meta")
    version = meta.get("version") if isinstance(meta, Mapping) else None
    if version in VERSIONS:
        return str(version)
    if version is not None:
        known = ", ".join(VERSIONS)
        report.error(
            "FB103",
            f"Workflow format {version!r} is unknown; flowbind reads {known}.",
            "Update flowbind, or export the workflow from a release that writes one of these versions.",
            pointer="/meta/version",
        )
        return None
    nodes = saved.get("nodes")
    if isinstance(nodes, list) and any(_has_v1_shape(n) for n in nodes):
        report.warning(
            "FB106",
            "The file names no version of the workflow format; read as 1.0.0, which its nodes look like.",
            EXPORT_AGAIN,
            pointer="/meta/version",
        )
        return "1.0.0"
    report.error("FB106", "The file names no version of the workflow format.", EXPORT_AGAIN, pointer="/meta/version")
    return None


def _has_v1_shape(node: Any) -> bool:
    data = node.get("data") if isinstance(node, Mapping) else None
    inputs = data.get("inputs") if isinstance(data, Mapping) else None
    entries = list(inputs.values()) if isinstance(inputs, Mapping) else []
    return any(isinstance(e, Mapping) and isinstance(e.get("type"), str) and "fieldKind" in e for e in entries)
