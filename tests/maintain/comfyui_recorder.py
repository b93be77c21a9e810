"""One client of a ComfyUI that notes everything: each request with its answer, and each frame of its websocket."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Thread
from typing import Any
from uuid import uuid4

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

Record = dict[str, Any]
# What a machine is called there is nobody's business, nor which other programs run on it.
_PATH = re.compile(r"(?<![.\w])/(?:[^/\s\"']+/)+")
_WITH_PATHS = ("traceback", "exception_message", "argv")
FLAGS = {"supports_preview_metadata": True}


class Recorder:
    """Plays a client of the server at `url`; `lines` is what happened, in its order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client_id = str(uuid4())
        self.lines: list[Record] = []
        self._http = httpx.Client(base_url=url, timeout=120)
        self._changed = Condition()
        self._done: set[str] = set()
        self._seen: list[str] = []
        self._start = time.monotonic()

    @contextmanager
    def listening(self, flags: Record | None = FLAGS) -> Iterator[None]:
        """Have a websocket that has said what it can do, if it has anything to say."""
        place = f"/ws?clientId={self.client_id}"
        with connect(self.url.replace("http", "ws", 1) + place, max_size=None) as socket:
            self._note("ws_open", url=place)
            if flags is not None:
                said = {"type": "feature_flags", "data": flags}
                self._note("ws_send", text=said)
                socket.send(json.dumps(said))
            listener = Thread(target=self._listen, args=(socket,), daemon=True)
            listener.start()
            yield
            time.sleep(0.2)
        listener.join()
        self._note("ws_close", code=None)

    def ask(self, method: str, path: str, request: Any = None, *, note: str = "", **more: Any) -> httpx.Response:
        """Send a request, JSON if it has a body."""
        if request is not None:
            more["json"] = request
        answer = self._http.request(method, path, **more)
        about: Record = {"method": method, "path": path}
        if request is not None:
            about["request"] = request
        if "content" in more:
            about["request_raw"] = more["content"]
        if note:
            about["note"] = note
        self._note("http", **about, status=answer.status_code, **_body(answer))
        return answer

    def upload(self, name: str, data: bytes, *, note: str = "", path: str = "/upload/image", **fields: str) -> None:
        """Send a file; the note of it has its bytes."""
        answer = self._http.post(path, files={"image": (name, data, "image/png")}, data=fields)
        form = [
            {"name": "image", "filename": name, "content_type": "image/png", "b64": base64.b64encode(data).decode()}
        ]
        values = [{"name": field, "value": value} for field, value in fields.items()]
        about: Record = {"note": note} if note else {}
        self._note(
            "http",
            method="POST",
            path=path,
            form=[*form, *values],
            **about,
            status=answer.status_code,
            **_body(answer),
        )

    def post(self, graph: Record, *, note: str = "", client: bool = True, **more: Any) -> str:
        """Post a prompt under the name of this client, and return its id, if it was taken."""
        request: Record = {"prompt": graph, **({"client_id": self.client_id} if client else {}), **more}
        answer = self.ask("POST", "/prompt", request, note=note)
        return str(answer.json()["prompt_id"]) if answer.status_code == 200 else ""

    def run(self, graph: Record, *, note: str = "", **more: Any) -> str:
        """Post a prompt, wait until it is done, and ask what has become of it."""
        prompt_id = self.post(graph, note=note, **more)
        self.wait(prompt_id)
        self.told(prompt_id)
        return prompt_id

    def told(self, prompt_id: str) -> None:
        """Ask for the history of a prompt, and for its job."""
        self.ask("GET", f"/history/{prompt_id}")
        self.ask("GET", f"/api/jobs/{prompt_id}")

    def wait(self, prompt_id: str) -> None:
        """Wait until it is told that nothing of a prompt is at work any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: prompt_id in self._done, 300), prompt_id

    def wait_for(self, kind: str, prompt_id: str) -> None:
        """Wait until an event of a prompt is told."""
        with self._changed:
            assert self._changed.wait_for(lambda: f"{kind} {prompt_id}" in self._seen, 300), (kind, prompt_id)

    def write(self, path: Path) -> None:
        """Write the recording."""
        self.lines.sort(key=lambda line: line["t"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in self.lines), encoding="utf-8")

    def _listen(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            for frame in socket:
                if isinstance(frame, bytes):
                    kind = int.from_bytes(frame[:4], "big")
                    self._note("ws_binary", len=len(frame), event=kind, b64=base64.b64encode(frame).decode())
                    continue
                event = json.loads(frame)
                self._note("ws_text", data=event)
                with self._changed:
                    self._seen.append(f"{event['type']} {event['data'].get('prompt_id')}")
                    if event["type"] == "executing" and event["data"].get("node") is None:
                        self._done.add(event["data"]["prompt_id"])
                    self._changed.notify_all()

    def _note(self, kind: str, **about: Any) -> None:
        self.lines.append({"t": round(time.monotonic() - self._start, 4), "kind": kind, **_without_places(about)})


def _body(answer: httpx.Response) -> Record:
    kind = answer.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return {"response": answer.json()}
    if kind.startswith("text/") or not answer.content:
        return {"response_text": answer.text, "response_len": len(answer.content)}
    return {"response_b64": base64.b64encode(answer.content).decode(), "response_len": len(answer.content)}


def _without_places(told: Any, *, named: bool = False) -> Any:
    """Return what was told with the names of files only, where it tells of places on the server's machine."""
    if isinstance(told, dict):
        return {key: _without_places(value, named=named or key in _WITH_PATHS) for key, value in told.items()}
    if isinstance(told, list):
        return [_without_places(value, named=named) for value in told]
    return _PATH.sub("", told) if named and isinstance(told, str) else told
