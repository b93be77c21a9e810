"""What can be asked of a server, as scripts for both of its clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.behaviour.both_clients import Script
from tests.behaviour.local_server import Request
from tests.fuzz.played import Said

LONG = 30.0
"""Seconds of a clock that costs no time."""
MOST = 300
"""Of what has no end, nobody wants more."""
Folder = Path
Asks = Callable[[Any, Folder], Any]


class Answering(Protocol):
    """A server in memory."""

    def answer(self, request: Request) -> Said:
        """Return what the server says."""
        ...


@dataclass(frozen=True, eq=False)
class Operation:
    """Something that is asked of a server of a family; `fails` is whether it does where nothing is changed."""

    name: str
    asks: Asks
    studio: Callable[[], Answering]
    fails: bool = False
    family: str = "InvokeAI"
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def script(self, folder: Folder) -> Script:
        """Return it as a script that saves what it saves in a folder."""
        return lambda client: self.asks(client, folder)

    def __repr__(self) -> str:
        return f"{self.family}: {self.name}"


def called(path: str, *arguments: Any, **more: Any) -> Asks:
    """Return what calls a method of the client, or of a part of it, with the same arguments each time."""

    async def ask(client: Any, _: Folder) -> Any:
        found = client
        for name in path.split("."):
            found = getattr(found, name)
        return await found(*arguments, **more)

    return ask


def gone_through(path: str, *arguments: Any, **more: Any) -> Asks:
    """Return what goes through the list that a method gives."""

    async def ask(client: Any, _: Folder) -> Any:
        found = client
        for name in path.split("."):
            found = getattr(found, name)
        return await first(found(*arguments, **more))

    return ask


async def first(listed: Any) -> list[Any]:
    """Go through a list, as far as anybody would."""
    found: list[Any] = []
    async for one in listed:
        found.append(one)
        if len(found) >= MOST:
            break
    return found


def saved(path: str, *arguments: Any, **more: Any) -> Asks:
    """Return what saves something into a folder, under the name that it has on the server."""

    async def ask(client: Any, folder: Folder) -> Any:
        found = client
        for name in path.split("."):
            found = getattr(found, name)
        return await found(*arguments, folder, **more)

    return ask
