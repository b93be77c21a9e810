"""What changes the pictures and videos that a server keeps: stars, categories, deletions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from flowbind.errors import Refused
from flowbind.invokeai.ability import Ability
from flowbind.invokeai.gallery.index import MediaIndex
from flowbind.invokeai.gallery.lists import found, stored
from flowbind.invokeai.gallery.portions import check_all_done, in_portions, names_in, number_in
from flowbind.invokeai.gallery.stored import IMAGES, Kind, StoredT
from flowbind.invokeai.runs.recovery import Supports
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, quoted, send

_INTERMEDIATES = f"{IMAGES.path}/intermediates"


def starred(kind: Kind[Any], names: Iterable[str], word: Literal["star", "unstar"]) -> Operation[Sequence[str]]:
    """Give stars, or take them away."""

    def star(portion: list[str]) -> Operation[list[str]]:
        reply = yield from send("POST", f"{kind.path}/{word}", {kind.names: portion})
        return names_in(reply, f"{word}red_{kind.words}", f"updated_{kind.names}")

    return (yield from in_portions(names, star, f"{word}red"))


def deleted(kind: Kind[Any], names: Iterable[str], index: MediaIndex[Any]) -> Operation[Sequence[str]]:
    """Delete pictures or videos; the client no longer takes them for being on the server."""

    def delete(portion: list[str]) -> Operation[list[str]]:
        try:
            return names_in(
                (yield from send("POST", f"{kind.path}/delete", {kind.names: portion})), f"deleted_{kind.words}"
            )
        finally:
            # A request that fails may have deleted some.
            index.forget(portion)

    return (yield from in_portions(names, delete, "deleted"))


def uncategorized_deleted(kind: Kind[Any], index: MediaIndex[Any], supports: Supports) -> Operation[Sequence[str]]:
    """Delete all pictures or videos that are on no board."""
    path = f"{kind.path}/uncategorized"
    try:
        emptying = Ability(f"delete all {kind.words} that are on no board", "5.15", "DELETE", path)
        reply = yield from emptying.tried(send("DELETE", path), supports)
    finally:
        # Nobody can tell what was deleted where the answer is lost.
        index.forget_all()
    done = names_in(reply, f"deleted_{kind.words}")
    # Not every release says what failed.
    failed = names_in(reply, f"failed_{kind.words}") if reply.get(f"failed_{kind.words}") else []
    check_all_done([*done, *failed], done, "deleted")
    return done


def updated(
    kind: Kind[StoredT],
    name: str,
    category: str | None,
    is_intermediate: bool | None,
    starred: bool | None,
    source: Any,
) -> Operation[StoredT]:
    """Change what is given of a picture or video, and return what the server tells of it then."""
    given = {f"{kind.word}_category": category, "is_intermediate": is_intermediate, "starred": starred}
    changes = {key: value for key, value in given.items() if value is not None}
    try:
        document = yield from send("PATCH", f"{kind.path}/i/{quoted(name)}", changes)
    except Refused as error:
        if error.status == 400:
            # The server says no more when there is none of that name: this raises `NotFound` then.
            yield from found(kind, name, source)
        raise
    return stored(kind, document, source)


def intermediates() -> Operation[int]:
    """Return how many pictures are intermediates."""
    return number_in({"count": (yield from get(_INTERMEDIATES))}, "count")


def intermediates_deleted(index: MediaIndex[Any]) -> Operation[int]:
    """Delete all pictures that are intermediates; return how many there were."""
    try:
        return number_in({"count": (yield from send("DELETE", _INTERMEDIATES))}, "count")
    finally:
        index.forget_all()
