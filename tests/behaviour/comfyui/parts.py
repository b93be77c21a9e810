"""One script for both clients of ComfyUI, and a server that keeps files."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from flowbind.comfyui import AsyncComfyUI, ComfyUI

from ..both_clients import Script, awaited
from ..fake_server import Answer, FakeServer, as_json
from ..local_server import Request

NOTHING = Answer(b"", 404, "application/octet-stream")
"""What a ComfyUI answers where it has nothing."""


def carry_out(kind: str, url: str, script: Script) -> Any:
    """Carry out a script with a client of a server, "sync" or "async"; return what it returns."""
    if kind == "async":

        async def run() -> Any:
            async with AsyncComfyUI(url, events=False) as client:
                return await script(client)

        return asyncio.run(run())
    with ComfyUI(url, events=False) as client:
        return awaited(client, script)


def form(request: Request) -> dict[str, tuple[str | None, str, bytes]]:
    """Return the parts of a form as another reader finds them: file name, type and content by name."""
    text = b"content-type: " + request.content_type.encode() + b"\r\n\r\n" + request.body
    parts: Any = email.message_from_bytes(text, policy=email.policy.HTTP).iter_parts()
    return {
        part.get_param("name", header="content-disposition"): (
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in parts
    }


class FilesServer(FakeServer):
    """Keeps files by folder, subfolder and name, as a real one: what is called the same gets a number."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str, str], bytes] = {}
        self.answer("GET", "/features", as_json({"max_upload_size": 104857600}))

    def next_answer(self, request: Request) -> Answer:
        """Return what was programmed, else what a real server answers."""
        own: dict[str, Callable[[Request], Answer]] = {"/upload/image": self._upload, "/view": self._view}
        if request.path not in own or (request.method, request.path) in self._answers:
            return super().next_answer(request)
        self.requests.append(request)
        return own[request.path](request)

    def _upload(self, request: Request) -> Answer:
        parts = form(request)
        folder, subfolder = parts["type"][2].decode(), parts["subfolder"][2].decode()
        given, _, content = parts["image"]
        assert given is not None
        name, number = given, 0
        while "overwrite" not in parts and self.held.get((folder, subfolder, name), content) != content:
            number += 1
            name = re.sub(r"(\.\w+)?$", rf" ({number})\1", given, count=1)
        self.held[folder, subfolder, name] = content
        return as_json({"name": name, "subfolder": subfolder, "type": folder})

    def _view(self, request: Request) -> Answer:
        asked = {key: values[0] for key, values in parse_qs(request.query).items()}
        name, folder = asked["filename"], asked["type"]
        if marked := re.fullmatch(r"(.*)\[(input|output|temp)\]", name):
            # The one character before the mark goes with it, whatever it is.
            name, folder = marked[1][:-1], marked[2]
        content = self.held.get((folder, asked.get("subfolder", ""), name))
        if content is None:
            return NOTHING
        if "range" in request.headers:
            span = {"content-range": f"bytes 0-0/{len(content)}"}
            return Answer(content[:1], 206, "application/octet-stream", headers=span)
        return Answer(content, 200, "application/octet-stream")
