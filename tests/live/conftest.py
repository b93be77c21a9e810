"""One real InvokeAI server for the whole run of pytest, with a tiny model; installed when it is not."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parents[1]):
    # `throwaway` and `live_tools` here, the checkout's `generated` above.
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from tests.behaviour.both_clients import Script, carry_out  # noqa: E402
from tests.fidelity.acceptance import Server  # noqa: E402
from tests.packs.packed import PACK  # noqa: E402

from flowbind.invokeai import InvokeAI  # noqa: E402
from flowbind.local_server import records  # noqa: E402
from live_tools import DENIED, ROOM, Accounts, Live, Project  # noqa: E402  the path is set above
from throwaway import ThrowawayServer, api, install  # noqa: E402


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """The server: a throwaway one, or that of INVOKEAI_URL, whose processor the tests pause at times."""
    if os.environ.get("FLOWBIND_NO_LIVE") == "1":
        pytest.skip("FLOWBIND_NO_LIVE=1: the tests on a real InvokeAI were not wanted")
    running = os.environ.get("INVOKEAI_URL", "").rstrip("/")
    if running:
        yield Live(running, api.register_model(running, install().tiny_model, "Tiny SD 1.5"))
        return
    with ThrowawayServer() as server:
        yield Live(server.url, server.add_tiny_model())


@pytest.fixture(scope="module")
def server(live: Live) -> Iterator[Server]:
    """The server, its processor held."""
    held = Server(live.url)
    with held.holding():
        yield held


@pytest.fixture(scope="session")
def packed() -> Iterator[Live]:
    """A second server, with the made-up node pack, without some nodes of InvokeAI's own, and with a small queue.

    Its model is called as that in the pack's exports. It downloads from this machine, too.
    """
    if os.environ.get("FLOWBIND_NO_LIVE") == "1":
        pytest.skip("FLOWBIND_NO_LIVE=1: the tests on a real InvokeAI were not wanted")
    if os.environ.get("INVOKEAI_URL"):
        pytest.skip("the server of INVOKEAI_URL does not have the made-up node pack")
    settings = {"deny_nodes": DENIED, "max_queue_size": ROOM, "allow_private_download_urls": True}
    with ThrowawayServer(settings, packs=[PACK]) as server:
        yield Live(server.url, server.add_tiny_model("Ink"))


@pytest.fixture(scope="module")
def mortal() -> Iterator[tuple[ThrowawayServer, Live]]:
    """A server of one module's own, which it may end and start again."""
    if os.environ.get("FLOWBIND_NO_LIVE") == "1":
        pytest.skip("FLOWBIND_NO_LIVE=1: the tests on a real InvokeAI were not wanted")
    if os.environ.get("INVOKEAI_URL"):
        pytest.skip("the server of INVOKEAI_URL is not ended for a test")
    with ThrowawayServer() as server:
        yield server, Live(server.url, server.add_tiny_model())


@pytest.fixture(scope="session")
def accounts() -> Iterator[Accounts]:
    """A third server, which wants a login."""
    if os.environ.get("FLOWBIND_NO_LIVE") == "1":
        pytest.skip("FLOWBIND_NO_LIVE=1: the tests on a real InvokeAI were not wanted")
    if os.environ.get("INVOKEAI_URL"):
        pytest.skip("the server of INVOKEAI_URL is asked as it is")
    # Without a cache: what it keeps of one user's run fails in another's, who may not read those pictures.
    with ThrowawayServer({"multiuser": True, "node_cache_size": 0}) as server:
        made = Accounts(server.url, api.ADMIN, {}, server.admin_token())
        yield replace(made, user=made.add_user("user@example.org", "Throwaway-2"))


@pytest.fixture
def own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Records of the test's own of the servers that it starts; what it has left running is stopped, and a fault."""
    monkeypatch.setenv(records.FOLDER, str(tmp_path / "state"))
    yield
    with records.held():
        left = records.running()
    for record in left:
        records.stopped(record, 20)
    assert left == []


@pytest.fixture
def client(live: Live) -> Iterator[InvokeAI]:
    """A client of the server, which knows nothing of it yet."""
    with InvokeAI(live.url) as made:
        yield made


@pytest.fixture(params=["sync", "async"])
def carried(live: Live, request: pytest.FixtureRequest) -> Callable[[Script], Any]:
    """What carries a script out with a client of the server, one that blocks and one that is awaited."""
    return lambda script: carry_out(request.param, live.url, script)


@pytest.fixture
def board(live: Live) -> Iterator[str]:
    """A board of the test's own, deleted with all that is on it."""
    board_id = live.create_board(f"Test {uuid.uuid4()}")
    yield board_id
    live.call("DELETE", f"/api/v1/boards/{board_id}?include_images=true")


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that are sent from now on, by either client: method and path."""
    sent: list[str] = []
    send, send_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def counting(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.path}")
        return send(self, request)

    async def counting_async(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.path}")
        return await send_async(self, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", counting)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", counting_async)
    return sent


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with flowbind's usual folders."""
    return Project(tmp_path / "project")
