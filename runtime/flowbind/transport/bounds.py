"""How much of an answer is held in memory, and for how long it may come: no server is trusted further than that."""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncIterator, Iterator

import httpx

from flowbind.errors import ConnectionBroken, RequestTimeout, UnexpectedReply
from flowbind.outside import one_line
from flowbind.transport.http import TO_FILE, sends_the_file

LARGEST_DOCUMENT = 1 << 26
"""Bytes of JSON, or of text: the names of a million pictures are 45 MB, the server's own document is 6 MB. As Python's
objects, the worst JSON needs twenty times its size."""
LARGEST_CONTENT = 1 << 30
"""Bytes of a picture or a video in memory; a file may have any number."""
PATIENCE = 10
"""How many times the client's `timeout` an answer may take from its head to its end, but for files: a server that says
a byte now and then is never silent."""
_CONTENTS = ("image/", "video/", "audio/", "model/", "application/zip", "application/octet-stream")
_PIECE = 1 << 20
_GZIP = zlib.MAX_WBITS | 16


def bound(response: httpx.Response) -> None:
    """Bound an answer of which only the head was read; raises `UnexpectedReply` for a strange compression."""
    download = response.request.extensions.get(TO_FILE)
    to_file = download is not None and sends_the_file(download, response)
    encoding = response.headers.pop("content-encoding", "").strip().lower() or "identity"
    if encoding not in (("identity",) if to_file else ("identity", "gzip")):
        raise UnexpectedReply(
            f"{_asked(response)} was answered with what is compressed as {one_line(encoding, 40)}, which was not asked "
            "for. A proxy may have done that: give the server's own address.",
            status=response.status_code,
        )
    if not to_file:
        response.stream = _Bounded(response, compressed=encoding == "gzip")


class _Bounded(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer, decompressed; ends early, or raises, where there is more of it than is trusted."""

    def __init__(self, response: httpx.Response, *, compressed: bool) -> None:
        self._response = response
        self._stream = response.stream
        self._largest = self._left = LARGEST_DOCUMENT if _is_document(response) else LARGEST_CONTENT
        self._timeout: float = response.request.extensions["timeout"]["read"]
        self._until = time.monotonic() + PATIENCE * self._timeout
        self._gzip = zlib.decompressobj(_GZIP) if compressed else None

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx.SyncByteStream)
        for raw in self._stream:
            yield from self._trusted(raw)
            if self._left < 0:
                return

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._stream, httpx.AsyncByteStream)
        async for raw in self._stream:
            for piece in self._trusted(raw):
                yield piece
            if self._left < 0:
                return

    def close(self) -> None:
        """Close the connection, unless all was read."""
        assert isinstance(self._stream, httpx.SyncByteStream)
        self._stream.close()

    async def aclose(self) -> None:
        """Close the connection, unless all was read."""
        assert isinstance(self._stream, httpx.AsyncByteStream)
        await self._stream.aclose()

    def _trusted(self, raw: bytes) -> Iterator[bytes]:
        if time.monotonic() > self._until:
            raise RequestTimeout(
                f"{_asked(self._response)}: the answer was not complete after {PATIENCE * self._timeout:g} s, "
                f"{PATIENCE} times the client's `timeout`. Give a slow server more: `timeout=` of the client, in "
                "seconds."
            )
        for piece in self._decompressed(raw):
            self._left -= len(piece)
            if self._left < 0:
                # Of an error the status says enough.
                if self._response.status_code < 400:
                    raise self._too_much()
                return
            yield piece

    def _decompressed(self, raw: bytes) -> Iterator[bytes]:
        if self._gzip is None:
            yield raw
            return
        try:
            while piece := self._gzip.decompress(raw, _PIECE):
                yield piece
                raw = self._gzip.unconsumed_tail
        except zlib.error:
            raise ConnectionBroken(
                f"{_asked(self._response)} was answered with broken compression. A proxy may have done that: give the "
                "server's own address."
            ) from None

    def _too_much(self) -> UnexpectedReply:
        small = self._largest == LARGEST_DOCUMENT
        cure = (
            "Ask for less at once; if it cannot be less, the server is not to be trusted."
            if small
            else "Save it to a file instead: files may have any size."
        )
        return UnexpectedReply(
            f"{_asked(self._response)} was answered with more than {self._largest >> 20} MiB, which is more than "
            f"flowbind holds in memory of one {'document' if small else 'picture or video'}. {cure}",
            status=self._response.status_code,
        )


def _is_document(response: httpx.Response) -> bool:
    media_type: str = response.headers.get("content-type", "")
    return response.status_code >= 400 or not media_type.startswith(_CONTENTS)


def _asked(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}"
