"""Small workflows of ComfyUI as files: saved, in the format of the API, in pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from PIL import Image, PngImagePlugin

from flowbind_generator.diagnostics import Diagnostic, Report

FILE = "poster.json"
SAVED: dict[str, Any] = {
    "last_node_id": 2,
    "last_link_id": 1,
    "nodes": [
        {"id": 1, "type": "EmptyImage", "mode": 0, "inputs": [], "widgets_values": [64, 64, 1, 0]},
        {"id": 2, "type": "SaveImage", "mode": 0, "inputs": [{"name": "images", "type": "IMAGE", "link": 1}]},
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
    "version": 0.4,
}
SAVED_1: dict[str, Any] = {
    "version": 1,
    "state": {"lastNodeId": 1, "lastLinkId": 0, "lastGroupId": 0, "lastRerouteId": 0},
    "nodes": [{"id": 1, "type": "EmptyImage", "widgets_values": [64, 64, 1, 0]}],
}


def api_node(class_type: str, title: str | None = None, **inputs: Any) -> dict[str, Any]:
    """Return a node in the format of the API."""
    return {"class_type": class_type, "inputs": inputs} | ({} if title is None else {"_meta": {"title": title}})


def empty_image(**more: Any) -> dict[str, Any]:
    """Return a node that makes a picture and needs no other."""
    return api_node("EmptyImage", **({"width": 64, "height": 32, "batch_size": 1, "color": 0} | more))


PROMPT: dict[str, Any] = {
    "1": empty_image(),
    "2": api_node("SaveImage", "My poster", images=["1", 0], filename_prefix="poster"),
}


def as_bytes(document: Any) -> bytes:
    """Return a document as a file."""
    return json.dumps(document).encode()


def png(**texts: str) -> bytes:
    """Return a picture as the server's SaveImage writes it."""
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "png", pnginfo=info)
    return file.getvalue()


def animated_png(**texts: str) -> bytes:
    """Return a picture as SaveAnimatedPNG writes it: with chunks of a kind of its own, behind the pixels."""
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add(b"comf", name.encode() + b"\0" + text.encode(), after_idat=True)
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "png", pnginfo=info)
    return file.getvalue()


def webp(**texts: str) -> bytes:
    """Return a picture as SaveAnimatedWEBP writes it: each text, behind its name, in a tag of the EXIF."""
    exif = Image.Exif()
    for place, (name, text) in enumerate(texts.items()):
        exif[0x0110 - place] = f"{name}:{text}"
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "webp", exif=exif)
    return file.getvalue()


def told(report: Report) -> Mapping[str, list[Diagnostic]]:
    """Return the findings by code."""
    found: dict[str, list[Diagnostic]] = {}
    for one in report:
        found.setdefault(one.code, []).append(one)
    return found


def only(report: Report, code: str) -> Diagnostic:
    """Return the one finding of a report, which has the given code."""
    (found,) = report
    assert found.code == code, str(found)
    return found
