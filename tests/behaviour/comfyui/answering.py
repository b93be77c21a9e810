"""What the stand-in answers by HTTP: its own words about its state, as a real ComfyUI 0.33 gives them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from flowbind_generator.comfyui.shipped import shipped_document

from ..fake_server import Answer, AnsweringServer, as_json
from ..local_server import Request
from .files import TROUBLE, Files, nothing
from .jobs import job, jobs
from .prompts import Record, now
from .told import FEATURES, MODELS, SYSTEM_STATS
from .work import Work

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CANONICAL = (
    "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one"
)
Told = Callable[[Request], object]


class AnsweringComfyUI(AnsweringServer):
    """Tells of its node classes, models, files and prompts; below `prefix`, where a proxy is before it.

    `answers` are programmed ones, by path: they come before its own, each time. Older releases
    have no /api/jobs (`has_jobs`), 0.8 cannot cancel one (`has_cancel`), and before 0.3.43 each prompt has an id of the
    server's (`takes_ids`).
    """

    def __init__(
        self, *, prefix: str = "", has_jobs: bool = True, has_cancel: bool = True, takes_ids: bool = True
    ) -> None:
        super().__init__()
        self.prefix = prefix
        self.models: dict[str, list[str]] = {name: [] for name in MODELS}
        self.stats: Record = SYSTEM_STATS
        self.features: Record = FEATURES
        self._newer = has_cancel
        self._takes_ids = takes_ids
        self.answers: dict[str, Answer] = {}
        self.files = Files()
        self.freed: list[Record] = []
        self.work = Work(self.changed)
        self.validate: Callable[[Record], Answer | Record] = lambda _: {}
        """Says what is wrong with what is posted: an answer, or the `node_errors` of a prompt that is taken."""
        self._number = 0
        self._own: Mapping[tuple[str, str], Told] = {
            ("GET", "object_info"): self._object_info,
            ("GET", "system_stats"): lambda _: self.stats,
            ("GET", "features"): lambda _: self.features,
            ("GET", "models"): self._models,
            ("GET", "embeddings"): lambda _: [],
            ("GET", "prompt"): lambda _: self.remaining(),
            ("POST", "prompt"): self._post_prompt,
            ("GET", "queue"): lambda _: self._queue(),
            ("POST", "queue"): self._change_queue,
            ("GET", "history"): self._history,
            ("POST", "history"): self._change_history,
            ("POST", "interrupt"): self._interrupt,
            ("POST", "free"): lambda request: self.freed.append(request.json),
            ("POST", "upload"): self.files.upload,
            ("GET", "view"): lambda request: self.files.view(_query(request)),
        }
        if has_jobs:
            self._own = {**self._own, ("GET", "jobs"): self._jobs}
        if has_jobs and has_cancel:
            self._own = {**self._own, ("POST", "jobs"): self._cancel}

    @cached_property
    def classes(self) -> dict[str, Any]:
        """Its node classes, which a test may change: those that are shipped."""
        return _shipped()

    def changed(self) -> None:
        """Note that there are more or less prompts."""
        raise NotImplementedError

    def put(self, number: float, prompt_id: str, graph: Record, extra_data: Record, targets: list[str]) -> None:
        """Take a prompt."""
        raise NotImplementedError

    def sent(self, method: str, path: str = "") -> list[Request]:
        """Return the requests of a method to exactly a path, or to any; with or without /api before it."""
        return [r for r in self.requests if r.method == method and path in ("", self.place(r.path))]

    def place(self, path: str) -> str:
        """Return a path without what may come before it: the proxy's, and /api."""
        return path.removeprefix(self.prefix).removeprefix("/api")

    def remaining(self) -> Record:
        """Return how many prompts there are."""
        return {"exec_info": {"queue_remaining": self.work.remaining}}

    def answer(self, request: Request) -> Answer:
        """Return its own answer."""
        place = self.place(request.path)
        if place in self.answers:
            return self.answers[place]
        own = self._own.get((request.method, place.split("/")[1]))
        if own is None:
            return nothing(404)
        try:
            told = own(request)
        except (ValueError, TypeError, AttributeError, KeyError):
            return TROUBLE
        if isinstance(told, Answer):
            return told
        return nothing(200) if told is None else as_json(told)

    def _name(self, request: Request) -> str:
        return unquote(self.place(request.path).removeprefix("/").partition("/")[2])

    def _object_info(self, request: Request) -> object:
        if name := self._name(request):
            return {name: self.classes[name]} if name in self.classes else {}
        return self.classes

    def _models(self, request: Request) -> object:
        name = self._name(request)
        return self.models.get(name, nothing(404)) if name else [*self.models]

    def _queue(self) -> Record:
        with self.work.lock:
            running = [] if self.work.running is None else [self.work.running.item]
            return {"queue_running": running, "queue_pending": [prompt.item for prompt in self.work.pending]}

    def _history(self, request: Request) -> object:
        with self.work.lock:
            if prompt_id := self._name(request):
                return {k: v for k, v in self.work.history.items() if k == prompt_id}
            most = int(_query(request).get("max_items", len(self.work.history)))
            return dict([*self.work.history.items()][-most:] if most else [])

    def _jobs(self, request: Request) -> object:
        if not (prompt_id := self._name(request)):
            return jobs(self.work, _query(request), newer=self._newer)
        return job(self.work, prompt_id, newer=self._newer) or as_json({"error": "Job not found"}, 404)

    def _cancel(self, request: Request) -> object:
        prompt_id, _, word = self._name(request).rpartition("/")
        if word != "cancel":
            return nothing(404)
        waits = any(prompt.prompt_id == prompt_id for prompt in self.work.pending)
        if waits:
            self.work.delete([prompt_id])
        return {"cancelled": waits or self.work.interrupt(prompt_id)}

    def _change_queue(self, request: Request) -> None:
        asked = request.json
        if asked.get("clear"):
            self.work.delete(None)
        if "delete" in asked:
            self.work.delete(asked["delete"])

    def _change_history(self, request: Request) -> None:
        asked = request.json
        with self.work.lock:
            for prompt_id in [*self.work.history] if asked.get("clear") else asked.get("delete", []):
                self.work.history.pop(prompt_id, None)

    def _interrupt(self, request: Request) -> None:
        try:
            asked = request.json
        except ValueError:
            asked = {}
        self.work.interrupt(asked.get("prompt_id") or None)

    def _post_prompt(self, request: Request) -> object:
        asked = request.json
        number = float(asked["number"]) if "number" in asked else -self._number if asked.get("front") else self._number
        self._number += 1
        if "prompt" not in asked:
            return _refusal("no_prompt", "No prompt provided", "No prompt provided")
        prompt_id = asked.get("prompt_id", str(uuid4())) if self._takes_ids else str(uuid4())
        if not _UUID.fullmatch(prompt_id):
            return _refusal("invalid_prompt_id", "prompt_id must be a valid UUID", CANONICAL)
        found = self.validate(asked)
        if isinstance(found, Answer):
            return found
        extra = {**asked.get("extra_data", {}), "create_time": now()}
        if "client_id" in asked:
            extra["client_id"] = asked["client_id"]
        graph = asked["prompt"]
        # A copy of its own takes 40 ms, and most tests do not ask for one.
        classes = self.classes if "classes" in vars(self) else _shipped_for_all()
        shown = [node for node, about in graph.items() if classes.get(about["class_type"], {}).get("output_node")]
        wanted = asked.get("partial_execution_targets")
        targets = [node for node in shown if wanted is None or node in wanted]
        self.put(number, prompt_id, graph, extra, [node for node in targets if node not in found])
        return {"prompt_id": prompt_id, "number": number, "node_errors": found}


def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(shipped_document()))
    return found


_shipped_for_all = cache(_shipped)


def _query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.query, keep_blank_values=True))


def _refusal(kind: str, text: str, details: str) -> Answer:
    error = {"type": kind, "message": text, "details": details, "extra_info": {}}
    return as_json({"error": error, "node_errors": {}}, 400)
