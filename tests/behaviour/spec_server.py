"""A server that plays a release of InvokeAI as its own OpenAPI document describes it; made for 5.x, which none here is.

What the document does not have is answered as that release does. Requests are checked against the document, and replies
have what its schemas have, no more and no less. What no document tells was read in the source of 5.0.2, 5.15.0, 6.0.2
and 6.11.1: the order of pages, that a missing item is a 500 before 6.0, that canceling changes ended items there.
"""

from __future__ import annotations

import email
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from .fake_server import BOARD, MODEL, PNG
from .local_server import LocalHandler, LocalServer, Request
from .spec_document import Misfit, Operation, SpecDocument

Said = tuple[int, Any]
TIME = "2026-01-01 00:00:00.000"
STATUSES = ("pending", "in_progress", "completed", "failed", "canceled")
FINAL = STATUSES[2:]
_UNENDED = STATUSES[:2]


@dataclass
class Run:
    """An item of the queue."""

    item_id: int
    batch: Mapping[str, Any]
    values: list[dict[str, Any]] = field(default_factory=list)
    status: str = "pending"
    error: tuple[str, str, str] | None = None
    priority: int = 0
    retried_from: int | None = None

    @property
    def destination(self) -> str | None:
        """Where its batch belongs."""
        return self.batch.get("destination")


class SpecServer(LocalServer):
    """Takes runs, which are done when they have been read twice; `error` makes them fail, `held` keeps them waiting."""

    def __init__(self, document: SpecDocument, version: str) -> None:
        super().__init__(_Handler)
        self.document = document
        self.version = version
        self.complaints: list[str] = []
        self.runs: dict[int, Run] = {}
        self.images: dict[str, bytes] = {}
        self.error: tuple[str, str, str] | None = None
        self.held = False
        self.before_6 = not self.document.has("/api/v1/queue/{queue_id}/i/{item_id}", "delete")
        self._next_id = itertools.count(1)
        self._lock = Lock()

    def queue_others(self, count: int, priority: int = 0) -> None:
        """Let others have items in the queue."""
        for _ in range(count):
            self._add(
                Run(next(self._next_id), {"batch_id": "other", "graph": {"nodes": {}, "edges": []}}, priority=priority)
            )

    def answer(self, request: Request) -> Said:
        """Return what to say to a request: a status and a document, or bytes of a picture."""
        with self._lock:
            self.requests.append(request)
            if request.path == "/openapi.json":
                return 200, self.document.whole
            operation = self.document.operation(request.method, request.path)
            if operation is None:
                # The web page is mounted behind all paths, and files can only be got.
                missing = (404, "Not Found") if request.method == "GET" else (405, "Method Not Allowed")
                return missing[0], {"detail": missing[1]}
            try:
                status, reply = self._carried_out(operation, request)
            except Misfit as misfit:
                return 422, {"detail": misfit.detail}
            except Exception as error:
                self.complaints.append(f"{request.method} {request.path}: {type(error).__name__}: {error}")
                return 500, {"detail": "the fake server failed"}
            schema = operation.reply(status) if status < 300 and not isinstance(reply, bytes) else None
            problem = self.document.problem(schema, reply) if schema else None
            if problem:
                self.complaints.append(
                    f"the fake's own reply to {operation.name}: {problem.json_path} {problem.message}"
                )
            return status, reply

    def _carried_out(self, operation: Operation, request: Request) -> Said:
        given = self.document.parameters(operation, request.query)
        if operation.body is not None:
            try:
                body = json.loads(request.body)
            except ValueError:
                raise Misfit(["body"], "json_invalid", "JSON decode error") from None
            problem = self.document.problem(operation.body, body)
            if problem:
                raise Misfit(["body", *problem.absolute_path], str(problem.validator), problem.message)
            given |= body if isinstance(body, dict) else {"item_ids": body}
        elif request.body:
            given["upload"] = request
        said: Said = getattr(self, f"_{operation.name}")(**given)
        return said

    def _app_version(self) -> Said:
        return 200, self.document.fitted("AppVersion", {"version": self.version, "highlights": None})

    def _list_model_records(self, **_filters: Any) -> Said:
        first = self.document.schemas["ModelsList"]["properties"]["models"]["items"]["oneOf"][0]
        return 200, {"models": [{**self.document.sample(first, "text"), **MODEL, "format": "diffusers"}]}

    def _list_boards(self, all: bool | None, **_page: Any) -> Said:
        if not all:
            return 400, {"detail": "Invalid request: Must provide either 'all' or both 'offset' and 'limit'"}
        return 200, [self.document.fitted("BoardDTO", {**BOARD, "cover_image_name": None, "user_id": "system"})]

    def _upload_image(self, upload: Request, image_category: str, **_more: Any) -> Said:
        head = f"content-type: {upload.content_type}\r\n\r\n".encode()
        (part, *_) = email.message_from_bytes(head + upload.body).get_payload()
        content = part.get_payload(decode=True)  # type: ignore[union-attr]
        if not isinstance(content, bytes) or not content.startswith(b"\x89PNG"):
            return 415, {"detail": "Failed to read image"}
        name = f"upload-{len(self.images)}.png"
        self.images[name] = content
        return 201, self._picture(name, image_category)

    def _get_image_dto(self, image_name: str) -> Said:
        if image_name not in self.images:
            return 404, {"detail": "Not Found"}
        return 200, self._picture(image_name, "general")

    def _get_image_full(self, image_name: str, **_more: Any) -> Said:
        return (200, self.images[image_name]) if image_name in self.images else (404, {"detail": "Not Found"})

    def _picture(self, name: str, category: str) -> dict[str, Any]:
        about = {"image_origin": "internal", "image_category": category, "width": 64, "height": 32}
        state = {"is_intermediate": False, "starred": False, "has_workflow": False, "image_subfolder": ""}
        urls = {"image_url": f"api/v1/images/i/{name}/full", "thumbnail_url": f"api/v1/images/i/{name}/thumbnail"}
        times = {"created_at": TIME, "updated_at": TIME}
        return self.document.fitted("ImageDTO", {"image_name": name, **urls, **times, **about, **state})

    def _enqueue_batch(self, batch: Mapping[str, Any], queue_id: str, **_more: Any) -> Said:
        for node in batch["graph"]["nodes"].values():
            known = self.document.nodes[node["type"]]["properties"]
            self.complaints += [f"the server drops {node['type']}.{name}" for name in node if name not in known]
        groups = [
            zip(*([{**datum, "value": item} for item in datum["items"]] for datum in group), strict=True)
            for group in batch.get("data") or ()
        ]
        made = []
        for chosen in itertools.product(*groups):
            values = [{k: d[k] for k in ("node_path", "field_name", "value")} for zipped in chosen for d in zipped]
            made.append(self._add(Run(next(self._next_id), batch, values, error=self.error)))
        answer = {"queue_id": queue_id, "enqueued": len(made), "requested": len(made), "batch": batch, "priority": 0}
        answer["item_ids"] = [run.item_id for run in reversed(made)]
        return 200, self.document.fitted("EnqueueBatchResult", answer)

    def _add(self, run: Run) -> Run:
        self.runs[run.item_id] = run
        return run

    def _get_queue_item(self, item_id: int, **_queue: Any) -> Said:
        run = self.runs.get(item_id)
        if run is None:
            return self._no_such_item(item_id)
        if not self.held and run.status not in FINAL:
            run.status = "in_progress" if run.status == "pending" else "failed" if run.error else "completed"
        # The one reply without its nulls.
        return 200, {k: v for k, v in self._item(run, "SessionQueueItem").items() if v is not None}

    def _no_such_item(self, item_id: int) -> Said:
        if self.before_6:
            return 500, b"Internal Server Error"
        return 404, {"detail": f"Queue item with id {item_id} not found in queue default"}

    def _cancel_queue_item(self, item_id: int, **_queue: Any) -> Said:
        run = self.runs.get(item_id)
        if run is None:
            return self._no_such_item(item_id)
        if self.before_6 or run.status not in FINAL:
            run.status = "canceled"
        return 200, self._item(run, "SessionQueueItem")

    def _cancel_by_batch_ids(self, batch_ids: list[str], **_queue: Any) -> Said:
        found = [r for r in self.runs.values() if r.batch["batch_id"] in batch_ids and r.status not in FINAL]
        for run in found:
            run.status = "canceled"
        return 200, {"canceled": len(found)}

    def _get_batch_status(self, batch_id: str, queue_id: str) -> Said:
        found = [r.status for r in self.runs.values() if r.batch["batch_id"] == batch_id]
        counts = {status: found.count(status) for status in (*STATUSES, "waiting")}
        about = {"queue_id": queue_id, "batch_id": batch_id, "origin": None, "destination": None, "total": len(found)}
        return 200, self.document.fitted("BatchStatus", about | counts)

    def _cancel_by_destination(self, destination: str, **_queue: Any) -> Said:
        return 200, {"canceled": self._canceled(self._of(destination, *_UNENDED))}

    def _cancel_all_except_current(self, **_queue: Any) -> Said:
        return 200, {"canceled": self._canceled(self._of(None, "pending"))}

    def _canceled(self, runs: list[Run]) -> int:
        for run in runs:
            run.status = "canceled"
        return len(runs)

    def _of(self, destination: str | None, *statuses: str) -> list[Run]:
        """Return the runs of a destination that have one of some statuses; None is any destination."""
        return [r for r in self.runs.values() if destination in (None, r.destination) and r.status in statuses]

    def _delete_queue_item(self, item_id: int, **_queue: Any) -> Said:
        return (200, None) if self.runs.pop(item_id, None) else self._no_such_item(item_id)

    def _delete_by_destination(self, destination: str, **_queue: Any) -> Said:
        return 200, {"deleted": self._deleted(self._of(destination, *STATUSES))}

    def _delete_all_except_current(self, **_queue: Any) -> Said:
        return 200, {"deleted": self._deleted(self._of(None, "pending"))}

    def _clear(self, **_queue: Any) -> Said:
        return 200, {"deleted": self._deleted(self._of(None, *STATUSES))}

    def _prune(self, **_queue: Any) -> Said:
        return 200, {"deleted": self._deleted(self._of(None, *FINAL))}

    def _deleted(self, runs: list[Run]) -> int:
        for run in runs:
            del self.runs[run.item_id]
        return len(runs)

    def _retry_items_by_id(self, item_ids: list[int], **_queue: Any) -> Said:
        old = [r for i in item_ids if (r := self.runs.get(i)) and r.status in ("failed", "canceled")]
        for run in old:
            first = run.retried_from or run.item_id
            self._add(Run(next(self._next_id), run.batch, run.values, retried_from=first))
        return 200, {"queue_id": "default", "retried_item_ids": [r.item_id for r in old]}

    def _get_queue_status(self, queue_id: str) -> Said:
        about = {"queue_id": queue_id, "item_id": None, "batch_id": None, "session_id": None}
        counts = {status: len(self._of(None, status)) for status in STATUSES} | {"total": len(self.runs)}
        return 200, {
            "queue": self.document.fitted("SessionQueueStatus", about | counts),
            "processor": {"is_started": not self.held, "is_processing": False},
        }

    def _pause(self, **_queue: Any) -> Said:
        self.held = True
        return 200, {"is_started": False, "is_processing": False}

    def _resume(self, **_queue: Any) -> Said:
        self.held = False
        return 200, {"is_started": True, "is_processing": False}

    def _get_current_queue_item(self, **_queue: Any) -> Said:
        return 200, next((self._item(r, "SessionQueueItem") for r in self._of(None, "in_progress")), None)

    def _get_next_queue_item(self, **_queue: Any) -> Said:
        return 200, next((self._item(r, "SessionQueueItem") for r in self._of(None, "pending")), None)

    def _counts_by_destination(self, queue_id: str, destination: str) -> Said:
        counts = {status: len(self._of(destination, status)) for status in STATUSES}
        about = {"queue_id": queue_id, "destination": destination, "total": sum(counts.values())}
        return 200, about | counts

    def _list_queue_items(
        self, limit: int, cursor: int | None, priority: int, status: str | None, **_more: Any
    ) -> Said:
        def follows(run: Run) -> bool:
            return cursor is None or run.priority < priority or (run.priority == priority and run.item_id > cursor)

        found = [r for r in self.runs.values() if follows(r) and status in (None, r.status)]
        found.sort(key=lambda r: (-r.priority, r.item_id))
        kind = "SessionQueueItemDTO" if "SessionQueueItemDTO" in self.document.schemas else "SessionQueueItem"
        items = [self._item(run, kind) for run in found[:limit]]
        return 200, {"limit": limit, "has_more": len(found) > limit, "items": items}

    def _get_queue_item_ids(self, **_order: Any) -> Said:
        return 200, {"item_ids": sorted(self.runs, reverse=True), "total_count": len(self.runs)}

    def _get_queue_items_by_item_ids(self, item_ids: list[int], **_queue: Any) -> Said:
        return 200, [self._item(self.runs[i], "SessionQueueItem") for i in item_ids if i in self.runs]

    def _item(self, run: Run, schema: str) -> dict[str, Any]:
        about = {key: run.batch.get(key) for key in ("batch_id", "origin", "destination", "workflow")}
        ids = {"item_id": run.item_id, "queue_id": "default", "session_id": f"session-{run.item_id}", **about}
        ids["retried_from_item_id"] = run.retried_from
        times = {"created_at": TIME, "updated_at": TIME, "started_at": None, "completed_at": None}
        failed = run.error if run.status == "failed" and run.error else (None, None, None)
        error = dict(zip(("error_type", "error_message", "error_traceback"), failed, strict=True))
        state = {"status": run.status, "priority": run.priority, "field_values": run.values, **times, **error}
        return self.document.fitted(schema, {**ids, **state, "session": self._session(run)})

    def _session(self, run: Run) -> dict[str, Any]:
        graph = {"id": "graph", "nodes": run.batch["graph"]["nodes"], "edges": run.batch["graph"]["edges"]}
        prepared = {f"prepared-{node}": node for node in graph["nodes"]}
        results = {}
        if run.status == "completed":
            picture = f"made-{run.item_id}.png"
            self.images[picture] = PNG
            results = {
                name: self.document.sample(self.document.nodes[graph["nodes"][node]["type"]]["output"], picture)
                for name, node in prepared.items()
            }
        last = next(reversed(prepared), "")
        return {
            "id": f"session-{run.item_id}",
            "graph": graph,
            "execution_graph": {"id": "execution", "nodes": {}, "edges": []},
            "executed": [],
            "executed_history": [],
            "results": results,
            "errors": {last: run.error[2]} if run.status == "failed" and run.error else {},
            "prepared_source_mapping": prepared,
            "source_prepared_mapping": {node: [name] for name, node in prepared.items()},
        }


class _Handler(LocalHandler):
    owner: SpecServer

    def _serve(self) -> None:
        status, reply = self.owner.answer(self.asked())
        is_picture = isinstance(reply, bytes) and status == 200
        media_type = "image/png" if is_picture else "text/plain" if isinstance(reply, bytes) else "application/json"
        said = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve
