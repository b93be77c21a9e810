"""Files that InvokeAI takes for models, each a few hundred bytes, and a server that sends one as slowly as wanted."""

from __future__ import annotations

import contextlib
import json
import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

from tests.behaviour.local_server import LocalHandler, LocalServer

VAE = {"encoder.conv_in.weight": (4, 3, 3, 3), "decoder.conv_in.weight": (4, 4, 3, 3)}
"""What makes a VAE of Stable Diffusion 1 of a file."""
CHECKPOINT = {
    "model.diffusion_model.input_blocks.0.0.weight": (4, 4, 3, 3),
    "model.diffusion_model.input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight": (1, 768),
}
"""What makes a whole Stable Diffusion 1 of it; nothing can be made of that one."""
SECRET = "token-of-the-files"


def safetensors(tensors: Mapping[str, Sequence[int]]) -> bytes:
    """Return a file of tensors of these shapes, all zero."""
    head: dict[str, object] = {}
    end = 0
    for name, shape in tensors.items():
        start, end = end, end + 4
        for length in shape:
            end = start + (end - start) * length
        head[name] = {"dtype": "F32", "shape": [*shape], "data_offsets": [start, end]}
    written = json.dumps(head).encode()
    return struct.pack("<Q", len(written)) + written + bytes(end)


def add(folder: Path, name: str, tensors: Mapping[str, Sequence[int]] = VAE) -> Path:
    """Write a model file into a folder."""
    path = folder / f"{name}.safetensors"
    path.write_bytes(safetensors(tensors))
    return path


class FileServer(LocalServer):
    """Sends 400 kB at each path: `held`, the first quarter only, until `go` is set; `/closed/` wants a token."""

    content = bytes(400_000)

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.go = Event()
        self.go.set()


class _Handler(LocalHandler):
    owner: FileServer

    def do_GET(self) -> None:
        request = self.asked()
        self.owner.requests.append(request)
        content, start = self.owner.content, 0
        refused = request.path.startswith("/closed/") and request.headers.get("authorization") != f"Bearer {SECRET}"
        if asked := re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", "")):
            start = int(asked[1])
        self.send_response(401 if refused else 206 if start else 200)
        if start:
            self.send_header("content-range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("content-length", "0" if refused else str(len(content) - start))
        self.end_headers()
        if refused:
            return
        with contextlib.suppress(OSError):  # the server has enough of it
            self.wfile.write(content[start:100_000])
            self.wfile.flush()
            self.owner.go.wait(30)
            self.wfile.write(content[max(start, 100_000) :])
