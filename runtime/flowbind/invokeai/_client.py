"""What both clients of InvokeAI are made of, apart from how they wait for the server."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from flowbind.drift_check import CheckMode, DriftCheck
from flowbind.errors import ServerError, Unauthorized
from flowbind.invokeai.access.account import Account
from flowbind.invokeai.access.credentials import CA_FILE, URL, environment_credentials, given_credentials
from flowbind.invokeai.document import ServerDocument
from flowbind.invokeai.events.hearing import BatchChannels
from flowbind.invokeai.runs.lookup import Lookup
from flowbind.transport.client import Client
from flowbind.transport.connection import Connection
from flowbind.transport.tls import Certificate, Verify

if TYPE_CHECKING:
    from flowbind.invokeai.runs.grouping import Plan
    from flowbind.invokeai.runs.sending import Sending
    from flowbind.invokeai.runs.submitting import Submitted
    from flowbind.listening.listener import Line
    from flowbind.transport.http import Requests
    from flowbind.transport.sending import Sender
    from flowbind.transport.steps import Operation
    from flowbind.workflow import Workflow

DEFAULT_URL = "http://127.0.0.1:9090"


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


class InvokeAIClient(Client):
    """Who asks the server, and what is known of it."""

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
        super().__init__(
            Connection.of("InvokeAI", url, timeout, verify, cert, DEFAULT_URL), BatchChannels(), events=events
        )
        self._account = Account(self._connection, given_credentials(email, password))
        self._lookup = Lookup(self._connection.home)
        self._document = ServerDocument(with_nodes=check != "off")
        self._drift = DriftCheck(check, lambda _: self._document.nodes())

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

        return Sending(plan, self._channels, self._document.supports, self._lookup)

    def _readmitted(self) -> Operation[bool]:
        """Get a token that the server takes; tell whether there is one. Raises `Unauthorized` where one is wanted."""
        try:
            return (yield from self._account.renewed_token()) is not None
        except Unauthorized:
            raise
        except ServerError:
            return False  # events can be done without; whatever it is, the submit that follows meets it, too

    def _sender(self, requests: Requests) -> Sender:
        from flowbind.invokeai.access.login import Login

        return Login(self._account, requests)

    def _line(self) -> Line:
        from flowbind.invokeai.events.frames import Conversation, socket_url
        from flowbind.listening.listener import Line

        # Nothing here may hold the client: one that nobody holds any more is not listened for.
        account = self._account
        url = socket_url(self.url)
        return Line(lambda: Conversation(url, account.token))

    def _forget(self) -> None:
        self._account.forget()
