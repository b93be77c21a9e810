"""Before the first run of a class on a server: does the server still have what the class was made for?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from flowbind.errors import DriftError, DriftWarning, InterfaceError, ServerError, ServerUnreachable
from flowbind.invokeai._wire import Operation
from flowbind.invokeai.app import server_document
from flowbind.told import warn
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
            except ServerUnreachable:
                raise
            except (InterfaceError, ServerError) as error:
                if self._mode == "error":
                    raise _failed(workflow, error) from None
                # The run may do without what the comparison needs: a proxy may hide the document, a pack may break it.
                self._found[workflow] = ()
                warn(f"{workflow.__name__} was not compared with the server. {error}", DriftWarning)
            for found in self._found[workflow]:
                # In the mode "error", errors are raised instead.
                if self._mode == "warn" or found.severity != "error":
                    warn(str(found), DriftWarning)
        errors = [found for found in self._found[workflow] if found.severity == "error"]
        if self._mode == "error" and errors:
            raise DriftError(workflow.__name__, errors)

    def _findings(self, workflow: type[Workflow[Any]]) -> Operation[Sequence[Finding]]:
        # Only here: a program that imports a class and does not run it does not pay for them.
        from flowbind.drift import workflow_drift
        from flowbind.findings import at_least
        from flowbind.invokeai.served import served_nodes
        from flowbind.pinned import damaged, entry_of_class

        entry = entry_of_class(workflow)
        if self._served is None:
            self._served = served_nodes((yield from server_document()))
        try:
            found = workflow_drift(workflow.__flowbind__.source, entry, self._served)
        except (LookupError, TypeError, AttributeError, ValueError):
            raise damaged(workflow) from None
        return at_least(found, "warning")


def _failed(workflow: type[Workflow[Any]], error: InterfaceError | ServerError) -> InterfaceError | ServerError:
    """Return an error of the same class that says what failed."""
    said = f"{workflow.__name__} cannot be compared with the server. {error}"
    return type(error)(said, status=error.status) if isinstance(error, ServerError) else InterfaceError(said)
