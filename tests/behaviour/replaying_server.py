"""A server that gives the recorded answers of the real one, changed on their way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.behaviour.local_server import LocalHandler, LocalServer
from tests.recorded import recorded

Change = Callable[[Any], Any]
_NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}(\.png|\.mp4)?|default_\w+|(?<=/)\d+(?=/|$)|(?<=/d/)\w+")


def kind_of(path: str) -> str:
    """Return a path with its ids and names left out."""
    return _NAME.sub("{}", path)


class ReplayingServer(LocalServer):
    """Answers each request with the recorded answer to a request of its kind, after a change."""

    def __init__(self, change: Change) -> None:
        super().__init__(_Handler)
        self.change = change
        self.answers = {(line["method"], kind_of(line["path"])): line for line in recorded("resources")}
        self.answers["GET", "/openapi.json"] = {"status": 200, "response_body": self._document()}
        self.unknown: list[str] = []
        """What was asked for and is not recorded."""

    def _document(self) -> Any:
        """Return a document that has the operations which are recorded."""
        paths: dict[str, Any] = {}
        for method, path in self.answers:
            own = paths.setdefault(path.replace("queue/default", "queue/{queue_id}"), {})
            own[method.lower()] = {"responses": {}}
        return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": {}}}


class _Handler(LocalHandler):
    """One request."""

    owner: ReplayingServer

    def _answer(self) -> None:
        request = self.asked()
        self.owner.requests.append(request)
        line = self.owner.answers.get((request.method, kind_of(request.path)))
        if line is None:
            self.owner.unknown.append(f"{request.method} {request.path}")
            body, status = b'{"detail": "Not Found"}', 404
        else:
            body, status = json.dumps(self.owner.change(line["response_body"])).encode(), line["status"]
        self.send_response(status)
        if status != 204:
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer
