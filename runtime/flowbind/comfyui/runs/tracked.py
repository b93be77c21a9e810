"""What jobs have in common: what they know without asking, and what they and handles need of their client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol

from flowbind.comfyui.body import body_of
from flowbind.comfyui.events.story import Story
from flowbind.comfyui.queue.control import cancel
from flowbind.comfyui.queue.reading import unknown
from flowbind.comfyui.result import Result
from flowbind.comfyui.runs.asking import Question
from flowbind.comfyui.runs.item import Item
from flowbind.comfyui.runs.outcome import result_of
from flowbind.comfyui.runs.submitting import Submitted
from flowbind.events import Event
from flowbind.listening.telling import Telling
from flowbind.listening.watching import watch
from flowbind.run_status import FINAL
from flowbind.transport.part import AsyncPerformer, Performer
from flowbind.transport.steps import Operation, Stream
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.comfyui.known import Known
    from flowbind.downloadable import Pictures

Notice = Callable[[str], None]


class Server(Performer, Protocol):
    """What a job needs of the client that made it."""

    @property
    def files(self) -> Pictures[Any]:
        """Where files are downloaded from."""
        ...


class AsyncServer(AsyncPerformer, Protocol):
    """What an async job needs of the client that made it."""

    @property
    def files(self) -> Any:
        """Where files are downloaded from."""
        ...


class Tracked(Generic[OutputsT]):
    """A run, and what is known of it without asking."""

    def __init__(self, submitted: Submitted, known: Known) -> None:
        self.workflow: type[Workflow[OutputsT]] = submitted.workflow
        self.item_id = submitted.item_id
        """The id of the prompt."""
        self.drawn: Mapping[str, Any] = submitted.drawn
        """The numbers that the run got for `RANDOM`, by attribute."""
        self._submitted = submitted
        self._known = known
        self._status = submitted.status

    @property
    def status(self) -> str:
        """The status last seen: pending, in_progress, completed, failed or canceled."""
        return self._status

    @property
    def has_ended(self) -> bool:
        """Whether it is known that the run has ended: seen, or told."""
        return self._status in FINAL or self._submitted.channel.statuses.get(self.item_id) in FINAL

    def ended(self, timeout: float | None, progress: Notice | None = None) -> Operation[Item]:
        """Wait until the run has ended; return it as the server has it."""

        def hear(status: str) -> None:
            self._follow(status)
            if progress:
                progress(status)

        return watch(self._question(), timeout, self._submitted.channel, hear)

    def result(self, item: Item, source: Pictures[Any] | None) -> Result[OutputsT]:
        """Return the result of the run that has ended; raises the `RunError` that says why it has none."""
        return result_of(self.workflow, item, source, self._submitted.varied, self._submitted.only)

    def events(self, timeout: float | None, source: Pictures[Any] | None) -> Stream[Event[Result[OutputsT]]]:
        """Emit what happens to the run."""
        story = Story(self.item_id, 1, body_of(self.workflow), source)
        name, channel = self.workflow.__name__, self._submitted.channel
        return Telling(
            [(story, self._question())],
            name,
            channel,
            lambda _, status: self._follow(status),
            lambda item: self.result(item, source),
        ).events(timeout)

    def asked(self) -> Operation[str]:
        """Ask once where the run is; raises `NotFound` for one that the server no longer has."""
        item = yield from self._known.reader.item(self.item_id)
        if item is not None:
            self._follow(item.status)
        elif self.item_id in self._known.canceled:
            self._follow("canceled")
        else:
            raise unknown(self.item_id, "queue or history")
        return self._status

    def lost(self) -> None:
        """Note that somebody has deleted the run."""
        self._follow("canceled")

    def withdrawn(self) -> Operation[str]:
        """Cancel the run, unless it has ended."""
        status = yield from cancel(self.item_id)
        if status == "canceled":
            self._known.canceled.add(self.item_id)
        self._follow(status)
        return self._status

    def _question(self) -> Question:
        known = self._known
        return Question(self.item_id, self.workflow.__name__, self._submitted.number, known.reader, known.canceled)

    def _follow(self, status: str) -> None:
        # Who begins to listen late hears of what is over.
        if self._status not in FINAL:
            self._status = status
