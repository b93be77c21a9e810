"""Waiting for what was submitted: each wait ends, whatever becomes of the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from flowbind.errors import WaitTimeout
from flowbind.listening.channel import Channel
from flowbind.listening.pauses import Pauses
from flowbind.run_status import FINAL
from flowbind.transport.steps import Operation


class Item(Protocol):
    """A run as its server has it."""

    @property
    def status(self) -> str:
        """Where it is."""
        ...


ItemT = TypeVar("ItemT", bound=Item)
ItemT_co = TypeVar("ItemT_co", bound=Item, covariant=True)


class Question(Protocol[ItemT_co]):
    """Asks for one run, again and again; `number` is its place in the queue's order, `name` that of its class."""

    @property
    def item_id(self) -> int | str:
        """What the server calls the run."""
        ...

    @property
    def number(self) -> int:
        """Its place in the queue's order."""
        ...

    @property
    def name(self) -> str:
        """The name of its class."""
        ...

    def ask(self) -> Operation[ItemT_co | None]:
        """Return the run; None where there is no telling now. Raises where there is nothing to wait for."""
        ...


def watch(
    question: Question[ItemT],
    timeout: float | None,
    channel: Channel,
    notice: Callable[[str], None],
) -> Operation[ItemT]:
    """Wait until a run has ended and return its item; `notice` hears each status that is seen.

    Ends in any case: by `timeout` seconds, or when the question finds that there is nothing to wait for.
    """
    item_id, name = question.item_id, question.name
    pauses = Pauses(channel, item_id, question.number, notice)
    deadline = None if timeout is None else time.monotonic() + timeout
    with channel.waited_for(question.number):
        yield from pauses.turn(timeout)
        while True:
            item = yield from question.ask()
            if item is not None:
                notice(item.status)
                if item.status in FINAL:
                    return item
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise WaitTimeout(
                    f"{name}: item {item_id} has not ended after {timeout:g} s; it goes on. Wait again, or cancel it.",
                    workflow=name,
                    item_id=item_id,
                )
            answered = item is not None
            # Thousands may wait, and an item has its whole session.
            del item
            yield from pauses.rest(left, answered=answered)
