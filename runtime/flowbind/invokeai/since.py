"""What older releases of the server lack, said as such."""

from __future__ import annotations

from typing import TypeVar

from flowbind.errors import NotFound, NotTheApi, Refused, ServerFault, UnexpectedReply
from flowbind.invokeai._wire import Operation
from flowbind.invokeai.recovery import Supports

T = TypeVar("T")


def since(release: str, method: str, path: str, supports: Supports, asking: Operation[T]) -> Operation[T]:
    """Carry out what releases before `release` cannot do; raises `NotTheApi` that says so where this one cannot.

    The server's document is looked at only where the answer may be that to a path which is not there.
    """
    try:
        return (yield from asking)
    except (NotFound, Refused, ServerFault, UnexpectedReply) as error:
        # Of a thing that it does not have, a path says so in words of its own.
        is_about_a_thing = isinstance(error, NotFound) and ": Not Found (HTTP" not in str(error)
        if is_about_a_thing or (yield from supports(method, path)):
            raise
        raise NotTheApi(
            f"The server's release lacks {method} {path}, which came with InvokeAI {release}: update the server.",
            status=error.status,
        ) from None
