"""What can go wrong at run time.

FlowbindError
├── InputError               a value is refused before anything is sent (also a ValueError)
├── InterfaceError           generated code and the installed flowbind do not belong together
├── DriftError               the server no longer has what the class was made for (with check="error")
├── NoOutput                 a result has nothing of the node that was asked for (also a LookupError)
├── LookupFailed             the server does not have what the run names
│   ├── ModelNotFound
│   ├── ModelNotAccepted     a model that the input does not take
│   ├── ImageNotFound
│   └── BoardNotFound
├── ServerError              talking to the server failed
│   ├── ServerUnreachable    nothing answered; nothing was sent
│   ├── ConnectionBroken     the connection broke before the answer was complete
│   │   └── RequestTimeout   the answer took too long (also a TimeoutError)
│   ├── SubmitUncertain      the connection broke after sending: the run may be queued
│   ├── UnexpectedReply      the answer is no JSON (a login page, another program)
│   ├── Unauthorized         401 or 403
│   ├── NotFound             404
│   ├── Refused              any other 4xx; 422 names the input
│   └── ServerFault          5xx
└── RunError                 the run did not end well
    ├── RunFailed            a node failed
    ├── RunCanceled
    ├── RunGone              the queue no longer has it
    ├── RunUnreadable        the server cannot or will not show it
    ├── BatchFailed          some runs of a batch did not end well
    └── WaitTimeout          it still runs (also a TimeoutError)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowbind.findings import Finding


class FlowbindError(Exception):
    """Base of all errors that flowbind raises at run time."""


class InputError(FlowbindError, ValueError):
    """A value that its input refuses.

    `problems` holds one sentence per value, each naming the class, the attribute, the label and the limit.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class InterfaceError(FlowbindError):
    """Generated code that this release of flowbind cannot run."""


class DriftError(FlowbindError):
    """A server that would refuse a run, or run something else; nothing was sent.

    `findings` are those of `flowbind check`: each has a rule (`flowbind explain` tells what it means), a severity, the
    attribute, a cause and a cure.
    """

    def __init__(self, workflow: str, findings: Sequence[Finding]) -> None:
        listed = "".join(f"\n  {found}" for found in findings)
        super().__init__(f"The server does not fit {workflow}:{listed}")
        self.findings = tuple(findings)


class DriftWarning(UserWarning):
    """A server that may not run a class as it was meant (with check="warn", the default); the run is sent."""


class NoOutput(FlowbindError, LookupError):
    """A result has nothing of the node that was asked for: there is none, there are several, or it did not run."""


class LookupFailed(FlowbindError):
    """Something that a run names and the server does not have."""


class ModelNotFound(LookupFailed):
    """No model on the server answers to the reference."""


class ModelNotAccepted(LookupFailed):
    """A model of a base or type that the input does not take."""


class ImageNotFound(LookupFailed):
    """No image of that name is on the server."""


class BoardNotFound(LookupFailed):
    """No board of that name or id is on the server."""


class ServerError(FlowbindError):
    """Talking to the server failed; `status` is the HTTP status, where there was an answer."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ServerUnreachable(ServerError):
    """Nothing answers at the server's address; nothing was sent."""


class ConnectionBroken(ServerError):
    """The connection broke, or took too long, before the answer was complete."""


class RequestTimeout(ConnectionBroken, TimeoutError):
    """The server took longer for one request than the client's `timeout`; what the request changes may have been done.

    A run may take as long as it likes: how long it is waited for is another time, see `WaitTimeout`.
    """


class SubmitUncertain(ServerError):
    """The connection broke while submitting: the run may or may not be queued, under `batch_id`."""

    def __init__(self, message: str, *, batch_id: str) -> None:
        super().__init__(message)
        self.batch_id = batch_id


class UnexpectedReply(ServerError):
    """The answer is not what InvokeAI's API gives."""


class Unauthorized(ServerError):
    """The server wants a login, or the account may not do this."""


class NotFound(ServerError):
    """The server does not have what the path names."""


class Refused(ServerError):
    """The server refuses the request; `attribute` names the input that it objects to, where it says."""

    def __init__(self, message: str, *, status: int | None = None, attribute: str | None = None) -> None:
        super().__init__(message, status=status)
        self.attribute = attribute


class ServerFault(ServerError):
    """The server failed to answer."""


class RunError(FlowbindError):
    """A run that did not end well; `workflow` is its class name, `item_id` its place in the queue."""

    def __init__(self, message: str, *, workflow: str, item_id: int) -> None:
        super().__init__(message)
        self.workflow = workflow
        self.item_id = item_id


class RunFailed(RunError):
    """A node failed.

    `error_type`, `error_message` and `traceback` are the server's own words; `node_id` and `node_label` say where.
    """

    def __init__(
        self,
        message: str,
        *,
        workflow: str,
        item_id: int,
        error_type: str,
        error_message: str,
        traceback: str,
        node_id: str | None,
        node_label: str | None,
    ) -> None:
        super().__init__(message, workflow=workflow, item_id=item_id)
        self.error_type = error_type
        self.error_message = error_message
        self.traceback = traceback
        self.node_id = node_id
        self.node_label = node_label


class RunCanceled(RunError):
    """The run was canceled."""


class RunGone(RunError):
    """The queue no longer has the run: it was deleted, cleared or pruned."""


class RunUnreadable(RunError):
    """The server cannot read the run back, or does not show it to this account."""


class BatchFailed(RunError):
    """Some runs of a batch did not end well.

    `outcomes` holds, in the order of the runs, the `Result` of each or the `RunError` that says why it has none.
    """

    def __init__(self, message: str, *, workflow: str, item_id: int, outcomes: Sequence[object]) -> None:
        super().__init__(message, workflow=workflow, item_id=item_id)
        self.outcomes = tuple(outcomes)


class WaitTimeout(RunError, TimeoutError):
    """The run has not ended in the given time; it goes on."""
