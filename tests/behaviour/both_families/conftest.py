"""Both clients of both families: stand-ins, and the real ComfyUI that COMFYUI_URL names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from ..impatient import shorten_waits
from .comfyui_family import COMFYUI
from .family import Family, Served, Side
from .invokeai_family import INVOKEAI

STAND_INS = [*product((INVOKEAI, COMFYUI), ("sync", "async"))]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """All waits for a server that does not tell or answer, shortened."""
    shorten_waits(monkeypatch)


def _named(value: Any) -> str:
    family, kind = value[:2]
    return f"{family.name}-{kind}" + ("-real" if len(value) > 2 else "")


@pytest.fixture(params=STAND_INS, ids=_named)
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """One client on a server that does what the test wants."""
    yield from _on_stand_in(*request.param)


@pytest.fixture(params=[*STAND_INS, *((COMFYUI, kind, "real") for kind in ("sync", "async"))], ids=_named)
def any_side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """One client on a stand-in or on a real server, which goes its own way."""
    if len(request.param) == 2:
        yield from _on_stand_in(*request.param)
    elif "COMFYUI_URL" not in os.environ:
        pytest.skip("COMFYUI_URL names no server")
    else:
        family, kind, _ = request.param
        yield Side(family, kind, Served(os.environ["COMFYUI_URL"]))


def _on_stand_in(family: Family, kind: str) -> Iterator[Side]:
    with family.stand_in() as running:
        yield Side(family, kind, Served(running.url, running))
