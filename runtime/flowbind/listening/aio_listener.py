"""The same in an event loop: a task listens for one async client."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from flowbind.errors import Unauthorized
from flowbind.listening.channel import Channels
from flowbind.listening.delays import Delays
from flowbind.listening.listener import FIRST_ATTEMPT, Conversation, Line, refuse_redirect, socket_options
from flowbind.transport.connection import Connection


class AsyncListener:
    """A task that listens for one client, until it is closed; see `Listener`."""

    def __init__(self, connection: Connection, line: Line, channels: Channels) -> None:
        self.refused = False
        self._connection = connection
        self._line = line
        self._channels = channels
        self._attempted = asyncio.Event()
        self._called = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._listen(), name="flowbind-events")

    async def wait_for_first_attempt(self) -> None:
        """Return when the server tells, when it does not, or after some seconds, once."""
        try:
            async with asyncio.timeout(FIRST_ATTEMPT):
                await self._attempted.wait()
        except TimeoutError:
            self._attempted.set()

    async def try_again(self) -> None:
        """Make another attempt now, since there is a new token; return as `wait_for_first_attempt` does."""
        self._attempted.clear()
        self._called.set()
        await self.wait_for_first_attempt()

    async def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def abandon(self) -> None:
        """Have the task end by itself; may be called in any thread, and when the loop is no more."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._task.cancel)

    async def _listen(self) -> None:
        delays = Delays()
        while True:
            self.refused = False
            self._called.clear()
            try:
                await self._converse(delays)
            except Exception as error:
                # Whatever came: nobody could be told here, and who waits asks the server instead.
                self.refused = isinstance(error, Unauthorized)
            finally:
                self._channels.set_live(False)
                self._attempted.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(delays.take()):
                    await self._called.wait()

    async def _converse(self, delays: Delays) -> None:
        connect = await asyncio.to_thread(_load_connect)
        tls = await asyncio.to_thread(self._connection.ssl_context)
        conversation = self._line.begin()
        opened: Any = None
        try:
            async with connect(conversation.url, **socket_options(self._connection, self._line, tls)) as opened:
                refuse_redirect(conversation.url, opened)
                await self._hear(conversation, opened, delays)
        finally:
            if opened is not None:
                # In a task that is canceled, Python 3.11.2 ends closing at its time limit with the socket open.
                opened.transport.abort()

    async def _hear(self, conversation: Conversation, socket: Any, delays: Delays) -> None:
        if (greeting := conversation.greeting()) is not None:
            await socket.send(greeting)
        while True:
            # Not wait_for: before Python 3.12 it forgets to be canceled when a frame comes in that moment.
            async with asyncio.timeout(conversation.silence):
                frame = await socket.recv()
            answer, event = conversation.hear(frame)
            if answer is not None:
                await socket.send(answer)
            if event is not None:
                self._channels.hear(*event)
            elif conversation.subscribed and not self._channels.live:
                delays.reset()
                self._channels.set_live(True)
                self._attempted.set()


def _load_connect() -> Any:
    from websockets.asyncio.client import connect

    return connect
