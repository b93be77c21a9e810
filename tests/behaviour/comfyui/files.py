"""The files of the stand-in: uploads with the renaming of a real server, outputs, and what /view answers."""

from __future__ import annotations

import json
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from ..fake_server import Answer, as_json
from ..local_server import Request
from .prompts import Record

FOLDERS = ("input", "output", "temp")
TROUBLE = Answer(b"500 Internal Server Error\n\nServer got itself in trouble", 500, "text/plain; charset=utf-8")
_QUOTED = re.compile(rb'(\w+)="((?:[^"\\]|\\.)*)"')


def nothing(status: int) -> Answer:
    """Return an answer without a body, as aiohttp gives it."""
    return Answer(b"", status, "application/octet-stream")


@dataclass(frozen=True)
class Part:
    """A part of a form: a file where it has a file name, else a value."""

    name: str
    filename: str | None
    content_type: str
    data: bytes


def parts_of(request: Request) -> list[Part]:
    """Read a multipart form."""
    boundary = b"--" + request.content_type.partition("boundary=")[2].strip('"').encode()
    found: list[Part] = []
    for chunk in request.body.split(boundary)[1:-1]:
        head, _, data = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = {name.lower(): value for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))}
        said = {
            key.decode(): re.sub(rb"\\(.)", rb"\1", value).decode()
            for key, value in _QUOTED.findall(lines[b"content-disposition"])
        }
        kind = lines.get(b"content-type", b"").strip().decode()
        found.append(Part(said["name"], said.get("filename"), kind, data.removesuffix(b"\r\n")))
    return found


class Files:
    """What lies in the folders, by type, subfolder and name; `uploads` are the files as they came in."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str, str], bytes] = {}
        self.uploads: list[Part] = []

    def put(self, name: str, data: bytes, *, subfolder: str = "", folder: str = "output") -> Record:
        """Lay a file down, and return what an output says of it."""
        self.held[folder, subfolder, name] = data
        return {"filename": name, "subfolder": subfolder, "type": folder}

    def upload(self, request: Request) -> Answer:
        """Take a file: one of the same name and other bytes gets a number, unless it is to replace that one."""
        parts = parts_of(request)
        fields = {part.name: part.data.decode() for part in parts if part.filename is None}
        file = next((part for part in parts if part.name == "image" and part.filename), None)
        folder, subfolder = fields.get("type", "input"), fields.get("subfolder", "")
        place = posixpath.normpath(posixpath.join(subfolder, file.filename or "")) if file else ".."
        if file is None or file.filename is None or place.startswith(("..", "/")):
            return nothing(400)
        if folder not in FOLDERS:
            return TROUBLE
        self.uploads.append(file)
        name, (stem, ending), number = file.filename, posixpath.splitext(file.filename), 0
        while (
            fields.get("overwrite") not in ("true", "1")
            and self.held.get((folder, subfolder, name), file.data) != file.data
        ):
            number += 1
            name = f"{stem} ({number}){ending}"
        self.held[folder, subfolder, name] = file.data
        return as_json({"name": name, "subfolder": subfolder, "type": folder})

    def view(self, query: Mapping[str, str]) -> Answer:
        """Answer /view."""
        asked = re.fullmatch(r"(.*?)(?: \[(input|output|temp)\])?", query.get("filename", ""), re.DOTALL)
        assert asked is not None
        name, folder, subfolder = asked[1], asked[2] or query.get("type", "output"), query.get("subfolder", "")
        if "filename" not in query:
            return nothing(404)
        if not name or name.startswith("/") or ".." in name or folder not in FOLDERS:
            return nothing(400)
        if posixpath.normpath(subfolder).startswith(("..", "/")):
            return nothing(403)
        data = self.held.get((folder, subfolder, posixpath.basename(name)))
        if data is None:
            return nothing(404)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if "preview" in query:
            data, kind = _smaller(data, query["preview"])
        # A real server writes UTF-8 there, and this one is given a head as Latin-1.
        named = json.dumps(posixpath.basename(name), ensure_ascii=False).encode().decode("latin-1")
        return Answer(data, 200, kind, headers={"content-disposition": f"filename={named}"})


def _smaller(data: bytes, wish: str) -> tuple[bytes, str]:
    from PIL import Image

    form, *more = wish.split(";")
    form = form if form in ("webp", "jpeg") else "webp"
    quality = int(more[-1]) if more and more[-1].isdigit() else 90
    kept = BytesIO()
    with Image.open(BytesIO(data)) as image:
        (image.convert("RGB") if form == "jpeg" else image).save(kept, format=form, quality=quality)
    return kept.getvalue(), f"image/{form}"
