"""The requests of classes made of what ComfyUI's own page posts: the same bytes, whichever values are slots."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import pytest
from tests.behaviour.comfyui.made import class_of

from flowbind.comfyui import Slot
from flowbind.comfyui.body import body_of
from flowbind.comfyui.preview import preview

from .shared import MISSING, SHARED

FILES = sorted((SHARED / "truth" / "comfyui").glob("*[0-9].jsonl.gz"))
pytestmark = pytest.mark.skipif(not FILES, reason=MISSING)


@cache
def pairs() -> list[tuple[Any, Any]]:
    """Return each saved workflow that the page can post, and its prompt."""
    found: list[tuple[Any, Any]] = []
    for path in FILES:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            found += [(told["ui"], told["api"]) for told in map(json.loads, lines)]
    # The page posts nodes of unknown classes without a class.
    return [(ui, api) for ui, api in found if all("class_type" in node for node in api.values())]


def unwrapped(value: Any) -> Any:
    """Return a literal as Python has it."""
    return value["__value__"] if isinstance(value, dict) and "__value__" in value else value


def test_each_prompt_is_posted_to_the_byte() -> None:
    assert len(pairs()) > 600
    for ui, api in pairs():
        literals = [
            (node, name) for node, told in api.items() for name, v in told["inputs"].items() if type(v) is not list
        ]
        made = class_of(api, *(Slot(f"a{n}", *place, "value") for n, place in enumerate(literals)), stored=ui)
        body, request = body_of(made), {"prompt": api, "extra_data": {"extra_pnginfo": {"workflow": ui}}}
        wanted = json.dumps(request, separators=(",", ":")).encode()
        assert body.join({}) == wanted
        assert body.join({n: v for n, v in enumerate(map(unwrapped, body.values)) if v is not None}) == wanted
        assert preview(made()) == (api, [])
