"""What `flowbind payload` prints of a ComfyUI workflow: the prompt, and what is settled when it is posted."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

from flowbind.comfyui import RANDOM, Image
from flowbind.comfyui.preview import preview

from .portrait import PROMPT, Portrait

CHECKPOINT = "Portrait.checkpoint: sd/tiny.safetensors"
PROMPT_LINE = 'Portrait.prompt ("Prompt"): a {red|{pale|dark} blue} kite // sketch (expanded at each run)'
PREFIX = 'Portrait, `filename_prefix` of the node "Save Image": %date:yyyy%/%KSampler.seed% (expanded at each run)'


def with_prefix() -> dict[str, Any]:
    """Return the file's prompt with the name for the picture that a run of this year gets."""
    prompt = deepcopy(PROMPT)
    prompt["9"]["inputs"]["filename_prefix"] = f"{datetime.now().year}/{prompt['3']['inputs']['seed']}"
    return prompt


def test_an_unset_instance_shows_the_files_prompt() -> None:
    assert preview(Portrait()) == (with_prefix(), [PROMPT_LINE, CHECKPOINT, "Portrait.face: face.png", PREFIX])


def test_files_are_placeholders_and_a_set_text_is_not_expanded() -> None:
    prompt, told = preview(Portrait(prompt="{a|b}", face=Path("in", "a.png"), mask=b"123"))
    wanted = with_prefix()
    wanted["6"]["inputs"]["text"] = "{a|b}"
    wanted["10"]["inputs"] = {"image": "in/a.png", "mask": "<3 bytes>"}
    assert prompt == wanted
    assert told == [CHECKPOINT, "Portrait.face: in/a.png", "Portrait.mask: <3 bytes>", PREFIX]


def test_files_of_the_server_go_by_their_names() -> None:
    prompt, told = preview(Portrait(face=Image("b.png", type="temp"), seed=RANDOM))
    assert prompt["10"]["inputs"]["image"] == "b.png [temp]"
    assert "Portrait.face: b.png [temp]" in told
    assert isinstance(prompt["3"]["inputs"]["seed"], int)
