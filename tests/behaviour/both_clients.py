"""One script for both clients: it awaits whatever it does, and the sync client has answered by then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any

from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.transport.part import Part
from flowbind.transport.sync import SyncClient

Script = Callable[[Any], Coroutine[Any, Any, Any]]
"""A coroutine function that is given a client."""


def carry_out(kind: str, url: str, script: Script, **options: Any) -> Any:
    """Carry out a script with a client of a server, "sync" or "async"; return what it returns."""
    if kind == "async":

        async def run() -> Any:
            async with AsyncInvokeAI(url, **options) as client:
                return await script(client)

        return asyncio.run(run())
    with InvokeAI(url, **options) as client:
        return awaited(client, script)


def awaited(client: SyncClient, script: Script) -> Any:
    """Carry out a script with a sync client; return what it returns."""
    return _finished(script(_Awaitable(client)))


class _Awaitable:
    """The sync client with the async one's manners, so that one script does for both."""

    def __init__(self, own: Any) -> None:
        self._own = own

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._own, name)
        if not callable(value):
            return _Awaitable(value) if isinstance(value, Part) else value
        return lambda *arguments, **more: _Answer(value(*arguments, **more))


class _Answer:
    """What the sync client has answered, to be awaited or gone through."""

    def __init__(self, given: Any) -> None:
        # Of flowbind's own objects, those that ask the server.
        self._given = _Awaitable(given) if hasattr(given, "_server") else given

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._given
        yield

    async def __aiter__(self) -> AsyncIterator[Any]:
        for item in self._given:
            yield item


def _finished(script: Coroutine[Any, Any, Any]) -> Any:
    try:
        script.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("the sync client does not wait in an event loop")
