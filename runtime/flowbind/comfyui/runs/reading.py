"""Asking a server for one prompt: where it is, and what became of it."""

from __future__ import annotations

from flowbind.comfyui.runs.item import Item, item_of_history, place_in_queue
from flowbind.errors import UnexpectedReply
from flowbind.transport.steps import Call, Operation
from flowbind.transport.wire import answer_to, document_of, get, is_json, quoted

_NO_SUCH_PATH = (404, 405)
# What the server says, by what is said here.
_STATUSES = {"pending": "pending", "in_progress": "in_progress"}


class Reader:
    """Reads prompts of one server; what its release lacks it is asked for once."""

    def __init__(self) -> None:
        self._has_jobs = True

    def item(self, item_id: str) -> Operation[Item | None]:
        """Return a prompt as the server has it; None where it has it no more.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/jobs/{job_id}`; before 0.6, `GET
        /history/{prompt_id}` and `GET /queue`.
        """
        if self._has_jobs:
            reply = yield from answer_to(Call("GET", f"/api/jobs/{quoted(item_id)}"))
            if reply.status not in _NO_SUCH_PATH:
                return _item_of_job(item_id, (yield from document_of(reply)))
            if is_json(reply):
                return None
            self._has_jobs = False
        ended = yield from _ended(item_id)
        if ended is None:
            status = place_in_queue(item_id, (yield from get("/queue")))
            # In between it may have ended.
            ended = Item(item_id, status) if status else (yield from _ended(item_id))
        return ended


def _item_of_job(item_id: str, job: object) -> Item:
    if not isinstance(job, dict) or not isinstance(job.get("status"), str):
        raise UnexpectedReply(f"The server's answer about {item_id} is no job: its release may be one unknown here.")
    waiting = _STATUSES.get(job["status"])
    return Item(item_id, waiting) if waiting else item_of_history(item_id, job)


def _ended(item_id: str) -> Operation[Item | None]:
    history = yield from get(f"/history/{quoted(item_id)}")
    entry = history.get(item_id) if isinstance(history, dict) else None
    return None if entry is None else item_of_history(item_id, entry)
