"""What a server may say instead of what it should: answers changed by Hypothesis."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from tests.fuzz.played import Said

_DEEP, _HUGE = "@deep@", "@huge@"
_NESTED = b"[" * 10_000 + b"]" * 10_000


def _nested(depth: int) -> Any:
    """Return a value that Python's parser takes, for who goes through it to fail at."""
    value: Any = []
    for level in range(depth):
        value = {"a": value} if level % 2 else [value]
    return value


def _listed(depth: int) -> list[Any]:
    """Return a list within lists."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


_DIGITS = b"1" + b"0" * 6000
"""Python reads no whole number of more than 4300 digits."""
_MOST_PLACES = 2_000

TEXTS = (
    "", " ", ".", "..", "../../etc/passwd", "..\\..\\x", "C:\\x", "/etc/passwd", "con", "nul.png", "a\x00b.png",
    "a" * 5000, "\U0001f984" * 190 + ".png", "\u202egnp.exe", "\x1b[31mred\r\nX-Injected: 1", "\ud800", "%2e%2e%2fx",
    "a?b#c", "none", "null", "redacted", "completed", "failed", "canceled", "cancelled", "error", "pending", "sdxl",
    "http://evil.example/x", "{", "[1]", "NaN", "1e999", "\u2028\u2029\ufeff", "main", "valid", ".bashrc", "a.png",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 2**31, 2**63, 10**30, -(10**30), 10**400, 0.5, -0.0, 1e308, float("nan"),
    float("inf"), float("-inf"), *TEXTS, [], {}, [[]], [None], [{}], [1, "a"], ["a"], {"a": None}, {"": {}}, _DEEP,
    _HUGE, [_DEEP], {"detail": "no"}, {"image_name": "../x"}, {"image_name": None}, {"items": 5},
    [["a"]] * 3,
    _listed(900), _nested(300), _nested(500), _nested(800), _nested(950),
    {"r": "a", "g": 1, "b": 1, "a": 1}, {"x_min": None, "x_max": 1, "y_min": 1, "y_max": {}},
)  # fmt: skip
_TYPES = (
    "", "application/json", "application/json; charset=utf-16", "text/html", "text/plain", "image/png",
    "application/zip",
    "application/JSON", "multipart/form-data", "\x7f", "a" * 9000, "image/\x1b[31m", "application/problem+json",
)  # fmt: skip
_HEADERS = (
    ("retry-after", "soon"), ("retry-after", "-1"), ("retry-after", "9" * 400), ("location", "http://evil.example/x"),
    ("location", "//evil.example"), ("location", "http://[::1"), ("location", "\x01"), ("location", "https:x"),
    ("location", "javascript:alert(1)"), ("location", "http://" + "a" * 70_000), ("location", "http://\u00e4\x80/"),
    ("location", "http://a:99999999/"), ("location", "mailto:"), ("content-length", "-1"), ("content-length", "9" * 50),
    ("content-disposition", 'attachment; filename="../../x"'), ("content-encoding", "gzip"), ("content-encoding", "br"),
    ("content-encoding", "deflate"), ("content-encoding", "zstd"), ("content-encoding", "gzip, gzip, x"),
    ("content-range", "bytes */x"), ("content-range", "\x00"), ("www-authenticate", "Basic realm=x"),
    ("www-authenticate", "\xff" * 999), ("x-refreshed-token", "a\tb"), ("x-refreshed-token", "evil"),
    ("set-cookie", "a=b; domain=.example; expires=never"), ("set-cookie", "\x00="), ("link", "<x>; rel=next"),
)  # fmt: skip
_BODIES = (
    b"", b"null", b"0", b'""', b"[]", b"{}", b"{", b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b"<html><h1>502</h1>", b"NaN",
    b"{}" * 9, b"\x89PNG\r\n\x1a\n", b"PK\x05\x06" + b"\0" * 18, b"\0" * 100_000, _NESTED, _DIGITS, b'{"a":' * 9999,
    b'{"detail":' + _NESTED + b"}", b'{"detail":"\\u202e\\u001b[31m' + b"x" * 90_000 + b'"}',
    json.dumps({"detail": [{"loc": ["body", n], "msg": "\x1b" * 99, "type": []} for n in range(500)]}).encode(),
    json.dumps({"detail": [{"loc": ["body", "batch", "graph"], "msg": f"no {n}" * 99} for n in range(500)]}).encode(),
    b'{"detail":[{"loc":5,"msg":null},7,null,{"type":"enum","loc":[],"ctx":5}]}', "{}".encode("utf-16"),
)  # fmt: skip
_STATUSES = (
    *(100, 101, 103, 199, 200, 201, 202, 204, 205, 206, 207, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 399),
    *(400, 401, 402, 403, 404, 405, 407, 408, 409, 410, 413, 415, 416, 418, 421, 422, 423, 424, 425, 426, 428, 429),
    *(431, 444, 451, 499, 500, 501, 502, 503, 504, 505, 507, 511, 520, 599),
)

Place = tuple[list[Any] | dict[str, Any], Any]
Change = Callable[[Said], Said]


@dataclass(frozen=True)
class At:
    """A change of one value of a JSON document; `at` counts its values, from the front, of those of a key perhaps."""

    at: int
    key: str
    how: str
    value: Any

    def __call__(self, said: Said) -> Said:
        """Change an answer."""
        try:
            held = [json.loads(said.body)]
        except (ValueError, RecursionError):
            return said
        places = list(_places(held))
        # What operations look into lies deep, among much that nobody looks at.
        places = [place for place in places if place[1] == self.key] or places
        within, key = places[self.at % len(places)]
        self._change(within, key)
        try:
            body = json.dumps(held[0] if held else None).encode()
        except RecursionError:
            return said
        return replace(said, body=body.replace(b'"@deep@"', _NESTED).replace(b'"@huge@"', _DIGITS))

    def _change(self, within: Any, key: Any) -> None:
        old = within[key]
        match self.how:
            case "drop":
                del within[key]
            case "rename" if isinstance(within, dict):
                within[f"{key}_"] = within.pop(key)
            case "add" if isinstance(old, dict):
                old["brand_new"] = self.value
            case "empty" if isinstance(old, dict | list | str):
                within[key] = type(old)()
            case "lengthen" if isinstance(old, list):
                within[key] = [*old, self.value, *old * 60]
            case "fill" if isinstance(old, list | dict):
                within[key] = [self.value for _ in old] if isinstance(old, list) else dict.fromkeys(old, self.value)
            case "text":
                within[key] = str(old)
            case "wrap":
                within[key] = [old]
            case _:
                within[key] = self.value


def _places(held: Any) -> Iterator[Place]:
    """Yield where the values of a document are, the outer ones first."""
    todo, told = [held], 0
    while todo and told < _MOST_PLACES:
        within = todo.pop(0)
        for key in list(within) if isinstance(within, dict) else range(len(within)):
            yield within, key
            told += 1
            if isinstance(within[key], dict | list):
                todo.append(within[key])


@dataclass(frozen=True)
class Doubled:
    """A key that comes twice."""

    value: Any

    def __call__(self, said: Said) -> Said:
        """Change an answer."""
        try:
            document = json.loads(said.body)
        except (ValueError, RecursionError):
            return said
        if not isinstance(document, dict) or not document:
            return said
        more = json.dumps({next(iter(document)): self.value}).encode()
        return replace(said, body=said.body.rstrip()[:-1] + b"," + more[1:])


@dataclass(frozen=True)
class With:
    """Another status, type or body, or one more header."""

    status: int | None = None
    body: bytes | None = None
    header: tuple[str, str] | None = None

    def __call__(self, said: Said) -> Said:
        """Change an answer."""
        headers = dict(said.headers) | dict([self.header] if self.header else [])
        body = said.body if self.body is None else self.body
        return Said(self.status or said.status, body, headers, said.breaks)

    def __repr__(self) -> str:
        return f"With({self.status}, {(self.body or b'')[:60]!r}, {str(self.header)[:90]})"


@dataclass(frozen=True)
class Cut:
    """A body that ends too early, with the connection or without."""

    share: float
    breaks: bool

    def __call__(self, said: Said) -> Said:
        """Change an answer."""
        return replace(said, body=said.body[: int(len(said.body) * self.share)], breaks=self.breaks)


_KEYS = (
    "", "", "", "session", "results", "errors", "prepared_source_mapping", "source_prepared_mapping", "execution_graph",
    "nodes", "edges", "graph", "status", "item_ids", "item_id", "field_values", "image", "image_name", "detail",
    "items", "models", "key", "board_id", "batch_id", "workflow", "p0", "p1", "p2", "p3", "name", "base", "type",
    "queue", "width",
    "prompt_id", "number", "node_errors", "outputs", "execution_status", "messages", "executed", "status_str", "meta",
    "display_node", "prompt", "images", "text", "result", "filename", "subfolder", "exception_message", "traceback",
    "current_inputs", "queue_running", "queue_pending", "exec_info", "queue_remaining", "max_upload_size", "system",
    "input", "required", "output", "class_type", "create_time", "timestamp",
)  # fmt: skip
_HOW = ("replace", "replace", "replace", "drop", "rename", "add", "empty", "lengthen", "fill", "text", "wrap")
# All of JSON, rarely: most of it is refused at once.
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=6,
)
_VALUES = st.integers(0, len(VALUES) - 1).map(VALUES.__getitem__) | _JSON

changes: st.SearchStrategy[Change] = st.one_of(
    *[st.builds(At, st.integers(0, _MOST_PLACES), st.sampled_from(_KEYS), st.sampled_from(_HOW), _VALUES)] * 4,
    st.builds(Doubled, _VALUES),
    st.builds(With, status=st.sampled_from(_STATUSES)),
    st.builds(With, header=st.sampled_from(_HEADERS)),
    st.builds(With, header=st.tuples(st.just("content-type"), st.sampled_from(_TYPES))),
    st.builds(With, status=st.sampled_from((200, 401, 404, 409, 415, 422, 500)), body=st.sampled_from(_BODIES)),
    st.builds(With, status=st.sampled_from(_STATUSES), header=st.sampled_from(_HEADERS)),
    st.builds(Cut, st.sampled_from((0.0, 0.3, 0.9, 1.0)), st.booleans()),
)
