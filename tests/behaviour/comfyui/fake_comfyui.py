"""A small HTTP server that plays ComfyUI 0.33: its answers are those of a real one, for the shipped node classes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

from flowbind_generator.comfyui.shipped import SNAPSHOT, shipped_document

from ..fake_server import Answer, as_json
from ..local_server import LocalHandler, LocalServer, Request

CHARSET = "application/json; charset=utf-8"
# A real server says that without a body, as aiohttp does.
NOT_FOUND = Answer(b"", 404, "application/octet-stream")
SYSTEM_STATS: dict[str, Any] = {
    "system": {
        "os": "linux",
        "ram_total": 25276510208,
        "ram_free": 22830370816,
        "comfyui_version": SNAPSHOT,
        "required_frontend_version": "1.49.6",
        "installed_templates_version": "0.11.44",
        "required_templates_version": "0.11.44",
        "comfy_package_versions": [
            {"name": "comfyui-frontend-package", "installed": "1.49.6", "required": "1.49.6"},
        ],
        "python_version": "3.11.7",
        "pytorch_version": "2.13.0+cpu",
        "embedded_python": False,
        "deploy_environment": "local-git",
        "argv": ["main.py", "--cpu"],
    },
    "devices": [
        {
            "name": "cpu",
            "type": "cpu",
            "index": None,
            "vram_total": 25276510208,
            "vram_free": 22830370816,
            "torch_vram_total": 25276510208,
            "torch_vram_free": 22830370816,
        }
    ],
}
FEATURES: dict[str, Any] = {
    "supports_preview_metadata": True,
    "supports_model_type_tags": True,
    "max_upload_size": 104857600,
    "extension": {"manager": {"supports_v4": True}},
    "node_replacements": True,
    "assets": False,
}


class FakeComfyUI(LocalServer):
    """Tells of its node classes, its system and its models; below `prefix`, where a proxy is before it.

    `answers` are programmed ones, by path: they come before its own.
    """

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(_Handler)
        self.prefix = prefix
        self.classes: dict[str, Any] = json.loads(gzip.decompress(shipped_document()))
        self.models: dict[str, list[str]] = {"checkpoints": [], "loras": [], "vae": []}
        self.answers: dict[str, Answer] = {}
        self._told: Mapping[str, Callable[[], Any]] = {
            "/object_info": lambda: self.classes,
            "/system_stats": lambda: SYSTEM_STATS,
            "/features": lambda: FEATURES,
            "/models": lambda: list(self.models),
            "/prompt": lambda: {"exec_info": {"queue_remaining": 0}},
            "/queue": lambda: {"queue_running": [], "queue_pending": []},
        }

    def answer(self, request: Request) -> Answer:
        """Return what to say to a request, which is kept."""
        self.requests.append(request)
        if not request.path.startswith(self.prefix):
            return NOT_FOUND
        # It serves everything a second time below /api.
        path = request.path.removeprefix(self.prefix).removeprefix("/api")
        if path in self.answers:
            return self.answers[path]
        if path in self._told:
            return as_json(self._told[path]())
        kind, _, name = path.removeprefix("/").partition("/")
        if kind == "object_info":
            return as_json({name: self.classes[name]} if name in self.classes else {})
        if kind == "models" and name in self.models:
            return as_json(self.models[name])
        return NOT_FOUND


class _Handler(LocalHandler):
    owner: FakeComfyUI

    def do_GET(self) -> None:
        answer = self.owner.answer(self.asked())
        self.send_response(answer.status)
        self.send_header("content-type", CHARSET if answer.media_type == "application/json" else answer.media_type)
        self.send_header("content-length", str(len(answer.body)))
        for name, value in (answer.headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
