"""One instance on its way through a fleet, until its outcome is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbind.errors import NoServer
from flowbind.fleet.ticket import Ticket
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.fleet.crew import Crew
    from flowbind.fleet.told import Told

_MOST_LOSSES = 3
"""Servers that may die while they run an instance: it may be what they die of."""


class Trip:
    """An instance, the place that its outcome has among all, and what servers have said of it."""

    def __init__(self, place: int, workflow: Workflow[Any]) -> None:
        self.place = place
        # Who hands in one object again and again may change it in between.
        self.workflow = workflow.model_copy()
        self.tickets: dict[str, Ticket] = {}
        self.reasons: dict[str, str] = {}
        """By server, why the instance cannot be run there."""
        self.losses: dict[str, str] = {}
        """By server, what was said when it died with the instance."""
        self.workers: tuple[str, ...] = ()
        """Those that it was handed to."""

    @property
    def name(self) -> str:
        """The name of its class."""
        return type(self.workflow).__name__

    def fitting(self, crew: Crew) -> list[str]:
        """Return the servers that nothing is known of against running it."""
        unfit = crew.unfit.get(type(self.workflow), {})
        return [url for url in crew.roster.entries if url not in self.reasons and url not in unfit]

    def lose(self, told: Told, reason: str) -> NoServer | None:
        """Note that a server went away with it; return its outcome, where that were too many."""
        if told.ticket:
            self.tickets[told.url] = told.ticket
            self.losses[f"{told.url}, time {len(self.losses) + 1}"] = reason
        if len(self.losses) < _MOST_LOSSES:
            return None
        return NoServer(f"{self.name}: servers died while they ran it.", self.losses)

    def nowhere(self, crew: Crew) -> NoServer:
        """Return its outcome where no server can run it, with what each has said."""
        known = {**crew.unfit.get(type(self.workflow), {}), **self.reasons}
        said = {url: known.get(url) or entry.problem or "" for url, entry in crew.roster.entries.items()}
        return NoServer(f"{self.name}: no server can run it.", said)
