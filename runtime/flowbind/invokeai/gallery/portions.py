"""One request for many names: in as many portions as the server takes, and an error that tells what was not done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from flowbind.errors import PartlyDone, ServerError, UnexpectedReply
from flowbind.outside import one_line
from flowbind.transport.steps import Operation

MOST = 1000
"""As many names as InvokeAI takes in one request, and rows as it gives in one page, since 6.14.2."""
_TOLD = 3


def names_in(document: Any, *keys: str) -> list[str]:
    """Return the names that an answer has under the first of some keys; releases call the same thing differently."""
    found = next((document[key] for key in keys if key in document), None) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise UnexpectedReply(f"The server's answer has no list of names under {' or '.join(keys)}.")
    return found


def number_in(document: Any, key: str) -> int:
    """Return the number that an answer has under a key."""
    found = document.get(key) if isinstance(document, dict) else None
    if not isinstance(found, int):
        raise UnexpectedReply(f"The server's answer has no number under {key}.")
    return found


def in_portions(
    names: Iterable[str], change: Callable[[list[str]], Operation[list[str]]], done_to: str, portion: int = MOST
) -> Operation[Sequence[str]]:
    """Change what has these names, a portion at a time; return their names, each once, in the order given.

    `change` sends one request and returns for which names it was carried out; `done_to` says what it does: "deleted".
    Raises `PartlyDone` for names that were left out, and where a portion fails and an earlier one did not.
    """
    wanted = list(dict.fromkeys(names))
    done: set[str] = set()
    for start in range(0, len(wanted), portion):
        try:
            done.update((yield from change(wanted[start : start + portion])))
        except ServerError as error:
            if not done:
                raise
            raise _partly(wanted, done, done_to, str(error), error.status) from None
    check_all_done(wanted, done, done_to)
    return wanted


def check_all_done(wanted: Sequence[str], done: Collection[str], done_to: str) -> None:
    """Raise `PartlyDone` unless something was done to all that have these names."""
    if not set(wanted).issubset(done):
        why = "The server does not have them, they are another account's, or it failed at them: see its log."
        raise _partly(wanted, done, done_to, why)


def _partly(
    wanted: Sequence[str], done: Collection[str], done_to: str, why: str, status: int | None = None
) -> PartlyDone:
    failed = [name for name in wanted if name not in done]
    told = ", ".join(one_line(name, 80) for name in failed[:_TOLD])
    more = f" and {len(failed) - _TOLD} more" if len(failed) > _TOLD else ""
    return PartlyDone(
        f"{len(failed)} of {len(wanted)} not {done_to}: {told}{more}. {why}",
        done=[name for name in wanted if name in done],
        failed=failed,
        status=status,
    )
