"""What the server says of words that it does not know, such as a type of models, in few words of its own."""

from __future__ import annotations

from typing import Any

from flowbind.errors import Refused
from flowbind.outside import one_line
from flowbind.transport.steps import Operation, Reply
from flowbind.transport.wire import details, document_of

_NAMES = {"base_models": "base", "model_type": "type", "model_format": "format"}
"""What the server's parameters are called here."""


def answered(reply: Reply) -> Operation[Any]:
    """Return the JSON of an answer; raises `Refused` naming a word that the server does not know, and those it does."""
    if reply.status == 422 and (problem := _unknown_word(details(reply))):
        raise Refused(problem, status=422)
    return (yield from document_of(reply))


def _unknown_word(detail: Any) -> str | None:
    for found in detail if isinstance(detail, list) else ():
        if not isinstance(found, dict) or found.get("type") not in ("enum", "literal_error"):
            continue
        place = next((step for step in reversed(found.get("loc") or ()) if isinstance(step, str)), "value")
        known = (found.get("ctx") or {}).get("expected") or found.get("msg")
        return (
            f'The server knows no {one_line(_NAMES.get(place, place), 40)} "{one_line(found.get("input"), 80)}". '
            f"It knows {one_line(known, 1200)}."
        )
    return None
