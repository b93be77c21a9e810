"""Whatever a server says: an error of our own tree at worst, in words that a terminal can show; nothing hangs."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.behaviour.local_server import Request
from tests.behaviour.replaying_server import kind_of
from tests.fuzz.asking import Answering, Operation
from tests.fuzz.changes import Change, changes
from tests.fuzz.comfyui_operations import COMFYUI_OPERATIONS
from tests.fuzz.operations import OPERATIONS
from tests.fuzz.played import Player, Said

from flowbind.comfyui import ComfyUI
from flowbind.errors import FlowbindError
from flowbind.invokeai import InvokeAI

MOST_REQUESTS = 2_000
LONGEST_MESSAGE = 8_000
ALL = (*OPERATIONS, *COMFYUI_OPERATIONS)


class Endless(BaseException):
    """More requests than any operation needs."""


@dataclass
class Spoiled:
    """A server whose answers to some kinds of requests are changed, by the order in which they are first asked."""

    studio: Answering
    spoilt: Sequence[tuple[int, Change]] = ()
    kinds: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    count: int = 0

    def __call__(self, request: Request) -> Said:
        """Answer a request."""
        self.count += 1
        if self.count > MOST_REQUESTS:
            raise Endless
        number = self.kinds.setdefault((request.method, kind_of(request.path)), len(self.kinds))
        said = self.studio.answer(request)
        for which, change in self.spoilt:
            if which == number:
                said = change(said)
        return said


def carried_out(player: Player, kind: str, operation: Operation, server: Any) -> Any:
    """Carry out an operation; return what came of it, an error perhaps."""
    with tempfile.TemporaryDirectory() as outer, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        folder = Path(outer, "folder")
        folder.mkdir()
        try:
            found = player.carry_out(
                kind, server, operation.script(folder), family=operation.family, **{"check": "off", **operation.options}
            )
        except FlowbindError as error:
            found = error
            check_words(str(error))
            check_words(*getattr(error, "__notes__", ()))
        check_words(*(str(warning.message) for warning in told))
        assert [path.name for path in Path(outer).iterdir()] == ["folder"]
        assert all(path.is_file() and not path.name.startswith(".") for path in folder.iterdir())
    return found


def check_words(*texts: str) -> None:
    """Check that a terminal can show texts."""
    for text in texts:
        assert len(text) < LONGEST_MESSAGE, f"{len(text)} characters: {text[:2000]!r}"
        assert text.replace("\n", "").isprintable(), repr(text[:2000])


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_what_is_not_changed_is_answered(player: Player, kind: str) -> None:
    for operation in ALL:
        found = carried_out(player, kind, operation, operation.studio().answer)
        assert isinstance(found, FlowbindError) == operation.fails, f"{operation}: {found}"


@given(
    kind=st.sampled_from(["sync", "async"]),
    operation=st.sampled_from(ALL),
    spoilt=st.lists(st.tuples(st.integers(0, 11), changes), min_size=1, max_size=3),
)
def test_whatever_is_answered(
    player: Player, kind: str, operation: Operation, spoilt: list[tuple[int, Change]]
) -> None:
    carried_out(player, kind, operation, spoiled(player, operation, spoilt))


def spoiled(player: Player, operation: Operation, spoilt: Sequence[tuple[int, Change]]) -> Spoiled:
    """Return the server of an operation, some of its answers changed."""
    kinds = _kinds(player, operation)
    return Spoiled(operation.studio(), [(which % kinds, change) for which, change in spoilt])


@cache
def _kinds(player: Player, operation: Operation) -> int:
    """Return how many kinds of requests an operation sends, where nothing is changed."""
    server = Spoiled(operation.studio())
    carried_out(player, "sync", operation, server)
    return len(server.kinds)


PARTS = {
    InvokeAI: ("boards", "images", "library", "models", "queue", "quick", "videos"),
    ComfyUI: ("files", "history", "models", "queue"),
}


@pytest.mark.parametrize("client", PARTS)
def test_all_that_can_be_asked_is_asked(client: Any) -> None:
    asked = {operation.name for operation in ALL if operation.family == client.__name__}
    with client("http://studio.example") as server:
        handles = {name: getattr(server, name) for name in PARTS[client]}
    can = {f"{name}.{method}" for name, handle in handles.items() for method in dir(handle) if method[0] != "_"}
    can |= {name for name in dir(client) if callable(getattr(client, name)) and name[0] != "_"}
    assert can - asked == {"close", "from_env", "perform", "stream"}
