"""Reading an export: JSON text, or the workflow inside a picture that InvokeAI made."""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from json import detect_encoding
from typing import Any, NoReturn

from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer

_PNG = b"\x89PNG\r\n\x1a\n"
_HALF = re.compile("[\ud800-\udfff]")
_MAX_BYTES = 64 * 1024 * 1024
_SAVE_IT = "Open the workflow in InvokeAI's editor, choose Download Workflow, and use that file."


def read_export(data: bytes, report: Report) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
    """Return the workflow in a file and the keys that lead to it, or None when the report refuses the file."""
    text = _workflow_text(data, report)
    document = None if text is None else _parse(text, report)
    return None if report.refused else _find_workflow(document, report)


def _workflow_text(data: bytes, report: Report) -> str | bytes | None:
    if len(data) > _MAX_BYTES:
        report.error("FB101", f"The file has more than {_MAX_BYTES >> 20} MiB.", "Give the workflow's own file.")
        return None
    if not data.strip():
        report.error("FB101", "The file is empty.", _SAVE_IT)
        return None
    if not data.startswith(_PNG):
        return data
    try:
        texts = dict(_png_texts(data))
    except (ValueError, struct.error, zlib.error) as error:
        report.error("FB101", f"The PNG is damaged: {error}.", _SAVE_IT)
        return None
    if text := texts.get("invokeai_workflow"):
        return text
    held = "only a graph, which has no form" if "invokeai_graph" in texts else "no workflow"
    report.error("FB102", f"The picture holds {held}.", _SAVE_IT)
    return None


def _png_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the text chunks of a PNG: tEXt (Latin-1), zTXt (the same, compressed) and iTXt (UTF-8)."""
    at = len(_PNG)
    while at + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + size]
        at += 12 + size
        if kind in {b"tEXt", b"zTXt", b"iTXt"}:
            key, _, rest = body.partition(b"\0")
            name = key.decode("latin-1")
            if kind == b"tEXt":
                yield name, rest.decode("latin-1")
            elif kind == b"zTXt":
                yield name, _inflate(rest[1:]).decode("latin-1")
            else:
                packed, (_, _, text) = rest[:1] == b"\1", _split3(rest[2:])
                yield name, (_inflate(text) if packed else text).decode("utf-8")
        if kind == b"IEND":
            return


def _split3(data: bytes) -> tuple[bytes, bytes, bytes]:
    language, _, rest = data.partition(b"\0")
    keyword, _, text = rest.partition(b"\0")
    return language, keyword, text


def _inflate(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    text = stream.decompress(data, _MAX_BYTES)
    if stream.unconsumed_tail:
        raise ValueError("a text chunk is too large")
    return text


def _parse(text: str | bytes, report: Report) -> Any:
    if isinstance(text, bytes):
        if (encoding := detect_encoding(text)) not in ("utf-8", "utf-8-sig"):
            name = encoding[:6].upper()
            report.error("FB101", f"The file is {name} text; a workflow is UTF-8.", f"Save it as UTF-8. Or: {_SAVE_IT}")
            return None
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            report.error("FB101", f"The file is no UTF-8 text ({error.reason} at byte {error.start}).", _SAVE_IT)
            return None
    document: Any = None
    try:
        document = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole)
        json.dumps(document, ensure_ascii=False).encode()
        return document
    except UnicodeEncodeError:
        report.error(
            "FB101",
            "A text holds half a character (a lone surrogate), which no server reads.",
            "Remove the character in the editor and export again.",
            pointer=json_pointer(_halved(document)),
        )
    except RecursionError:
        report.error("FB101", "The JSON is nested too deeply.", _SAVE_IT)
    except ValueError as error:
        report.error("FB101", f"The file is no valid JSON: {error}.", _SAVE_IT)
    return None


def _halved(document: Any) -> tuple[str | int, ...]:
    """Return the keys that lead to a text with half a character; of an object's key, those of the object."""
    todo: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while todo:
        keys, value = todo.pop()
        items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
        texts = [value, *value] if isinstance(value, Mapping) else [value]
        if any(isinstance(text, str) and _HALF.search(text) for text in texts):
            return keys
        todo += [((*keys, key), inner) for key, inner in items]
    return ()


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits if len(digits) <= 20 else digits[:17] + '...'} is too large a number")
    return number


def _whole(digits: str) -> int:
    # What is read later as a fraction must fit one.
    _finite(digits)
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


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
            found = _parse(found, report)
        if isinstance(found, Mapping) and isinstance(found.get("nodes"), list):
            return found, keys
    if isinstance(document.get("nodes"), Mapping) or "graph" in document or "batch" in document:
        report.error(
            "FB102", "This is a graph for the server, not a workflow: it has no form, labels or notes.", _SAVE_IT
        )
    else:
        report.error("FB102", "The file holds no workflow: there is no list of nodes.", _SAVE_IT)
    return None
