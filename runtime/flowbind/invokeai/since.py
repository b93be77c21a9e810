"""What older releases of the server lack, said as such."""

from __future__ import annotations

from typing import TypeVar

from flowbind.errors import NotFound, NotTheApi, Refused
from flowbind.invokeai._wire import Operation
from flowbind.invokeai.recovery import Supports

T = TypeVar("T")


def since(release: str, method: str, path: str, supports: Supports, asking: Operation[T]) -> Operation[T]:
    """Carry out what releases before `release` cannot do; raises `NotTheApi` that says so where this one cannot.

    The server's document is looked at only when the server has refused: newer ones are not asked twice.
    """
    try:
        return (yield from asking)
    except (NotFound, NotTheApi, Refused) as error:
        if (yield from supports(method, path)):
            raise
        raise NotTheApi(
            f"The server's release lacks {method} {path}, which came with InvokeAI {release}: update the server.",
            status=error.status,
        ) from None
