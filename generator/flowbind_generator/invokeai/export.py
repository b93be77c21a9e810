"""Reading an export: JSON text, or the workflow inside a picture that InvokeAI made."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from json import detect_encoding
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer
from flowbind_generator.reading import MOST_BYTES
from flowbind_generator.strict_json import Pairs, parse

_PNG = b"\x89PNG\r\n\x1a\n"
_HALF = re.compile("[\ud800-\udfff]")
_SAVE_IT = "Open the workflow in InvokeAI's editor, choose Download Workflow, and use that file."


def read_export(data: bytes, report: Report) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
    """Return the workflow in a file and the keys that lead to it, or None when the report refuses the file."""
    text = _workflow_text(data, report)
    document = None if text is None else _parse(text, report)
    return None if report.refused else _find_workflow(document, report)


def _workflow_text(data: bytes, report: Report) -> str | bytes | None:
    if len(data) > MOST_BYTES:
        report.error("FB101", f"The file has more than {MOST_BYTES >> 20} MiB.", "Give the workflow's own file.")
        return None
    if not data.strip():
        report.error("FB101", "The file is empty.", _SAVE_IT)
        return None
    if not data.startswith(_PNG):
        return data
    try:
        texts = dict(_png_texts(data))
        if text := texts.get("invokeai_workflow"):
            return _unpacked(*text)
    except (ValueError, zlib.error) as error:
        report.error("FB101", f"The PNG is damaged: {error}.", _SAVE_IT)
        return None
    held = "only a graph, which has no form" if "invokeai_graph" in texts else "no workflow"
    report.error("FB102", f"The picture holds {held}.", _SAVE_IT)
    return None


def _png_texts(data: bytes) -> Iterator[tuple[str, tuple[bytes, bytes]]]:
    """Yield the name of each text chunk of a PNG, its kind and the rest of it, packed as it is."""
    at = len(_PNG)
    while at + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind in {b"tEXt", b"zTXt", b"iTXt"}:
            if at + 12 + size > len(data):
                raise ValueError("it ends within a text")
            body = data[at + 8 : at + 8 + size]
            if zlib.crc32(kind + body) != int.from_bytes(data[at + 8 + size : at + 12 + size], "big"):
                raise ValueError("a text is not the one that was written")
            key, _, rest = body.partition(b"\0")
            yield key.decode("latin-1"), (kind, rest)
        if kind == b"IEND":
            return
        at += 12 + size


def _unpacked(kind: bytes, rest: bytes) -> str:
    """Return the text in a chunk: tEXt (Latin-1), zTXt (the same, compressed) or iTXt (UTF-8)."""
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        return _inflate(rest[1:]).decode("latin-1")
    # Two flags, a language and a translation of the name come first.
    text = rest[2:].split(b"\0", 2)[-1]
    return (_inflate(text) if rest[:1] == b"\1" else text).decode("utf-8")


def _inflate(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    text = stream.decompress(data, MOST_BYTES)
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
    doubled: list[tuple[Any, str]] = []
    document: Any = None
    try:
        document = parse(text, made=partial(_object, doubled))
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        report.error(
            "FB101",
            "A text holds half a character (a lone surrogate), which no server reads.",
            "Remove the character in the editor and export again.",
            pointer=json_pointer(_place(document, _holds_half)),
        )
        return None
    except ValueError as error:
        report.error("FB101", f"The file is no valid JSON: {error}.", _SAVE_IT)
        return None
    _tell_doubled(document, doubled, report)
    return document


def _object(doubled: list[tuple[Any, str]], pairs: Pairs) -> dict[str, Any]:
    """Return an object as the page reads it, where the last of two equal keys counts; note it and such a key."""
    made = dict(pairs)
    if len(made) < len(pairs):
        doubled.append((made, next(key for key, number in Counter(key for key, _ in pairs).items() if number > 1)))
    return made


def _tell_doubled(document: Any, doubled: Sequence[tuple[Any, str]], report: Report) -> None:
    """Tell of keys that stand twice, in one finding: who merged a file by hand looks through all of it anyway."""
    if not doubled:
        return
    (made, key), more = doubled[0], len(doubled) - 1
    others = f" (so it is in {more} other objects)" if more else ""
    report.warning(
        "FB107",
        f'The key "{key}" stands twice in one object; as in the editor, the last one counts{others}.',
        "Take out the one that is not meant, or export the workflow again.",
        pointer=json_pointer(_place(document, lambda value: value is made)),
    )


def _holds_half(value: Any) -> bool:
    """Tell whether a text, or a key of an object, has half a character."""
    texts = [value, *value] if isinstance(value, Mapping) else [value]
    return any(isinstance(text, str) and _HALF.search(text) for text in texts)


def _place(document: Any, is_meant: Callable[[Any], object]) -> tuple[str | int, ...]:
    """Return the keys that lead to a value; none where no value is meant."""
    todo: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while todo:
        keys, value = todo.pop()
        if is_meant(value):
            return keys
        items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
        todo += [((*keys, key), inner) for key, inner in items]
    return ()


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
            found = _parse(found, report.within(json_pointer(keys)))
        if isinstance(found, Mapping) and isinstance(found.get("nodes"), list):
            return found, keys
    if isinstance(document.get("nodes"), Mapping) or "graph" in document or "batch" in document:
        report.error(
            "FB102", "This is a graph for the server, not a workflow: it has no form, labels or notes.", _SAVE_IT
        )
    else:
        report.error("FB102", "The file holds no workflow: there is no list of nodes.", _SAVE_IT)
    return None
