"""Options for TLS that cannot be used: told by their names when the first connection is made."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from flowbind.invokeai import AsyncInvokeAI, InvokeAI

URL = "https://127.0.0.1:9"
FirstRequest = Callable[..., None]


@pytest.fixture(params=["sync", "async"])
def first_request(request: pytest.FixtureRequest) -> FirstRequest:
    """Make one of the two clients, and its first request."""

    def ask(**options: Any) -> None:
        with InvokeAI(URL, **options) as server:
            server.version()

    async def awaited(**options: Any) -> None:
        async with AsyncInvokeAI(URL, **options) as server:
            await server.version()

    return ask if request.param == "sync" else lambda **options: asyncio.run(awaited(**options))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and its key, which has a password."""
    issued = trustme.CA().issue_cert("client")
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"Hidden-1"))
    (tmp_path / "client.pem").write_bytes(issued.cert_chain_pems[0].bytes())
    (tmp_path / "client.key").write_bytes(locked)
    return tmp_path / "client.pem", tmp_path / "client.key"


def test_authorities_that_are_not_there(first_request: FirstRequest, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"verify: '.*gone\.pem' cannot be used as authorities \(No such file"):
        first_request(verify=tmp_path / "gone.pem")


def test_authorities_that_are_none(first_request: FirstRequest, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match=r"verify: '.*none\.pem' cannot be used as authorities"):
        first_request(verify=str(tmp_path / "none.pem"))


def test_a_certificate_that_is_not_there(first_request: FirstRequest, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cert: '.*gone\.pem' cannot be used as a certificate and its key"):
        first_request(cert=tmp_path / "gone.pem")


def test_a_key_with_a_password_asks_nobody(first_request: FirstRequest, pair: tuple[Path, Path]) -> None:
    with pytest.raises(ValueError, match="cert: the key has a password"):
        first_request(cert=pair)


def test_a_certificate_beside_a_context(first_request: FirstRequest, pair: tuple[Path, Path]) -> None:
    with pytest.raises(ValueError, match="cert: load the certificate into the SSLContext"):
        first_request(verify=ssl.create_default_context(), cert=pair)


def test_a_folder_of_authorities_is_taken(tmp_path: Path) -> None:
    with InvokeAI(URL, verify=tmp_path) as server:
        assert not server.is_alive()


def test_one_context_for_all_connections() -> None:
    server = InvokeAI(URL)
    assert server._connection.ssl_context() is server._connection.ssl_context() is server._connection.tls.context()
    assert InvokeAI("http://127.0.0.1:9")._connection.ssl_context() is None
