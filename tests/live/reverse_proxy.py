"""A reverse proxy as people put it before a server: TLS, a path of its own, HTTP Basic; it passes websockets on."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from base64 import b64encode
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PREFIX = "/studio"
_REFUSED = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=studio\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_PAGE = b"HTTP/1.1 404 No\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"
_END = b"\r\n\r\n"


class ReverseProxy:
    """Passes requests below `PREFIX` on, one for each connection; `login` is `user:password`, where it wants one."""

    def __init__(self, url: str, tls: ssl.SSLContext, login: str | None = None) -> None:
        parts = urlsplit(url)
        self._behind = (parts.hostname, parts.port)
        self._tls = tls
        self._login = login and "Basic " + b64encode(login.encode()).decode()
        self._loop = asyncio.new_event_loop()
        self._port = 0
        self.requests: list[str] = []
        """Method and path of each request that came, also of those that were not passed on."""

    @property
    def url(self) -> str:
        """The address of the server behind, as clients see it."""
        return f"https://127.0.0.1:{self._port}{PREFIX}"

    def __enter__(self) -> Self:
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self._listening = self._loop.run_until_complete(starting)
        self._port = self._listening.sockets[0].getsockname()[1]
        # A client that does not trust the certificate is no fault of the proxy's.
        self._loop.set_exception_handler(lambda *_: None)
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stop(self) -> None:
        self._listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            try:
                await self._answer(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request, *lines = (await reader.readuntil(_END)).decode("latin-1").split("\r\n")
        method, path, version = request.split()
        self.requests.append(f"{method} {path}")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if self._login and headers.pop("authorization", None) != self._login:
            writer.write(_REFUSED)
        elif not path.startswith(f"{PREFIX}/"):
            writer.write(_PAGE)
        else:
            if "upgrade" not in headers:
                headers["connection"] = "close"
            kept = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name)
            behind, into = await asyncio.open_connection(*self._behind)
            into.write(f"{method} {path.removeprefix(PREFIX)} {version}\r\n{kept}\r\n".encode("latin-1"))
            asking = asyncio.create_task(_pump(reader, into))
            try:
                await _pump(behind, writer)
            finally:
                asking.cancel()
                into.close()
        await writer.drain()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass bytes on until one side has had enough."""
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
