"""What jobs have in common: what they know without asking, and what they and handles need of their client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from flowbind.downloadable import AsyncDownloads, AsyncPictures, Downloads, Pictures
from flowbind.events import Event
from flowbind.invokeai.events.story import Story
from flowbind.invokeai.media import Image, Video
from flowbind.invokeai.queue.blockade import Lookout
from flowbind.invokeai.result import Result
from flowbind.invokeai.runs.body import body_of
from flowbind.invokeai.runs.given_back import Media
from flowbind.invokeai.runs.outcome import result_of
from flowbind.invokeai.runs.submitting import Submitted
from flowbind.invokeai.runs.waiting import Question
from flowbind.listening.telling import Telling
from flowbind.run_status import FINAL
from flowbind.transport.part import AsyncPerformer, Performer
from flowbind.transport.steps import Stream
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem
    from flowbind.invokeai.workflow import InvokeAIWorkflow

Notice = Callable[[str], None]
T = TypeVar("T")


class Server(Performer, Protocol):
    """What a job needs of the client that made it."""

    @property
    def images(self) -> Pictures[Image]:
        """Where its pictures are downloaded from."""
        ...

    @property
    def videos(self) -> Downloads[Video]:
        """Where its videos are downloaded from."""
        ...

    def run(self, workflow: InvokeAIWorkflow[OutputsT], *, timeout: float | None = None) -> Result[OutputsT]:
        """Queue one run and wait for its result."""
        ...


class AsyncServer(AsyncPerformer, Protocol):
    """What an async job needs of the client that made it."""

    @property
    def images(self) -> AsyncPictures[Image]:
        """Where its pictures are downloaded from."""
        ...

    @property
    def videos(self) -> AsyncDownloads[Video]:
        """Where its videos are downloaded from."""
        ...

    async def run(self, workflow: InvokeAIWorkflow[OutputsT], *, timeout: float | None = None) -> Result[OutputsT]:
        """Queue one run and wait for its result."""
        ...


class Tracked(Generic[OutputsT]):
    """What a job knows without asking."""

    def __init__(self, submitted: Submitted) -> None:
        self.workflow: type[Workflow[OutputsT]] = submitted.workflow
        self.batch_id = submitted.batch_id
        self.drawn: Mapping[str, Any] = submitted.drawn
        """The numbers that the run got for `RANDOM`, by attribute; those of a batch are the same for all its runs."""
        self._channel = submitted.channel
        self._status = submitted.status
        self._lookup = submitted.lookup

    @property
    def status(self) -> str:
        """The status last seen: pending, in_progress, waiting, completed, failed or canceled."""
        return self._status

    def _follow(self, status: str) -> None:
        # Who begins to listen late hears of what is over.
        if self._status not in FINAL:
            self._status = status

    def _tell(
        self,
        item_ids: Sequence[int],
        timeout: float | None,
        notice: Callable[[int, str], None],
        media: Media,
    ) -> Stream[Event[Result[OutputsT]]]:
        body = body_of(self.workflow)
        name = self.workflow.__name__
        lookout = Lookout(name)
        stories = [
            (Story(item_id, run, body, media), Question(item_id, name, lookout=lookout))
            for run, item_id in enumerate(item_ids, start=1)
        ]
        return Telling(stories, name, self._channel, notice, self._maker(media)).events(timeout)

    def _maker(self, media: Media) -> Callable[[QueueItem], Result[OutputsT]]:
        """Return what makes a result of an ended item, with what can be downloaded from `media`."""
        return lambda item: result_of(self.workflow, item, media, self.drawn, self._lookup)
