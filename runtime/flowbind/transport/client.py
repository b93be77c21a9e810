"""What all clients are made of, apart from how they wait for the server."""

from __future__ import annotations

from collections.abc import Generator
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from flowbind.errors import ClientClosed, FlowbindError
from flowbind.transport.connection import Access

if TYPE_CHECKING:
    from flowbind.listening.channel import Channels
    from flowbind.listening.listener import Line
    from flowbind.transport.connection import Connection
    from flowbind.transport.http import Requests
    from flowbind.transport.sending import Sender
    from flowbind.transport.steps import Operation

StepT = TypeVar("StepT")
Outcome = tuple[Any, Exception | None]
"""What came of a step: the answer, or the error that operations may handle."""


def go_on(operation: Generator[StepT, Any, Any], answer: Any, error: Exception | None) -> StepT:
    """Give an operation what came of its last step; return the next one."""
    try:
        return operation.send(answer) if error is None else operation.throw(error)
    except FlowbindError as raised:
        if raised.__suppress_context__:
            # What was not to be told holds what the server has answered, perhaps with tokens.
            raised.__context__ = None
        raise


def without_requests(error: Exception) -> Exception:
    """Return an error without those that it came of: httpx's hold requests, with their tokens and passwords."""
    error.__context__ = error.__cause__ = None
    return error


class Client:
    """Where the server is, and what it has told.

    What is special to a family of servers, its client overrides: who asks (`_sender`), what is listened to (`_line`),
    and what to do where the server refuses to tell (`_readmitted`).
    """

    def __init__(self, connection: Connection, channels: Channels, *, events: bool) -> None:
        self._connection = connection
        self._channels = channels
        # Threads may share a client: one of them opens the connections.
        self._opening = Lock()
        self._events = events
        self._closings = 0

    @property
    def url(self) -> str:
        """The server's address, without a login in it."""
        return self._connection.url

    @property
    def _access(self) -> Access:
        """What another client needs to talk to the server as this one does."""
        return Access(self._connection, self._sender)

    def _sender(self, requests: Requests) -> Sender:
        del requests
        from flowbind.transport.sending import Sender

        return Sender()

    def _line(self) -> Line:
        raise NotImplementedError

    def _readmitted(self) -> Operation[bool]:
        """Tell whether the server, which has refused to tell, may be asked to once more."""
        yield from ()
        return False

    def _forget(self) -> None:
        """Forget what only an open client has to know."""

    def _check_open(self, closings: int) -> None:
        """Raise `ClientClosed` where the client was closed since; whoever begins anew opens it again."""
        if self._closings != closings:
            raise ClientClosed(
                f"The client of {self.url} was closed while this was under way. What is queued goes on; a request that "
                "was being sent may have been carried out."
            )

    def _wants_events(self) -> bool:
        from flowbind.listening.listener import can_listen

        return self._events and can_listen()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"


class Guest(Client):
    """Who talks to a server as another client does, sync or async, over connections of its own.

    So it does not matter in which thread or event loop that one is, or whether it was closed.
    """

    def __init__(self, access: Access) -> None:
        from flowbind.listening.channel import Channels

        super().__init__(access.connection, Channels(), events=False)
        self._host = access

    def _sender(self, requests: Requests) -> Sender:
        return self._host.sender(requests)
