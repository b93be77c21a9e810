"""Carrying operations out and waiting for the server in the caller's own thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
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
    from flowbind.listening.listener import Listener
    from flowbind.transport.connections import Connections
    from flowbind.transport.steps import Params

T = TypeVar("T")


class SyncClient(Client):
    """A client that blocks until the server has answered."""

    _http: Connections | None = None
    _listener: Listener | None = None

    def perform(self, operation: Operation[T]) -> T:
        """Carry out an operation of flowbind's own, step by step, and return its result.

        Raises what the operation raises. Source: the requests of the operation.
        """
        closings = self._closings
        try:
            step = next(operation)
            while True:
                outcome = self._outcome(step)
                self._check_open(closings)
                step = go_on(operation, *outcome)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            operation.close()

    def stream(self, operation: Stream[T]) -> Iterator[T]:
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
                    outcome = self._outcome(step)
                    self._check_open(closings)
                    step = go_on(operation, *outcome)
        except StopIteration:
            return
        finally:
            operation.close()

    def request(
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

        return self.perform(raw_request(method, path, params, json, content, headers))

    def close(self) -> None:
        """Close the connections to the server and forget an account's token; what is queued goes on.

        Raises nothing. Source: nothing is sent.
        """
        self._closings += 1
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._http is not None:
            self._http.close()
            self._http = None
        self._forget()

    def _outcome(self, step: Step) -> Outcome:
        try:
            return self._answer(step), None
        except (FlowbindError, OSError) as error:
            return None, without_requests(error)

    def _answer(self, step: Step) -> Any:
        match step:
            case Call() | Download():
                with errors_translated(self._connection):
                    return self._call(step) if isinstance(step, Call) else self._download(step)
            case Elsewhere():
                with _Guest(step.access) as guest:
                    return guest.perform(step.operation)
            case Work():
                return step.do()
            case Sleep():
                import time

                time.sleep(step.seconds)
            case Listen():
                self._listen(step)
            case Subscribe():
                self._subscribe()
        return None

    def _call(self, call: Call) -> Reply:
        connections = self._connections()
        with connections.answer(call, connections.requests.of(call)) as response:
            return connections.requests.reply(call, response, response.read())

    def _download(self, step: Download) -> Reply:
        connections = self._connections()
        with connections.answer(step, connections.requests.of_download(step)) as response:
            if not sends_the_file(step, response):
                return connections.requests.reply(step, response, response.read())
            with written(step) as file:
                for chunk in response.iter_raw():
                    file.write(chunk)
            return connections.requests.reply(step, response, b"")

    def _subscribe(self) -> None:
        """Begin to listen, once; return when the server tells, or when it is known that it does not."""
        if not self._wants_events():
            return
        from flowbind.listening.listener import Listener

        with self._opening:
            if self._listener is None:
                self._listener = Listener(self._connection, self._line(), self._channels)
                finalize(self, self._listener.abandon)
            listener = self._listener
        listener.wait_for_first_attempt()
        if listener.refused and self.perform(self._readmitted()):
            listener.try_again()

    def _listen(self, step: Listen) -> None:
        woken = threading.Event()
        with step.channel.woken(woken.set):
            if len(step.channel.heard) <= step.known:
                woken.wait(step.seconds)

    def _connections(self) -> Connections:
        with self._opening:
            if self._http is None:
                from flowbind.transport.connections import Connections

                requests = Requests(self._connection)
                self._http = Connections(requests, self._sender(requests))
            return self._http

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Guest(Guest, SyncClient):
    """Who is there for as long as a step takes."""
