"""A server in a process of its own whose runs never end: what waits for them can be looked at.

    python -m tests.bench.waiting_server

It prints its address, and ends with its standard input.
"""

from __future__ import annotations

import json
import sys
from itertools import count

from tests.behaviour.fake_server import ENQUEUE, QUEUE, Answer, Request, as_json, enqueued, item
from tests.behaviour.telling_server import TellingServer


class WaitingServer(TellingServer):
    """Takes every run, and counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self._ids = count(1)
        self._asked = count()

    def next_answer(self, request: Request) -> Answer:
        """Answer as a queue whose runs are all pending; `/asked` tells how often an item was asked for."""
        if (request.method, request.path) == ("POST", ENQUEUE):
            runs = [len(group[0]["items"]) for group in request.json["batch"].get("data") or ()]
            item_ids = [next(self._ids) for _ in range(runs[0] if runs else 1)]
            return enqueued(item_ids, requested=len(item_ids))
        if request.path.startswith(f"{QUEUE}/i/"):
            next(self._asked)
            return as_json(item("pending", item_id=int(request.path.rpartition("/")[2])))
        if request.path == "/asked":
            return as_json(next(self._asked))
        return as_json({"detail": "Not Found"}, 404)


if __name__ == "__main__":
    with WaitingServer() as server:
        print(json.dumps(server.url), flush=True)
        sys.stdin.read()
