"""A server in memory that says what ComfyUI says, before anything is changed on the way."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from tests.behaviour.comfyui.files import Files
from tests.behaviour.comfyui.told import FEATURES, METRICS, MODELS, SYSTEM_STATS
from tests.behaviour.fake_server import Answer
from tests.behaviour.local_server import Request
from tests.fuzz.played import Said
from tests.fuzz.studio import JSON, pixel

from flowbind_generator.comfyui.shipped import shipped_document

_ENDS = {"completed": "execution_success", "failed": "execution_error", "canceled": "execution_interrupted"}
_TIMES = {"create_time": 1790000000000, "execution_start_time": 1790000001000, "execution_end_time": 1790000002000}
_LATER = {"pending": "in_progress", "in_progress": "ended"}
SHOWN: Mapping[str, Any] = {
    "text": ["a", "b"],
    "images": [{"filename": "a.png", "subfolder": "sub", "type": "output"}],
    "audio": [{"filename": "a.flac", "subfolder": "", "type": "output"}],
    "video": [{"filename": "a.mp4", "subfolder": "", "type": "temp"}],
    "result": ["a.glb [output]", None, None],
    "files": [{"filename": "a.latent", "subfolder": "", "type": "output"}],
}
"""What a node shows: all that there is, since nobody takes what is not theirs."""


@cache
def _classes() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(gzip.decompress(shipped_document()))
    return found


@dataclass
class Prompt:
    """A queued prompt; it goes one step on each time that somebody looks."""

    number: int
    posted: Mapping[str, Any]
    status: str = "pending"

    @property
    def prompt_id(self) -> str:
        """What it is called."""
        return str(self.posted["prompt_id"])

    @property
    def item(self) -> list[Any]:
        """The prompt as the queue and the history show it."""
        extra = {**self.posted.get("extra_data", {}), "create_time": _TIMES["create_time"]}
        return [self.number, self.prompt_id, self.posted["prompt"], extra, [*self.posted["prompt"]][-1:]]


@dataclass
class ComfyStudio:
    """Answers requests; `ends` is how prompts end, and older releases know no `jobs`."""

    ends: str = "completed"
    has_jobs: bool = True
    prompts: list[Prompt] = field(default_factory=list[Prompt])
    files: Files = field(default_factory=Files)

    def __post_init__(self) -> None:
        for name, folder in (("a.png", "output"), ("a.png", "input"), ("b c.png", "input")):
            for subfolder in ("", "sub"):
                self.files.put(name, pixel(), subfolder=subfolder, folder=folder)

    def answer(self, request: Request) -> Said:
        """Return what the server says."""
        found = self._found(request)
        if isinstance(found, Answer):
            return Said(found.status, found.body, {"content-type": found.media_type, **(found.headers or {})})
        status, document = found
        body = b"" if document is None else json.dumps(document).encode()
        return Said(status, body, JSON if body else {"content-type": "application/octet-stream"})

    def _found(self, request: Request) -> Answer | tuple[int, Any]:
        _, *places = request.path.removeprefix("/api").split("/")
        if request.path.startswith("/upload/"):
            return self.files.upload(request)
        if request.path == "/view":
            return self.files.view(dict(parse_qsl(request.query, keep_blank_values=True)))
        told = self._own().get(f"{request.method} {places[0]}")
        return (404, None) if told is None else told(request, places[1:])

    def _own(self) -> Mapping[str, Callable[[Request, list[str]], tuple[int, Any]]]:
        own: dict[str, Callable[[Request, list[str]], tuple[int, Any]]] = {
            "POST prompt": lambda request, _: (200, self._post(request.json)),
            "GET prompt": lambda _, __: (200, {"exec_info": {"queue_remaining": len(self._waiting())}}),
            "GET queue": lambda _, __: (200, self._queue()),
            "POST queue": lambda request, _: (200, self._delete(request.json)),
            "GET history": lambda _, places: (200, self._history(places)),
            "POST history": lambda _, __: (200, None),
            "POST interrupt": lambda request, _: (200, self._interrupt(request.json["prompt_id"])),
            "POST free": lambda _, __: (200, None),
            "GET system_stats": lambda _, __: (200, SYSTEM_STATS),
            "GET flowbind": lambda _, __: (200, METRICS),
            "GET features": lambda _, __: (200, FEATURES),
            "GET embeddings": lambda _, __: (200, ["easynegative"]),
            "GET models": _models,
            "GET object_info": lambda _, places: (200, {name: _classes()[name] for name in places}),
        }
        if self.has_jobs:
            own |= {"GET jobs": self._job, "POST jobs": lambda _, places: (200, {"cancelled": self._cancel(places[0])})}
        return own

    def _post(self, posted: Mapping[str, Any]) -> Mapping[str, Any]:
        self.prompts.append(Prompt(len(self.prompts), posted))
        return {"prompt_id": posted["prompt_id"], "number": len(self.prompts) - 1, "node_errors": {}}

    def _waiting(self) -> list[Prompt]:
        return [prompt for prompt in self.prompts if prompt.status != "ended"]

    def _looked_at(self) -> None:
        for prompt in self.prompts:
            prompt.status = _LATER.get(prompt.status, prompt.status)

    def _queue(self) -> Mapping[str, Any]:
        self._looked_at()
        running = [prompt.item for prompt in self.prompts if prompt.status == "in_progress"]
        return {
            "queue_running": running,
            "queue_pending": [prompt.item for prompt in self.prompts if prompt.status == "pending"],
        }

    def _delete(self, asked: Mapping[str, Any]) -> None:
        gone = asked.get("delete", [])
        self.prompts = [
            prompt
            for prompt in self.prompts
            if prompt.status != "pending" or not (asked.get("clear") or prompt.prompt_id in gone)
        ]

    def _interrupt(self, prompt_id: str) -> bool:
        found = [prompt for prompt in self.prompts if prompt.prompt_id == prompt_id and prompt.status == "in_progress"]
        for prompt in found:
            prompt.status, self.ends = "ended", "canceled"
        return bool(found)

    def _cancel(self, prompt_id: str) -> bool:
        before = len(self.prompts)
        self._delete({"delete": [prompt_id]})
        return self._interrupt(prompt_id) or len(self.prompts) < before

    def _history(self, places: list[str]) -> Mapping[str, Any]:
        ended = {prompt.prompt_id: self._entry(prompt) for prompt in self.prompts if prompt.status == "ended"}
        return {key: entry for key, entry in ended.items() if not places or key in places}

    def _entry(self, prompt: Prompt) -> Mapping[str, Any]:
        graph: Mapping[str, Any] = prompt.posted["prompt"]
        meta = {n: {"node_id": n, "display_node": n, "parent_node": None, "real_node_id": n} for n in graph}
        shown = dict.fromkeys(graph, SHOWN) if self.ends != "canceled" else {}
        return {"prompt": prompt.item, "outputs": shown, "status": self._status(prompt), "meta": meta}

    def _status(self, prompt: Prompt) -> Mapping[str, Any]:
        told: dict[str, Any] = {"prompt_id": prompt.prompt_id, "timestamp": _TIMES["execution_end_time"]}
        if self.ends != "completed":
            node = next(iter(prompt.posted["prompt"]))
            told |= {"node_id": node, "node_type": "KSampler", "executed": [node]}
        if self.ends == "failed":
            about = {"exception_type": "OSError", "exception_message": "disk full: ../a.png", "traceback": ["at x\n"]}
            told |= {**about, "current_inputs": {"text": ["../a.png"]}, "current_outputs": [node]}
        start = {"prompt_id": prompt.prompt_id, "timestamp": _TIMES["execution_start_time"]}
        messages = [["execution_start", start], ["execution_cached", {**start, "nodes": []}], [_ENDS[self.ends], told]]
        ok = self.ends == "completed"
        return {"status_str": "success" if ok else "error", "completed": ok, "messages": messages}

    def _job(self, _: Request, places: list[str]) -> tuple[int, Any]:
        self._looked_at()
        found = next((prompt for prompt in self.prompts if prompt.prompt_id == places[0]), None)
        if found is None:
            return 404, {"error": "Job not found"}
        about = {"id": found.prompt_id, "priority": found.number, "outputs_count": 0}
        if found.status != "ended":
            return 200, {**about, "status": found.status, "create_time": _TIMES["create_time"]}
        entry = self._entry(found)
        word = {"canceled": "cancelled"}.get(self.ends, self.ends)
        made = {"outputs": entry["outputs"], "execution_status": entry["status"]}
        return 200, {**about, **_TIMES, **made, "status": word, "workflow": {"prompt": found.posted["prompt"]}}


def _models(_: Request, places: list[str]) -> tuple[int, Any]:
    if not places:
        return 200, [*MODELS]
    return (200, ["a.safetensors", "sub/b.ckpt"]) if places[0] in MODELS else (404, None)
