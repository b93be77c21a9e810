"""What a real InvokeAI 6.14.2 told of single runs, and what it answered; each file is cut out of a recording.

`failed` is of 04_runtime_failures; `canceled`, `canceled_pending`, `deleted` and `cleared` of 05_cancel_clear_delete;
`iterated` and `three_runs` of 02_modelfree_graphs; `denoised` of 07_txt2img_sd1, its pictures cut short.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Line = dict[str, Any]
"""An `event` with its `data`, the `answer` to a question for `item_id`, or the id of an item that was `deleted`."""

STORIES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.jsonl")))


def story(name: str) -> list[Line]:
    """Return what was told and answered, in the order in which it came."""
    return [json.loads(line) for line in Path(__file__).with_name(f"{name}.jsonl").read_text("utf-8").splitlines()]
