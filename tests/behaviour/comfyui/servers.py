"""The servers that tests of the client run against: the stand-in, and the real one that COMFYUI_URL names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from .fake_comfyui import FakeComfyUI


@dataclass(frozen=True)
class Served:
    """A server that runs; `stand_in` is none where it is a real one, which goes its own way."""

    url: str
    stand_in: FakeComfyUI | None = None


@pytest.fixture(params=["stand-in", "real"])
def comfyui_server(request: pytest.FixtureRequest) -> Iterator[Served]:
    """The stand-in, whose prompts end well at once, and the server that COMFYUI_URL names."""
    if request.param == "stand-in":
        with FakeComfyUI() as running:
            yield Served(running.url, running)
    elif "COMFYUI_URL" not in os.environ:
        pytest.skip("COMFYUI_URL names no server")
    else:
        yield Served(os.environ["COMFYUI_URL"])
