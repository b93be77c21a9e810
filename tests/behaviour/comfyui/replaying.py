"""Plays recorded traffic with the stand-in: its answers, its files, and every frame in its order and its time.

    with FakeComfyUI() as server:
        played = replay(server, recording("01_success"))
        ...                       # a client posts played.prompts[0].graph, under ids of its own
        assert played.unknown == []

A recording is a file of lines as `tests/maintain/record_comfyui.py` writes them. A prompt is told by its graph: the
recorded one that is equal but for titles and was not played yet, else one that has the same nodes. Ids are those that
the client chose. What the queue says, `status` and the last `executing`, is said of this queue as it is; all other
frames of the prompt come as they were recorded, `speed` times as fast. A run that was interrupted goes on when
somebody interrupts it.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fidelity.shared import SHARED

from ..fake_server import Answer, as_json
from .fake_comfyui import PICTURE, FakeComfyUI
from .listeners import PREVIEW_WITH_METADATA, told_preview
from .prompts import Prompt, Record

OWN = Path(__file__).resolve().parents[2] / "recorded" / "comfyui"
RECORDED = SHARED / "recordings" / "comfyui"
ENDS = {"execution_success": True, "execution_error": False, "execution_interrupted": False}


def recording(name: str, folder: Path = OWN) -> list[Record]:
    """Return the lines of a recording."""
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True)
class Step:
    """A frame, and how long after the one before it; some came only after somebody had interrupted."""

    seconds: float
    line: Record
    interrupted: bool


@dataclass
class Played:
    """A prompt of a recording."""

    request: Record
    answer: Answer
    prompt_id: str | None
    node_errors: Record
    steps: list[Step] = field(default_factory=list[Step])
    history: Record | None = None
    """What the history said of it in the end, where nobody was told of it."""
    used: bool = False

    @property
    def graph(self) -> Record:
        """What was posted."""
        return self.request["prompt"]


def replay(server: FakeComfyUI, *recordings: list[Record], speed: float = 100) -> Replay:
    """Let a server play recordings from now on."""
    return Replay(server, recordings, speed)


class Replay:
    """Some recordings, as the course of the prompts of a server; `unknown` is what was posted and is not in them."""

    def __init__(self, server: FakeComfyUI, recordings: Iterable[list[Record]], speed: float) -> None:
        self.prompts: list[Played] = []
        self.unknown: list[Record] = []
        self._speed = speed
        self._server = server
        self._given: list[tuple[Record, Played]] = []
        for lines in recordings:
            self.prompts += _prompts(lines)
            _tell_of_itself(server, lines)
        server.validate = self._judge
        server.course = self._play

    def _judge(self, asked: Record) -> Answer | Record:
        played = self._find(asked)
        if played is None:
            self.unknown.append(asked)
            return Answer(b"This prompt is not in the recording.", 500, "text/plain")
        played.used = True
        self._given.append((asked["prompt"], played))
        return played.answer if played.prompt_id is None else played.node_errors

    def _find(self, asked: Record) -> Played | None:
        equal = [p for p in self.prompts if _key(p.request) == _key(asked)]
        alike = equal or [p for p in self.prompts if _nodes(p.request) == _nodes(asked)]
        return next((p for p in alike if not p.used), alike[-1] if alike else None)

    def _play(self, prompt: Prompt) -> None:
        played = next(p for graph, p in self._given if graph is prompt.graph)
        ids = {played.prompt_id: prompt.prompt_id}
        succeeded, by_hand = False, bool(played.steps) and played.steps[-1].interrupted
        for step in played.steps:
            if step.interrupted:
                prompt.interrupt_asked.wait()
            elif not by_hand:
                prompt.checkpoint()
            if step.seconds > self._speed / 1000:
                sleep(step.seconds / self._speed)
            if step.line["kind"] == "ws_binary":
                prompt.say(_swapped_frame(base64.b64decode(step.line["b64"]), ids))
                continue
            event = step.line["data"]
            succeeded = ENDS.get(event["type"], succeeded)
            if event["type"] == "executed":
                self._lay_down(event["data"]["output"])
            prompt.tell(event["type"], _swapped(event["data"], ids))
        if played.history is not None:
            told = _swapped(played.history, ids)
            prompt.messages = [(kind, data) for kind, data in told["status"]["messages"]]
            prompt.outputs, prompt.meta, succeeded = told["outputs"], told["meta"], told["status"]["completed"]
            for output in prompt.outputs.values():
                self._lay_down(output)
        prompt.close(succeeded=succeeded)

    def _lay_down(self, output: Record) -> None:
        """Have something where an output says that it is, even if nobody asked for that while it was recorded."""
        for listed in output.values():
            for item in listed if isinstance(listed, list) else []:
                if isinstance(item, dict) and "filename" in item:
                    place = (item["type"], item["subfolder"], item["filename"])
                    self._server.files.held.setdefault(place, PICTURE)


def _key(request: Record) -> str:
    graph = request["prompt"]
    bare = {n: {k: v for k, v in a.items() if k != "_meta"} if isinstance(a, dict) else a for n, a in graph.items()}
    return json.dumps([bare, request.get("partial_execution_targets")], sort_keys=True)


def _nodes(request: Record) -> Record:
    return {n: a.get("class_type") if isinstance(a, dict) else None for n, a in request["prompt"].items()}


def _prompts(lines: list[Record]) -> Iterator[Played]:
    for line in _http(lines, "POST", "/prompt"):
        request, told = line.get("request"), line.get("response")
        if not isinstance(request, dict) or not isinstance(request.get("prompt"), dict):
            continue
        if told is None:
            yield Played(request, Answer(line["response_text"].encode(), line["status"], "text/plain"), None, {})
        elif line["status"] == 200:
            prompt_id = told["prompt_id"]
            steps = [*_steps(lines, prompt_id)]
            history = None if "client_id" in request else _history(lines, prompt_id)
            yield Played(request, as_json(told), prompt_id, told["node_errors"], steps, history)
        elif told["error"]["type"] != "invalid_prompt_id":
            yield Played(request, as_json(told, line["status"]), None, {})


def _steps(lines: list[Record], prompt_id: str) -> Iterator[Step]:
    by_hand = any(_about(line) == prompt_id and line["data"]["type"] == "execution_interrupted" for line in lines)
    running, before, interrupted = None, None, False
    for line in lines:
        told = line["data"]["type"] if line["kind"] == "ws_text" else ""
        if told.startswith("execution_"):
            running = None if told in ENDS else _about(line)
        if running == prompt_id and by_hand and _interrupts(line, prompt_id):
            interrupted = True
        mine = prompt_id == (running if line["kind"] == "ws_binary" else _about(line))
        if mine and not (told == "executing" and line["data"]["data"]["node"] is None):
            yield Step(line["t"] - (line["t"] if before is None else before), line, interrupted)
            before = line["t"]


def _about(line: Record) -> str | None:
    return line["data"]["data"].get("prompt_id") if line["kind"] == "ws_text" else None


def _interrupts(line: Record, prompt_id: str) -> bool:
    if line["kind"] != "http" or line["method"] != "POST":
        return False
    asked: Record = line.get("request") or {}
    globally = line["path"] == "/interrupt" and asked.get("prompt_id", prompt_id) == prompt_id
    return globally or line["path"] == f"/api/jobs/{prompt_id}/cancel"


def _history(lines: list[Record], prompt_id: str) -> Record | None:
    told = [line["response"] for line in _http(lines, "GET", f"/history/{prompt_id}")]
    return told[-1].get(prompt_id) if told else None


def _http(lines: list[Record], method: str, path: str) -> Iterator[Record]:
    for line in lines:
        if line["kind"] == "http" and line["method"] == method and urlsplit(line["path"]).path == path:
            yield line


def _tell_of_itself(server: FakeComfyUI, lines: list[Record]) -> None:
    for line in _http(lines, "GET", "/view"):
        asked = dict(parse_qsl(urlsplit(line["path"]).query, keep_blank_values=True))
        if line["status"] == 200 and "preview" not in asked:
            subfolder, folder = asked.get("subfolder", ""), asked.get("type", "output")
            server.files.put(
                asked["filename"], base64.b64decode(line["response_b64"]), subfolder=subfolder, folder=folder
            )
    for line in lines:
        path = line.get("path", "")
        if path == "/system_stats":
            server.stats = line["response"]
        elif path == "/features":
            server.features = line["response"]
        elif path.startswith("/object_info/"):
            server.classes |= line["response"]
        elif path.startswith("/models/") and line["status"] == 200:
            server.models[path.removeprefix("/models/")] = line["response"]


def _swapped(told: Any, ids: dict[Any, str]) -> Any:
    if isinstance(told, dict):
        return {key: _swapped(value, ids) for key, value in told.items()}
    if isinstance(told, list):
        return [_swapped(value, ids) for value in told]
    return ids.get(told, told) if isinstance(told, str) else told


def _swapped_frame(frame: bytes, ids: dict[Any, str]) -> bytes:
    kind, size = struct.unpack_from(">II", frame)
    if kind != PREVIEW_WITH_METADATA:
        return frame
    return told_preview(frame[8 + size :], _swapped(json.loads(frame[8 : 8 + size]), ids))
