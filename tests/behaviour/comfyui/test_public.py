"""What is public of ComfyUI's clients: the members of each class, the twins, and what docstrings say."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from flowbind import comfyui
from flowbind.comfyui import (
    AsyncComfyUI,
    AsyncJob,
    AsyncManyJob,
    Audio,
    ComfyUI,
    File,
    Image,
    Job,
    ManyJob,
    Model3D,
    Result,
    Video,
)
from flowbind.comfyui.awaited.files import AsyncFiles
from flowbind.comfyui.awaited.history import AsyncHistory
from flowbind.comfyui.awaited.models import AsyncModels
from flowbind.comfyui.awaited.queue import AsyncQueue
from flowbind.comfyui.blocking.files import Files
from flowbind.comfyui.blocking.history import History
from flowbind.comfyui.blocking.models import Models
from flowbind.comfyui.blocking.queue import Queue

from ..surface import check_docstring, check_twins, members

CLIENT = [
    *("close", "features", "files", "free", "from_env", "history", "is_alive", "metrics", "models", "perform", "queue"),
    *("request", "run", "run_many", "stream", "submit", "submit_many", "system_stats", "url", "version"),
]
TWINS: dict[type[Any], tuple[type[Any], list[str]]] = {
    ComfyUI: (AsyncComfyUI, CLIENT),
    Job: (AsyncJob, ["cancel", "events", "refresh", "status", "wait"]),
    ManyJob: (AsyncManyJob, ["cancel", "item_ids", "refresh", "results", "status", "wait"]),
    Files: (AsyncFiles, ["bytes", "open", "save", "upload", "upload_mask"]),
    History: (AsyncHistory, ["clear", "delete", "get", "list"]),
    Models: (AsyncModels, ["embeddings", "folders", "list"]),
    Queue: (AsyncQueue, ["cancel", "clear", "get", "interrupt", "job", "list", "remaining", "status"]),
}
FILE = ["bytes", "name", "parse", "save", "source", "subfolder", "type"]
VALUES: dict[type[Any], list[str]] = {
    **dict.fromkeys((Audio, File, Model3D, Video), FILE),
    Image: sorted([*FILE, "open"]),
    Result: ["node", "server"],
}
TALKING = (*TWINS, *(twin for twin, _ in TWINS.values()), *VALUES)
QUIET = {"from_env", "parse", "node"}
"""What asks no server."""
FUNCTIONS = {f"{owner.__name__}.{name}": getattr(owner, name) for owner in TALKING for name in members(owner)}


@pytest.mark.parametrize(
    ("owner", "names"),
    [*((owner, names) for sync, (twin, names) in TWINS.items() for owner in (sync, twin)), *VALUES.items()],
)
def test_the_members(owner: type[Any], names: list[str]) -> None:
    assert members(owner) == names


@pytest.mark.parametrize("sync", TWINS)
def test_the_twins_have_the_same_members(sync: type[Any]) -> None:
    check_twins(sync, TWINS[sync][0])


@pytest.mark.parametrize("name", [name for name, found in FUNCTIONS.items() if inspect.isroutine(found)])
def test_what_is_public_says_what_it_raises_and_asks(name: str) -> None:
    check_docstring(name, FUNCTIONS[name], asks=name.rpartition(".")[2] not in QUIET)


def test_functions_say_what_they_raise() -> None:
    for name in ("dynamic", "fresh"):
        check_docstring(name, getattr(comfyui, name), asks=False)
