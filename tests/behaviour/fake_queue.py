"""A server whose queue is as large as a test wants it, and ends runs one after the other as it is asked about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, product
from typing import Any

from generated import Poster

from .fake_server import ENQUEUE, HANG_UP, QUEUE, Answer, FakeServer, Request, as_json, item

BY_IDS = f"{QUEUE}/items_by_ids"
STATUS = f"{QUEUE}/status"
CANCEL = f"{QUEUE}/cancel_by_batch_ids"
(IMAGE,) = (slot.node for slot in Poster.__flowbind__.outputs)


@dataclass
class Item:
    """A queued run; `will_be` is the status that it ends with."""

    item_id: int
    batch_id: str
    values: list[dict[str, Any]]
    status: str = "pending"
    will_be: str = "completed"

    @property
    def document(self) -> dict[str, Any]:
        """The item as the server tells it."""
        output = {"type": "image_output", "image": {"image_name": f"{self.item_id}.png"}, "width": 64, "height": 64}
        results = {"x": output} if self.status == "completed" else {}
        session = {"results": results, "errors": {}, "source_prepared_mapping": {IMAGE: ["x"]}}
        about: dict[str, Any] = {"item_id": self.item_id, "batch_id": self.batch_id, "field_values": self.values}
        if self.status == "failed":
            about |= {"error_type": "OSError", "error_message": "disk full", "error_traceback": "Traceback"}
        return item(self.status, session, **about)


@dataclass
class Trouble:
    """What goes wrong, by the number of the request to `enqueue_batch` or by item id."""

    lost: set[int] = field(default_factory=set[int])
    """The runs are queued, and nothing is answered."""
    dropped: set[int] = field(default_factory=set[int])
    """Nothing is queued, and nothing is answered."""
    refused: set[int] = field(default_factory=set[int])
    unreadable: set[int] = field(default_factory=set[int])
    gone: set[int] = field(default_factory=set[int])
    faults: int = 0
    """How many of the next questions about the whole queue the server fails to answer."""


class FakeQueue(FakeServer):
    """Takes at most `size` pending items; each question about the queue or an item ends `pace` of them.

    `by_ids` tells whether it can tell of several items at once, as servers can since 6.7.
    """

    item_class: type[Item] = Item

    def __init__(self, *, size: int = 10_000, pace: int = 10_000, by_ids: bool = True) -> None:
        super().__init__()
        self.size, self.pace, self.by_ids = size, pace, by_ids
        self.items: list[Item] = []
        self.ends: dict[int, str] = {}
        self.trouble = Trouble()
        self.most_pending = 0
        paths = {BY_IDS.replace("default", "{queue_id}"): {"post": {}}} if by_ids else {}
        self.answer("GET", "/openapi.json", as_json({"paths": paths, "components": {"schemas": {}}}))

    def posted(self) -> list[int]:
        """Return how many runs each request asked for."""
        return [len(runs_of(r.json["batch"])) for r in self.sent("POST", ENQUEUE)]

    def values(self, node: str, name: str) -> list[Any]:
        """Return what the queued runs were given in one place, in their order."""
        return [v["value"] for i in self.items for v in i.values if (v["node_path"], v["field_name"]) == (node, name)]

    def next_answer(self, request: Request) -> Answer:
        """Answer for the queue, and for anything else as programmed."""
        path = request.path
        if (request.method, path) == ("POST", ENQUEUE):
            self.requests.append(request)
            return self._enqueue(request.json["batch"])
        if (request.method, path) == ("PUT", CANCEL):
            self.requests.append(request)
            for one in self.items:
                if one.batch_id in request.json["batch_ids"] and one.status == "pending":
                    one.status = "canceled"
            return as_json({"canceled": 1})
        if not path.startswith(QUEUE):
            return super().next_answer(request)
        self.requests.append(request)
        self._work()
        if path == STATUS and self.trouble.faults:
            self.trouble.faults -= 1
            return as_json({"detail": "Unexpected error while getting queue status"}, 500)
        if path == STATUS:
            return as_json({"queue": self._counted(), "processor": {"is_started": True, "is_processing": True}})
        if path == f"{QUEUE}/item_ids":
            return as_json({"item_ids": [one.item_id for one in self.items], "total_count": len(self.items)})
        if path == BY_IDS and self.by_ids:
            wanted = request.json["item_ids"]
            assert 0 < len(wanted) <= 1000
            hidden = self.trouble.gone | self.trouble.unreadable
            return as_json([self.items[n - 1].document for n in wanted if n not in hidden])
        if path.endswith("/status"):
            batch_id = path.split("/")[-2]
            return as_json({**self._counted(batch_id), "batch_id": batch_id, "origin": None, "destination": None})
        return self._item(int(path.rpartition("/")[2]))

    def _item(self, item_id: int) -> Answer:
        if item_id in self.trouble.gone:
            return as_json({"detail": f"Queue item with id {item_id} not found in queue default"}, 404)
        if item_id in self.trouble.unreadable:
            return as_json({"detail": "Unexpected error while fetching queue item"}, 500)
        return as_json(self.items[item_id - 1].document)

    def _work(self) -> None:
        for one in [i for i in self.items if i.status == "pending"][: self.pace]:
            one.status = self.ends.get(one.item_id, "completed")

    def _enqueue(self, batch: Any) -> Answer:
        number = len(self.sent("POST", ENQUEUE))
        if number in self.trouble.dropped:
            return HANG_UP
        if number in self.trouble.refused:
            return as_json({"detail": [{"type": "value_error", "loc": ["body", "batch", "graph"], "msg": "No"}]}, 422)
        runs = runs_of(batch)
        room = max(0, self.size - self._counted()["pending"])
        made = [
            self.item_class(len(self.items) + n, batch["batch_id"], values) for n, values in enumerate(runs[:room], 1)
        ]
        self.items += made
        self.most_pending = max(self.most_pending, self._counted()["pending"])
        if number in self.trouble.lost:
            return HANG_UP
        item_ids = [one.item_id for one in reversed(made)]
        return as_json({"enqueued": len(made), "requested": len(runs), "item_ids": item_ids, "batch": batch})

    def _counted(self, batch_id: str | None = None) -> dict[str, Any]:
        words = ("pending", "in_progress", "waiting", "completed", "failed", "canceled")
        items = [one for one in self.items if batch_id in (None, one.batch_id)]
        counts: dict[str, Any] = {word: sum(one.status == word for one in items) for word in words}
        return {"queue_id": "default", **counts, "total": len(items)}


def runs_of(batch: Any) -> list[list[dict[str, Any]]]:
    """Return what each run of a batch is given, in the order of the server's `create_session_nfv_tuples`."""
    lists = [
        list(
            zip(
                *(
                    [{"node_path": d["node_path"], "field_name": d["field_name"], "value": v} for v in d["items"]]
                    for d in zipped
                ),
                strict=True,
            )
        )
        for zipped in batch.get("data") or []
    ]
    return [list(chain.from_iterable(one)) for _ in range(batch["runs"]) for one in product(*lists)]
