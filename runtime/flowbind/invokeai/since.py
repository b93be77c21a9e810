"""What older releases of the server lack, said as such."""

from __future__ import annotations

from typing import TypeVar

from flowbind.errors import NotFound, NotTheApi, Refused, ServerError
from flowbind.invokeai._wire import Operation
from flowbind.invokeai.recovery import Supports

T = TypeVar("T")


def since(release: str, method: str, path: str, supports: Supports, asking: Operation[T]) -> Operation[T]:
    """Carry out what releases before `release` cannot do; raises `NotTheApi` that says so where this one cannot.

    The server's document is looked at only where the answer is that to a path which is not there.
    """
    try:
        return (yield from asking)
    except (NotFound, NotTheApi, Refused) as error:
        if not _may_lack_the_path(error) or (yield from supports(method, path)):
            raise
        raise NotTheApi(
            f"The server's release lacks {method} {path}, which came with InvokeAI {release}: update the server.",
            status=error.status,
        ) from None


def _may_lack_the_path(error: ServerError) -> bool:
    # What a path says of a thing that it does not have, it says in other words.
    return isinstance(error, NotTheApi) or error.status == 405 or ": Not Found (HTTP" in str(error)
