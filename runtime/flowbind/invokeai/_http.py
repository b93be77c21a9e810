"""What both clients share about HTTP: addresses, time-outs, and httpx's errors as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flowbind.errors import ConnectionBroken, RequestTimeout, ServerUnreachable
from flowbind.invokeai._wire import Call, Download, Reply

if TYPE_CHECKING:
    import httpx

DEFAULT_URL = "http://127.0.0.1:9090"


def base_url(url: str) -> str:
    """Return the server's address without a closing slash; it may have a path (a reverse proxy's)."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a server; it looks like {DEFAULT_URL}")
    return url.rstrip("/")


def client_options(url: str, timeout: float) -> dict[str, Any]:
    """Return the options that both kinds of httpx client take."""
    import httpx

    # Shorter than the 5 s after which the server closes an idle connection: a request sent into that moment is lost.
    limits = httpx.Limits(keepalive_expiry=3.0)
    return {"base_url": url, "timeout": timeout, "follow_redirects": False, "limits": limits}


def request_of(call: Call) -> dict[str, Any]:
    """Return a call as the arguments of httpx's `request`."""
    request: dict[str, Any] = {"method": call.method, "url": call.path.lstrip("/"), "params": call.params or None}
    if call.upload:
        request["files"] = {"file": (call.upload.name, call.upload.content, call.upload.media_type)}
    elif call.content is not None:
        request |= {"content": call.content, "headers": {"content-type": "application/json"}}
    return request


def reply_of(step: Call | Download, response: httpx.Response, body: bytes) -> Reply:
    """Return an answer as operations see it."""
    method = step.method if isinstance(step, Call) else "GET"
    return Reply(method, step.path, response.status_code, response.headers.get("content-type", ""), body)


def sends_a_picture(response: httpx.Response) -> bool:
    """Tell whether an answer is what a download asks for; any other must not take the place of a file."""
    media_type: str = response.headers.get("content-type", "")
    return response.status_code == 200 and media_type.startswith(("image/", "video/"))


@contextmanager
def errors_translated(url: str) -> Iterator[None]:
    """Raise httpx's transport errors as ours: whether anything was sent makes the difference."""
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise ServerUnreachable(
            f"No InvokeAI answers at {url} ({error}). Is the server running, and is the address right?"
        ) from None
    except httpx.TimeoutException as error:
        raise RequestTimeout(f"{url} took too long ({type(error).__name__}: {error}).") from None
    except httpx.RequestError as error:
        raise ConnectionBroken(f"The connection to {url} broke ({type(error).__name__}: {error}).") from None
