"""A real server with accounts: who logs in, when again, and that nobody hears of passwords and tokens."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from generated import ContactSheet, Poster

from flowbind.errors import FlowbindError, NotFound, RunError, ServerError, Unauthorized
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.transport.secret import Secret
from live_tools import Accounts, size_of, told

SMALL: dict[str, Any] = {"width": 64, "height": 72}
LOGIN, ENQUEUE, ME = "POST /api/v1/auth/login", "POST /api/v1/queue/default/enqueue_batch", "/api/v1/auth/me"
RESUME = "/api/v1/queue/default/processor/resume"


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that go out from now on, method and path, those of logins too."""
    sent: list[str] = []
    handle, handle_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def counting(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.path}")
        return handle(self, request)

    async def counting_async(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.path}")
        return await handle_async(self, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", counting)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", counting_async)
    return sent


def spoil(client: InvokeAI | AsyncInvokeAI) -> None:
    """Give a client a token that the server does not take, as after a change of the password elsewhere."""
    client._account._token = Secret("no.such.token")


def netrc(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a netrc file for this test."""
    path = tmp_path / "netrc"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("NETRC", str(path))
    return path


@pytest.mark.parametrize("who", ["admin", "user"])
def test_a_run_and_its_picture(accounts: Accounts, who: str, tmp_path: Path) -> None:
    with InvokeAI(accounts.url, **getattr(accounts, who), check="error") as server:
        result = server.submit(Poster(**SMALL)).wait(timeout=60)
        saved = result.outputs.image.save(tmp_path / "poster.png")
        assert size_of(saved.read_bytes()) == (64, 72)
        assert server.images.upload(saved).width == 64
        assert server.request("GET", ME)["email"] == server.account == getattr(accounts, who)["email"]


@pytest.mark.parametrize("who", ["admin", "user"])
def test_a_run_and_its_picture_awaited(accounts: Accounts, who: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with AsyncInvokeAI(accounts.url, **getattr(accounts, who), check="error") as server:
            job = await server.submit(Poster(**SMALL))
            result = await job.wait(timeout=60)
            saved = await server.images.save(result.outputs.image, tmp_path / "poster.png")
            assert size_of(saved.read_bytes()) == (64, 72)
            assert (await server.images.upload(saved)).width == 64
            assert (await server.request("GET", ME))["email"] == getattr(accounts, who)["email"]

    asyncio.run(run())


def test_one_login_before_the_first_request_that_needs_it(accounts: Accounts, wire: list[str]) -> None:
    with InvokeAI(accounts.url, **accounts.user) as server:
        assert server.is_alive()
        assert server.supports("POST", "/api/v1/queue/{queue_id}/enqueue_batch")
        assert LOGIN not in wire
        server.run(Poster(**SMALL), timeout=60)
    assert wire.count(LOGIN) == wire.count("GET /openapi.json") == wire.count(ENQUEUE) == 1
    assert wire.index(LOGIN) < wire.index(ENQUEUE)


def test_without_an_account(accounts: Accounts, wire: list[str]) -> None:
    with InvokeAI(accounts.url) as server:
        assert server.is_alive()
        with pytest.raises(
            Unauthorized, match=r"email=\.\.\. and password=.*INVOKEAI_EMAIL.*127\.0\.0\.1 in ~/\.netrc"
        ):
            server.submit(Poster(**SMALL))
    assert LOGIN not in wire


@pytest.mark.parametrize(
    ("email", "said"),
    [("user@example.org", "Incorrect email or password"), ("nobody@example.org", "Incorrect"), ("nobody", "email")],
)
def test_a_login_that_is_refused(accounts: Accounts, wire: list[str], email: str, said: str) -> None:
    with InvokeAI(accounts.url, email=email, password="Wrong-1") as server:
        with pytest.raises(Unauthorized, match=said) as caught:
            server.submit(Poster(**SMALL))
        assert f"the login of {email} (from the arguments of the client)" in str(caught.value)
        assert "Wrong-1" not in str(caught.value)
    assert (wire.count(LOGIN), wire.count(ENQUEUE)) == (1, 0)


def test_an_account_that_was_closed(accounts: Accounts) -> None:
    closed = accounts.add_user("closed@example.org", "Throwaway-3")
    with InvokeAI(accounts.url, **closed) as server:
        about = server.request("GET", ME)
        accounts.call("PATCH", f"/api/v1/auth/users/{about['user_id']}", {"is_active": False})
        with pytest.raises(Unauthorized, match="refuses the login of closed@"):
            server.request("GET", ME)


def test_from_the_environment(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOKEAI_URL", accounts.url)
    monkeypatch.setenv("INVOKEAI_EMAIL", accounts.user["email"])
    monkeypatch.setenv("INVOKEAI_PASSWORD", accounts.user["password"])
    with InvokeAI.from_env() as server:
        assert server.request("GET", ME)["email"] == accounts.user["email"]
    with InvokeAI.from_env(**accounts.admin) as server:
        assert server.request("GET", ME)["email"] == accounts.admin["email"]
    # Neither a constructor nor another server gets the account.
    with InvokeAI(accounts.url) as server, pytest.raises(Unauthorized):
        server.request("GET", ME)
    monkeypatch.setenv("INVOKEAI_URL", "http://127.0.0.1:9")
    with InvokeAI.from_env(url=accounts.url) as server, pytest.raises(Unauthorized):
        server.request("GET", ME)
    monkeypatch.delenv("INVOKEAI_URL")

    async def ask() -> Any:
        async with AsyncInvokeAI.from_env(url=accounts.url) as other:
            return await other.request("GET", ME)

    assert asyncio.run(ask())["email"] == accounts.user["email"]


def test_from_a_netrc_file(
    accounts: Accounts, wire: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc(tmp_path, "machine 127.0.0.1 login {email} password {password}\n".format(**accounts.user), monkeypatch)
    before = accounts.count()
    with InvokeAI(accounts.url) as server:
        server.run(Poster(**SMALL), timeout=60)
        assert server.account == accounts.user["email"]
    # That an account is wanted is known before the run is sent.
    assert (wire.count(LOGIN), wire.count(ENQUEUE), accounts.count()) == (1, 1, before + 1)

    async def ask() -> Any:
        async with AsyncInvokeAI(accounts.url) as other:
            return await other.request("GET", ME)

    assert asyncio.run(ask())["email"] == accounts.user["email"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("machine 127.0.0.1 login a@b.org pasword Hidden-1\n", "line 1 of .*netrc is not understood"),
        ("machine 127.0.0.1 login a@b.org\n", "the entry for 127.0.0.1 in .*netrc has no login or no password"),
        ("machine example.org login a@b.org password Hidden-1\n", "127.0.0.1 in ~/.netrc"),
        ("default login a@b.org password Hidden-1\n", "127.0.0.1 in ~/.netrc"),
        ("machine 127.0.0.1 login a@b.org password Hidden-1\n", r"the login of a@b\.org \(from .*netrc\)"),
    ],
)
def test_a_netrc_file_that_does_not_help(
    accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    netrc(tmp_path, text, monkeypatch)
    with InvokeAI(accounts.url) as server, pytest.raises(Unauthorized, match=said) as caught:
        server.request("GET", ME)
    assert "Hidden-1" not in told(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="the netrc module looks at permissions on POSIX alone")
def test_a_netrc_file_that_others_may_read(accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETRC")
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / ".netrc"
    path.write_text("machine 127.0.0.1 login {email} password {password}\n".format(**accounts.user), encoding="utf-8")
    path.chmod(0o644)
    with InvokeAI(accounts.url) as server, pytest.raises(Unauthorized, match="access too permissive"):
        server.request("GET", ME)
    path.chmod(0o600)
    with InvokeAI(accounts.url) as server:
        assert server.request("GET", ME)["email"] == accounts.user["email"]


def test_the_server_renews_the_token(accounts: Accounts, wire: list[str]) -> None:
    with InvokeAI(accounts.url, **accounts.admin) as server:
        server.request("GET", ME)
        first = server._account.token
        # A token made within the same second is the same.
        while server._account.token == first:
            time.sleep(0.1)
            server.request("PUT", RESUME)
        assert server._account.token
        server.request("GET", ME)
    assert wire.count(LOGIN) == 1
    assert server._account.token is None


def test_a_change_of_the_password_ends_no_session_of_its_own(accounts: Accounts, wire: list[str]) -> None:
    person = accounts.add_user("changes@example.org", "Throwaway-4")
    with InvokeAI(accounts.url, **person) as server, InvokeAI(accounts.url, **person) as other:
        other.request("GET", ME)
        body = {"current_password": person["password"], "new_password": "Throwaway-5"}
        server.request("PATCH", ME, json=body)
        assert server.request("GET", ME)["email"] == person["email"]
        assert wire.count(LOGIN) == 2
        with pytest.raises(Unauthorized, match="refuses the login of changes@"):
            other.request("GET", ME)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_token_that_is_refused_is_replaced_and_nothing_is_queued_twice(
    accounts: Accounts, wire: list[str], kind: str, tmp_path: Path
) -> None:
    before = accounts.count()
    if kind == "sync":
        with InvokeAI(accounts.url, **accounts.user, check="off") as server:
            spoil(server)
            result = server.run(Poster(**SMALL), timeout=60)
            spoil(server)
            saved = server.images.save(result.outputs.image, tmp_path)
            spoil(server)
            assert server.images.upload(saved).height == 72
    else:

        async def run() -> None:
            async with AsyncInvokeAI(accounts.url, **accounts.user, check="off") as server:
                spoil(server)
                result = await server.run(Poster(**SMALL), timeout=60)
                spoil(server)
                saved = await server.images.save(result.outputs.image, tmp_path)
                spoil(server)
                assert (await server.images.upload(saved)).height == 72

        asyncio.run(run())
    assert wire.count(LOGIN) == 3
    assert wire.count("POST /api/v1/images/upload") == 2
    assert accounts.count() == before + 1
    (picture,) = tmp_path.iterdir()
    assert size_of(picture.read_bytes()) == (64, 72)


def test_threads_that_are_refused_at_the_same_time_log_in_once(accounts: Accounts, wire: list[str]) -> None:
    with InvokeAI(accounts.url, **accounts.user) as server:
        server.request("GET", ME)
        spoil(server)
        wire.clear()
        start, found = threading.Barrier(8), list[str]()

        def ask() -> None:
            start.wait()
            found.append(server.request("GET", ME)["email"])

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [accounts.user["email"]] * 8
    assert wire.count(LOGIN) == 1


@pytest.mark.parametrize("spoilt", [True, False])
def test_tasks_that_begin_at_the_same_time_log_in_once(accounts: Accounts, wire: list[str], spoilt: bool) -> None:
    async def ask() -> list[Any]:
        async with AsyncInvokeAI(accounts.url, **accounts.user) as server:
            if spoilt:
                spoil(server)
            return await asyncio.gather(*(server.request("GET", ME) for _ in range(16)))

    assert [about["email"] for about in asyncio.run(ask())] == [accounts.user["email"]] * 16
    assert wire.count(LOGIN) == 1


def test_who_waits_for_a_login_shares_its_refusal(accounts: Accounts, wire: list[str]) -> None:
    async def ask() -> list[Any]:
        async with AsyncInvokeAI(accounts.url, email="user@example.org", password="Wrong-1") as server:
            return await asyncio.gather(*(server.request("GET", ME) for _ in range(16)), return_exceptions=True)

    assert {type(error) for error in asyncio.run(ask())} == {Unauthorized}
    assert wire.count(LOGIN) == 1


def test_another_users_run_is_hidden(accounts: Accounts) -> None:
    with InvokeAI(accounts.url, **accounts.admin) as admin, InvokeAI(accounts.url, **accounts.user) as server:
        theirs = admin.submit(Poster(**SMALL))
        theirs.wait(timeout=60)
        own = server.submit(Poster(**SMALL))
        own.wait(timeout=60)
        theirs._server = server
        with pytest.raises(RunError, match=f"item {theirs.item_id} belongs to another"):
            theirs.wait(timeout=10)


def test_what_only_an_administrator_may_do(accounts: Accounts) -> None:
    with InvokeAI(accounts.url, **accounts.user) as server:
        with pytest.raises(ServerError, match=r"PUT .*: Admin privileges required \(HTTP 403\)") as caught:
            server.request("PUT", RESUME)
        assert caught.value.status == 403
        with pytest.raises(NotFound):
            server.request("GET", "/api/v1/boards/no-such-board")
    with InvokeAI(accounts.url, **accounts.admin) as server:
        assert server.request("PUT", RESUME)["is_started"] is True


def failures(accounts: Accounts, password: str) -> Iterator[Callable[[], object]]:
    """Yield calls that fail, each in its own way, of clients that know the password."""
    person = {"email": accounts.user["email"], "password": password}
    server = InvokeAI(accounts.url, **person)
    yield lambda: server.request("PUT", RESUME)
    yield lambda: server.request("GET", "/api/v1/boards/no-such-board")
    yield lambda: server.request("GET", "/api/v1/no-such-path")
    yield lambda: server.request("POST", "/api/v1/queue/default/enqueue_batch", json={})
    yield lambda: server.run(ContactSheet(), timeout=0.001)
    yield lambda: server.request("GET", "/../etc")
    yield lambda: pickle.dumps(server)
    yield lambda: pickle.dumps(server._account)
    yield lambda: pickle.dumps(server._account._credentials)
    server.close()
    for url, options in (
        (accounts.url, {**person, "email": "nobody@example.org"}),
        ("http://127.0.0.1:9", person),
        (f"https:{accounts.url.partition(':')[2]}", person),
    ):
        with InvokeAI(url, **options) as other:
            yield lambda other=other: other.request("GET", ME)
    with InvokeAI(accounts.url, **person, timeout=0.000_01) as other:
        yield lambda: other.request("GET", ME)


def test_passwords_and_tokens_are_told_nowhere(accounts: Accounts, tmp_path: Path) -> None:
    password = "Sesame-open-17"
    accounts.call("POST", "/api/v1/auth/users", {"email": "told@example.org", "password": password})
    person = {"email": "told@example.org", "password": password}
    written, tokens = io.StringIO(), set[str | None]()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
            with InvokeAI(accounts.url, **person) as server:
                tokens.add(str(server._account.token))
                result = server.run(Poster(**SMALL), timeout=60)
                tokens.add(server._account.token)
                server.images.save(result.outputs.image, tmp_path)
                spoil(server)
                server.request("GET", ME)
                tokens.add(server._account.token)
                shown = [server, server._account, server._connection, result, server._http]
                print(*map(repr, shown), *map(str, shown), vars(server), vars(server._account))
                print(vars(server._http), vars(server._http.requests), vars(server._http._sender))

            async def run() -> None:
                async with AsyncInvokeAI(accounts.url, **person) as other:
                    await other.run(Poster(**SMALL), timeout=60)
                    tokens.add(other._account.token)
                    print(repr(other), vars(other))

            asyncio.run(run())
            for fail in failures(accounts, password):
                try:
                    fail()
                except (FlowbindError, ValueError, TypeError) as error:
                    print(told(error))
                else:
                    pytest.fail("did not fail")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    found = written.getvalue()
    assert "httpcore" in found or "receive_response_headers" in found
    # Those of one second are the same.
    secrets = {password, *tokens} - {None, "None"}
    assert secrets > {password}
    for secret in secrets:
        assert str(secret) not in found
