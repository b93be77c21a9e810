"""How a real server is reached: TLS, reverse proxies, the environment; what it supports; requests of one's own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from generated import Poster

from flowbind.errors import Refused, ServerError, ServerUnreachable, Unauthorized, UnexpectedReply
from flowbind.events import Finished, Progress
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from live_tools import QUEUE, Accounts, Live, Project, shipped_export, size_of, told
from reverse_proxy import PREFIX, ReverseProxy

SMALL: dict[str, Any] = {"width": 64, "height": 72}
LOGIN = "studio:s%3A/same@1"
QUOTED = "studio:s%253A%2Fsame%401"
VERSION = "/api/v1/app/version"


@dataclass(frozen=True)
class Papers:
    """An authority of the tests' own, and what it has issued."""

    authority: Path
    client: Path
    tls: ssl.SSLContext
    strict: ssl.SSLContext
    """Wants a certificate of the client."""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Certificates for 127.0.0.1 that only these tests trust."""
    folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    authority.issue_cert("client").private_key_and_cert_chain_pem.write_to_path(str(folder / "client.pem"))
    issued = authority.issue_cert("127.0.0.1")
    plain, strict = (ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) for _ in range(2))
    for context in (plain, strict):
        issued.configure_cert(context)
    authority.configure_trust(strict)
    strict.verify_mode = ssl.CERT_REQUIRED
    return Papers(folder / "authority.pem", folder / "client.pem", plain, strict)


@pytest.fixture
def proxy(live: Live, papers: Papers) -> Iterator[ReverseProxy]:
    """A proxy with TLS before the server."""
    with ReverseProxy(live.url, papers.tls) as made:
        yield made


@pytest.fixture
def guarded(live: Live, papers: Papers) -> Iterator[ReverseProxy]:
    """A proxy that wants HTTP Basic, too."""
    with ReverseProxy(live.url, papers.tls, LOGIN) as made:
        yield made


def test_a_run_through_a_proxy(proxy: ReverseProxy, papers: Papers, tmp_path: Path) -> None:
    with InvokeAI(f"{proxy.url}/", verify=papers.authority, check="error") as server:
        assert server.url == proxy.url
        assert server.url.endswith(PREFIX)
        saved = server.run(Poster(**SMALL), timeout=60).outputs.image.save(tmp_path / "poster.png")
        assert size_of(saved.read_bytes()) == (64, 72)
        assert server.images.upload(saved).width == 64
    assert all(request.split()[1].startswith(f"{PREFIX}/") for request in proxy.requests)


def test_a_run_through_a_proxy_awaited(proxy: ReverseProxy, papers: Papers, tmp_path: Path) -> None:
    trusting = ssl.create_default_context(cafile=papers.authority)

    async def run() -> None:
        async with AsyncInvokeAI(proxy.url, verify=trusting, check="error") as server:
            result = await server.run(Poster(**SMALL), timeout=60)
            saved = await server.images.save(result.outputs.image, tmp_path / "poster.png")
            assert size_of(saved.read_bytes()) == (64, 72)
            assert (await server.images.upload(saved)).width == 64

    asyncio.run(run())


def test_a_certificate_that_is_not_trusted(proxy: ReverseProxy) -> None:
    said = r"its certificate is not trusted \(.*\)\. Give the file of its authority: verify=\"authority\.pem\""
    with InvokeAI(proxy.url) as server:
        assert not server.is_alive()
        with pytest.raises(ServerUnreachable, match=said):
            server.version()

    async def ask() -> None:
        async with AsyncInvokeAI(proxy.url) as other:
            assert not await other.is_alive()
            with pytest.raises(ServerUnreachable, match=said):
                await other.version()

    asyncio.run(ask())
    assert proxy.requests == []


def test_anybody_is_trusted(proxy: ReverseProxy) -> None:
    with InvokeAI(proxy.url, verify=False) as server:
        assert server.is_alive()


def test_authorities_of_the_environment(
    proxy: ReverseProxy, papers: Papers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INVOKEAI_URL", proxy.url)
    monkeypatch.setenv("INVOKEAI_CA_FILE", str(papers.authority))
    with InvokeAI.from_env() as server:
        assert server.is_alive()
    with InvokeAI.from_env(verify=True) as server:
        assert not server.is_alive()
    project = Project(tmp_path / "project")
    environment = {"INVOKEAI_CA_FILE": str(papers.authority)}
    pulled = project.flowbind("spec", "pull", proxy.url, **environment)
    assert (pulled.returncode, pulled.stdout) == (0, "workflows/openapi.json: InvokeAI 6.14.2\n")
    refused = project.flowbind("spec", "pull", proxy.url)
    assert refused.returncode == 2
    assert "its certificate is not trusted" in refused.stderr


def test_a_certificate_of_the_client(live: Live, papers: Papers) -> None:
    with (
        ReverseProxy(live.url, papers.strict) as proxy,
        InvokeAI(proxy.url, verify=papers.authority, cert=papers.client) as server,
    ):
        assert server.is_alive()


def test_a_certificate_of_the_client_that_is_missing(papers: Papers) -> None:
    def refuse() -> None:
        client, _ = listening.accept()
        with client, contextlib.suppress(ssl.SSLError):
            papers.strict.wrap_socket(client, server_side=True).close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=refuse)
        thread.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        with (
            InvokeAI(url, verify=papers.authority, check="off", events=False) as server,
            pytest.raises(ServerUnreachable, match="it wants a certificate of the client: cert="),
        ):
            server.submit(Poster(**SMALL))
        thread.join()


def test_tls_where_there_is_none(live: Live) -> None:
    with (
        InvokeAI(live.url.replace("http:", "https:")) as server,
        pytest.raises(ServerUnreachable, match="is it http://"),
    ):
        server.version()


def test_a_login_for_the_proxy(guarded: ReverseProxy, papers: Papers, tmp_path: Path) -> None:
    address = guarded.url.replace("https://", f"https://{QUOTED}@")
    with InvokeAI(address, verify=papers.authority) as server:
        assert server.url == guarded.url
        server.run(Poster(**SMALL), timeout=60)
        assert "same" not in f"{server!r} {vars(server)} {vars(server._connection)} {server._http!r}"
        with pytest.raises(ServerError) as caught:
            server.request("GET", "/api/v1/boards/no-such-board")
        assert "same" not in told(caught.value)
    project = Project(tmp_path / "project")
    for url, code in ((address, 0), (address.replace("same", "wrong"), 2)):
        pulled = project.flowbind("spec", "pull", url, INVOKEAI_CA_FILE=str(papers.authority))
        assert pulled.returncode == code, pulled.stderr
        assert "same" not in pulled.stdout + pulled.stderr
        assert "wrong" not in pulled.stdout + pulled.stderr


def test_events_through_a_proxy_with_tls_and_a_login(guarded: ReverseProxy, papers: Papers) -> None:
    url = guarded.url.replace("https://", f"https://{QUOTED}@")
    with InvokeAI(url, verify=papers.authority) as server:
        told = [type(event) for event in server.submit(Poster(**SMALL)).events(timeout=60)]
    assert Progress in told
    assert told[-1] is Finished


def test_a_proxy_that_wants_a_login(guarded: ReverseProxy, papers: Papers, accounts: Accounts) -> None:
    with InvokeAI(guarded.url, verify=papers.authority, **accounts.user) as server:
        # The account is not tried: it is not the server that asks.
        with pytest.raises(Unauthorized, match=r"put them into the address, https://user:password@host"):
            server.version()
        assert "POST" not in " ".join(guarded.requests)
    with (
        InvokeAI(guarded.url.replace("//", "//studio:wrong@"), verify=papers.authority) as server,
        pytest.raises(Unauthorized, match="The user name or the password in the address is refused"),
    ):
        server.version()


def test_an_account_behind_a_proxy(accounts: Accounts, papers: Papers) -> None:
    with (
        ReverseProxy(accounts.url, papers.tls) as proxy,
        InvokeAI(proxy.url, verify=papers.authority, **accounts.user) as server,
    ):
        server.run(Poster(**SMALL), timeout=60)
        assert server.is_alive()
        assert proxy.requests.count(f"POST {PREFIX}/api/v1/auth/login") == 1


def test_an_account_for_a_server_without_accounts(live: Live) -> None:
    with InvokeAI(live.url, email="user@example.org", password="Throwaway-2") as server:
        server.run(Poster(**SMALL), timeout=60)
        assert server._account.token is None


def test_who_is_alive(live: Live) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with InvokeAI(nobody) as server:
            assert not server.is_alive(timeout=0.1)
    urls = {live.url: True, f"{live.url}/elsewhere": False, "http://127.0.0.1:9": False, "http://no.invalid": False}

    async def ask(url: str) -> bool:
        async with AsyncInvokeAI(url) as other:
            return await other.is_alive()

    for url, alive in urls.items():
        with InvokeAI(url) as server:
            assert server.is_alive() is alive
        assert asyncio.run(ask(url)) is alive


def test_what_the_server_supports(live: Live) -> None:
    async def ask(method: str, path: str) -> bool:
        async with AsyncInvokeAI(live.url) as other:
            return await other.supports(method, path)

    with InvokeAI(live.url, check="off") as server:
        for method, path, has in (
            ("GET", "/api/v1/queue/{queue_id}/item_ids", True),
            ("get", "/api/v1/queue/default/item_ids", True),
            ("POST", "/api/v1/queue/default/item_ids", False),
            ("GET", "/api/v1/queue/default/list", False),
            ("GET", "/api/v1/boards/", True),
            ("GET", "/api/v1/boards", False),
            ("GET", "/api/v1/no-such-path", False),
        ):
            assert server.supports(method, path) is has, path
            assert asyncio.run(ask(method, path)) is has, path


def test_requests_of_ones_own(live: Live) -> None:
    with InvokeAI(live.url) as server:
        made = server.request("POST", "/api/v1/boards/", params={"board_name": "Own", "is_private": False})
        path = f"/api/v1/boards/{made['board_id']}"
        assert server.request("PATCH", path, json={"board_name": "Renamed"})["board_name"] == "Renamed"
        assert server.request("GET", path) == server.request("get", path)
        assert server.request("DELETE", path)["board_id"] == made["board_id"]
        image = server.run(Poster(**SMALL), timeout=60).outputs.image
        assert size_of(server.request("GET", f"/api/v1/images/i/{image.name}/full")) == (64, 72)
        with pytest.raises(UnexpectedReply, match="a web page"):
            server.request("GET", "/api/v1/no-such-path")
        with pytest.raises(Refused, match=r"POST .*enqueue_batch: .*Field required.* \(HTTP 422\)"):
            server.request("POST", f"{QUEUE}/enqueue_batch", content=b"{}")

    async def ask() -> Any:
        async with AsyncInvokeAI(live.url) as other:
            return await other.request("GET", VERSION)

    assert asyncio.run(ask()) == {"version": "6.14.2"}


def test_the_commands_with_an_account(accounts: Accounts, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.add("poster", shipped_export("poster"))
    account = {"INVOKEAI_EMAIL": accounts.user["email"], "INVOKEAI_PASSWORD": accounts.user["password"]}
    project.generate()
    fits = project.flowbind("check", "--server", accounts.url, **account)
    assert (fits.returncode, fits.stdout) == (0, ""), fits.stdout
    elsewhere = project.flowbind("check", "--server", accounts.url, **account, INVOKEAI_URL="http://127.0.0.1:9")
    assert elsewhere.returncode == 1
    assert "LOGIN_REQUIRED" in elsewhere.stdout
    refused = project.flowbind("check", "--server", accounts.url, **{**account, "INVOKEAI_PASSWORD": "Wrong-1"})
    assert refused.returncode == 1
    assert "LOGIN_REQUIRED  The server at" in refused.stdout
    assert "(from INVOKEAI_EMAIL and INVOKEAI_PASSWORD): Incorrect email or password" in refused.stdout
    ran = project.flowbind(
        "run", "poster", "--set", "width=64", "--set", "height=72", **account, INVOKEAI_URL=accounts.url
    )
    assert ran.returncode == 0, ran.stderr
    assert size_of((project.root / ran.stdout.strip()).read_bytes()) == (64, 72)
    nobody = project.flowbind("run", "poster", "--set", "width=64", INVOKEAI_URL=accounts.url)
    assert nobody.returncode == 2
    assert "INVOKEAI_EMAIL and INVOKEAI_PASSWORD in the environment" in nobody.stderr
    written = [p.read_bytes() for p in project.root.rglob("*") if p.is_file()]
    said = [done.stdout + done.stderr for done in (fits, elsewhere, refused, ran, nobody)]
    assert not any(accounts.user["password"].encode() in data for data in written)
    assert not any(accounts.user["password"] in text for text in said)
