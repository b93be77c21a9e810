"""The same in an event loop: a task listens for one async client."""

from __future__ import annotations

import asyncio

from flowbind.errors import Unauthorized
from flowbind.invokeai.account import Account
from flowbind.invokeai.channel import Channels
from flowbind.invokeai.connection import Connection
from flowbind.invokeai.frames import Conversation, Delays, socket_url
from flowbind.invokeai.listening import FIRST_ATTEMPT, socket_options


class AsyncListener:
    """A task that listens for one client, until it is closed; see `Listener`."""

    def __init__(self, connection: Connection, account: Account, channels: Channels) -> None:
        self.refused = False
        self._connection = connection
        self._account = account
        self._channels = channels
        self._attempted = asyncio.Event()
        self._awake = asyncio.Event()
        self._task = asyncio.create_task(self._listen(), name="flowbind-events")

    async def wait_for_first_attempt(self) -> None:
        """Return when the server tells, when it does not, or after some seconds."""
        try:
            await asyncio.wait_for(self._attempted.wait(), FIRST_ATTEMPT)
        except TimeoutError:
            return

    async def try_again(self) -> None:
        """Make another attempt now: there is a new token."""
        self._attempted.clear()
        self._awake.set()
        await self.wait_for_first_attempt()

    async def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        delays = Delays()
        while True:
            self._awake.clear()
            try:
                await self._converse(delays)
            except Exception as error:
                # Whatever came: nobody could be told here, and who waits asks the server instead.
                self.refused = isinstance(error, Unauthorized)
            finally:
                self._channels.set_live(False)
                self._attempted.set()
            try:
                await asyncio.wait_for(self._awake.wait(), delays.take())
            except TimeoutError:
                continue

    async def _converse(self, delays: Delays) -> None:
        from websockets.asyncio.client import connect

        conversation = Conversation(self._account.token)
        options = socket_options(self._connection, await asyncio.to_thread(self._connection.ssl_context))
        async with connect(socket_url(self._connection.url), **options) as socket:
            while True:
                answer, event = conversation.hear(await asyncio.wait_for(socket.recv(), conversation.silence))
                if answer is not None:
                    await socket.send(answer)
                if event is not None:
                    self._channels.hear(*event)
                elif conversation.subscribed and not self._channels.live:
                    delays.reset()
                    self._channels.set_live(True)
                    self._attempted.set()
