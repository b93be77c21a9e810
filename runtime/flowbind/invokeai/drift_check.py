"""Before the first run of a class on a server: does the server still have what the class was made for?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from flowbind.errors import DriftError, DriftWarning, InterfaceError, NotFound, UnexpectedReply
from flowbind.invokeai._wire import Operation
from flowbind.invokeai.app import server_document
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.findings import Finding
    from flowbind.invokeai.served import ServedNodes

CheckMode = Literal["warn", "error", "off"]


class DriftCheck:
    """What one client knows of its server's node types, and which classes it has compared with them."""

    def __init__(self, mode: CheckMode) -> None:
        if mode not in get_args(CheckMode):
            raise ValueError(f"check is {mode!r}; it is one of {', '.join(map(repr, get_args(CheckMode)))}")
        self._mode = mode
        self._served: ServedNodes | None = None
        self._found: dict[type[Workflow[Any]], Sequence[Finding]] = {}

    def of(self, workflow: type[Workflow[Any]]) -> Operation[None]:
        """Compare a class with the server, once; warn of what is found, or raise `DriftError` for what is an error."""
        if self._mode == "off":
            return
        if workflow not in self._found:
            try:
                self._found[workflow] = yield from self._findings(workflow)
            except (InterfaceError, NotFound, UnexpectedReply) as error:
                if self._mode == "error":
                    raise
                self._found[workflow] = ()
                self._warn(f"{workflow.__name__} was not compared with the server: {error}")
            for found in self._found[workflow]:
                # In the mode "error", errors are raised instead.
                if self._mode == "warn" or found.severity != "error":
                    self._warn(str(found))
        errors = [found for found in self._found[workflow] if found.severity == "error"]
        if self._mode == "error" and errors:
            raise DriftError(workflow.__name__, errors)

    def _findings(self, workflow: type[Workflow[Any]]) -> Operation[Sequence[Finding]]:
        # Only here: a program that imports a class and does not run it does not pay for them.
        from flowbind.drift import workflow_drift
        from flowbind.findings import at_least
        from flowbind.invokeai.served import ServedNodes
        from flowbind.pinned import entry_of_class

        entry = entry_of_class(workflow)
        if self._served is None:
            self._served = ServedNodes((yield from server_document()))
        return at_least(workflow_drift(workflow.__flowbind__.source, entry, self._served), "warning")

    @staticmethod
    def _warn(message: str) -> None:
        warnings.warn(message, DriftWarning, stacklevel=2)
