"""A client that is told frames while a script waits for what it has submitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.fuzz.played import Player
from tests.fuzz.test_answers import Spoiled, check_words

from flowbind.errors import ConnectionBroken, FlowbindError, Unauthorized
from flowbind.events import Failed, Finished
from flowbind.listening.listener import Conversation

MINE = "@mine@"
"""Stands in frames for the batch or prompt that is waited for."""


def wait_and_hear(
    player: Player,
    kind: str,
    server: Spoiled,
    submitted: tuple[Any, Callable[[Any], str]],
    said: tuple[Conversation, Sequence[str | bytes]],
    *,
    live: bool,
    listens: bool,
    family: str = "InvokeAI",
) -> None:
    """Submit what is given, with what says how its job is called in frames; check that each run ends once.

    In each pause the next frame comes. `listens` is whether the job's events are asked for, or its result; `live`
    whether the client takes the server for one that tells, whatever it has said.
    """
    workflow, key_of = submitted
    conversation, left = said[0], [*said[1]]
    key: list[str] = []

    def tell(client: Any) -> bool:
        if live and not client._channels.live:
            client._channels.set_live(True)
        if not left:
            return False
        try:
            _, event = conversation.hear(_with(left.pop(0), key[0]))
        except (Unauthorized, ConnectionBroken, ValueError):
            client._channels.set_live(False)
            return True
        if event is not None:
            client._channels.hear(*event)
        return True

    async def script(client: Any) -> None:
        job = await client.submit(workflow)
        key.append(key_of(job))
        if not listens:
            await job.wait(60)
            return
        ended: Counter[int] = Counter()
        runs: set[int] = set()
        async for event in job.events(60):
            check_words(repr(event)[:100])
            assert 1 <= event.run <= 6
            assert event.run not in ended
            runs.add(event.run)
            ended[event.run] += isinstance(event, Finished | Failed)
            ended = +ended
        assert {*ended} == runs

    try:
        player.carry_out(kind, server, script, told=tell, family=family, check="off")
    except FlowbindError as error:
        check_words(str(error))
    assert key


def _with(frame: str | bytes, key: str) -> str | bytes:
    if isinstance(frame, bytes):
        return frame.replace(MINE.encode(), key.encode())
    return frame.replace(MINE, key)
