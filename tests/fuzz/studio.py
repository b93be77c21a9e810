"""A server in memory that says what InvokeAI 6.14 says, before anything is changed on the way."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.behaviour.fake_queue import runs_of
from tests.behaviour.fake_server import BOARD, ENQUEUE, MODEL, QUEUE, item
from tests.behaviour.local_server import Request
from tests.behaviour.replaying_server import kind_of
from tests.behaviour.test_drift_check import shipped
from tests.fuzz.played import Said
from tests.recorded import recorded

JSON = {"content-type": "application/json"}
EMAIL, PASSWORD = "a@example.org", "Hidden-1"
_LATER = {"pending": "in_progress", "in_progress": "completed"}
_WORDS = ("pending", "in_progress", "waiting", "completed", "failed", "canceled")


@cache
def pixel() -> bytes:
    """Return a picture that Pillow can read."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG")
    return file.getvalue()


@cache
def _document() -> dict[str, Any]:
    whole = shipped()
    paths = {path: {verb: {} for verb in verbs} for path, verbs in whole["paths"].items()}
    return {"openapi": "3.1.0", "paths": paths, "components": whole["components"]}


@cache
def _recorded() -> dict[tuple[str, str], Any]:
    return {(line["method"], kind_of(line["path"])): line for line in recorded("resources")}


@dataclass
class Run:
    """A queued run; it ends when it has been read twice."""

    item_id: int
    batch: Mapping[str, Any]
    values: list[dict[str, Any]]
    status: str = "pending"
    retried_from: int | None = None


@dataclass
class Studio:
    """Answers requests; `ends` is how runs end, and `has_accounts` whether somebody has to log in."""

    ends: str = "completed"
    has_accounts: bool = False
    runs: list[Run] = field(default_factory=list[Run])
    tokens: list[str] = field(default_factory=list[str])

    def answer(self, request: Request) -> Said:
        """Return what the server says."""
        found = self._found(request)
        if isinstance(found, Said):
            return found
        status, document = found
        return Said(status, json.dumps(document).encode(), JSON)

    def _found(self, request: Request) -> Said | tuple[int, Any]:
        path = request.path
        if path.endswith("/auth/login"):
            self.tokens.append(f"token-{len(self.tokens)}")
            return 200, {"token": self.tokens[-1], "user": {}, "expires_in": 86400}
        if path.endswith("/auth/status"):
            return 200, {"multiuser_enabled": self.has_accounts}
        if path.endswith("/app/version"):
            return 200, {"version": "6.14.2", "highlights": None}
        if path == "/openapi.json":
            return 200, _document()
        if self.has_accounts and request.headers.get("authorization") != f"Bearer token-{max(1, len(self.tokens) - 1)}":
            # The first token has expired already.
            return 401, {"detail": "Invalid or expired token"}
        if path.startswith(QUEUE) and (queue := self._queue(request)) is not None:
            return queue
        return self._kept(request)

    def _kept(self, request: Request) -> Said | tuple[int, Any]:
        path = request.path
        if path.endswith(("/full", "/thumbnail")):
            kind = "video/mp4" if "/videos/" in path and path.endswith("/full") else "image/png"
            return Said(200, pixel(), {"content-type": kind})
        if path == "/api/v1/images/download":
            return 202, {"response": None, "bulk_download_item_name": "archive.zip"}
        if path.startswith("/api/v1/images/download/"):
            archive = _archive()
            if "range" in request.headers:
                return Said(416, b"", {"content-range": f"bytes */{len(archive)}"})
            return Said(200, archive, {"content-type": "application/zip"})
        if (more := _more().get(f"{request.method} {kind_of(path)}")) is not None:
            return more
        line = _recorded().get((request.method, kind_of(path)))
        if line is None:
            return 404, {"detail": "Not Found"}
        document = line["response_body"]
        if path == "/api/v2/models/":
            document = {"models": [*document["models"], MODEL]}
        if path == "/api/v1/boards/" and request.method == "GET":
            document = [*document, BOARD]
        return line["status"], document

    def _queue(self, request: Request) -> tuple[int, Any] | None:
        path = request.path.removeprefix(QUEUE)
        if request.path == ENQUEUE:
            batch = request.json["batch"]
            made = [self._add(batch, values) for values in runs_of(batch)]
            about = {"queue_id": "default", "enqueued": len(made), "requested": len(made), "batch": {}, "priority": 0}
            return 200, {**about, "item_ids": [run.item_id for run in reversed(made)]}
        if not self.runs:
            return None
        if path == "/status":
            for run in self.runs:
                run.status = _LATER.get(run.status, run.status)
            return 200, {"queue": self._counted(), "processor": {"is_started": True, "is_processing": True}}
        if path == "/item_ids":
            return 200, {"item_ids": [run.item_id for run in self.runs], "total_count": len(self.runs)}
        if path == "/retry_items_by_id":
            for old in (found := self._runs_of(request.json)):
                self._add(old.batch, old.values).retried_from = old.item_id
            return 200, {"queue_id": "default", "retried_item_ids": [old.item_id for old in found]}
        if path == "/items_by_ids":
            return 200, [self._item(run) for run in self._runs_of(request.json["item_ids"])]
        if path == "/item_summaries_by_ids":
            return 200, [self._summary(run) for run in self._runs_of(request.json["item_ids"])]
        if path.startswith("/b/"):
            return 200, {**self._counted(), "batch_id": path.split("/")[2], "origin": None, "destination": None}
        if path.startswith("/i/") and request.method in ("GET", "PUT"):
            found = self._runs_of([int(path.split("/")[2])])
            if not found:
                return 404, {"detail": "Queue item not found in queue default"}
            run = found[0]
            if request.method == "PUT":
                run.status = "canceled"
            run.status = self.ends if run.status == "in_progress" else _LATER.get(run.status, run.status)
            return 200, self._item(run)
        return None

    def _runs_of(self, item_ids: list[int]) -> list[Run]:
        return [self.runs[n - 1] for n in item_ids if 0 < n <= len(self.runs)]

    def _add(self, batch: Mapping[str, Any], values: list[dict[str, Any]]) -> Run:
        self.runs.append(Run(len(self.runs) + 1, batch, values))
        return self.runs[-1]

    def _counted(self) -> dict[str, Any]:
        counts = {word: sum(run.status == word for run in self.runs) for word in _WORDS}
        return {"queue_id": "default", "item_id": None, "batch_id": None, **counts, "total": len(self.runs)}

    def _summary(self, run: Run) -> dict[str, Any]:
        return {key: value for key, value in self._item(run).items() if key not in ("session", "workflow")}

    def _item(self, run: Run) -> dict[str, Any]:
        nodes: Mapping[str, Any] = run.batch["graph"]["nodes"]
        prepared = {f"p{number}": node for number, node in enumerate(nodes)}
        session: dict[str, Any] = {
            "id": "session",
            "graph": run.batch["graph"],
            "execution_graph": {
                "nodes": {p: {"id": p, "type": nodes[node]["type"]} for p, node in prepared.items()},
                "edges": [],
            },
            "results": {},
            "errors": {},
            "prepared_source_mapping": prepared,
            "source_prepared_mapping": {node: [p] for p, node in prepared.items()},
        }
        about: dict[str, Any] = {"item_id": run.item_id, "batch_id": run.batch["batch_id"], "field_values": run.values}
        about["retried_from_item_id"] = run.retried_from
        if run.status in ("completed", "failed"):
            session["results"] = {p: _output(f"{run.item_id}-{p}.png") for p in prepared}
        if run.status == "failed":
            last = session["results"].popitem()[0]
            session["errors"] = {last: "Traceback\nOSError: disk full"}
            about |= {"error_type": "OSError", "error_message": "disk full", "error_traceback": "Traceback"}
        return item(run.status, session, **about)


def _output(name: str) -> dict[str, Any]:
    return {"type": "image_output", "image": {"image_name": name}, "width": 64, "height": 64, "value": 1}


@cache
def _archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("general/a.png", pixel())
    return file.getvalue()


def _all_of(kind: str) -> dict[str, Any]:
    done = (f"starred_{kind}", f"unstarred_{kind}", f"deleted_{kind}", f"added_{kind}", f"removed_{kind}")
    return {**{key: ["a.png", "b.png", "a.mp4"] for key in done}, f"failed_{kind}": [], "affected_boards": []}


@cache
def _more() -> dict[str, tuple[int, Any]]:
    """What is not recorded."""
    pictures, videos, known = _all_of("images"), _all_of("videos"), _recorded()
    workflow = json.loads(json.dumps(known["GET", "/api/v1/workflows/i/{}"]["response_body"]))
    workflow["workflow"]["meta"]["category"] = "user"
    model = known["GET", "/api/v2/models/i/{}"]["response_body"]
    ended = known["GET", "/api/v2/models/install"]["response_body"][0]
    return {
        **{f"POST /api/v1/images/{verb}": (200, pictures) for verb in ("star", "unstar", "delete")},
        **{f"POST /api/v1/videos/{verb}": (200, videos) for verb in ("star", "unstar", "delete", "board")},
        **{f"{verb} /api/v1/workflows/i/{{}}": (200, workflow) for verb in ("GET", "PATCH", "DELETE")},
        "PATCH /api/v1/workflows/i/{}/is_public": (200, workflow),
        "DELETE /api/v1/images/uncategorized": (200, pictures),
        "DELETE /api/v1/videos/uncategorized": (200, videos),
        "DELETE /api/v1/videos/board": (200, videos),
        "GET /api/v1/videos/i/{}/workflow": (200, {"workflow": "{}", "graph": "{}"}),
        "PATCH /api/v1/videos/i/{}": (200, known["GET", "/api/v1/videos/i/{}"]["response_body"]),
        "GET /api/v1/images/intermediates": (200, 3),
        "DELETE /api/v1/images/intermediates": (200, 3),
        "POST /api/v1/board_images/batch": (201, pictures),
        "POST /api/v1/board_images/batch/delete": (201, pictures),
        "DELETE /api/v1/boards/{}": (200, {"board_id": "b", "deleted_board_images": [], "deleted_images": []}),
        "PUT /api/v2/models/convert/key-here": (200, model),
        "PATCH /api/v2/models/i/key-here": (200, model),
        "POST /api/v2/models/i/key-here/reidentify": (200, model),
        "POST /api/v2/models/i/bulk_delete": (200, {"deleted": ["key-here"], "failed": []}),
        **{f"{verb} /api/v2/models/install/{{}}": (200, ended) for verb in ("GET", "DELETE")},
        **{f"POST /api/v2/models/install/{{}}/{verb}": (200, ended) for verb in ("pause", "resume")},
        "DELETE /api/v2/models/install": (204, None),
        "POST /api/v2/models/hf_login": (200, "valid"),
        "DELETE /api/v2/models/hf_login": (200, "invalid"),
        "POST /api/v1/utilities/dynamicprompts": (200, {"prompts": ["a", "b"], "error": None}),
    }
