"""What not every release of InvokeAI has: errors that say which release brought it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from flowbind.errors import NotFound, NotTheApi, Refused, UnexpectedReply
from flowbind.invokeai.recovery import Supports

T = TypeVar("T")
StepT = TypeVar("StepT")


@dataclass(frozen=True)
class Since:
    """Something that servers have since a release: those that have it have an operation of that method and path."""

    what: str
    release: str
    method: str
    path: str

    def explain(self, operation: Generator[StepT, Any, T], supports: Supports) -> Generator[StepT | Any, Any, T]:
        """Carry an operation or a stream out; raises `NotTheApi` where it fails because the server's release is older.

        Only then the server's document is asked: it costs more than most operations.
        """
        try:
            return (yield from operation)
        except (NotFound, Refused, UnexpectedReply) as error:
            # An older release answers a path that it does not know in any of these ways.
            if (yield from supports(self.method, self.path)):
                raise
            raise NotTheApi(
                f"This server has no {self.what}: InvokeAI has them since {self.release}. Update the server.",
                status=error.status,
            ) from None
