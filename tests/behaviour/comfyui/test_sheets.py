"""Contact sheets of a real ComfyUI: each caption says what the prompt in the picture above it has."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from tests.fidelity.pictures import grey

from flowbind_generator.cli import main

from ..both_families.collage import PROMPT
from ..both_families.run_command import DECLARED
from ..drawn_sheets import captions, noted

NODES = {"name": ("5", "filename_prefix"), "colour": ("1", "color")}


@pytest.mark.skipif("COMFYUI_URL" not in os.environ, reason="COMFYUI_URL names no server")
def test_each_caption_is_what_its_picture_was_made_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = noted(monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(DECLARED)
    (tmp_path / "collage.json").write_text(json.dumps(PROMPT))
    (tmp_path / "mine.png").write_bytes(grey(32, 90))
    words = ["--set", "image=mine.png", "--sweep", "name=sheet/red,sheet/一", "--sweep", "colour=255,65280,16711680"]
    words += ["--check", "off", "--sheet", "sheet.png", "--format", "json"]
    done = CliRunner().invoke(main, ["run", "collage.json", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    ((cells, columns),) = drawn
    assert (len(cells.cells), cells.per_run, columns) == (12, 2, 6)
    for caption, (_, path) in zip(captions(cells), cells.cells, strict=True):
        with Image.open(path) as picture:
            prompt = json.loads(picture.info["prompt"])
        stored = {name: prompt[node]["inputs"][key] for name, (node, key) in NODES.items()}
        assert caption == ", ".join(f"{name}={value}" for name, value in stored.items())
