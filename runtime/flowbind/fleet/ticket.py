"""What a run is called on its server, so that it can be found there again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from flowbind.workflow import Workflow


@dataclass(frozen=True)
class Ticket:
    """A queued run: its item or, where only that is known, its batch."""

    item_id: int | str | None
    batch_id: str | None

    @classmethod
    def of(cls, queued: Any) -> Self:
        """Return the ticket of a job, or of a submit of which nobody knows whether it came to one."""
        item_id = getattr(queued, "item_id", None)
        return cls(item_id, None if item_id is not None else queued.batch_id)

    def job(self, server: Any, workflow: type[Workflow[Any]]) -> Any:
        """Return the job again; raises a `ServerError`, `NotFound` among them, or `InputError` for another's run."""
        if self.item_id is not None:
            return server.queue.job(workflow, self.item_id)
        return server.queue.batch_job(workflow, self.batch_id)

    def cancel(self, server: Any) -> None:
        """Cancel the run, unless it has ended; raises a `ServerError`."""
        if self.item_id is not None:
            server.queue.cancel(self.item_id)
        else:
            server.queue.cancel_batch(self.batch_id)
