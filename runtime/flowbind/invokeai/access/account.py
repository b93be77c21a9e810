"""The account of a client: logging in, the token of the session, and when it has to be a new one.

What happens is written once, as steps; `login.py` takes them, sync and async. A token is for one server and one
client. The server renews it with each change, and a new login where it no longer takes it.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flowbind.errors import Unauthorized
from flowbind.invokeai.access.credentials import EMAIL, PASSWORD, Credentials, netrc_credentials
from flowbind.transport.connection import Connection
from flowbind.transport.secret import Secret
from flowbind.transport.steps import Call, Operation, Reply, Work
from flowbind.transport.wire import get, is_json, parsed, said_by

LOGIN = "/api/v1/auth/login"
_STATUS = "/api/v1/auth/status"
# They need no login, so a client that only asks for them sends no password.
_PUBLIC = frozenset({"/openapi.json", "/api/v1/app/version", _STATUS, LOGIN})


@dataclass(frozen=True, slots=True)
class Send:
    """The request that the steps are for, with a token or without; it is answered with `Seen`."""

    token: Secret | None


@dataclass(frozen=True, slots=True)
class Alone:
    """The wish to be the only one who takes steps, until `Together`."""


@dataclass(frozen=True, slots=True)
class Together:
    """The end of `Alone`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer says to an account."""

    status: int
    headers: Mapping[str, str]


LoginStep = Send | Alone | Together | Call | Work
Steps = Generator[LoginStep, Any, str]


class Account:
    """Who logs in to a server, and the token that stands for them."""

    def __init__(self, connection: Connection, credentials: Credentials | None) -> None:
        if credentials and connection.basic:
            raise ValueError(
                "An account and an address with a user name do not go together: both need the header Authorization. "
                "Leave the name out of the address, and let the proxy know you otherwise (by a certificate: cert=...)."
            )
        self._credentials = credentials
        self._connection = connection
        self._token: Secret | None = None
        self._has_accounts = True
        self._advice = ""
        # Who has waited for another's login shares what came of it.
        self._logins = 0
        self._refusal: tuple[str, int] | None = None

    def __repr__(self) -> str:
        return f"<Account {self.email or 'none'} of {self._connection.url}>"

    @property
    def email(self) -> str | None:
        """The e-mail address that logs in."""
        return self._credentials.email if self._credentials else None

    @property
    def token(self) -> str | None:
        """The token of this moment, None where nobody has logged in."""
        return self._token.reveal() if self._token else None

    def forget(self) -> None:
        """Forget the token; the next request logs in again."""
        self._token = None

    def renewed_token(self) -> Operation[str | None]:
        """Return a token that the server takes now, None where it has no accounts.

        Raises `Unauthorized` where it wants an account and there is none. Source: `GET /api/v1/queue/default/status`.
        """
        yield from get("/api/v1/queue/default/status")
        return self.token

    def steps(self, path: str) -> Steps:
        """Take the steps of one request; return what to do about an answer of 401.

        Such an answer is given before anything is done, so the request is sent again, after one login at most.
        """
        token = self._token
        if token is None and self._credentials and self._has_accounts and path not in _PUBLIC:
            token, _ = yield from self._other_token(None)
        seen = yield from self._send(token)
        has_logged_in = False
        while seen.status == 401 and path != LOGIN and not has_logged_in:
            challenge = seen.headers.get("www-authenticate", "").lower()
            if challenge.startswith("basic") or self._connection.basic:
                return self._advice_about_proxy(challenge)
            used = token
            token, has_logged_in = yield from self._other_token(used)
            if token is None:
                return self._advice
            seen = yield from self._send(token)
        return ""

    def _send(self, token: Secret | None) -> Generator[LoginStep, Any, Seen]:
        seen: Seen = yield Send(token)
        renewed = seen.headers.get("x-refreshed-token", "")
        if token and _is_token(renewed):
            self._token = Secret(renewed)
        return seen

    def _other_token(self, used: Secret | None) -> Generator[LoginStep, Any, tuple[Secret | None, bool]]:
        """Return another token than the one that was refused, and whether somebody has logged in for it."""
        logins = self._logins
        yield Alone()
        if self._logins == logins and (self._token is None or self._token is used):
            self._token = self._refusal = None
            try:
                self._token = yield from self._log_in()
            finally:
                self._logins += 1
        elif self._token is None and self._refusal:
            said, status = self._refusal
            raise Unauthorized(said, status=status)
        yield Together()
        return self._token, self._logins != logins

    def _log_in(self) -> Generator[LoginStep, Any, Secret | None]:
        """Log in and return the token; None without an account, and on a server that has none."""
        self._advice = ""
        account = self._credentials
        if account is None:
            account, problem = yield Work(partial(netrc_credentials, self._connection.host))
            if account is None:
                self._advice = self._advice_about_accounts(problem)
                return None
            self._credentials = account
        reply: Reply = yield _login(account)
        page = reply.status == 200 and "html" in reply.media_type
        if page or reply.status in (404, 405) or (reply.status == 403 and not (yield from self._wants_accounts())):
            self._has_accounts = False
            self._advice = "The server has no accounts, so a proxy in front of it may want a login."
            return None
        if 400 <= reply.status < 500:
            said = (
                f"The server at {self._connection.url} refuses the login of {account.email} (from {account.source}): "
                f"{said_by(reply)} (HTTP {reply.status}). Correct the e-mail address or the password there, or ask the "
                "server's administrator."
            )
            self._refusal = said, reply.status
            raise Unauthorized(said, status=reply.status)
        answer = parsed(reply)
        token = answer.get("token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not _is_token(token):
            raise Unauthorized(f"POST {LOGIN} was answered without a token that can be sent.", status=reply.status)
        self._has_accounts = True
        return Secret(token)

    def _wants_accounts(self) -> Generator[LoginStep, Any, bool]:
        reply: Reply = yield Call("GET", _STATUS)
        status = parsed(reply) if reply.status == 200 and is_json(reply) else None
        return not (isinstance(status, dict) and status.get("multiuser_enabled") is False)

    def _advice_about_accounts(self, problem: str) -> str:
        host = self._connection.host
        return (
            "Give the client an account of the server: email=... and password=..., or "
            f"{EMAIL} and {PASSWORD} in the environment for `from_env` and the `flowbind` command, or an entry for "
            f"{host} in ~/.netrc" + (f" ({problem})." if problem else ".")
        )

    def _advice_about_proxy(self, challenge: str) -> str:
        if not self._connection.basic:
            return (
                "A proxy in front of the server wants a user name and a password: put them into the address, "
                "https://user:password@host."
            )
        if challenge.startswith("bearer"):
            return "The server wants an account, which an address with a user name leaves no room for: see the README."
        return "The user name or the password in the address is refused."


def _login(account: Credentials) -> Call:
    about = {"email": account.email, "password": account.password.reveal(), "remember_me": False}
    return Call("POST", LOGIN, content=json.dumps(about).encode())


def _is_token(text: str) -> bool:
    """Tell whether text can be sent in a header; an error about another one would quote it."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
