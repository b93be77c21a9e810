"""What tests of `flowbind run` need: a workflow with an output of each kind, and a terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Self

import pytest


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


class Terminal(io.StringIO):
    """A terminal that keeps what it is sent."""

    def isatty(self) -> bool:
        """Say so."""
        return True

    @classmethod
    def of(cls, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Self:
        """Return the terminal that a module's standard error is from now on."""
        made = cls()
        # Not the module's own: pytest sets that anew when a test begins.
        monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=made))
        return made
