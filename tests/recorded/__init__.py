"""Traffic of a real InvokeAI 6.14.2, each file cut out of the recording that it is called after.

The folder `comfyui` is that of a real ComfyUI 0.8.0, which `tests/maintain/record_comfyui.py` wrote.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def recorded(name: str) -> list[dict[str, Any]]:
    """Return the requests of a recording with their answers."""
    lines = Path(__file__).with_name(f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def noted(name: str, note: str) -> dict[str, Any]:
    """Return the one request of a recording that has a note."""
    (found,) = (line for line in recorded(name) if line["note"] == note)
    return found
