"""What both clients share about HTTP: addresses, time-outs, files, and httpx's errors as ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from flowbind.errors import ConnectionBroken, Refused, RequestTimeout, ServerUnreachable
from flowbind.files import whole_file
from flowbind.outside import one_line
from flowbind.transport.multipart import Multipart
from flowbind.transport.steps import Call, Download, Reply
from flowbind.transport.tls import tls_problem
from flowbind.transport.wire import is_file

if TYPE_CHECKING:
    import httpx

    from flowbind.transport.connection import Connection

ADVICE = "flowbind_advice"
"""What an answer's `extensions` call the advice about it."""
AT_LOGIN = "flowbind_at_login"
"""What the `extensions` of a request say that comes before another one, which was not sent yet."""
TO_FILE = "flowbind_to_file"
"""What a request's `extensions` call the download that it is sent for."""
KEPT = 3.0
"""Seconds for which a connection rests: less than the 5 after which the server closes it, and loses what is sent."""


class Requests:
    """Makes the requests to one server; blocks when it is made, since it reads the authorities for TLS.

    httpx's transports are used without its clients: nothing here wants their cookies, redirects and defaults, which
    take as long as the request itself. Raises `ValueError` for what is no address.
    """

    def __init__(self, connection: Connection) -> None:
        import httpx

        try:
            self._root = httpx.URL(connection.url).path.rstrip("/")
        except httpx.InvalidURL as error:
            raise ValueError(f"{connection.url!r} is no address of a server ({error})") from None
        self._connection = connection
        agent = f"python-httpx/{httpx.__version__}"
        # gzip is the one compression that is undone within bounds, see `_bounds`.
        self._usual = {"accept": "*/*", "accept-encoding": "gzip", "connection": "keep-alive", "user-agent": agent}
        # A tenth of a request is spent on taking its address apart, and most go to a handful of them.
        self._parsed = lru_cache(64)(httpx.URL)
        # Shorter than the 5 s after which the server closes an idle connection: a request sent then is lost.
        limits = httpx.Limits(keepalive_expiry=KEPT)
        self.options: dict[str, Any] = {
            "verify": connection.tls.context(),
            "limits": limits,
            "proxy": proxy_for(connection.url),
        }
        """What both kinds of httpx's transport are made with."""

    def of(self, call: Call, read: Callable[[Iterable[bytes]], Any] | None = None) -> httpx.Request:
        """Return the request of a call; `read` says how the pieces of an upload are read."""
        import httpx

        headers = {
            **self._usual,
            **self._connection.headers,
            **{name.lower(): value for name, value in call.headers.items()},
        }
        content: Any = call.content
        if call.upload:
            form = Multipart(call.upload)
            content = read(form) if read else form
            headers |= form.headers
        elif content is not None:
            headers.setdefault("content-type", "application/json")
        params = None
        if call.params or call.secrets:
            params = {**call.params, **{name: secret.reveal() for name, secret in call.secrets.items()}}
        # Whole, and not joined: a path that looks like an address would lead to another server.
        url = self._parsed(self._connection.url + call.path)
        extensions = _timeouts(self._connection.timeout if call.timeout is None else call.timeout)
        return httpx.Request(call.method, url, params=params, headers=headers, content=content, extensions=extensions)

    def of_download(self, step: Download) -> httpx.Request:
        """Return the request of a download."""
        import httpx

        # Earlier releases compress pictures, which takes their time and saves nothing.
        headers = {**self._usual, **self._connection.headers, "accept-encoding": "identity", **step.headers}
        extensions = {**_timeouts(self._connection.timeout), TO_FILE: step}
        url = self._parsed(self._connection.url + step.path)
        return httpx.Request("GET", url, headers=headers, extensions=extensions)

    def reply(self, step: Call | Download, response: httpx.Response, body: bytes) -> Reply:
        """Return an answer as operations see it."""
        method = step.method if isinstance(step, Call) else "GET"
        media_type: str = response.headers.get("content-type", "")
        advice, content_range = response.extensions.get(ADVICE, ""), response.headers.get("content-range", "")
        server = self._connection.server
        return Reply(method, step.path, response.status_code, media_type, body, advice, content_range, server)

    def path(self, request: httpx.Request) -> str:
        """Return the path of a request as calls have it."""
        return request.url.path.removeprefix(self._root)


def _timeouts(seconds: float) -> dict[str, Any]:
    return {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment, or the system, has for an address."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    known = getproxies()
    proxy = known.get(parts.scheme) or known.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def sends_the_file(step: Download, response: httpx.Response) -> bool:
    """Tell whether an answer is what a download asks for; any other must not take the place of a file."""
    media_type: str = response.headers.get("content-type", "")
    return response.status_code == 200 and is_file(media_type, step.media_type)


@contextmanager
def written(step: Download) -> Iterator[BinaryIO]:
    """Give an open file that takes the place of a download's target when all went well, or the one that this is."""
    if not isinstance(step.target, Path):
        yield step.target
        return
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
def errors_translated(connection: Connection) -> Iterator[None]:
    """Raise httpx's transport errors as ours: whether anything was sent makes the difference."""
    import httpx

    url = connection.url
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        if problem := tls_problem(error):
            raise ServerUnreachable(f"No connection to {url}: {problem}.") from None
        raise ServerUnreachable(
            f"No {connection.server} answers at {url} ({_told(error)}). "
            "Is the server running, and is the address right?"
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
        if AT_LOGIN in error.request.extensions:
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
