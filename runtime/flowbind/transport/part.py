"""Parts of a server, as its client sees them, and what they need of the client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from flowbind.transport.steps import Operation, Stream

if TYPE_CHECKING:
    from flowbind.transport.connection import Access

T = TypeVar("T")


class Performer(Protocol):
    """A client that blocks until the server has answered."""

    @property
    def _access(self) -> Access:
        """How others talk to the server."""
        ...

    def perform(self, operation: Operation[T]) -> T:
        """Carry out an operation."""
        ...

    def stream(self, operation: Stream[T]) -> Iterator[T]:
        """Carry out an operation that has values on its way."""
        ...


class AsyncPerformer(Protocol):
    """A client whose calls are awaited."""

    @property
    def _access(self) -> Access:
        """How others talk to the server."""
        ...

    async def perform(self, operation: Operation[T]) -> T:
        """Carry out an operation."""
        ...

    def stream(self, operation: Stream[T]) -> AsyncIterator[T]:
        """Carry out an operation that has values on its way."""
        ...


PerformerT = TypeVar("PerformerT", bound=Performer | AsyncPerformer)


class Part(Generic[PerformerT]):
    """A part of a server, as its client sees it."""

    def __init__(self, server: PerformerT) -> None:
        self._server = server

    def __reduce__(self) -> tuple[Any, ...]:
        # A connection cannot be stored: what comes back from a pickle has none.
        return _nothing, ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._server!r}>"


def _nothing() -> None:
    return None
