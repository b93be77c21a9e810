"""The requests of classes made of what ComfyUI's own page posts: the same bytes, whichever values are slots."""

from __future__ import annotations

import json
from typing import Any

from tests.behaviour.comfyui.made import class_of

from flowbind.comfyui import Slot
from flowbind.comfyui.body import body_of
from flowbind.comfyui.preview import preview

from .prompts import all_pairs, needs_pairs

pytestmark = needs_pairs


def unwrapped(value: Any) -> Any:
    """Return a literal as Python has it."""
    return value["__value__"] if isinstance(value, dict) and "__value__" in value else value


def test_each_prompt_is_posted_to_the_byte() -> None:
    # The page posts nodes of unknown classes without a class.
    posted = [pair for pair in all_pairs() if all("class_type" in node for node in pair["api"].values())]
    assert len(posted) > 600
    for pair in posted:
        ui, api = pair["ui"], pair["api"]
        literals = [
            (node, name) for node, told in api.items() for name, v in told["inputs"].items() if type(v) is not list
        ]
        made = class_of(api, *(Slot(f"a{n}", *place, "value") for n, place in enumerate(literals)), stored=ui)
        body, request = body_of(made), {"prompt": api, "extra_data": {"extra_pnginfo": {"workflow": ui}}}
        wanted = json.dumps(request, separators=(",", ":")).encode()
        assert body.join({}) == wanted
        assert body.join({n: v for n, v in enumerate(map(unwrapped, body.values)) if v is not None}) == wanted
        assert preview(made()) == (api, [])
