"""Classes of one family of servers in the hands of the other's client: refused at once, naming the right one."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from generated import ComfyTextToImage, GrainStudy, Poster
from tests.fuzz.asking import Asks, called, gone_through

from flowbind.comfyui import AsyncComfyUI, ComfyUI
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.workflow import Workflow

from .both_clients import awaited

CLIENTS = {"InvokeAI": (InvokeAI, AsyncInvokeAI), "ComfyUI": (ComfyUI, AsyncComfyUI)}
# Nobody answers there: whoever asked would get another error.
NOWHERE = "http://127.0.0.1:9"
RUNS = {
    "submit": lambda given: called("submit", given),
    "run": lambda given: called("run", given),
    "submit_many": lambda given: called("submit_many", [given]),
    "run_many": lambda given: gone_through("run_many", [given, given]),
}


def refusal(server: str, kind: str, asks: Asks) -> str:
    """Return what is said to who asks that of a client."""
    sync, asynchronous = CLIENTS[server]

    async def ask() -> None:
        async with asynchronous(NOWHERE, events=False) as client:
            await asks(client, Path())

    def ask_and_wait() -> None:
        with sync(NOWHERE, events=False) as client:
            awaited(client, lambda own: asks(own, Path()))

    with pytest.raises(TypeError) as caught:
        ask_and_wait() if kind == "sync" else asyncio.run(ask())
    return str(caught.value)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("how", RUNS)
@pytest.mark.parametrize(("server", "given"), [("ComfyUI", Poster()), ("ComfyUI", GrainStudy()), ("InvokeAI", None)])
def test_another_familys_instance(server: str, given: Workflow[Any] | None, how: str, kind: str) -> None:
    given = ComfyTextToImage() if given is None else given
    (right,) = {*CLIENTS} - {server}
    assert refusal(server, kind, RUNS[how](given)) == (
        f"{type(given).__name__} is a workflow of {right}, and this is a client of {server}: "
        f"use `{right}` or `Async{right}`."
    )


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("server", "asks"),
    [
        ("ComfyUI", called("queue.job", Poster, "7")),
        ("InvokeAI", called("queue.job", ComfyTextToImage, 7)),
        ("InvokeAI", called("queue.batch_job", ComfyTextToImage, "one")),
        ("InvokeAI", called("queue.batch_job", ComfyTextToImage, "one", "two")),
        ("InvokeAI", called("library.check", ComfyTextToImage, "one")),
    ],
)
def test_another_familys_class(server: str, asks: Asks, kind: str) -> None:
    assert f"and this is a client of {server}: use" in refusal(server, kind, asks)


@pytest.mark.parametrize("server", CLIENTS)
@pytest.mark.parametrize("given", [Poster, ComfyTextToImage, "poster", None])
def test_what_is_no_instance(server: str, given: Any) -> None:
    assert re.search("make an instance of|no instance: hand over", refusal(server, "sync", RUNS["submit"](given)))
    assert "no workflow" in refusal(server, "sync", RUNS["submit_many"](given))


@pytest.mark.parametrize(
    ("server", "asks"),
    [
        ("ComfyUI", called("queue.job", ComfyTextToImage(), "7")),
        ("InvokeAI", called("queue.job", Poster(), 7)),
        ("InvokeAI", called("queue.batch_job", Poster(), "one")),
        ("InvokeAI", called("library.check", Poster(), "one")),
    ],
)
def test_an_instance_in_place_of_its_class(server: str, asks: Asks) -> None:
    assert "no class of workflows: hand over its class" in refusal(server, "sync", asks)
