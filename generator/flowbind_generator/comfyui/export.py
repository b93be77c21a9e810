"""Reading an export: JSON text, or the workflow inside a picture that ComfyUI made."""

from __future__ import annotations

import zlib
from typing import Any

from flowbind.digest import json_sha256
from flowbind_generator.comfyui.prompt import Keys
from flowbind_generator.comfyui.recognise import EMBEDDED, PNG_TEXTS, Found, as_null, claims_document, find, runs
from flowbind_generator.diagnostics import Report
from flowbind_generator.export_json import has_content, parse_export
from flowbind_generator.pictures import PngText, is_png, is_webp, png_texts, webp_texts
from flowbind_generator.pointers import json_pointer

_SAVE_IT = "Open the workflow in ComfyUI's editor, choose Save or Export in its menu, and use that file."


def read_export(data: bytes, report: Report) -> Found | None:
    """Return what a file holds and the keys that lead to it, or None when the report refuses the file.

    In a picture, the first key is the name of the text.
    """
    if not has_content(data, report, _SAVE_IT):
        return None
    if not (is_png(data) or is_webp(data)):
        document = parse_export(data, report, _SAVE_IT, constant=as_null)
        return None if report.refused else _find(document, report)
    try:
        texts = _png(data) if is_png(data) else _webp(data)
    except (ValueError, zlib.error) as error:
        report.error("FB101", f"The picture is damaged: {error}.", _SAVE_IT)
        return None
    if not texts:
        report.error("FB102", "The picture holds no workflow.", _SAVE_IT)
        return None
    return _find(texts, report)


def export_digest(data: bytes) -> str | None:
    """Return the digest of an export as JSON, its formatting aside; None for one that cannot be read."""
    found = read_export(data, Report(""))
    return None if found is None else json_sha256(found[1])


def _png(data: bytes) -> dict[str, str]:
    return {name: _as_text(text) for name, text in dict(png_texts(data, PNG_TEXTS)).items() if name in EMBEDDED}


def _as_text(text: PngText) -> str:
    """Return a text as the page reads it, as UTF-8; what is none is Latin-1, as PNG has it."""
    data = text.unpacked()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        if text.kind == b"iTXt":
            raise
        return data.decode("latin-1")


def _webp(data: bytes) -> dict[str, str]:
    named = (text.decode("utf-8", "replace").partition(":") for text in webp_texts(data))
    return {name.lower(): text for name, _, text in named if name.lower() in EMBEDDED}


def _find(document: Any, report: Report) -> Found | None:
    """Find the workflow; where one of several texts cannot be read, as the page does, another one is taken."""
    unread: list[Report] = []

    def read(text: str, keys: Keys) -> Any:
        inner = Report(report.file, strict=report.strict).within(json_pointer(keys))
        value = parse_export(text, inner, _SAVE_IT, constant=as_null)
        if inner.refused:
            unread.append(inner)
        else:
            report.diagnostics.update(inner.diagnostics)
        return value

    found = find(document, read)
    if found is None and unread:
        report.diagnostics.update(unread[0].diagnostics)
    elif found is None:
        report.error("FB102", _why_none(document), _SAVE_IT)
    return found


def _why_none(document: Any) -> str:
    if not isinstance(document, dict):
        return "The file holds no JSON object."
    if (number := len(runs(document))) > 1:
        return f"The file holds {number} runs, and it is not said which one is meant."
    if claims_document(document):
        return "This is what a server says of its node classes, not a workflow."
    return "The file holds no workflow: neither a list of nodes nor a prompt."
