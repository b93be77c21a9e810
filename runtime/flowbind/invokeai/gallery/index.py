"""What a client knows of a server's pictures or videos: those that it has seen, and those that it has uploaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic

from flowbind.errors import Forbidden, ImageNotFound, LookupFailed, NotFound, VideoNotFound
from flowbind.invokeai.gallery.boards import BoardIndex
from flowbind.invokeai.gallery.stored import IMAGES, Kind, StoredT
from flowbind.invokeai.gallery.uploads import NOWHERE, Where, sent
from flowbind.invokeai.media import Image, ImageInput, Video, VideoInput
from flowbind.place import Place
from flowbind.transport.carrying import Carried, is_of
from flowbind.transport.contents import Content, Source
from flowbind.transport.steps import Operation
from flowbind.transport.uploaded import Seen, Uploaded, for_input
from flowbind.transport.wire import get, quoted, taken

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board
    from flowbind.transport.address import Home

NOT_FOUND: dict[str, type[LookupFailed]] = {"image": ImageNotFound, "video": VideoNotFound}
"""The error for what the server does not have, by kind."""


class MediaIndex(Generic[StoredT]):
    """What a client knows of a server's pictures or videos; each content is uploaded once.

    `home` is where the server is.
    """

    def __init__(self, kind: Kind[StoredT], home: Home | None) -> None:
        self.kind = kind
        self._home = home
        self._carried = Carried[str]()
        self._seen = Seen[str]()
        self._uploaded = Uploaded[Where, str]()
        # The server takes one video at a time of an account, and refuses the others.
        self._sending = None if kind.word == IMAGES.word else Lock()

    def resolve(self, media: ImageInput | VideoInput, place: Place) -> Operation[str]:
        """Return a name on the server: of what was uploaded or carried over, else checked."""
        if isinstance(media, Path | bytes):
            return (yield from for_input(self._named(media), media, place))
        if isinstance(media, Image | Video) and is_of(self._home, media):
            media = media.name
        if not isinstance(media, str):
            return (yield from self._carried.named(media, place, self._is_here, self._named))
        try:
            is_here = yield from self._is_here(media)
        except Forbidden as error:
            error.args = (f'{place}: this account may not use the {self.kind.word} "{media}". {error}',)
            raise
        if not is_here:
            what = f"Pass a Path to upload a local file, or the name of {self.kind.one} on the server."
            missing = NOT_FOUND[self.kind.word]
            raise missing(f'{place}: the server has no {self.kind.word} "{media}". {place.cure(what)}')
        return media

    def found(self, name: str) -> Operation[Any]:
        """Return what the server tells of one; None where it has none of that name."""
        try:
            document = yield from get(f"{self.kind.path}/i/{quoted(name)}")
        except NotFound:
            self.forget([name])
            return None
        self._seen.note(name)
        return document

    def note(self, name: str) -> None:
        """Believe for a while that the server has this: a run has just left it there."""
        self._seen.note(name)

    def forget(self, names: Iterable[str]) -> None:
        """Believe no longer that the server has these; whoever deletes says so."""
        self._seen.forget(names)

    def forget_all(self) -> None:
        """Believe no longer that the server has what was seen, where nobody knows what was deleted."""
        self._seen.forget_all()

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
        naming = partial(self._placed, where, again)
        return (yield from self._uploaded.named(content, self.kind.word, naming))

    def _placed(self, where: Where, again: bool, source: Source, names: dict[Where, str]) -> Operation[Any]:
        if not again and (name := names.get(where)):
            document = yield from self.found(name)
            if document is not None and document.get("board_id") == where.board:
                return document
        return (yield from self._upload(source, where, names))

    def _is_here(self, name: str) -> Operation[bool]:
        return self._seen.is_trusted(name) or (yield from self.found(name)) is not None

    def _named(self, content: Content) -> Operation[str]:
        return self._uploaded.named(content, self.kind.word, self._anywhere)

    def _anywhere(self, source: Source, names: dict[Where, str]) -> Operation[str]:
        """Return the name of a content, wherever it was uploaded to."""
        for where, name in [*names.items()]:
            if (yield from self._is_here(name)):
                return name
            names.pop(where, None)
        document = yield from self._upload(source, NOWHERE, names)
        return str(document[self.kind.key])

    def _upload(self, source: Source, where: Where, names: dict[Where, str]) -> Operation[Any]:
        if self._sending:
            yield from taken(self._sending)
        try:
            document = yield from sent(self.kind, source, where)
        finally:
            if self._sending:
                self._sending.release()
        name = document[self.kind.key]
        names[where] = name
        self._seen.note(name)
        return document
