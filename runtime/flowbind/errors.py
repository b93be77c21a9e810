"""What can go wrong at run time.

FlowbindError
├── InputError               a value is refused before anything is sent (also a ValueError)
├── InvalidExport            what is to be saved on a server is no workflow (also a ValueError)
├── InvalidPath              a path or name that no copy of a workflow is written to (also a ValueError)
├── ExportNotFound           a store has no export of a name, or several (also a LookupError)
├── PictureError             a picture here is not there, damaged, too large, or several (also a ValueError)
├── InterfaceError           generated code and the installed flowbind do not belong together
├── DriftError               the server no longer has what the class was made for (with check="error")
├── ClientClosed             the client was closed while something was under way
├── NoServer                 no server of a fleet could run an instance
├── NoInput                  a workflow has no such input, node or literal (also a KeyError)
├── NoOutput                 a result has nothing of the node that was asked for (also a LookupError)
├── LookupFailed             the server does not have what the run names
│   ├── ModelNotFound
│   ├── ModelNotAccepted     a model that the input does not take
│   ├── ImageNotFound
│   ├── VideoNotFound
│   ├── StoredFileNotFound
│   ├── BoardNotFound
│   └── WorkflowNotFound     none of that name in the library, or several
├── ServerError              talking to the server failed
│   ├── ServerUnreachable    nothing answered; nothing was sent
│   ├── ConnectionBroken     the connection broke before the answer was complete
│   │   └── RequestTimeout   the answer took too long (also a TimeoutError)
│   ├── SubmitUncertain      the connection broke after sending: the run may be queued
│   ├── UnexpectedReply      the answer is not what the server's API gives
│   │   └── NotTheApi        a web page, or the way to one: a login page, or another program
│   ├── Unauthorized         401: the server wants a login, or does not take this one
│   ├── Forbidden            403: the account may not do this
│   ├── NotFound             404
│   ├── Refused              any other 4xx; 422 names the inputs
│   ├── PartlyDone           what was asked for many pictures was done for some of them only
│   └── ServerFault          5xx
├── LocalServerError         a server could not be started from an installation, or not be stopped
│   ├── PortTaken            another program has the port
│   ├── ServerDied           it ended while it started
│   └── StartTimeout         it did not answer in time, and was stopped (also a TimeoutError)
├── InstallError             an install did not give a model
│   ├── InstallFailed        it failed, was cancelled, or the server no longer knows it
│   └── InstallTimeout       it still goes on (also a TimeoutError)
└── RunError                 the run did not end well
    ├── RunFailed            a node failed
    ├── RunCanceled
    ├── RunGone              the queue no longer has it
    ├── RunRedacted          it is another account's: the server shows nothing of it
    ├── RunUnreadable        the server fails to read it back
    ├── QueueBlocked         an item that the server cannot read holds up its queue
    ├── BatchFailed          some runs of a batch did not end well
    └── WaitTimeout          it still runs (also a TimeoutError)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowbind.findings import Finding
    from flowbind.invokeai.models.installed import InstalledModel
    from flowbind.result import Result


class FlowbindError(Exception):
    """Base of all errors that flowbind raises at run time."""

    def __reduce__(self) -> tuple[Any, ...]:
        # What they are made with has names, which pickle does not know.
        return _made_again, (type(self), self.args), vars(self)


def _made_again(kind: type[FlowbindError], args: tuple[Any, ...]) -> FlowbindError:
    return kind.__new__(kind, *args)


class InputError(FlowbindError, ValueError):
    """A value that its input refuses.

    `problems` holds one sentence per value, each naming the class, the attribute, the label and the limit.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class InvalidExport(FlowbindError, ValueError):
    """What is to be saved on a server is no workflow, or lacks what the server requires; nothing was sent."""


class InvalidPath(FlowbindError, ValueError):
    """A path or name that no copy of a workflow is written to; nothing was written."""


class ExportNotFound(FlowbindError, LookupError):
    """A folder of workflows has no export of a name, or several."""


class PictureError(FlowbindError, ValueError):
    """A picture on this machine that is not there, cannot be read, is too large, or is more than one picture."""


class InterfaceError(FlowbindError):
    """Generated code that this release of flowbind cannot run, or whose files are missing."""


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


class ClientClosed(FlowbindError):
    """The client was closed while something was under way; what is queued goes on, and a submit may be."""


class NoServer(FlowbindError):
    """No server of a fleet could run an instance; `reasons` says for each of them why, by its address."""

    def __init__(self, message: str, reasons: Mapping[str, str]) -> None:
        super().__init__(message + "".join(f"\n  {url}: {reason}" for url, reason in reasons.items()))
        self.reasons = dict(reasons)


class NoInput(FlowbindError, KeyError):
    """A workflow has no input, node or literal of that name, or several, or something else feeds it."""

    def __str__(self) -> str:
        # A KeyError shows its text as a literal.
        return str(self.args[0])


class NoOutput(FlowbindError, LookupError):
    """A result has nothing of the node that was asked for: there is none, there are several, or it did not run."""


class LookupFailed(FlowbindError):
    """Something that a run names and the server does not have; told at submit, before anything is queued."""


class ModelNotFound(LookupFailed):
    """No model on the server answers to the reference."""


class ModelNotAccepted(LookupFailed):
    """A model of a base, type, variant or format that the input does not take."""


class ImageNotFound(LookupFailed):
    """No image of that name is on the server."""


class VideoNotFound(LookupFailed):
    """No video of that name is on the server."""


class StoredFileNotFound(LookupFailed):
    """No file of that name is in that folder of the server, or none that it gives out."""


class BoardNotFound(LookupFailed):
    """No board of that name or id is on the server."""


class WorkflowNotFound(LookupFailed):
    """No workflow of that name or id is in the server's library, or several have the name."""


class ServerError(FlowbindError):
    """Talking to the server failed; `status` is the HTTP status, where there was an answer."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ServerUnreachable(ServerError):
    """Nothing answers at the server's address, or no connection was to be had in time; nothing was sent."""


class ConnectionBroken(ServerError):
    """The connection broke before the answer was complete; what the request changes may have been done."""


class RequestTimeout(ConnectionBroken, TimeoutError):
    """The server took longer for one request than the client's `timeout`; what the request changes may have been done.

    A run may take as long as it likes: how long it is waited for is another time, see `WaitTimeout`.
    """


class SubmitUncertain(ServerError):
    """The connection broke while submitting: the run may or may not be queued.

    It would be in the batch `batch_id` of InvokeAI, or the item `item_id` of ComfyUI; the other one is None.
    """

    def __init__(self, message: str, *, batch_id: str | None = None, item_id: str | None = None) -> None:
        super().__init__(message)
        self.batch_id = batch_id
        self.item_id = item_id


class UnexpectedReply(ServerError):
    """The answer is not what the server's API gives: of another shape or type, or broken."""


class NotTheApi(UnexpectedReply):
    """The answer is a web page, or redirects to one.

    The address is that of a login page or of another program, or the server's release does not have the path: InvokeAI
    then answers with its own page.
    """


class Unauthorized(ServerError):
    """The server wants a login, or does not take this one (401)."""


class Forbidden(ServerError):
    """The server knows the account and does not allow it this (403)."""


class NotFound(ServerError):
    """The server does not have what the path names (404)."""


class Refused(ServerError):
    """The server refuses the request; nothing was done.

    `attributes` names the inputs that it objects to, where it says, in its order; `attribute` is the first of them.
    """

    def __init__(self, message: str, *, status: int | None = None, attributes: Sequence[str] = ()) -> None:
        super().__init__(message, status=status)
        self.attributes = tuple(attributes)

    @property
    def attribute(self) -> str | None:
        """The first input that the server objects to, None where it names none."""
        return next(iter(self.attributes), None)


class PartlyDone(ServerError):
    """What was asked for many pictures, videos or models was done for some of them only, or for none.

    `done` and `failed` are their names. The server does not say of each why; a name that it does not know, or that is
    another account's, it passes over in silence.
    """

    def __init__(self, message: str, *, done: Sequence[str], failed: Sequence[str], status: int | None = None) -> None:
        super().__init__(message, status=status)
        self.done = tuple(done)
        self.failed = tuple(failed)


class ServerFault(ServerError):
    """The server failed at the request (5xx)."""


class LocalServerError(FlowbindError):
    """A server that could not be started from an installation, or not be stopped; nothing of a start is left running.

    `log` holds the last lines of what the server printed, where it was started.
    """

    def __init__(self, message: str, log: Sequence[str] = ()) -> None:
        said = "".join(f"\n    {line}" for line in log)
        super().__init__(f"{message} The end of its log:{said}" if log else message)
        self.log = tuple(log)


class PortTaken(LocalServerError):
    """Another program has the port that a server was to listen at."""


class ServerDied(LocalServerError):
    """The server ended while it started; `exit_code` is its process's, 128 more than a signal that ended it."""

    def __init__(self, message: str, log: Sequence[str] = (), *, exit_code: int) -> None:
        super().__init__(message, log)
        self.exit_code = exit_code


class StartTimeout(LocalServerError, TimeoutError):
    """The server did not answer in the given time; it was stopped."""


class InstallError(FlowbindError):
    """An install that gave no model; `source` is what was to be installed, `install_id` the server's number for it."""

    def __init__(self, message: str, *, source: str, install_id: int | None) -> None:
        super().__init__(message)
        self.source = source
        self.install_id = install_id


class InstallFailed(InstallError):
    """The install failed or was cancelled, or the server no longer knows it.

    `status` is the server's word, error or cancelled, or gone where it no longer knows the install. `error_type`,
    `error_message` and `traceback` are the server's own words, empty where it has none. `model` is the one that is
    there already, where that is the reason.
    """

    def __init__(
        self,
        message: str,
        *,
        source: str,
        install_id: int | None,
        status: str,
        error_type: str = "",
        error_message: str = "",
        traceback: str = "",
        model: InstalledModel | None = None,
    ) -> None:
        super().__init__(message, source=source, install_id=install_id)
        self.status = status
        self.error_type = error_type
        self.error_message = error_message
        self.traceback = traceback
        self.model = model


class InstallTimeout(InstallError, TimeoutError):
    """The install has not ended in the given time; it goes on."""


class RunError(FlowbindError):
    """A run that did not end well; `workflow` is its class name, `item_id` what the server calls it in its queue.

    `server` is the address of the server that has run it, where a fleet chose one.
    """

    server: str | None = None

    def __init__(self, message: str, *, workflow: str, item_id: int | str) -> None:
        super().__init__(message)
        self.workflow = workflow
        self.item_id = item_id


class RunFailed(RunError):
    """A node failed.

    `error_type`, `error_message` and `traceback` are the server's own words; `node_id` and `node_label` say where.
    `attribute` is the input that caused it, where the server's words leave no doubt. `partial` is the result of the
    nodes that had finished, None where none had; an output that does not exist is an `AttributeError`.
    """

    def __init__(
        self,
        message: str,
        *,
        workflow: str,
        item_id: int | str,
        error_type: str,
        error_message: str,
        traceback: str,
        node_id: str | None,
        node_label: str | None,
        attribute: str | None = None,
        partial: Result[Any] | None = None,
    ) -> None:
        super().__init__(message, workflow=workflow, item_id=item_id)
        self.error_type = error_type
        self.error_message = error_message
        self.traceback = traceback
        self.node_id = node_id
        self.node_label = node_label
        self.attribute = attribute
        self.partial = partial


class RunCanceled(RunError):
    """The run was canceled; `partial` is the result of the nodes that had finished, None where none had."""

    def __init__(self, message: str, *, workflow: str, item_id: int | str, partial: Result[Any] | None = None) -> None:
        super().__init__(message, workflow=workflow, item_id=item_id)
        self.partial = partial


class RunGone(RunError):
    """The queue no longer has the run: it was deleted, cleared or pruned."""


class RunRedacted(RunError):
    """The run belongs to another account: the server tells this one whether it has ended, and nothing else."""


class RunUnreadable(RunError):
    """The server fails to read the run back, and did so for longer than a passing fault lasts."""


class QueueBlocked(RunError):
    """An item that the server cannot read holds up its whole queue, so the run does not get its turn.

    Such an item is made by a batch whose values do not fit their inputs: the server queues it unchecked and tries to
    read it for ever. `blocking_item_id` is that item, perhaps the run itself, and `blocking_batch_id` the batch to
    cancel; None where the server does not tell. A run that is not itself the item goes on when the queue is freed.
    """

    def __init__(
        self,
        message: str,
        *,
        workflow: str,
        item_id: int | str,
        blocking_item_id: int | None,
        blocking_batch_id: str | None,
    ) -> None:
        super().__init__(message, workflow=workflow, item_id=item_id)
        self.blocking_item_id = blocking_item_id
        self.blocking_batch_id = blocking_batch_id


class BatchFailed(RunError):
    """Some runs of a batch did not end well.

    `outcomes` holds, in the order of the runs, the `Result` of each or the `RunError` that says why it has none.
    """

    def __init__(self, message: str, *, workflow: str, item_id: int | str, outcomes: Sequence[object]) -> None:
        super().__init__(message, workflow=workflow, item_id=item_id)
        self.outcomes = tuple(outcomes)


class WaitTimeout(RunError, TimeoutError):
    """The run has not ended in the given time; it goes on."""
