"""Logins where the server, or what stands before it, does not do as InvokeAI 6.14 does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from generated import Poster

from flowbind.errors import FlowbindError, ServerError, ServerUnreachable, Unauthorized, UnexpectedReply
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.invokeai.access.account import Account, Alone, Seen, Send, Together
from flowbind.invokeai.access.credentials import Credentials
from flowbind.transport.connection import Connection
from flowbind.transport.secret import Secret
from flowbind.transport.steps import Call

from .fake_server import BOARD, ENQUEUE, HANG_UP, PNG, Answer, FakeServer, as_json

LOGIN, STATUS, BOARDS = "/api/v1/auth/login", "/api/v1/auth/status", "/api/v1/boards/"
PERSON = {"email": "a@example.org", "password": "Hidden-1"}
REFUSED = as_json({"detail": "Invalid or expired token"}, 401)
PAGE = Answer(b"<html>", media_type="text/html")
ONE_USER = as_json({"detail": "Multiuser mode is disabled."}, 403)


def token(text: str) -> Answer:
    """Return the answer to a login."""
    return as_json({"token": text, "user": {}, "expires_in": 86400})


class Client:
    """Either client, used once."""

    def __init__(self, kind: str, url: str) -> None:
        self._kind = kind
        self._url = url

    def ask(self, method: str, path: str, times: int = 1, **options: Any) -> list[Any]:
        """Send a request some times over and return the answers."""
        if self._kind == "sync":
            with InvokeAI(self._url, **PERSON, check="off") as server:
                return [server.request(method, path, **options) for _ in range(times)]

        async def ask() -> list[Any]:
            async with AsyncInvokeAI(self._url, **PERSON, check="off") as server:
                return [await server.request(method, path, **options) for _ in range(times)]

        return asyncio.run(ask())

    def save(self, name: str, path: Path) -> Path:
        """Download a picture."""
        if self._kind == "sync":
            with InvokeAI(self._url, **PERSON) as server:
                return server.images.save(name, path)

        async def save() -> Path:
            async with AsyncInvokeAI(self._url, **PERSON) as server:
                return await server.images.save(name, path)

        return asyncio.run(save())


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, server: FakeServer) -> Client:
    """Both clients, with an account of the server."""
    server.answer("POST", LOGIN, token("first"), token("second"), token("third"))
    return Client(request.param, server.url)


def tokens(server: FakeServer, path: str) -> list[str | None]:
    """Return what came with the requests to a path."""
    return [r.headers.get("authorization") for r in server.requests if r.path == path]


def test_the_token_comes_with_every_request(server: FakeServer, client: Client) -> None:
    client.ask("GET", BOARDS, times=2)
    assert tokens(server, BOARDS) == ["Bearer first"] * 2
    (login,) = server.sent("POST", LOGIN)
    assert login.json == {**PERSON, "remember_me": False}
    assert "authorization" not in login.headers


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (as_json({"detail": "Not Found"}, 404), 404),
        (as_json({"detail": "Method Not Allowed"}, 405), 404),
        (PAGE, 404),
        (ONE_USER, 200),
    ],
)
def test_a_server_without_accounts(server: FakeServer, client: Client, answer: Answer, status: int) -> None:
    server.answer("POST", LOGIN, answer)
    server.answer("GET", STATUS, as_json({"multiuser_enabled": False}, status))
    assert client.ask("GET", BOARDS, times=3) == [[BOARD]] * 3
    assert len(server.sent("POST", LOGIN)) == 1
    assert tokens(server, BOARDS) == [None] * 3


@pytest.mark.parametrize("status", [as_json({"multiuser_enabled": True}), as_json({}, 404), PAGE])
def test_an_account_that_is_disabled(server: FakeServer, client: Client, status: Answer) -> None:
    server.answer("POST", LOGIN, as_json({"detail": "User account is disabled"}, 403))
    server.answer("GET", STATUS, status)
    with pytest.raises(
        Unauthorized, match=r"login of a@example\.org .*: User account is disabled \(HTTP 403\)"
    ) as caught:
        client.ask("GET", BOARDS)
    assert caught.value.status == 403
    assert caught.value.__context__ is caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (as_json({"detail": "no"}, 500), ServerError),
        (as_json({"token": 1}), Unauthorized),
        (as_json([]), Unauthorized),
        (token("two words"), Unauthorized),
        (token("schlüssel"), Unauthorized),
        (Answer(b"{", 200), UnexpectedReply),
        (Answer(b"", 302, headers={"location": "/login"}), UnexpectedReply),
        (as_json({"detail": [{"msg": "value is not a valid email address"}]}, 422), Unauthorized),
    ],
)
def test_a_login_that_is_answered_oddly(
    server: FakeServer, client: Client, answer: Answer, error: type[Exception]
) -> None:
    server.answer("POST", LOGIN, answer)
    with pytest.raises(error):
        client.ask("GET", BOARDS)
    assert tokens(server, BOARDS) == []


def test_a_connection_that_breaks_at_the_login_leaves_nothing_uncertain(server: FakeServer, client: Client) -> None:
    server.answer("POST", LOGIN, HANG_UP)
    with pytest.raises(ServerUnreachable, match=r"broke at the login .*; nothing was sent") as caught:
        client.ask("POST", ENQUEUE, json={})
    assert server.sent("POST", ENQUEUE) == []
    assert caught.value.__context__ is None


def test_a_second_refusal_is_told(server: FakeServer, client: Client) -> None:
    server.answer("POST", ENQUEUE, REFUSED)
    with pytest.raises(Unauthorized, match=r"POST .*enqueue_batch: Invalid or expired token"):
        client.ask("POST", ENQUEUE, json={})
    assert tokens(server, ENQUEUE) == ["Bearer first", "Bearer second"]
    assert len(server.sent("POST", LOGIN)) == 2


def test_only_401_asks_for_another_login(server: FakeServer, client: Client) -> None:
    server.answer("POST", ENQUEUE, as_json({"detail": "no"}, 403))
    with pytest.raises(ServerError):
        client.ask("POST", ENQUEUE, json={})
    assert tokens(server, ENQUEUE) == ["Bearer first"]


def test_renewed_tokens_are_used(server: FakeServer, client: Client) -> None:
    def renewing(text: str) -> Answer:
        return Answer(b"[]", headers={"X-Refreshed-Token": text})

    # What cannot be sent is no token.
    server.answer("PATCH", BOARDS, renewing("next"), renewing("schl\u00fcssel"), renewing(""), as_json([]))
    client.ask("PATCH", BOARDS, times=4)
    assert tokens(server, BOARDS) == ["Bearer first", *["Bearer next"] * 3]


def test_no_token_is_taken_from_a_server_without_accounts(server: FakeServer) -> None:
    server.answer("PATCH", BOARDS, Answer(b"[]", headers={"X-Refreshed-Token": "strange"}))
    with InvokeAI(server.url) as client:
        for _ in range(2):
            client.request("PATCH", BOARDS)
    assert tokens(server, BOARDS) == [None, None]


def test_a_proxy_that_wants_its_own_login_gets_no_password(server: FakeServer, client: Client) -> None:
    challenge = {"WWW-Authenticate": 'Basic realm="studio"'}
    server.answer("GET", "/openapi.json", Answer(b"", 401, headers=challenge))
    with pytest.raises(Unauthorized, match="put them into the address"):
        client.ask("GET", "/openapi.json")
    assert server.sent("POST") == []


def test_a_redirect_does_not_take_the_token_elsewhere(server: FakeServer, client: Client) -> None:
    with FakeServer() as other:
        elsewhere = Answer(b"", 307, headers={"location": f"{other.url}{BOARDS}"})
        server.answer("GET", BOARDS, elsewhere)
        with pytest.raises(UnexpectedReply, match="redirect"):
            client.ask("GET", BOARDS)
        assert other.requests == []


def test_a_download_is_begun_again(server: FakeServer, client: Client, tmp_path: Path) -> None:
    path = "/api/v1/images/i/a.png/full"
    server.answer("GET", path, REFUSED, Answer(PNG, media_type="image/png"))
    assert client.save("a.png", tmp_path / "a.png").read_bytes() == PNG
    assert tokens(server, path) == ["Bearer first", "Bearer second"]
    assert list(tmp_path.iterdir()) == [tmp_path / "a.png"]


def test_a_download_that_is_refused_leaves_no_file(server: FakeServer, client: Client, tmp_path: Path) -> None:
    server.answer("GET", "/api/v1/images/i/a.png/full", REFUSED)
    with pytest.raises(Unauthorized):
        client.save("a.png", tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_token_that_another_request_has_replaced_needs_no_login() -> None:
    account = Account(
        Connection.of("InvokeAI", "http://127.0.0.1:9", 1.0, True, None, ""), Credentials("a", Secret("b"), "c")
    )
    account._token = old = Secret("old")
    first, second = account.steps("/first"), account.steps("/second")
    assert next(first) == next(second) == Send(old)
    with pytest.raises(StopIteration):
        first.send(Seen(200, {"x-refreshed-token": "new"}))
    assert second.send(Seen(401, {})) == Alone()
    assert next(second) == Together()
    sent = next(second)
    assert isinstance(sent, Send)
    assert sent.token
    assert sent.token.reveal() == "new"
    # Where the new one is refused, too, there is a login after all.
    assert second.send(Seen(401, {})) == Alone()
    login = next(second)
    assert isinstance(login, Call)
    assert login.path == LOGIN
    assert "remember_me" not in repr(login)


def test_closing_forgets_the_token(server: FakeServer) -> None:
    server.answer("POST", LOGIN, token("first"), token("second"))
    client = InvokeAI(server.url, **PERSON)
    for _ in range(2):
        client.request("GET", BOARDS)
        client.close()
        assert client._account.token is None
    assert tokens(server, BOARDS) == ["Bearer first", "Bearer second"]


def test_a_token_for_the_listener(server: FakeServer) -> None:
    server.answer("POST", LOGIN, token("first"), token("second"))
    server.answer("GET", "/api/v1/queue/default/status", as_json({}), REFUSED, as_json({}))
    with InvokeAI(server.url, **PERSON) as client:
        assert client.perform(client._account.renewed_token()) == "first"
        assert client.perform(client._account.renewed_token()) == "second"
    with InvokeAI(server.url) as client:
        assert client.perform(client._account.renewed_token()) is None


def test_a_submit_logs_in_once_and_warns_of_nothing(server: FakeServer) -> None:
    server.answer("POST", LOGIN, as_json({"detail": "Incorrect email or password"}, 401))
    with InvokeAI(server.url, **PERSON, check="off") as client, pytest.raises(FlowbindError, match="refuses the login"):
        client.submit(Poster())
    assert [(r.method, r.path) for r in server.requests] == [("POST", LOGIN)]


@pytest.mark.parametrize("half", [{"email": "a@example.org"}, {"password": "Hidden-1"}, {"email": "", "password": "x"}])
@pytest.mark.parametrize("client", [InvokeAI, AsyncInvokeAI])
def test_half_an_account(client: Any, half: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="needs both") as caught:
        client("http://127.0.0.1:9", **half)
    assert "Hidden-1" not in str(caught.value)
    for name, value in half.items():
        monkeypatch.setenv(f"INVOKEAI_{name.upper()}", value or "x")
    if len(half) == 1:
        with pytest.raises(ValueError, match=r"INVOKEAI_.* is given and INVOKEAI_.* is not"):
            client.from_env()


def test_an_account_and_a_login_for_a_proxy() -> None:
    with pytest.raises(ValueError, match="both need the header Authorization") as caught:
        InvokeAI("https://studio:secret@127.0.0.1", **PERSON)
    assert "secret" not in str(caught.value)
