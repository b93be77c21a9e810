"""Requests without tree walks: the body is kept as bytes, with holes where values may change."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from json import JSONEncoder
from math import isfinite

encode_text = JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def encode(value: object) -> bytes:
    """Return a JSON value as compact bytes; raises `ValueError` for NaN and infinities."""
    # Most values are numbers, and the encoder would set itself up for each.
    if type(value) is int:
        return b"%d" % value
    if type(value) is float and isfinite(value):
        return repr(value).encode("ascii")
    return encode_text(value).encode("ascii")


def encode_many(value: object) -> bytes:
    """Return a JSON value with thousands of checked values as compact bytes, an eighth of the time of `encode`."""
    from pydantic_core import to_json

    return to_json(value)


class Pieces:
    """A serialised document with holes; joining it costs as much as it has holes, however large it is."""

    def __init__(self) -> None:
        self._parts: list[bytes | bytearray] = []
        self._places: dict[Hashable, list[tuple[int, bytes]]] = {}
        self._open = False

    def add(self, data: bytes) -> None:
        """Append bytes that never change."""
        if self._open:
            self._parts[-1] += data
        else:
            self._parts.append(bytearray(data))
        self._open = True

    def add_hole(self, key: Hashable, prefix: bytes, default: bytes | None) -> None:
        """Append a place that holds `prefix` and a value, or nothing where the value is None."""
        self._places.setdefault(key, []).append((len(self._parts), prefix))
        self._parts.append(b"" if default is None else prefix + default)
        self._open = False

    def join(
        self, values: Mapping[Hashable, bytes | None], first_only: Mapping[Hashable, bytes | None] | None = None
    ) -> bytes:
        """Return the document with the given values; holes not named keep their default.

        A hole may have several places: `first_only` fills but the first of them.
        """
        parts = self._parts.copy()
        for key, value in (first_only or {}).items():
            for at, prefix in self._places.get(key, ())[:1]:
                parts[at] = b"" if value is None else prefix + value
        for key, value in values.items():
            for at, prefix in self._places.get(key, ()):
                parts[at] = b"" if value is None else prefix + value
        return b"".join(parts)
