# Made from ../awaited/gallery.py. Do not edit: run `make twins`.
"""What the server tells of the pictures or videos that it keeps, sync."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from flowbind.invokeai.blocking.media import Media
from flowbind.invokeai.gallery import changes, embedded, lists
from flowbind.invokeai.gallery.lists import Filters, Listing
from flowbind.invokeai.gallery.stored import Category, NamedT, StoredT, name_of
from flowbind.transport.steps import Operation

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board

T = TypeVar("T")


class Gallery(Media[StoredT, NamedT]):
    """What lists, tells of, stars and deletes."""

    def get(self, name: str) -> StoredT:
        """Return what the server tells of one, by its name.

        Raises `flowbind.errors.NotFound` and any `ServerError`. Source: `GET /api/v1/images/i/{image_name}` (or
        `videos`).
        """
        return self._ask(lists.found(self._kind, name, self))

    def list(self, *, board: Board | str | None = None, **filters: Unpack[Filters]) -> Iterator[StoredT]:
        """Go through those that the filters leave, in the order of the page's gallery: starred first, then newest.

        `board` is one as the server told it, its id or its name, or "none" for what is on no board. `filters` are those
        of `Filters`: starred, categories, origin, is_intermediate (False unless it is said), starred_first,
        newest_first, limit. Pictures are read as they are wanted, 200 in a request; their names are read at first, so
        what is deleted, starred or made on the way skips and repeats nothing. Of videos, and of pictures before 6.0,
        everything is read at first, 1000 in a request. Raises `TypeError` and `ValueError` for wrong filters; on the
        way `flowbind.errors.BoardNotFound` and any `ServerError`.

        Source: `GET /api/v1/images/names`, `POST /api/v1/images/images_by_names`; `GET /api/v1/videos/`.
        """
        return self._stream(Listing(board=board, **filters))

    def search(self, text: str, *, board: Board | str | None = None, **filters: Unpack[Filters]) -> Iterator[StoredT]:
        """Go through those that have a text in their metadata, such as in the prompt, or in their time of creation.

        Upper and lower case of a to z are alike; `%` stands for any text and `_` for any character. Filters, order and
        requests are those of `list`, and it raises what `list` raises. Source: that of `list`.
        """
        return self._stream(Listing(board=board, **filters, search=text))

    def names(self, *, board: Board | str | None = None, **filters: Unpack[Filters]) -> Sequence[str]:
        """Return the names of those that the filters of `list` leave, in its order: one request, however many.

        Raises what `list` raises. Source: `GET /api/v1/images/names` (or `videos`).
        """
        listing = Listing(board=board, **filters)
        return self._ask(lists.listed_names(self._kind, listing, self._lookup.boards, self._supports))

    def metadata(self, named: NamedT | str) -> Mapping[str, Any] | None:
        """Return the metadata that is stored with one, such as its prompt; None where there is none.

        Raises `flowbind.errors.NotFound` and any `ServerError`. Source: `GET /api/v1/images/i/{image_name}/metadata`
        (or `videos`).
        """
        return self._ask(embedded.metadata(self._kind, name_of(named)))

    def workflow(self, named: NamedT | str) -> Mapping[str, Any] | None:
        """Return the workflow that is stored with one, as an export has it; None where there is none.

        Raises `flowbind.errors.NotFound`, `UnexpectedReply` for what is no workflow, and any `ServerError`.

        Source: `GET /api/v1/images/i/{image_name}/workflow` (or `videos`).
        """
        return self._ask(embedded.embedded(self._kind, name_of(named), "workflow"))

    def graph(self, named: NamedT | str) -> Mapping[str, Any] | None:
        """Return the graph of the run that made one; None where there is none.

        Raises `flowbind.errors.NotFound`, `UnexpectedReply` for what is no graph, and any `ServerError`. Source: `GET
        /api/v1/images/i/{image_name}/workflow` (or `videos`).
        """
        return self._ask(embedded.embedded(self._kind, name_of(named), "graph"))

    def star(self, *named: NamedT | str) -> Sequence[str]:
        """Give each a star; return their names.

        Raises `flowbind.errors.PartlyDone` where some got none, and any `ServerError`. Source: `POST
        /api/v1/images/star` (or `videos`), 1000 in a request.
        """
        return self._ask(changes.starred(self._kind, map(name_of, named), "star"))

    def unstar(self, *named: NamedT | str) -> Sequence[str]:
        """Take the star of each away; return their names.

        Raises `flowbind.errors.PartlyDone` where some keep theirs, and any `ServerError`. Source: `POST
        /api/v1/images/unstar` (or `videos`), 1000 in a request.
        """
        return self._ask(changes.starred(self._kind, map(name_of, named), "unstar"))

    def update(
        self,
        named: NamedT | str,
        *,
        category: Category | None = None,
        is_intermediate: bool | None = None,
        starred: bool | None = None,
    ) -> StoredT:
        """Change what is given, and return what the server tells of it then.

        Raises `flowbind.errors.NotFound` and any `ServerError`. Source: `PATCH /api/v1/images/i/{image_name}` (or
        `videos`).
        """
        return self._ask(changes.updated(self._kind, name_of(named), category, is_intermediate, starred, self))

    def delete(self, *named: NamedT | str) -> Sequence[str]:
        """Delete each from the server, for good; return their names.

        Raises `flowbind.errors.PartlyDone` where some were not deleted, with the names of both, and any `ServerError`.
        Source: `POST /api/v1/images/delete` (or `videos`), 1000 in a request.
        """
        return self._ask(changes.deleted(self._kind, map(name_of, named), self._index))

    def delete_uncategorized(self) -> Sequence[str]:
        """Delete all that is on no board, for good, intermediates too; return their names.

        With accounts those of others stay, unless an administrator does it. Raises `flowbind.errors.PartlyDone` where
        the server fails at some, `NotTheApi` before 5.15, and any `ServerError`. Source: `DELETE
        /api/v1/images/uncategorized` (or `videos`).
        """
        return self._ask(changes.uncategorized_deleted(self._kind, self._index, self._supports))

    def _ask(self, operation: Operation[T]) -> T:
        return self._server.perform(self._kind.asked(operation, self._supports))

    def _stream(self, listing: Listing) -> Iterator[StoredT]:
        return self._server.stream(lists.listed(self._kind, listing, self._lookup.boards, self._supports, self))
