"""Queueing many instances: each by a request of its own, and only as many at a time as the server does well with."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowbind.comfyui.events.hearing import PromptChannels
from flowbind.comfyui.queue.control import cancel
from flowbind.comfyui.runs.submitting import Ready, Submitted, made_ready, queued
from flowbind.comfyui.runs.tracked import Tracked
from flowbind.comfyui.workflow import ComfyUIWorkflow
from flowbind.errors import (
    ConnectionBroken,
    FlowbindError,
    InputError,
    NotFound,
    ServerError,
    ServerFault,
    ServerUnreachable,
    SubmitUncertain,
)
from flowbind.instances import of_one_class, problems_of
from flowbind.run_status import FINAL
from flowbind.transport.patience import Bearing
from flowbind.transport.steps import Operation
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.comfyui.known import Known

_AT_ONCE = 32
"""Runs that are queued ahead of what is collected: whoever looks at the queue gets all its prompts, each time."""
_AWAY = 120.0
"""Seconds for which the server may fail, once something is queued."""
_AGAIN = 1.0
"""Seconds until another attempt to queue something."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The instances of one class, as they are posted."""

    workflow: type[Workflow[Any]]
    ready: Sequence[Ready]


def planned(workflows: Iterable[Workflow[Any]], known: Known) -> Operation[Plan]:
    """Return instances of one class as they are posted; each value is valid, and the files are uploaded.

    Raises `TypeError` for instances of several classes, `flowbind.errors.InputError` naming instance and input, and
    what the submit of a single one raises.
    """
    rows = of_one_class(workflows, ComfyUIWorkflow.__server__)
    if not rows:
        return Plan(Workflow, ())
    if problems := problems_of(rows, range(len(rows))):
        raise InputError(problems)
    varying = _varying(rows)
    ready: list[Ready] = []
    for place, row in enumerate(rows):
        try:
            ready.append((yield from made_ready(row, known, varying=varying)))
        except InputError as error:
            raise InputError([f"workflows[{place}]: {problem}" for problem in error.problems]) from None
    return Plan(type(rows[0]), ready)


def _varying(rows: Sequence[Workflow[Any]]) -> list[str]:
    """Return the inputs that not all instances have the same value of."""
    first = rows[0]
    return [
        name for name in type(first).model_fields if any(getattr(row, name) != getattr(first, name) for row in rows[1:])
    ]


class Sending:
    """What is queued of many instances, in their order, and what is left to queue."""

    def __init__(self, plan: Plan, known: Known, channels: PromptChannels) -> None:
        self.workflow = plan.workflow
        self.runs: list[Tracked[Any]] = []
        self.total = len(plan.ready)
        self._left = deque(plan.ready)
        self._known = known
        self._channels = channels
        self._bearing: Bearing | None = None

    def finish(self) -> Operation[None]:
        """Queue everything; when that fails, what was queued is canceled and the error raised."""
        try:
            while self._left:
                yield from self._queue_one()
        except FlowbindError as error:
            yield from self._withdraw(error)
            raise

    def fill(self, collected: int = 0) -> Operation[float | None]:
        """Queue some more, as far as those that were not collected have ended; return when to do so again, if ever."""
        try:
            while self._left and self._waiting(collected) < _AT_ONCE:
                try:
                    yield from self._queue_one()
                except (ConnectionBroken, ServerFault, ServerUnreachable) as error:
                    # Nothing of it is queued. Before the first one the caller should hear of it at once.
                    if self._bearing is None or self._bearing.is_over(error):
                        raise
                    return _AGAIN
        except FlowbindError as error:
            yield from self._withdraw(error)
            raise
        return _AGAIN if self._left else None

    @property
    def given_up(self) -> int:
        """How many runs are never queued, as the others were canceled: the last ones."""
        return 0 if self._left else self.total - len(self.runs)

    def withdraw(self) -> Operation[None]:
        """Cancel what has not ended, and queue nothing more."""
        self._left.clear()
        yield from self.each_open(lambda run: run.withdrawn())

    def each_open(self, do: Callable[[Tracked[Any]], Operation[str]]) -> Operation[None]:
        """Do something with each run that has not ended, as far as the server still has it."""
        for run in self.runs:
            if run.status not in FINAL:
                try:
                    yield from do(run)
                except NotFound:
                    run.lost()

    def _queue_one(self) -> Operation[None]:
        submitted: Submitted = yield from queued(self._left[0], self._known, self._channels, keeps_nodes=False)
        self._left.popleft()
        self._bearing = self._bearing or Bearing(_AWAY)
        self._bearing.answered()
        self.runs.append(Tracked(submitted, self._known))

    def _waiting(self, collected: int) -> int:
        return sum(not run.has_ended for run in self.runs[collected:])

    def _withdraw(self, error: FlowbindError) -> Operation[None]:
        """Cancel what was queued, and let an error say so."""
        if not self.runs and not isinstance(error, SubmitUncertain):
            return
        try:
            yield from self.withdraw()
            if isinstance(error, SubmitUncertain) and error.item_id:
                with suppress(NotFound):
                    yield from cancel(error.item_id)
            became = "what of them had not ended was canceled"
        except ServerError as problem:
            became = f"they go on, as they could not be canceled ({problem})"
        error.add_note(f"{len(self.runs)} of {self.total} runs had been queued; {became}.")
