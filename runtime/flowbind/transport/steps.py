"""The steps that operations yield, and what a client answers them with."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar

from flowbind.transport.secret import Secret

if TYPE_CHECKING:
    from flowbind.listening.channel import Channel
    from flowbind.transport.connection import Access

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Param = str | int | float | bool | None
Params = Mapping[str, Param | Sequence[Param]]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for a multipart request: `size` bytes from `start`; `fields` are sent before it.

    `field` is what the form calls it.
    """

    name: str
    file: BinaryIO
    start: int
    size: int
    media_type: str
    fields: Mapping[str, str]
    field: str = "file"


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request; it is answered with a `Reply`, whatever the status.

    `timeout` is in seconds, where it is not the client's.
    """

    method: str
    path: str
    params: Params = field(default_factory=dict[str, Param])
    # Not told: it may hold a password.
    content: bytes | None = field(default=None, repr=False)
    upload: Upload | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeout: float | None = None
    secrets: Mapping[str, Secret] = field(default_factory=dict[str, Secret])
    """Parameters that must not be told."""


@dataclass(frozen=True, slots=True)
class Download:
    """A GET whose answer goes to a file; it is answered with a `Reply` without body.

    A `target` is there whole or not at all, unless it is a file that is open already. Nothing is written of an answer
    of another type than `media_type`, which may be the beginning of one, nor of a web page. `check` is given the file
    before it takes its place, and raises where it must not.
    """

    path: str
    target: Path | BinaryIO
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    check: Callable[[Path], None] | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An operation that has to do with another server; it is answered with its result."""

    access: Access
    operation: Operation[Any]


@dataclass(frozen=True, slots=True)
class Work:
    """What takes long and is no request: a file to read, a large document to parse; it is answered with its result."""

    do: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Listen:
    """A pause of some seconds that ends as soon as a channel has heard more than `known` things."""

    channel: Channel
    known: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The wish to hear of what is submitted from now on; answered when the server tells, or when it does not."""


@dataclass(frozen=True, slots=True)
class Emit(Generic[T_co]):
    """A value for the caller of a stream, who may take as long as they like; it is answered with None."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Sleep:
    """A pause."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request; `advice` says what to do where a login is missing or refused.

    `server` is what people call the server.
    """

    method: str
    path: str
    status: int
    media_type: str
    body: bytes = field(repr=False)
    advice: str = ""
    content_range: str = ""
    server: str = "the server"


Step = Call | Download | Elsewhere | Work | Sleep | Listen | Subscribe
Operation = Generator[Step, Any, T]
Stream = Generator[Step | Emit[T], Any, None]
