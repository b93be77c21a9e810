"""What a client has uploaded, each content once, and for how long it is believed to be there."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from flowbind.errors import InputError, Refused, ServerError
from flowbind.place import Place
from flowbind.transport.contents import Content, Passing, Source, opened
from flowbind.transport.steps import Operation
from flowbind.transport.wire import taken

T = TypeVar("T")
WhereT = TypeVar("WhereT", bound=Hashable)
NameT = TypeVar("NameT", bound=Hashable)
_TRUSTED = 60.0
"""Seconds for which what the server has shown is believed to be there: somebody else may have deleted it since."""


class Seen(Generic[NameT]):
    """What the server has shown, by the names that it has there."""

    def __init__(self) -> None:
        self._at: dict[NameT, float] = {}
        self._changing = Lock()

    def note(self, name: NameT) -> None:
        """Believe for a while that the server has this."""
        with self._changing:
            # They are in the order of their times: what nobody may believe any longer comes first.
            self._at.pop(name, None)
            self._at[name] = time.monotonic()
            while not self.is_trusted(oldest := next(iter(self._at))) and oldest != name:
                del self._at[oldest]

    def is_trusted(self, name: NameT) -> bool:
        """Tell whether the server is believed to have this."""
        seen = self._at.get(name)
        return seen is not None and time.monotonic() - seen < _TRUSTED

    def forget(self, names: Iterable[NameT]) -> None:
        """Believe no longer that the server has these."""
        with self._changing:
            for name in names:
                self._at.pop(name, None)

    def forget_all(self) -> None:
        """Believe nothing any longer."""
        with self._changing:
            self._at.clear()


@dataclass
class _Known(Generic[WhereT, NameT]):
    """The names that one content has on the server, and the lock of who uploads it."""

    names: dict[WhereT, NameT] = field(default_factory=dict[WhereT, NameT])
    lock: Lock = field(default_factory=Lock)


class Uploaded(Generic[WhereT, NameT]):
    """The names on the server of the contents that were uploaded, by where they went."""

    def __init__(self) -> None:
        self._known: dict[str, _Known[WhereT, NameT]] = {}

    def named(
        self, content: Content, word: str, name: Callable[[Source, dict[WhereT, NameT]], Operation[T]]
    ) -> Operation[T]:
        """Open a content, and have it named by who is given its names so far: one at a time of each content.

        `word` says what it should be. Raises `OSError` for a file that cannot be read and `InputError` for an empty
        one.
        """
        source = yield from opened(content, word)
        try:
            known = self._known.setdefault(source.digest, _Known())
            yield from taken(known.lock)
            try:
                return (yield from name(source, known.names))
            finally:
                known.lock.release()
        finally:
            source.close()

    def forget(self, name: NameT) -> None:
        """Forget what had a name: it is that of another content now."""
        for known in [*self._known.values()]:
            for where in [where for where, own in [*known.names.items()] if own == name]:
                known.names.pop(where, None)


def for_input(naming: Operation[T], content: Path | bytes | Passing, place: Place) -> Operation[T]:
    """Upload a content that a workflow gets: errors name the input."""
    try:
        return (yield from naming)
    except (InputError, Refused) as error:
        raise InputError([f"{place}: {error}"]) from None
    except ServerError:
        raise  # one that took too long is an OSError, too
    except OSError as error:
        raise InputError([f"{place}: the file {str(content)!r} cannot be read ({error.strerror or error})."]) from None
