"""Events where a login, TLS or a proxy stands between: each account hears of its own runs, and a token may end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from generated import Poster

from flowbind.events import Event, Finished, NodeFinished, Progress
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.transport.secret import Secret
from live_tools import QUEUE, Accounts
from misbehaving_proxy import MisbehavingProxy

SMALL: dict[str, Any] = {"width": 64, "height": 72}


def is_whole(events: list[Event[Any]], item_id: int) -> bool:
    """Tell whether events are those of one run that ended well, told by the server."""
    kinds = {type(event) for event in events}
    return {Progress, NodeFinished, Finished} <= kinds and {event.item_id for event in events} == {item_id}


def test_each_account_hears_of_its_own_runs(accounts: Accounts) -> None:
    with InvokeAI(accounts.url, **accounts.admin) as admin, InvokeAI(accounts.url, **accounts.user) as user:
        jobs = [client.submit(Poster(**SMALL)) for client in (admin, user, admin, user)]
        for job in jobs:
            assert is_whole(list(job.events(timeout=60)), job.item_id)


def test_each_account_hears_of_its_own_runs_awaited(accounts: Accounts) -> None:
    async def hear(person: dict[str, str]) -> bool:
        async with AsyncInvokeAI(accounts.url, **person) as client:
            job = await client.submit(Poster(**SMALL))
            return is_whole([event async for event in job.events(timeout=60)], job.item_id)

    async def both() -> list[bool]:
        return await asyncio.gather(hear(accounts.admin), hear(accounts.user))

    assert asyncio.run(both()) == [True, True]


@pytest.mark.parametrize("events", [True, False], ids=["told", "asked"])
def test_a_token_that_ends_while_a_run_is_waited_for(accounts: Accounts, events: bool) -> None:
    before = accounts.count()
    with InvokeAI(accounts.url, **accounts.user, events=events) as client:
        job = client.submit(Poster(**SMALL))
        client._account._token = Secret("no.such.token")
        if client._listener is not None:
            # The connection ends as well: the next one needs a token that the server takes.
            client._listener._socket.socket.close()
        assert job.wait(60).outputs.image
        assert client.submit(Poster(**SMALL)).wait(60).outputs.image
        assert client._channels.live == events
    assert accounts.count() == before + 2


def test_a_token_that_ends_while_a_run_is_awaited(accounts: Accounts) -> None:
    before = accounts.count()

    async def run() -> None:
        async with AsyncInvokeAI(accounts.url, **accounts.user, events=False) as client:
            job = await client.submit(Poster(**SMALL))
            client._account._token = Secret("no.such.token")
            assert (await job.wait(60)).outputs.image

    asyncio.run(run())
    assert accounts.count() == before + 1


@pytest.mark.parametrize("method_path", [("POST", f"{QUEUE}/enqueue_batch"), ("GET", f"{QUEUE}/i/")])
def test_a_token_that_a_proxy_lets_expire(accounts: Accounts, method_path: tuple[str, str]) -> None:
    before = accounts.count()
    with (
        MisbehavingProxy(accounts.url) as proxy,
        InvokeAI(proxy.url, **accounts.user, events=False) as client,
    ):
        client.request("GET", "/api/v1/auth/me")
        proxy.on(*method_path, "401")
        assert client.run(Poster(**SMALL), timeout=60).outputs.image
        assert [fault for _, _, fault in proxy.faults] == ["401"]
        assert len([path for _, path in proxy.requests if path.endswith("/auth/login")]) == 2
    assert accounts.count() == before + 1
