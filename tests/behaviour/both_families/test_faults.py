"""Errors: told before anything is sent where they can be, and nothing is ever sent twice."""

from __future__ import annotations

import socket
from threading import Timer
from typing import Any

import pytest

from flowbind.errors import (
    ConnectionBroken,
    InputError,
    Refused,
    ServerFault,
    ServerUnreachable,
    SubmitUncertain,
)
from flowbind.transport import patience

from .family import HOLDS, Served, Side


def test_a_bad_value_is_told_before_anything_is_sent(side: Side) -> None:
    seed = side.family.seed
    with pytest.raises(InputError, match=f"`?{seed}"):
        side.made(seed=-1)
    bad = side.made().model_copy(update={seed: -1})

    async def script(client: Any) -> None:
        for call in (client.submit, client.run):
            with pytest.raises(InputError, match=rf"^\w+\.{seed} .* is -1") as caught:
                await call(bad)
            assert isinstance(caught.value, ValueError)

    side.use(script)
    assert side.stand_in.requests == []


def test_a_file_that_is_not_there(side: Side, tmp_path: Any) -> None:
    async def script(client: Any) -> None:
        with pytest.raises(InputError, match=rf"{side.family.picture}.*missing\.png"):
            await client.submit(side.made(picture=tmp_path / "missing.png"))

    side.use(script)
    assert side.stand_in.posts() == 0


def test_a_refused_value_names_its_input(any_side: Side) -> None:
    seed = any_side.family.seed

    async def script(client: Any) -> Refused:
        with pytest.raises(Refused) as caught:
            await client.submit(any_side.made(seed=any_side.family.refused))
        return caught.value

    error = any_side.use(script)
    assert (error.attribute, error.attributes) == (seed, (seed,))
    assert f"{type(any_side.made()).__name__}.{seed}" in str(error)
    assert error.status in (400, 422)
    if any_side.served.stand_in is not None:
        assert any_side.stand_in.posts() == 1
        assert any_side.stand_in.given() == []


def test_a_run_whose_answer_is_lost_is_found(side: Side) -> None:
    side.stand_in.lose_submit()

    async def script(client: Any) -> Any:
        job = await client.submit(side.made())
        return side.family.pictures(await job.wait(20))

    assert side.use(script)
    assert side.stand_in.posts() == len(side.stand_in.given()) == 1


def test_a_lost_answer_among_many(side: Side) -> None:
    side.stand_in.lose_submit()

    async def script(client: Any) -> list[Any]:
        rows = [side.made(seed=n) for n in range(3)]
        return [o.varied[side.family.seed] async for o in client.run_many(rows, timeout=20)]

    assert side.use(script) == [0, 1, 2]
    assert side.stand_in.posts() == len(side.stand_in.given()) == 3


def test_a_run_that_nobody_knows_of(side: Side) -> None:
    side.stand_in.drop_submit()

    async def script(client: Any) -> SubmitUncertain:
        with pytest.raises(SubmitUncertain, match="was not sent again") as caught:
            await client.submit(side.made())
        return caught.value

    error = side.use(script)
    assert (error.batch_id or error.item_id or "?") in str(error)
    assert side.stand_in.posts() == 1
    assert side.stand_in.given() == []


def test_a_fault_of_the_server(side: Side) -> None:
    side.stand_in.fail_submit()

    async def script(client: Any) -> Any:
        with pytest.raises(ServerFault, match="was not queued") as caught:
            await client.submit(side.made())
        assert caught.value.status == 500
        # So it may be sent again.
        return side.family.pictures(await client.run(side.made(), timeout=20))

    assert side.use(script)
    assert len(side.stand_in.given()) == 1


def test_nobody_at_the_address(side: Side) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = Side(side.family, side.kind, Served(f"http://127.0.0.1:{closed.getsockname()[1]}", side.stand_in))

    async def script(client: Any) -> None:
        with pytest.raises(ServerUnreachable, match="Is the server running"):
            await client.run(nobody.made())

    nobody.use(script)


@pytest.mark.parametrize("events", [True, False])
def test_a_server_that_hangs_up_for_ever(side: Side, events: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AWAY_FROM_RUN", 0.2)

    async def script(client: Any) -> None:
        job = await client.submit(side.made(HOLDS))
        side.stand_in.is_away = True
        with pytest.raises(ConnectionBroken):
            await job.wait(20)
        with pytest.raises(ConnectionBroken):
            await job.refresh()
        side.stand_in.is_away = False
        side.stand_in.go_on.set()
        assert side.family.pictures(await job.wait(20))

    side.use(script, events=events)
    assert side.stand_in.posts() == 1


def test_a_server_that_is_away_for_a_moment(side: Side) -> None:
    def come_back() -> None:
        side.stand_in.is_away = False

    async def script(client: Any) -> Any:
        job = await client.submit(side.made(HOLDS))
        side.stand_in.is_away = True
        with pytest.raises(ConnectionBroken):
            await job.refresh()
        side.stand_in.go_on.set()
        Timer(0.2, come_back).start()
        return side.family.pictures(await job.wait(20))

    assert side.use(script)
    assert side.stand_in.posts() == 1
