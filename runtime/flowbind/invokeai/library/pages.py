"""The list of a server's workflows, page by page, in all releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowbind.invokeai.ability import Ability
from flowbind.transport.steps import Operation, Param
from flowbind.transport.wire import get, read

if TYPE_CHECKING:
    from flowbind.invokeai._rest import LibraryEntry
    from flowbind.invokeai.runs.recovery import Supports

WORKFLOWS = "/api/v1/workflows/"
_PAGE = 50
_CATEGORIES = ("user", "default")


SHARING = Ability("share workflows", "6.13", "PATCH", f"{WORKFLOWS}i/{{workflow_id}}/is_public")
_TAGS = Ability("tell workflows by their tags", "5.8", "GET", f"{WORKFLOWS}counts_by_tag")


@dataclass(frozen=True)
class Search:
    """Which workflows are listed, and in which order."""

    text: str = ""
    categories: Sequence[str] = ()
    tags: Sequence[str] = ()
    is_public: bool | None = None
    order: str = "name"
    descending: bool = False

    def pages(self, supports: Supports) -> Operation[Pages]:
        """Return the list, of which nothing is read yet; raises `NotTheApi` for what the release does not know."""
        asked: dict[str, Param | Sequence[Param]] = {
            "order_by": self.order,
            "direction": "DESC" if self.descending else "ASC",
            "per_page": _PAGE,
        }
        if self.text:
            asked["query"] = self.text
        if self.tags:
            yield from _TAGS.required(supports)
            asked["tags"] = [*self.tags]
        if self.is_public is not None:
            yield from SHARING.required(supports)
            asked["is_public"] = self.is_public
        return Pages(asked, self.categories, supports)


class Pages:
    """The pages of a list."""

    def __init__(
        self, asked: dict[str, Param | Sequence[Param]], categories: Sequence[str], supports: Supports
    ) -> None:
        self._lists = [{**asked, "categories": [*categories]}]
        self._one_by_one = [{**asked, "category": category} for category in categories or _CATEGORIES]
        self._supports = supports
        self._number = 0
        self._told: set[str] = set()

    def next(self) -> Operation[Sequence[LibraryEntry]]:
        """Return what is on the next page, nothing after the last."""
        from flowbind.invokeai._rest import PaginatedResults_WorkflowRecordListItemWithThumbnailDTO_ as Page

        while self._lists:
            page = read(Page, (yield from get(WORKFLOWS, {**self._lists[0], "page": self._number})))
            if "category" not in self._lists[0] and (yield from self._is_of_one_category(page.items)):
                self._lists = self._one_by_one
                continue
            self._number += 1
            told = {entry.workflow_id for entry in page.items}
            # Whatever the server says of more pages: one with nothing new is the last.
            if self._number >= page.pages or told <= self._told:
                self._number = 0
                self._lists = self._lists[1:]
            self._told |= told
            if page.items:
                return page.items
        return ()

    def _is_of_one_category(self, items: Sequence[LibraryEntry]) -> Operation[bool]:
        """Tell whether a release lists the workflows of one category at a time; it tells no tags, either."""
        if self._number or any("tags" in entry.model_fields_set for entry in items):
            return False
        return not (yield from _TAGS.is_there(self._supports))


def gathered(search: Search, supports: Supports) -> Operation[list[LibraryEntry]]:
    """Return all that a search finds."""
    pages = yield from search.pages(supports)
    found: list[LibraryEntry] = []
    while page := (yield from pages.next()):
        found += page
    return found
