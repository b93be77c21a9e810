"""Reading the JSON of an export: what no server reads is refused, and keys that stand twice are told."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from json import detect_encoding
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer
from flowbind_generator.reading import MOST_BYTES
from flowbind_generator.strict_json import Constant, Pairs, parse, refuse_constant

_HALF = re.compile("[\ud800-\udfff]")


def has_content(data: bytes, report: Report, save_it: str) -> bool:
    """Tell whether a file has something in it, and not too much; refuse one that has not.

    `save_it` tells how the editor writes a file that can be read.
    """
    if len(data) > MOST_BYTES:
        report.error("FB101", f"The file has more than {MOST_BYTES >> 20} MiB.", "Give the workflow's own file.")
    elif not data.strip():
        report.error("FB101", "The file is empty.", save_it)
    else:
        return True
    return False


def parse_export(text: str | bytes, report: Report, save_it: str, *, constant: Constant = refuse_constant) -> Any:
    """Return the JSON document of an export, None when the report refuses it.

    `save_it` tells how the editor writes a file that can be read. `constant` is what NaN, Infinity and -Infinity mean.
    """
    if isinstance(text, bytes):
        if (encoding := detect_encoding(text)) not in ("utf-8", "utf-8-sig"):
            name = encoding[:6].upper()
            report.error("FB101", f"The file is {name} text; a workflow is UTF-8.", f"Save it as UTF-8. Or: {save_it}")
            return None
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            report.error("FB101", f"The file is no UTF-8 text ({error.reason} at byte {error.start}).", save_it)
            return None
    doubled: list[tuple[Any, str]] = []
    document: Any = None
    try:
        document = parse(text, made=partial(_object, doubled), constant=constant)
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
        report.error("FB101", f"The file is no valid JSON: {error}.", save_it)
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
