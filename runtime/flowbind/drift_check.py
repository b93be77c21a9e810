"""Before the first run of a class on a server: does the server still have what the class was made for?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, get_args

from flowbind.errors import DriftError, DriftWarning, InterfaceError, ServerError, ServerUnreachable
from flowbind.told import warn
from flowbind.transport.steps import Operation, Work
from flowbind.transport.wire import taken
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.drift import Entry
    from flowbind.findings import Finding
    from flowbind.served import Served

CheckMode = Literal["warn", "error", "off"]


class DriftCheck:
    """Which classes one client has compared with its server, and what it found.

    `nodes` gives the node types that the server has of those that a manifest entry is about.
    """

    def __init__(self, mode: CheckMode, nodes: Callable[[Entry], Operation[Served]]) -> None:
        if mode not in get_args(CheckMode):
            raise ValueError(f"check is {mode!r}; it is one of {', '.join(map(repr, get_args(CheckMode)))}")
        self._mode = mode
        self._nodes = nodes
        self._comparing = Lock()
        self._found: dict[type[Workflow[Any]], Sequence[Finding]] = {}

    def of(self, workflow: type[Workflow[Any]]) -> Operation[None]:
        """Compare a class with the server, once; warn of what is found, or raise `DriftError` for what is an error."""
        if self._mode == "off":
            return
        if workflow not in self._found:
            # Many tasks may begin at once: one of them asks and warns.
            yield from taken(self._comparing)
            try:
                if workflow not in self._found:
                    yield from self._compare(workflow)
            finally:
                self._comparing.release()
        errors = [found for found in self._found[workflow] if found.severity == "error"]
        if self._mode == "error" and errors:
            raise DriftError(workflow.__name__, errors)

    def _compare(self, workflow: type[Workflow[Any]]) -> Operation[None]:
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

    def _findings(self, workflow: type[Workflow[Any]]) -> Operation[Sequence[Finding]]:
        # Only here: a program that imports a class and does not run it does not pay for them.
        from flowbind.drift import workflow_drift
        from flowbind.findings import at_least
        from flowbind.pinned import damaged, entry_of_class

        entry = yield Work(partial(entry_of_class, workflow))
        try:
            served = yield from self._nodes(entry)
        except LookupError:
            raise damaged(workflow) from None

        def compared() -> Sequence[Finding]:
            try:
                return workflow_drift(workflow.__flowbind__.source, entry, served)
            except (LookupError, TypeError, AttributeError, ValueError):
                raise damaged(workflow) from None

        return at_least((yield Work(compared)), "warning")


def _failed(workflow: type[Workflow[Any]], error: InterfaceError | ServerError) -> InterfaceError | ServerError:
    """Return an error of the same class that says what failed."""
    said = f"{workflow.__name__} cannot be compared with the server. {error}"
    return type(error)(said, status=error.status) if isinstance(error, ServerError) else InterfaceError(said)
