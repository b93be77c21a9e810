"""A workflow with an output of each kind, for tests of commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def _node(class_type: str, title: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs, "_meta": {"title": title}}


STUDIO: dict[str, Any] = {
    "1": _node("LoadImage", "Face", image="face.png"),
    "2": _node("KSampler", "Sampler", seed=7, latent_image=["1", 0]),
    "3": _node("SaveImage", "out: picture", images=["1", 0], filename_prefix="studio"),
    "4": _node("SaveAudio", "out: sound", audio=["5", 0], filename_prefix="audio/hum"),
    "5": _node("LoadAudio", "Hum", audio="hum.flac"),
    "6": _node(
        "SaveVideo", "out: clip", video=["7", 0], filename_prefix="walk", format="auto", **{"format.codec": "auto"}
    ),
    "7": _node("LoadVideo", "Walk", file="walk.mp4"),
    "8": _node("SaveGLB", "out: model", mesh="chair.glb", filename_prefix="3d/chair"),
    "9": _node("PreviewAny", "out: words", source=["1", 0]),
}
"""A prompt that the stand-in plays, whatever its nodes would do."""


def write_export(folder: Path) -> Path:
    """Write the workflow into a project, as studio.json; return its path."""
    path = folder / "workflows" / "studio.json"
    path.parent.mkdir()
    path.write_text(json.dumps(STUDIO), encoding="utf-8")
    return path
