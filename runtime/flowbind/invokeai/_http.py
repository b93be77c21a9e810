"""What both clients share about HTTP: addresses, time-outs, files, and httpx's errors as ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from flowbind.errors import ConnectionBroken, Refused, RequestTimeout, ServerUnreachable
from flowbind.files import whole_file
from flowbind.invokeai._steps import Call, Download, Reply
from flowbind.invokeai.access.account import LOGIN
from flowbind.invokeai.access.tls import tls_problem
from flowbind.outside import one_line

if TYPE_CHECKING:
    import httpx

    from flowbind.invokeai.access.account import Account
    from flowbind.invokeai.access.connection import Connection

ADVICE = "flowbind_advice"
"""What an answer's `extensions` call the advice about it."""


def client_options(connection: Connection, account: Account, on_answer: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the options that both kinds of httpx client take; blocks, since it reads the authorities for TLS.

    `on_answer` calls `stay` with each answer, as that kind of client wants to be told.
    """
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx

    from flowbind.invokeai.access.login import Login

    try:
        httpx.URL(connection.url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{connection.url!r} is no address of a server ({error})") from None
    return {
        "auth": Login(account, connection.url),
        "verify": connection.tls.context(),
        "headers": connection.headers,
        "timeout": connection.timeout,
        "follow_redirects": False,
        "event_hooks": {"response": [on_answer]},
        # Shorter than the 5 s after which the server closes an idle connection: a request sent then is lost.
        "limits": httpx.Limits(keepalive_expiry=3.0),
        # At a login the server sets the token as a cookie, too; it would outlive its owner.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
    }


def stay(response: httpx.Response) -> None:
    """Take the address of a redirect out of an answer: nobody follows it, and httpx fails at what it cannot read."""
    response.headers.pop("location", None)


def request_of(call: Call, url: str) -> dict[str, Any]:
    """Return a call to the server at `url` as the arguments of httpx's `request`."""
    # Whole, and not for httpx to join: a path that looks like an address would lead to another server.
    request: dict[str, Any] = {"method": call.method, "url": url + call.path, "headers": dict(call.headers)}
    if call.params or call.secrets:
        request["params"] = {**call.params, **{name: secret.reveal() for name, secret in call.secrets.items()}}
    if call.timeout is not None:
        request["timeout"] = call.timeout
    if call.upload:
        from flowbind.invokeai._multipart import Multipart

        request["content"] = form = Multipart(call.upload)
        request["headers"] |= form.headers
    elif call.content is not None:
        request["content"] = call.content
        request["headers"].setdefault("content-type", "application/json")
    return request


def reply_of(step: Call | Download, response: httpx.Response, body: bytes) -> Reply:
    """Return an answer as operations see it."""
    method = step.method if isinstance(step, Call) else "GET"
    media_type: str = response.headers.get("content-type", "")
    advice, content_range = response.extensions.get(ADVICE, ""), response.headers.get("content-range", "")
    return Reply(method, step.path, response.status_code, media_type, body, advice, content_range)


def download_of(step: Download, url: str) -> dict[str, Any]:
    """Return a download from the server at `url` as the arguments of httpx's `stream`."""
    # Earlier releases compress pictures, which takes their time and saves nothing.
    headers = {"accept-encoding": "identity", **step.headers}
    return {"method": "GET", "url": url + step.path, "headers": headers}


def sends_the_file(step: Download, response: httpx.Response) -> bool:
    """Tell whether an answer is what a download asks for; any other must not take the place of a file."""
    media_type: str = response.headers.get("content-type", "")
    return response.status_code == 200 and media_type.startswith(step.media_type)


@contextmanager
def written(step: Download) -> Iterator[BinaryIO]:
    """Give an open file that takes the place of a download's target when all went well."""
    with whole_file(step.target) as part:
        try:
            with part.open("wb") as file:
                yield file
        except OSError as error:
            if error.filename is not None:
                raise
            # A full disk does not say whose file it was.
            raise OSError(error.errno, error.strerror or str(error), str(step.target)) from None
        if step.check:
            step.check(part)


@contextmanager
def errors_translated(url: str) -> Iterator[None]:
    """Raise httpx's transport errors as ours: whether anything was sent makes the difference."""
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        if problem := tls_problem(error):
            raise ServerUnreachable(f"No connection to {url}: {problem}.") from None
        raise ServerUnreachable(
            f"No InvokeAI answers at {url} ({_told(error)}). Is the server running, and is the address right?"
        ) from None
    except httpx.InvalidURL:
        # Names are quoted: of our own addresses nothing else may be wrong.
        raise Refused(f"The address of a request to {url} would be too long; nothing was sent.") from None
    except RuntimeError as error:
        if not str(error).startswith("Cannot send a request"):
            raise
        raise ServerUnreachable(f"The client of {url} was closed; nothing was sent.") from None
    except httpx.RequestError as error:
        if problem := tls_problem(error):
            raise ServerUnreachable(f"No connection to {url}: {problem}.") from None
        if error.request.url.path.endswith(LOGIN):
            raise ServerUnreachable(
                f"The connection to {url} broke at the login ({_told(error)}); nothing was sent. "
                "Is the server still running?"
            ) from None
        if isinstance(error, httpx.TimeoutException):
            raise _too_slow(url, error) from None
        raise ConnectionBroken(
            f"The connection to {url} broke ({_told(error)}). Is the server still running? "
            "Look whether the request was carried out before you send it again."
        ) from None


def _told(error: Exception) -> str:
    # It may quote what the server has sent.
    return f"{type(error).__name__}: {one_line(error)}"


def _too_slow(url: str, error: httpx.TimeoutException) -> RequestTimeout:
    import httpx

    sending = isinstance(error, httpx.WriteTimeout)
    seconds = error.request.extensions["timeout"]["write" if sending else "read"]
    did = "took no more of the request" if sending else "sent nothing more"
    return RequestTimeout(
        f"{error.request.method} {error.request.url.path}: {url} {did} for {seconds:g} s, the client's `timeout` for "
        "one request. Give a slow server more: `timeout=` of the client, in seconds."
    )
