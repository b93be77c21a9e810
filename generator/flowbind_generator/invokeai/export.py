"""Reading an export: JSON text, or the workflow inside a picture that InvokeAI made."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.export_json import has_content, parse_export
from flowbind_generator.pictures import is_png, png_texts
from flowbind_generator.pointers import json_pointer

_SAVE_IT = "Open the workflow in InvokeAI's editor, choose Download Workflow, and use that file."


def read_export(data: bytes, report: Report) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
    """Return the workflow in a file and the keys that lead to it, or None when the report refuses the file."""
    text = _workflow_text(data, report)
    document = None if text is None else parse_export(text, report, _SAVE_IT)
    return None if report.refused else _find_workflow(document, report)


def _workflow_text(data: bytes, report: Report) -> str | bytes | None:
    if not has_content(data, report, _SAVE_IT):
        return None
    if not is_png(data):
        return data
    try:
        texts = dict(png_texts(data))
        if text := texts.get("invokeai_workflow"):
            return text.unpacked().decode("utf-8" if text.kind == b"iTXt" else "latin-1")
    except (ValueError, zlib.error) as error:
        report.error("FB101", f"The PNG is damaged: {error}.", _SAVE_IT)
        return None
    held = "only a graph, which has no form" if "invokeai_graph" in texts else "no workflow"
    report.error("FB102", f"The picture holds {held}.", _SAVE_IT)
    return None


def _find_workflow(document: Any, report: Report) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
    """Find the workflow itself: the document, or what an enqueue body, a queue item or an image record embeds."""
    if not isinstance(document, Mapping):
        report.error("FB102", "The file holds no JSON object.", _SAVE_IT)
        return None
    if isinstance(document.get("nodes"), list):
        return document, ()
    for keys in (("workflow",), ("batch", "workflow")):
        found: Any = document
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, str):
            found = parse_export(found, report.within(json_pointer(keys)), _SAVE_IT)
        if isinstance(found, Mapping) and isinstance(found.get("nodes"), list):
            return found, keys
    if isinstance(document.get("nodes"), Mapping) or "graph" in document or "batch" in document:
        report.error(
            "FB102", "This is a graph for the server, not a workflow: it has no form, labels or notes.", _SAVE_IT
        )
    else:
        report.error("FB102", "The file holds no workflow: there is no list of nodes.", _SAVE_IT)
    return None
