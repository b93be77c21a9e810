"""Carrying files over from other servers: each comes here once, in pieces, and is uploaded under its own name."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar
from weakref import ref

from flowbind.downloadable import Downloadable, described
from flowbind.errors import FlowbindError, InputError
from flowbind.outside import one_line
from flowbind.transport.connection import Access
from flowbind.transport.contents import Passing
from flowbind.transport.steps import Elsewhere, Operation
from flowbind.transport.uploaded import for_input
from flowbind.transport.wire import taken

if TYPE_CHECKING:
    from flowbind.place import Place
    from flowbind.transport.address import Home

NameT = TypeVar("NameT")
_MOST = 10_000
"""As many files as a client remembers to have carried over."""


class Itself:
    """Equal for one object alone, as long as there is that."""

    def __init__(self, meant: object) -> None:
        self._hash = id(meant)
        self._meant = ref(meant)

    def __eq__(self, other: object) -> bool:
        meant = self._meant()
        return isinstance(other, Itself) and meant is not None and meant is other._meant()

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True)
class Origin:
    """Where a file is, what it is called as a file, and how it is downloaded.

    `key` is equal for what is sure to have the same content.
    """

    access: Access
    name: str
    key: Hashable
    download: Callable[[BinaryIO], Operation[None]]

    @property
    def home(self) -> Home:
        """The server."""
        return self.access.connection.home

    def __str__(self) -> str:
        connection = self.access.connection
        return f"{one_line(self.name, 300)!r} of {connection.server} at {connection.url}"


def is_of(home: Home | None, file: Downloadable) -> bool:
    """Tell whether a file is on the server at `home`; one of which only the name is known is taken for that."""
    origin = file._origin()
    return origin is None or origin.home == home


@dataclass
class _Known(Generic[NameT]):
    """What a file is called that was carried over, and the lock of who does it."""

    name: NameT | None = None
    lock: Lock = field(default_factory=Lock)


class Carried(Generic[NameT]):
    """What a server calls the files that were carried over to it."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _Known[NameT]] = {}
        self._finding = Lock()

    def named(
        self,
        file: Downloadable,
        place: Place,
        is_here: Callable[[NameT], Operation[bool]],
        upload: Callable[[Passing], Operation[NameT]],
    ) -> Operation[NameT]:
        """Return what a file is called here; it is carried over where it was not yet, or is here no longer.

        Raises what its download and its upload raise, saying which input it is for, and from where it is, and
        `InputError` for one of which nobody knows where it is.
        """
        origin = file._origin()
        if origin is None:
            raise InputError(
                [
                    f"{place} is {described(file)}, of a server of another kind, and nobody knows which: give it as a "
                    "client of that server has it, or save it there and give its path."
                ]
            )
        known = self._of((origin.home, origin.key))
        yield from taken(known.lock)
        try:
            if known.name is None or not (yield from is_here(known.name)):
                known.name = yield from _carried_over(origin, place, upload)
            return known.name
        finally:
            known.lock.release()

    def _of(self, key: Hashable) -> _Known[NameT]:
        with self._finding:
            # The one that was wanted last stays longest.
            known = self._known[key] = self._known.pop(key, _Known())
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
            return known


def _carried_over(origin: Origin, place: Place, upload: Callable[[Passing], Operation[NameT]]) -> Operation[NameT]:
    import tempfile

    # It has no name on this machine: whatever happens, nothing of it stays.
    with tempfile.TemporaryFile() as file:
        try:
            yield Elsewhere(origin.access, origin.download(file))
        except FlowbindError as error:
            error.args = (f"{place}: {origin} cannot be downloaded. {error}", *error.args[1:])
            raise
        except OSError as error:
            said = error.strerror or str(error)
            raise InputError(
                [f"{place}: {origin} does not fit into {tempfile.gettempdir()!r} on its way ({said}): make room there."]
            ) from None
        passing = Passing(file, origin.name, str(origin))
        return (yield from for_input(upload(passing), passing, place))
