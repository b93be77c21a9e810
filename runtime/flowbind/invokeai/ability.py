"""What older releases of the server lack, said as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from flowbind.errors import NotFound, NotTheApi, Refused, ServerError, ServerFault, UnexpectedReply
from flowbind.invokeai.runs.recovery import Supports
from flowbind.transport.steps import Operation

T = TypeVar("T")
_NOT_ALLOWED = 405
_NO_SUCH_VALUE = 422
"""What a path answers that takes the end of another one for a value of its own."""


@dataclass(frozen=True)
class Ability:
    """What servers can do since a release: those whose document has an operation of this method and path."""

    what: str
    release: str
    method: str
    path: str

    def is_there(self, supports: Supports) -> Operation[bool]:
        """Tell whether the server can do it."""
        return (yield from supports(self.method, self.path))

    def required(self, supports: Supports) -> Operation[None]:
        """Raise `NotTheApi` where the server cannot do it: for what older releases would ignore."""
        if not (yield from self.is_there(supports)):
            raise self._lacking()

    def tried(self, asking: Operation[T], supports: Supports) -> Operation[T]:
        """Carry an operation out; raises `NotTheApi` where it failed because the server cannot do it.

        The server's document is looked at only where the answer may be that to a path which is not there.
        """
        try:
            return (yield from asking)
        except (NotFound, Refused, ServerFault, UnexpectedReply) as error:
            if not (yield from self._may_be_why(error, supports)):
                raise
            raise self._lacking(error.status) from None

    def _may_be_why(self, error: ServerError, supports: Supports) -> Operation[bool]:
        if error.status == _NOT_ALLOWED:
            return True
        # Of a thing that it does not have, a path says so in words of its own.
        is_about_a_thing = isinstance(error, NotFound) and ": Not Found (HTTP" not in str(error)
        if is_about_a_thing or (isinstance(error, Refused) and error.status != _NO_SUCH_VALUE):
            return False
        return not (yield from self.is_there(supports))

    def _lacking(self, status: int | None = None) -> NotTheApi:
        return NotTheApi(
            f"The server cannot {self.what}: that takes InvokeAI {self.release} or later. Update the server.",
            status=status,
        )
