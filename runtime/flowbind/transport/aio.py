"""Carrying operations out in an event loop, which goes on while the server is waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar
from weakref import finalize

from flowbind.errors import FlowbindError
from flowbind.transport.client import Client, Guest, Outcome, go_on, without_requests
from flowbind.transport.http import (
    Requests,
    errors_translated,
    sends_the_file,
    written,
)
from flowbind.transport.steps import (
    Call,
    Download,
    Elsewhere,
    Emit,
    Listen,
    Operation,
    Reply,
    Sleep,
    Step,
    Stream,
    Subscribe,
    Work,
)

if TYPE_CHECKING:
    from flowbind.listening.aio_listener import AsyncListener
    from flowbind.transport.connections import AsyncConnections
    from flowbind.transport.steps import Params

T = TypeVar("T")
_WRITTEN = 1 << 20
"""Bytes that are written at once, or a little more: each time costs a turn in a thread."""


class AsyncClient(Client):
    """A client whose calls are awaited."""

    _http: AsyncConnections | None = None
    _listener: AsyncListener | None = None

    async def perform(self, operation: Operation[T]) -> T:
        """Carry out an operation of flowbind's own, step by step, and return its result.

        Raises what the operation raises. Source: the requests of the operation.
        """
        closings = self._closings
        try:
            step = next(operation)
            while True:
                outcome = await self._outcome(step)
                self._check_open(closings)
                step = go_on(operation, *outcome)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            operation.close()

    async def stream(self, operation: Stream[T]) -> AsyncIterator[T]:
        """Carry out an operation of flowbind's own as far as its next value is wanted; yield its values.

        Raises what the operation raises. Source: the requests of the operation.
        """
        try:
            step = next(operation)
            while True:
                if isinstance(step, Emit):
                    yield step.value
                    step = next(operation)
                else:
                    closings = self._closings
                    outcome = await self._outcome(step)
                    self._check_open(closings)
                    step = go_on(operation, *outcome)
        except StopIteration:
            return
        finally:
            operation.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request of your own, for what flowbind has no method for; `path` begins with a slash.

        Returns JSON as Python values, None for an empty answer, anything else as bytes. A GET is repeated once when the
        connection breaks, other requests never. Raises `ValueError` for a path that leads elsewhere, and a
        `ServerError` for every other answer, a web page among them. Source: `METHOD path`.
        """
        from flowbind.transport.raw import raw_request

        return await self.perform(raw_request(method, path, params, json, content, headers))

    async def close(self) -> None:
        """Close the connections to the server and forget an account's token; what is queued goes on.

        Raises nothing. Source: nothing is sent.
        """
        self._closings += 1
        if self._listener is not None:
            await self._listener.close()
            self._listener = None
        if self._http is not None:
            await self._http.close()
            self._http = None
        self._forget()

    async def _outcome(self, step: Step) -> Outcome:
        try:
            return await self._answer(step), None
        except (FlowbindError, OSError) as error:
            return None, without_requests(error)

    async def _answer(self, step: Step) -> Any:
        match step:
            case Call() | Download():
                with errors_translated(self._connection):
                    return await (self._call(step) if isinstance(step, Call) else self._download(step))
            case Elsewhere():
                async with _Guest(step.access) as guest:
                    return await guest.perform(step.operation)
            case Work():
                return await in_thread(step.do)
            case Sleep():
                from asyncio import sleep

                await sleep(step.seconds)
            case Listen():
                await self._listen(step)
            case Subscribe():
                await self._subscribe()
        return None

    async def _call(self, call: Call) -> Reply:
        connections = await self._connections()
        async with connections.answer(call, connections.requests.of(call, _Read)) as response:
            return connections.requests.reply(call, response, await response.aread())

    async def _download(self, step: Download) -> Reply:
        connections = await self._connections()
        async with connections.answer(step, connections.requests.of_download(step)) as response:
            if not sends_the_file(step, response):
                return connections.requests.reply(step, response, await response.aread())
            async with _beside(written(step)) as file:
                held = BytesIO()
                async for piece in response.aiter_raw():
                    held.write(piece)
                    if held.tell() >= _WRITTEN:
                        await in_thread(_empty, held, file)
                await in_thread(_empty, held, file)
            return connections.requests.reply(step, response, b"")

    async def _subscribe(self) -> None:
        """Begin to listen, once; return when the server tells, or when it is known that it does not."""
        if not self._wants_events():
            return
        from flowbind.listening.aio_listener import AsyncListener

        if self._listener is None:
            self._listener = AsyncListener(self._connection, self._line(), self._channels)
            finalize(self, self._listener.abandon)
        await self._listener.wait_for_first_attempt()
        if self._listener.refused and await self.perform(self._readmitted()):
            await self._listener.try_again()

    async def _listen(self, step: Listen) -> None:
        import asyncio

        woken = asyncio.Event()
        with step.channel.woken(woken.set):
            if len(step.channel.heard) <= step.known:
                # Not wait_for: before Python 3.12 it forgets to be canceled when something is heard in that moment.
                with suppress(TimeoutError):
                    async with asyncio.timeout(step.seconds):
                        await woken.wait()

    async def _connections(self) -> AsyncConnections:
        if self._http is None:
            requests = await in_thread(Requests, self._connection)
            # In between, another task may have done the same.
            if self._http is None:
                from flowbind.transport.connections import AsyncConnections

                self._http = AsyncConnections(requests, self._sender(requests))
        return self._http

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Guest(Guest, AsyncClient):
    """Who is there for as long as a step takes."""


class _Read:
    """An upload whose pieces are read beside the event loop."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self._pieces)
        while (piece := await in_thread(lambda: next(pieces, b""))) != b"":
            yield piece


def _empty(held: BytesIO, file: BinaryIO) -> None:
    """Write what is held; its memory stays for the next, as giving it back each time would take as long as writing."""
    with held.getbuffer() as view, view[: held.tell()] as part:
        file.write(part)
    held.seek(0)


@asynccontextmanager
async def _beside(manager: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave a context beside the event loop; what was entered is left, whoever gives up meanwhile."""
    import asyncio

    entering = asyncio.ensure_future(in_thread(manager.__enter__))
    try:
        yield await asyncio.shield(entering)
    except BaseException as error:
        await asyncio.wait([entering])
        await in_thread(manager.__exit__, type(error), error, error.__traceback__)
        raise
    await in_thread(manager.__exit__, None, None, None)


async def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Do what blocks beside the event loop."""
    from asyncio import to_thread  # asyncio is a third of what importing flowbind would cost

    return await to_thread(function, *arguments)
