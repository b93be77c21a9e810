"""Stand-ins of one family, and what a fleet of them is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowbind import Fleet

from ..both_families.family import Family
from .connecting import without_check


class Yard:
    """Some stand-ins of one family, and instances for them."""

    def __init__(self, family: Family, servers: list[Any]) -> None:
        self.family = family
        self.servers = servers

    @property
    def urls(self) -> list[str]:
        """Where they listen."""
        return [server.url for server in self.servers]

    def made(self, text: str = "fine", **more: Any) -> Any:
        """Return an instance."""
        family = self.family
        return family.workflow(**{family.text: text, family.picture: more.pop("picture", family.here), **more})

    def own(self) -> Any:
        """Return an instance of a class that nobody can import."""
        known = self.made()
        kind = type("Own", (type(known),), {"__module__": known.__module__, "__flowbind__": known.__flowbind__})
        return kind(**{name: getattr(known, name) for name in known.model_fields_set})

    def many(self, number: int) -> Iterator[Any]:
        """Yield instances that are known by their texts."""
        return (self.made(f"run-{place}") for place in range(number))

    def texts(self) -> list[list[str]]:
        """Return the texts that each server was given."""
        return [[given["text"] for given in server.given()] for server in self.servers]

    def fleet(self, **options: Any) -> Fleet:
        """Return a fleet of them."""
        return Fleet(self.urls, **{"connect": without_check, "patience": 10, **options})
