"""How a server is reached: the options of a client, read once and shared by all that talks to the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowbind.transport.address import Home, home_of, parse_address
from flowbind.transport.secret import Secret
from flowbind.transport.tls import Certificate, Tls, Verify

if TYPE_CHECKING:
    from ssl import SSLContext

    from flowbind.transport.http import Requests
    from flowbind.transport.sending import Sender


@dataclass(frozen=True)
class Connection:
    """How a server is reached; `url` has neither closing slash nor login, `timeout` is in seconds.

    `server` is what people call such a server. `basic` is the value of the Authorization header for a reverse proxy,
    from the address.
    """

    server: str
    url: str
    timeout: float
    tls: Tls
    basic: Secret | None

    @staticmethod
    def of(server: str, url: str, timeout: float, verify: Verify, cert: Certificate | None, example: str) -> Connection:
        """Return the options of a client; raises `ValueError` for what is no address, showing an `example`."""
        without_login, basic = parse_address(url, example)
        return Connection(server, without_login, timeout, Tls(verify, cert), basic)

    @property
    def home(self) -> Home:
        """Where the server is."""
        return home_of(self.url)

    @property
    def host(self) -> str:
        """The name of the server's machine."""
        return urlsplit(self.url).hostname or ""

    @property
    def headers(self) -> dict[str, str]:
        """What each request has to bring for a proxy."""
        return {"authorization": self.basic.reveal()} if self.basic else {}

    def ssl_context(self) -> SSLContext | None:
        """Return the context for TLS, None where the address has none; blocks on first use, since it reads files."""
        return self.tls.context() if self.url.startswith("https:") else None


@dataclass(frozen=True)
class Access:
    """How a server is talked to, and by whom: all that is needed to do so over connections of one's own."""

    connection: Connection
    sender: Callable[[Requests], Sender]
