"""What a server tells of the pictures and videos that it keeps: of one, and of many in the order of its gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from flowbind.errors import NotFound, NotTheApi
from flowbind.invokeai.gallery.boards import BoardIndex
from flowbind.invokeai.gallery.on_boards import place_id
from flowbind.invokeai.gallery.portions import MOST, names_in, number_in
from flowbind.invokeai.gallery.stored import Category, Kind, StoredT
from flowbind.invokeai.runs.recovery import Supports
from flowbind.transport.steps import Emit, Operation, Param, Stream, Work
from flowbind.transport.wire import get, list_in, quoted, read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board

PAGE = 200
"""How many are asked for at once by their names: the first come soon, and many cost few requests."""


class Filters(TypedDict, total=False):
    """What is listed, and in which order: like the page's gallery where nothing else is said."""

    starred: bool
    """Only what has a star, or only what has none."""
    categories: Sequence[Category]
    origin: Literal["internal", "external"]
    """What runs made, or what was uploaded."""
    is_intermediate: bool | None
    """False unless it is said; None for both."""
    starred_first: bool
    """True unless it is said."""
    newest_first: bool
    """True unless it is said."""
    limit: int
    """At most so many."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Filters with their defaults, the board, and the text that is searched for."""

    board: Board | str | None = None
    """As the server told it, or by id or name; "none" for what is on no board."""
    starred: bool | None = None
    categories: Sequence[Category] | None = None
    origin: str | None = None
    is_intermediate: bool | None = False
    starred_first: bool = True
    newest_first: bool = True
    limit: int | None = None
    search: str | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 0:
            raise ValueError(f"limit is {self.limit}: it has to be 0 or more")

    def params(self, kind: Kind[Any], boards: BoardIndex) -> Operation[dict[str, Param | Sequence[Param]]]:
        """Return them as the server has them."""
        params: dict[str, Param | Sequence[Param] | None] = {
            "board_id": None if self.board is None else (yield from place_id(self.board, boards)),
            "categories": self.categories,
            f"{kind.word}_origin": self.origin,
            "is_intermediate": self.is_intermediate,
            "search_term": self.search,
            "order_dir": "DESC" if self.newest_first else "ASC",
            # Among those with a star, or without, the order is the same.
            "starred_first": self.starred_first or self.starred is not None,
        }
        return {name: value for name, value in params.items() if value is not None}

    def wants(self, starred: bool) -> bool:
        """Tell whether something with a star, or without, is listed."""
        return self.starred in (None, starred)


def found(kind: Kind[StoredT], name: str, source: Any) -> Operation[StoredT]:
    """Return what the server tells of one picture or video; it is downloaded from `source`."""
    return stored(kind, (yield from get(f"{kind.path}/i/{quoted(name)}")), source)


def stored(kind: Kind[StoredT], document: Any, source: Any) -> StoredT:
    """Return one picture or video of an answer."""
    from flowbind.invokeai import _rest

    return kind.make(read(getattr(_rest, kind.dto), document), source)


def listed(
    kind: Kind[StoredT], listing: Listing, boards: BoardIndex, supports: Supports, source: Any
) -> Stream[StoredT]:
    """Tell of all that is listed, each as it was when its turn had come.

    What the caller deletes, stars or makes on the way does not move what follows: the names are read first. Where there
    is no request for many names (videos, and pictures before 6.0), everything is read first.
    """
    params = yield from listing.params(kind, boards)
    names = (yield from _names(kind, listing, params, supports)) if kind.by_names else None
    if names is None or kind.by_names is None:
        for one in (yield from kind.asked(_all(kind, listing, params, source), supports)):
            yield Emit(one)
        return
    for start in range(0, len(names), PAGE):
        documents = yield from send("POST", kind.by_names, {kind.names: names[start : start + PAGE]})
        for document in list_in(documents):
            yield Emit(stored(kind, document, source))


def listed_names(
    kind: Kind[StoredT], listing: Listing, boards: BoardIndex, supports: Supports
) -> Operation[Sequence[str]]:
    """Return the names of all that is listed."""
    params = yield from listing.params(kind, boards)
    names = yield from _names(kind, listing, params, supports)
    return [one.name for one in (yield from _all(kind, listing, params, None))] if names is None else names


def _names(
    kind: Kind[Any], listing: Listing, params: Mapping[str, Param | Sequence[Param]], supports: Supports
) -> Operation[list[str] | None]:
    """Return the names in their order; None where the server does not list names."""
    path = f"{kind.path}/names"
    try:
        reply = yield from get(path, params)
    except (NotFound, NotTheApi):
        # A board that is gone gives the same answer. Asking first would cost each client the whole document.
        if (yield from supports("GET", path)):
            raise
        return None
    names = names_in(reply, kind.names)
    if listing.starred is not None:
        starred = number_in(reply, "starred_count")
        names = names[:starred] if listing.starred else names[starred:]
    return names[: listing.limit]


def _all(
    kind: Kind[StoredT], listing: Listing, params: Mapping[str, Param | Sequence[Param]], source: Any
) -> Operation[list[StoredT]]:
    """Read page after page, before anybody can change what is on them."""
    listed: dict[str, StoredT] = {}
    seen: set[str] = set()
    offset, total = 0, 1
    # Those with a star come first: how many of them are passed over, nobody knows.
    size = MOST if listing.limit is None or listing.starred is False else min(MOST, listing.limit)
    while offset < total and (listing.limit is None or len(listed) < listing.limit):
        page = yield from get(f"{kind.path}/", {**params, "offset": offset, "limit": size})
        total = number_in(page, "total")
        rows = list_in(page.get("items"))
        if not rows:
            break
        read_rows: list[StoredT] = yield Work(partial(_stored_all, kind, rows, source))
        known = len(seen)
        seen.update(one.name for one in read_rows)
        # Something new moves what follows, and comes twice; a page of nothing else is the last, whatever is said.
        if len(seen) == known:
            break
        listed |= {one.name: one for one in read_rows if listing.wants(one.starred)}
        if listing.starred and not read_rows[-1].starred:
            break
        offset += len(rows)
    return list(listed.values())[: listing.limit]


def _stored_all(kind: Kind[StoredT], rows: Sequence[Any], source: Any) -> list[StoredT]:
    return [stored(kind, row, source) for row in rows]
