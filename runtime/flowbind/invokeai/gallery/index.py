"""What a client knows of a server's pictures or videos: those that it has seen, and those that it has uploaded."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic

from flowbind.errors import ImageNotFound, InputError, LookupFailed, NotFound, Refused, ServerError, VideoNotFound
from flowbind.invokeai.gallery.boards import BoardIndex
from flowbind.invokeai.gallery.stored import IMAGES, Kind, StoredT, name_of
from flowbind.invokeai.gallery.uploads import NOWHERE, Content, Source, Where, opened, sent
from flowbind.invokeai.media import ImageInput, VideoInput
from flowbind.place import Place
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, quoted, taken

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board

NOT_FOUND: dict[str, type[LookupFailed]] = {"image": ImageNotFound, "video": VideoNotFound}
"""The error for what the server does not have, by kind."""

_TRUSTED = 60.0
"""Seconds for which what the server has shown is believed to be there: somebody else may have deleted it since."""


@dataclass
class _Uploads:
    """The names that one content has on the server, and the lock of who uploads it."""

    names: dict[Where, str] = field(default_factory=dict[Where, str])
    lock: Lock = field(default_factory=Lock)


class MediaIndex(Generic[StoredT]):
    """What a client knows of a server's pictures or videos; each content is uploaded once."""

    def __init__(self, kind: Kind[StoredT]) -> None:
        self.kind = kind
        self._seen: dict[str, float] = {}
        self._uploads: dict[str, _Uploads] = {}
        # The server takes one video at a time of an account, and refuses the others.
        self._sending = None if kind.word == IMAGES.word else Lock()

    def resolve(self, media: ImageInput | VideoInput, place: Place) -> Operation[str]:
        """Return a name on the server: of what was uploaded when it is a file or bytes, else checked."""
        if isinstance(media, Path | bytes):
            return (yield from self._input(media, place))
        name = name_of(media)
        if not self._is_trusted(name) and (yield from self.found(name)) is None:
            what = f"Pass a Path to upload a local file, or the name of {self.kind.one} on the server."
            raise NOT_FOUND[self.kind.word](f'{place}: the server has no {self.kind.word} "{name}". {place.cure(what)}')
        return name

    def found(self, name: str) -> Operation[Any]:
        """Return what the server tells of one; None where it has none of that name."""
        try:
            document = yield from get(f"{self.kind.path}/i/{quoted(name)}")
        except NotFound:
            self.forget([name])
            return None
        self._seen[name] = time.monotonic()
        return document

    def forget(self, names: Iterable[str]) -> None:
        """Believe no longer that the server has these; whoever deletes says so."""
        for name in names:
            self._seen.pop(name, None)

    def forget_all(self) -> None:
        """Believe no longer that the server has what was seen, where nobody knows what was deleted."""
        self._seen.clear()

    def upload(
        self, content: Content, where: Where, board: Board | str | None, boards: BoardIndex, *, again: bool
    ) -> Operation[Any]:
        """Return what the server tells of a content that was uploaded, now or earlier; `again` uploads it anew.

        What is no longer where it was uploaded to does not count.
        """
        if board is not None:
            where = replace(
                where, board=(yield from boards.id_of(board, Place(f"{self.kind.words}.upload, `board`", True)))
            )
        source = yield from opened(content, self.kind.word)
        try:
            uploads = self._uploads.setdefault(source.digest, _Uploads())
            yield from taken(uploads.lock)
            try:
                if not again and (name := uploads.names.get(where)):
                    document = yield from self.found(name)
                    if document is not None and document.get("board_id") == where.board:
                        return document
                return (yield from self._upload(source, where, uploads))
            finally:
                uploads.lock.release()
        finally:
            source.close()

    def _input(self, content: Path | bytes, place: Place) -> Operation[str]:
        """Return the name of a content that a workflow gets; errors name the input."""
        try:
            return (yield from self._uploaded(content))
        except (InputError, Refused) as error:
            raise InputError([f"{place}: {error}"]) from None
        except ServerError:
            raise  # one that took too long is an OSError, too
        except OSError as error:
            raise InputError(
                [f"{place}: the file {str(content)!r} cannot be read ({error.strerror or error})."]
            ) from None

    def _uploaded(self, content: Path | bytes) -> Operation[str]:
        """Return the name of a content, wherever it was uploaded to."""
        source = yield from opened(content, self.kind.word)
        try:
            uploads = self._uploads.setdefault(source.digest, _Uploads())
            yield from taken(uploads.lock)
            try:
                for where, name in [*uploads.names.items()]:
                    if self._is_trusted(name) or (yield from self.found(name)) is not None:
                        return name
                    del uploads.names[where]
                document = yield from self._upload(source, NOWHERE, uploads)
            finally:
                uploads.lock.release()
        finally:
            source.close()
        return str(document[self.kind.key])

    def _upload(self, source: Source, where: Where, uploads: _Uploads) -> Operation[Any]:
        if self._sending:
            yield from taken(self._sending)
        try:
            document = yield from sent(self.kind, source, where)
        finally:
            if self._sending:
                self._sending.release()
        name = document[self.kind.key]
        uploads.names[where] = name
        self._seen[name] = time.monotonic()
        return document

    def _is_trusted(self, name: str) -> bool:
        seen = self._seen.get(name)
        return seen is not None and time.monotonic() - seen < _TRUSTED
