"""The address of a server: what may be in it, and what of it may be told."""

from __future__ import annotations

import base64
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from flowbind.outside import tellable
from flowbind.transport.secret import Secret

_PORTS = {"http": 80, "https": 443}
Home = tuple[str, str, int, str]
"""Where a server is: scheme, host, port and path. What has two addresses counts as two servers."""


def parse_address(url: str, example: str) -> tuple[str, Secret | None]:
    """Return a server's address without closing slash and login, and the login as the value of a header.

    The address may have a path (a reverse proxy's). A user name and password in it are HTTP Basic, for that proxy.
    Raises `ValueError` for what is no address, showing an `example`.
    """
    parts = _parts(url, example)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}".rstrip("/"), _basic(parts)


def websocket_url(url: str, path: str, query: str) -> str:
    """Return the address of a server's websocket; a path (a reverse proxy's) stays in front of its own."""
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + path, query, ""))


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: what tells servers apart."""
    parts = _parts(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def home_of(url: str) -> Home:
    """Return where the server of an address is."""
    return (*origin(url), urlsplit(url).path.rstrip("/"))


def _parts(url: str, example: str = "http://host:port") -> SplitResult:
    # The errors of urlsplit quote what may be a password; so a reason is told, and nothing of theirs.
    why = f"it looks like {example}"
    try:
        parts = urlsplit(url)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_one = SplitResult("", "", "", "", ""), False
    # Of a password that is not quoted, half may look like a path.
    is_one = parts.scheme in _PORTS and parts.hostname and port_is_one and "@" not in url.partition(parts.netloc)[2]
    if not (is_one and url.isprintable() and " " not in url):
        if "@" in url:
            why += "; in a user name or password, write : / ? # @ as %3A %2F %3F %23 %40"
    elif parts.query or parts.fragment or url.endswith(("?", "#")):
        why = "it has a query (?) or a fragment (#): leave them out"
    else:
        return parts
    raise ValueError(f"{tellable(url)!r} is no address of a server; {why}") from None


def _basic(parts: SplitResult) -> Secret | None:
    login, mark, _ = parts.netloc.rpartition("@")
    if not mark:
        return None
    user, _, password = login.partition(":")
    both = f"{unquote(user)}:{unquote(password)}".encode()
    return Secret("Basic " + base64.b64encode(both).decode())
