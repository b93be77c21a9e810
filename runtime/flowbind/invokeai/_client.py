"""What both clients are made of, apart from how they wait for the server."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypedDict, TypeVar, Unpack

from flowbind.errors import ClientClosed, FlowbindError, ServerError, Unauthorized
from flowbind.invokeai.access.account import Account
from flowbind.invokeai.access.address import DEFAULT_URL
from flowbind.invokeai.access.connection import Connection
from flowbind.invokeai.access.credentials import CA_FILE, URL, environment_credentials, given_credentials
from flowbind.invokeai.access.tls import Certificate, Verify
from flowbind.invokeai.document import ServerDocument
from flowbind.invokeai.events.channel import Channels
from flowbind.invokeai.runs.drift_check import CheckMode, DriftCheck
from flowbind.invokeai.runs.lookup import Lookup

if TYPE_CHECKING:
    from flowbind.invokeai._steps import Operation
    from flowbind.invokeai.runs.grouping import Plan
    from flowbind.invokeai.runs.sending import Sending
    from flowbind.invokeai.runs.submitting import Submitted
    from flowbind.workflow import Workflow

StepT = TypeVar("StepT")
Outcome = tuple[Any, Exception | None]
"""What came of a step: the answer, or the error that operations may handle."""


def go_on(operation: Generator[StepT, Any, Any], answer: Any, error: Exception | None) -> StepT:
    """Give an operation what came of its last step; return the next one."""
    try:
        return operation.send(answer) if error is None else operation.throw(error)
    except FlowbindError as raised:
        if raised.__suppress_context__:
            # What was not to be told holds what the server has answered, perhaps with tokens.
            raised.__context__ = None
        raise


def without_requests(error: Exception) -> Exception:
    """Return an error without those that it came of: httpx's hold requests, with their tokens and passwords."""
    error.__context__ = error.__cause__ = None
    return error


class Options(TypedDict, total=False):
    """The options of both clients, see `InvokeAI`."""

    url: str
    email: str
    password: str
    verify: Verify
    cert: Certificate
    timeout: float
    check: CheckMode
    events: bool


class Client:
    """Where the server is, who asks it, what is known of it, and what it has told."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        email: str | None = None,
        password: str | None = None,
        verify: Verify = True,
        cert: Certificate | None = None,
        timeout: float = 60.0,
        check: CheckMode = "warn",
        events: bool = True,
    ) -> None:
        self._connection = Connection.of(url, timeout, verify, cert)
        self._account = Account(self._connection, given_credentials(email, password))
        self._lookup = Lookup()
        self._document = ServerDocument(with_nodes=check != "off")
        self._drift = DriftCheck(check, self._document)
        self._channels = Channels()
        # Threads may share a client: one of them opens the connections.
        self._opening = Lock()
        self._events = events
        self._closings = 0

    @classmethod
    def from_env(cls, **options: Unpack[Options]) -> Self:
        """Make a client with what the environment says; options given here take its place.

        INVOKEAI_URL is the address (else the default), INVOKEAI_EMAIL and INVOKEAI_PASSWORD are the account,
        INVOKEAI_CA_FILE is a file of authorities to trust (`verify`). Where `url` names another server than
        INVOKEAI_URL, the account of the environment is not used: it is that server's. Raises `ValueError` for half an
        account, and for what is no address.
        """
        if "url" not in options and (url := os.environ.get(URL)):
            options["url"] = url
        if "verify" not in options and (authorities := os.environ.get(CA_FILE)):
            options["verify"] = authorities
        made = cls(**options)
        if "email" not in options and "password" not in options:
            made._account = Account(made._connection, environment_credentials(made.url))
        return made

    @property
    def url(self) -> str:
        """The server's address, without a login in it."""
        return self._connection.url

    @property
    def account(self) -> str | None:
        """The e-mail address of the account that logs in; None without one, and until a netrc file was needed."""
        return self._account.email

    # What follows is loaded by those who submit, and what is for many instances by those who have them.
    def _submission(self, workflow: Workflow[Any]) -> Operation[Submitted]:
        from flowbind.invokeai.runs.submitting import submit

        return submit(workflow, self._lookup, self._drift, self._channels, self._document.supports)

    def _plan(self, workflows: Iterable[Workflow[Any]]) -> Operation[Plan]:
        from flowbind.invokeai.runs.planning import planned

        return planned(workflows, self._lookup, self._drift)

    def _sending(self, plan: Plan) -> Sending:
        from flowbind.invokeai.runs.sending import Sending

        return Sending(plan, self._channels, self._document.supports)

    def _new_token(self) -> Operation[bool]:
        """Get a token that the server takes; tell whether there is one. Raises `Unauthorized` where one is wanted."""
        try:
            return (yield from self._account.renewed_token()) is not None
        except Unauthorized:
            raise
        except ServerError:
            return False  # events can be done without; whatever it is, the submit that follows meets it, too

    def _check_open(self, closings: int) -> None:
        """Raise `ClientClosed` where the client was closed since; whoever begins anew opens it again."""
        if self._closings != closings:
            raise ClientClosed(
                f"The client of {self.url} was closed while this was under way. What is queued goes on; a request that "
                "was being sent may have been carried out."
            )

    def _wants_events(self) -> bool:
        from flowbind.invokeai.events.listening import can_listen

        return self._events and can_listen()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"
