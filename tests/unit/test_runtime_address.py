"""Addresses of servers: what is taken, what is refused, and that a login in one is never told."""

from __future__ import annotations

import base64
import pickle
import traceback
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.outside import tellable
from flowbind.transport.address import origin, parse_address
from flowbind.transport.secret import Secret

EXAMPLE = "http://127.0.0.1:9090"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:9090", "http://127.0.0.1:9090"),
        ("http://127.0.0.1:9090/", "http://127.0.0.1:9090"),
        ("https://example.org/invoke/ai/", "https://example.org/invoke/ai"),
        ("HTTPS://example.org", "https://example.org"),
        ("http://[::1]:9090", "http://[::1]:9090"),
        ("https://user:p%40ss@example.org/invoke", "https://example.org/invoke"),
    ],
)
def test_an_address(url: str, told: str) -> None:
    assert parse_address(url, EXAMPLE)[0] == told
    for client in (InvokeAI(url), AsyncInvokeAI(url)):
        assert client.url == told
        assert repr(client) == f"<{type(client).__name__} {told}>"


def test_the_login_in_an_address() -> None:
    _, login = parse_address("https://user%3A:p%40ss%C3%A9@example.org", EXAMPLE)
    assert login
    assert login.reveal() == "Basic " + base64.b64encode("user::p@ssé".encode()).decode()
    assert parse_address("https://example.org", EXAMPLE)[1] is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:9090",
        "127.0.0.1",
        "ftp://example.org",
        "http://",
        "http:///path",
        "http://example.org:0",
        "http://example.org:70000",
        "http://example.org:port",
        "http://exa mple.org",
        "http://example.org/\n",
        "http://example.org\u202e",
        "http://[::1",
        "http://example.org/a@b",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match=r"is no address of a server; it looks like http://127\.0\.0\.1:9090"):
        InvokeAI(url)


@pytest.mark.parametrize("rest", ["?a=b", "#top", "/invoke?", "/invoke#"])
def test_a_query_is_no_part_of_an_address(rest: str) -> None:
    with pytest.raises(ValueError, match="a query"):
        InvokeAI(f"http://example.org{rest}")


def test_what_httpx_refuses_is_told_at_the_first_request() -> None:
    with InvokeAI("http://xn--\u00fc.example") as server, pytest.raises(ValueError, match="is no address of a server"):
        server.version()


secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=8)


@given(secrets, st.booleans())
def test_a_password_in_an_address_is_never_told(password: str, quoted: bool) -> None:
    hidden = f"Hidden{password}"
    address = f"https://user:{quote(hidden, safe='') if quoted else hidden}@example.org/invoke"
    assert "Hidden" not in tellable(address)
    try:
        client = InvokeAI(address)
    except ValueError as error:
        shown = "".join(traceback.format_exception(error)) + repr(error.__context__)
        refused = True
    else:
        shown = f"{client!r} {client.url} {vars(client)} {client._connection!r} {client._connection}"
        refused = False
    assert "Hidden" not in shown
    assert not (refused and quoted)


def test_origins() -> None:
    assert origin("https://example.org") == origin("https://a:b@EXAMPLE.org:443/path")
    assert origin("http://example.org") != origin("https://example.org")
    assert origin("http://example.org") != origin("http://example.org:8080")


def test_a_secret_is_neither_shown_nor_pickled() -> None:
    secret = Secret("Hidden")
    assert "Hidden" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    assert secret.reveal() == "Hidden"
