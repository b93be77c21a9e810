"""What the servers of these tests have in common: a port and a thread of their own, and every request kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """By their names in lower case."""

    @property
    def content_type(self) -> str:
        """What the body is, as the client says."""
        return self.headers.get("content-type", "")

    @property
    def json(self) -> Any:
        """The body as a document."""
        return json.loads(self.body)


class LocalServer:
    """Listens while its context lasts; a `LocalHandler` with this server as its `owner` answers."""

    def __init__(self, handler: type[LocalHandler]) -> None:
        self.requests: list[Request] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (handler,), {"owner": self}))
        self._http.daemon_threads = True
        # The default looks for a shutdown twice a second, and that is what each test would wait.
        self._thread = Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def sent(self, method: str, path: str = "") -> list[Request]:
        """Return the requests of a method, to a path."""
        return [r for r in self.requests if r.method == method and r.path.startswith(path)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class LocalHandler(BaseHTTPRequestHandler):
    """Reads requests; what answers them sets `do_GET` and its like."""

    protocol_version = "HTTP/1.1"
    # Head and body go out one by one: without this the second waits for the client's word that it has the first.
    disable_nagle_algorithm = True

    def asked(self) -> Request:
        """Read the request."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, parts.path, parts.query, body, headers)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""
