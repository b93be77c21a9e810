"""A real ComfyUI on the CPU, of the checkout that COMFYUI_PATH names, with its data in a folder of a test's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from flowbind import LocalServer


def real_comfyui(base: Path, **options: Any) -> LocalServer:
    """Return a server that is not started; skips where there is no checkout."""
    if "COMFYUI_PATH" not in os.environ:
        pytest.skip(
            "COMFYUI_PATH names no checkout of ComfyUI; COMFYUI_PYTHON is its interpreter, where it is elsewhere"
        )
    args = ["--cpu", "--base-directory", str(base), "--disable-api-nodes"]
    return LocalServer.comfyui(
        os.environ["COMFYUI_PATH"], args=args, python=os.environ.get("COMFYUI_PYTHON"), **options
    )
