"""The stand-in that plays recordings: what a client is told is what was recorded, under the ids that it chose."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from . import replaying
from .fake_comfyui import FakeComfyUI
from .listeners import PREVIEW_WITH_METADATA, told_preview
from .prompts import Record
from .replaying import OWN, RECORDED, recording, replay

PATHS = [
    *(pytest.param(path, id=f"own-{path.stem}") for path in sorted(OWN.glob("*.jsonl"))),
    *(pytest.param(path, id=f"shared-{path.stem}") for path in sorted(RECORDED.glob("*.jsonl"))),
    *([] if RECORDED.is_dir() else [pytest.param(None, id="shared")]),
]
NOT_PLAYED = ("/extensions", "/users", "/settings", "/userdata", "/internal/logs")
"""What only the editor asks for."""
AS_OF_NOW = (
    *("timestamp", "create_time", "execution_start_time", "execution_end_time"),
    *("number", "priority", "ram_free", "vram_free", "torch_vram_free"),
)


class Player:
    """Does what the client of a recording did, under other ids, and keeps what it is told."""

    def __init__(self, url: str, lines: list[Record]) -> None:
        self.url = url
        self.lines = lines
        self.ids: dict[str, str] = {}
        self.heard: list[str | bytes] = []
        self.answers: list[tuple[Record, httpx.Response]] = []
        self._socket: ClientConnection | None = None

    def swapped(self, text: str) -> str:
        """Return a text with the player's ids."""
        for old, new in self.ids.items():
            text = text.replace(old, new)
        return text

    def play(self) -> None:
        """Do everything in its order; wait where the client had been told that a prompt is done."""
        with ExitStack() as open_sockets, httpx.Client(base_url=self.url) as client:
            for line in self.lines:
                if line["kind"] == "ws_open":
                    client_id = line["url"].partition("clientId=")[2]
                    self.ids.setdefault(client_id, str(uuid4()))
                    address = self.url.replace("http", "ws", 1) + self.swapped(line["url"])
                    self._socket = open_sockets.enter_context(connect(address, close_timeout=1))
                    # Only then the server knows the client.
                    self.heard.append(self._socket.recv(timeout=10))
                elif line["kind"] == "ws_close":
                    open_sockets.close()
                elif line["kind"] == "ws_send":
                    assert self._socket is not None
                    self._socket.send(json.dumps(line["text"]))
                elif line["kind"] == "http":
                    self.ask(client, line)
                elif line["kind"] == "ws_text" and done(line["data"]) in self.ids:
                    self.listen(self.ids[str(done(line["data"]))])

    def ask(self, client: httpx.Client, line: Record) -> None:
        """Ask what was asked."""
        if line["path"].startswith("/upload"):
            return
        if (line["method"], line["path"]) == ("POST", "/prompt") and line["status"] == 200:
            self.ids[line["response"]["prompt_id"]] = str(uuid4())
        body = json.dumps(line["request"]) if line.get("request") is not None else line.get("request_raw", "")
        request: Any = json.loads(self.swapped(body)) if body.startswith(("{", "[")) and "request" in line else body
        if isinstance(request, dict) and line["path"] == "/prompt" and line["status"] == 200:
            request["prompt_id"] = self.ids[line["response"]["prompt_id"]]
        content = request if isinstance(request, str) else json.dumps(request)
        method, path = line["method"], self.swapped(line["path"])
        answer = client.request(method, path, content=content)
        # Of a prompt that was posted without a client id, nobody is told that it is done.
        while path.startswith("/history/") and line["response"] and not answer.json():
            answer = client.request(method, path, content=content)
        self.answers.append((line, answer))

    def listen(self, prompt_id: str) -> None:
        """Wait until a prompt is done."""
        assert self._socket is not None
        while True:
            self.heard.append(self._socket.recv(timeout=10))
            if isinstance(self.heard[-1], str) and done(json.loads(self.heard[-1])) == prompt_id:
                return


def done(event: Record) -> str | None:
    """Return the prompt whose end an event tells."""
    return event["data"].get("prompt_id") if event["type"] == "executing" and event["data"]["node"] is None else None


def timeless(told: Any) -> Any:
    """Return an answer or an event without what is not the same in two runs."""
    if isinstance(told, dict):
        bare = {key: timeless(value) for key, value in told.items() if key not in AS_OF_NOW}
        # What waits is in the order of a heap, and two jobs of one millisecond are in none.
        return bare | {key: sorted(bare[key], key=str) for key in ("queue_pending", "jobs") if key in bare}
    if not isinstance(told, list):
        return told
    if len(told) == 5 and isinstance(told[3], dict):  # a prompt, as the queue shows it: the order of targets is open
        return [told[1], timeless(told[2:4]), sorted(told[4])]
    return [timeless(value) for value in told]


def frames(told: list[str | bytes]) -> Iterator[Any]:
    """Return the frames that are about prompts, in a form that can be compared."""
    for frame in told:
        if isinstance(frame, bytes):
            yield frame
        elif json.loads(frame)["type"] not in ("status", "feature_flags"):
            yield timeless(json.loads(frame))


@pytest.fixture(params=PATHS, scope="module")
def player(request: pytest.FixtureRequest) -> Iterator[Player]:
    """Something that has played a recording on the stand-in."""
    if request.param is None:
        pytest.skip("the recordings of 0.33 are not here: put shared beside the checkout, or set FLOWBIND_SHARED")
    lines = recording(request.param.stem, request.param.parent)
    # The project's own are of 0.8.
    with FakeComfyUI(has_cancel=request.param.parent != OWN) as server:
        played = replay(server, lines, speed=1000)
        found = Player(server.url, lines)
        found.play()
        assert played.unknown == []
        yield found


def test_every_frame_comes_in_its_order(player: Player) -> None:
    recorded: list[str | bytes] = []
    told = {done(line["data"]) for line in player.lines if line["kind"] == "ws_text"}
    for line in player.lines:
        if line["kind"] == "ws_text" and line["data"]["data"].get("prompt_id", "") in told & {*player.ids}:
            recorded.append(player.swapped(json.dumps(line["data"])))
        elif line["kind"] == "ws_binary":
            frame = base64.b64decode(line["b64"])
            if frame[3] == PREVIEW_WITH_METADATA:
                size = int.from_bytes(frame[4:8], "big")
                frame = told_preview(frame[8 + size :], json.loads(player.swapped(frame[8 : 8 + size].decode())))
            recorded.append(frame)
    assert [*frames(player.heard)] == [*frames(recorded)]


def test_every_answer_is_the_recorded_one(player: Player) -> None:
    run = {done(line["data"]) for line in player.lines if line["kind"] == "ws_text"}
    for line, answer in player.answers:
        path, told = urlsplit(line["path"]).path, line.get("response")
        # What was asked while a prompt ran may be asked here when it is done.
        early = told == {} and path.removeprefix("/history/") in run
        if path in NOT_PLAYED or early or "__truncated__" in str(told)[:20]:
            continue
        assert answer.status_code == line["status"], line["path"]
        if "response_b64" in line and "preview=" not in line["path"]:
            assert answer.content == base64.b64decode(line["response_b64"])
        elif told is not None:
            assert timeless(answer.json()) == timeless(json.loads(player.swapped(json.dumps(told)))), line["path"]


def test_two_clients_at_a_time_are_told_of_their_own_prompts() -> None:
    recorded = [recording(f"07_two_clients_{client}") for client in "AB"]
    with FakeComfyUI(has_cancel=False) as server:
        replay(server, *recorded)
        players = [Player(server.url, lines) for lines in recorded]
        threads = [Thread(target=player.play) for player in players]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for player in players:
        told = {frame["data"].get("prompt_id") for frame in frames(player.heard) if not isinstance(frame, bytes)}
        # A prompt that was posted without a client id is told to both, as far as it is told at all.
        nobodys = {p.prompt_id for p in server.posted if p.client_id is None}
        assert told - nobodys == {p.prompt_id for p in server.posted if p.client_id in player.ids.values()}


def test_the_gaps_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(replaying, "sleep", slept.append)
    lines = recording("08_previews_metadata")
    with FakeComfyUI(has_cancel=False) as server:
        replay(server, lines, speed=2)
        Player(server.url, lines).play()
    own = [line["t"] for line in lines if line["kind"] == "ws_binary" or "prompt_id" in str(line.get("data"))]
    gaps = [later - earlier for earlier, later in pairwise(own[:-1])]
    assert slept == pytest.approx([gap / 2 for gap in gaps if gap > 0.002])
