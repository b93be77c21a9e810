"""Loops: what a run has left goes into the next one, on the same server as it is, on another one carried over."""

from __future__ import annotations

import asyncio
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.fidelity.pictures import grey

from flowbind.errors import ConnectionBroken, InputError, LookupFailed, ServerUnreachable
from flowbind.transport import uploaded

from ..both_clients import awaited
from ..fake_server import as_json
from .comfyui_family import COMFYUI
from .conftest import STAND_INS
from .family import Family, Served, Side
from .invokeai_family import INVOKEAI

FAMILIES = (INVOKEAI, COMFYUI)
ROUNDS = 10


@dataclass(frozen=True)
class Pair:
    """A client that has a picture, and another one, of whichever family and kind, that wants it."""

    source: Side
    target: Side

    def picture(self, **options: Any) -> Any:
        """Return a picture that a run of the source has left; its client is closed by then, and its loop gone."""

        async def script(client: Any) -> Any:
            return self.source.family.pictures(await client.run(self.source.made(), timeout=20))[0]

        return self.source.use(script, **options)

    def run(self, *pictures: Any) -> None:
        """Have the target run with pictures, one after the other."""

        async def script(client: Any) -> None:
            for picture in pictures:
                await client.run(self.target.made(picture=picture), timeout=20)

        self.target.use(script)

    @property
    def given(self) -> list[Any]:
        """What the runs of the target were given."""
        return [run["picture"] for run in self.target.stand_in.given()]

    @property
    def requests(self) -> tuple[int, int]:
        """How often the source was asked for a file, and the target was given one."""
        return self.source.stand_in.downloads(), len(self.target.stand_in.uploads())


def _named(value: tuple[tuple[Family, str], tuple[Family, str]]) -> str:
    return "-to-".join(f"{family.name}-{kind}" for family, kind in value)


def _pair(sides: tuple[tuple[Family, str], tuple[Family, str]]) -> Iterator[Pair]:
    with ExitStack() as stack:
        servers = [stack.enter_context(family.stand_in()) for family, _ in sides]
        source, target = (
            Side(family, kind, Served(server.url, server))
            for (family, kind), server in zip(sides, servers, strict=True)
        )
        yield Pair(source, target)


@pytest.fixture(params=[*product(STAND_INS, STAND_INS)], ids=_named)
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Both families, and both kinds of clients, in all ways."""
    yield from _pair(request.param)


@pytest.fixture(
    params=[
        ((INVOKEAI, "sync"), (COMFYUI, "async")),
        ((COMFYUI, "async"), (INVOKEAI, "sync")),
        ((INVOKEAI, "async"), (INVOKEAI, "async")),
        ((COMFYUI, "sync"), (COMFYUI, "sync")),
    ],
    ids=_named,
)
def some(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Some of them, where it makes no difference which."""
    yield from _pair(request.param)


@pytest.fixture(params=FAMILIES, ids=lambda family: family.name)
def to_comfyui(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """From both families to one whose files have the names that they are uploaded under."""
    yield from _pair(((request.param, "sync"), (COMFYUI, "async")))


@pytest.fixture(params=[(INVOKEAI, COMFYUI), (COMFYUI, INVOKEAI)], ids=lambda way: f"from-{way[0].name}")
def across(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """From one family to the other."""
    here, there = request.param
    yield from _pair(((here, "sync"), (there, "async")))


@pytest.fixture
def from_comfyui() -> Iterator[Pair]:
    """From the family that gives names again."""
    yield from _pair(((COMFYUI, "async"), (INVOKEAI, "sync")))


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files: nothing stays in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert [*folder.iterdir()] == []


def test_ten_rounds_on_one_server_load_nothing(side: Side) -> None:
    async def script(client: Any) -> list[Any]:
        made = [side.family.pictures(await client.run(side.made(), timeout=20))[0]]
        known = side.stand_in.about_files()
        for number in range(ROUNDS):
            result = await client.run(side.made(seed=number, picture=made[-1]), timeout=20)
            made.append(side.family.pictures(result)[0])
        assert side.stand_in.about_files() == known
        return made

    made = side.use(script)
    names = [picture.name for picture in made]
    assert len(set(names)) == ROUNDS + 1
    assert [run["picture"] for run in side.stand_in.given()[1:]] == names[:-1]


@pytest.mark.parametrize("other", ["sync", "async"])
@pytest.mark.parametrize("end", ["", "/"])
def test_clients_of_one_address_are_of_one_server(side: Side, other: str, end: str) -> None:
    there = replace(side, kind=other, served=Served(side.served.url + end, side.stand_in))
    pair = Pair(side, there)
    pair.run(picture := pair.picture())
    assert pair.given[1:] == [picture.name]
    assert pair.requests == (0, 0)


def test_another_name_of_a_machine_is_another_server(side: Side) -> None:
    there = replace(side, served=Served(side.served.url.replace("127.0.0.1", "localhost"), side.stand_in))
    pair = Pair(side, there)
    pair.run(picture := pair.picture())
    assert pair.requests == (1, 1)
    assert pair.given[1:] != [picture.name]


def test_a_picture_of_another_server_is_carried_over_once(pair: Pair) -> None:
    picture = pair.picture()
    before = pair.source.stand_in.about_files()
    pair.run(picture, picture)
    assert pair.source.stand_in.about_files() - before == 1
    assert pair.requests == (1, 1)
    assert len(set(pair.given)) == 1
    assert pair.target.stand_in.uploads()[0].startswith(b"\x89PNG")


def test_both_clients_may_be_at_work(pair: Pair) -> None:
    """Sync ones, and async ones in one loop; of a mixed pair the sync one is used beside the loop."""
    source, target = pair.source, pair.target

    async def both() -> None:
        here = source.family.clients[source.kind == "async"](source.served.url, check="off")
        there = target.family.clients[target.kind == "async"](target.served.url, check="off")

        async def does(side: Side, client: Any, script: Callable[[Any], Any]) -> Any:
            return await (script(client) if side.kind == "async" else asyncio.to_thread(awaited, client, script))

        async def make(client: Any) -> Any:
            return source.family.pictures(await client.run(source.made(), timeout=20))[0]

        async def take(client: Any) -> None:
            await client.run(target.made(picture=picture), timeout=20)

        picture = await does(source, here, make)
        await does(target, there, take)
        for side, client in ((source, here), (target, there)):
            await (client.close() if side.kind == "async" else asyncio.to_thread(client.close))

    asyncio.run(both())
    assert pair.requests == (1, 1)


def test_it_keeps_its_name_where_the_server_takes_names(to_comfyui: Pair) -> None:
    picture = to_comfyui.picture()
    to_comfyui.run(picture)
    assert to_comfyui.given == [picture.name.removesuffix(" [output]")]


def test_many_instances_with_one_picture_carry_it_once(some: Pair) -> None:
    picture = some.picture()

    async def script(client: Any) -> None:
        await client.submit_many([some.target.made(seed=n, picture=picture) for n in range(100)])

    some.target.use(script)
    assert some.requests == (1, 1)
    assert len(some.given) == 100
    assert len(set(some.given)) == 1


def test_pictures_of_one_name_on_two_servers_are_two(some: Pair) -> None:
    source = some.source
    with source.family.stand_in() as second:
        other = replace(some, source=replace(source, served=Served(second.url, second)))
        one, another = some.picture(), other.picture()
        assert one.name == another.name
        second.keep(another.name, grey(64, 10))

        async def script(client: Any) -> None:
            await client.submit_many([some.target.made(picture=picture) for picture in (one, another)])

        some.target.use(script)
        assert len(set(some.given)) == 2
        assert [*some.target.stand_in.uploads()][1] == grey(64, 10)
        assert (source.stand_in.downloads(), second.downloads()) == (1, 1)


def test_another_file_of_a_name_is_not_taken_for_the_first(from_comfyui: Pair) -> None:
    some, first = from_comfyui, from_comfyui.picture()

    async def script(client: Any) -> None:
        await client.run(some.target.made(picture=first), timeout=20)
        some.source.stand_in.delete_files()
        second = some.picture()
        assert second == first
        some.source.stand_in.keep(second.name, grey(64, 10))
        await client.run(some.target.made(picture=second), timeout=20)
        # What was carried over is what the first had been then.
        await client.run(some.target.made(picture=first), timeout=20)

    some.target.use(script)
    assert [*some.target.stand_in.uploads()][1:] == [grey(64, 10)]
    assert some.given[0] == some.given[2] != some.given[1]


def test_what_was_deleted_here_is_carried_over_anew(some: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploaded, "_TRUSTED", 0.0)
    picture = some.picture()

    async def script(client: Any) -> None:
        await client.run(some.target.made(picture=picture), timeout=20)
        some.target.stand_in.delete_files()
        await client.run(some.target.made(picture=picture), timeout=20)

    some.target.use(script)
    assert some.requests == (2, 2)


def test_what_was_deleted_there_is_here_all_the_same(some: Pair) -> None:
    picture = some.picture()

    async def script(client: Any) -> None:
        await client.run(some.target.made(picture=picture), timeout=20)
        some.source.stand_in.delete_files()
        await client.run(some.target.made(picture=picture), timeout=20)

    some.target.use(script)
    assert some.requests == (1, 1)


def whose(pair: Pair) -> str:
    """Return how an error begins that tells of a picture of the source."""
    target, url = pair.target, pair.source.served.url.replace(".", r"\.")
    return rf"^\w+\.{target.family.picture} .*: '.*\.png' of {pair.source.family.name} at {url} cannot be downloaded\. "


def test_a_picture_that_is_gone_is_told_with_its_server(some: Pair) -> None:
    picture = some.picture()
    some.source.stand_in.delete_files()
    with pytest.raises(LookupFailed, match=whose(some) + "The server has no "):
        some.run(picture)
    assert some.requests == (1, 0)
    assert some.target.stand_in.posts() == 0


def test_a_download_that_breaks_leaves_nothing_and_can_be_done_again(pair: Pair) -> None:
    picture = pair.picture()
    pair.source.stand_in.break_download()

    async def script(client: Any) -> None:
        with pytest.raises(ConnectionBroken, match=whose(pair) + r"The connection to .* broke"):
            await client.run(pair.target.made(picture=picture), timeout=20)
        assert pair.target.stand_in.posts() == 0
        assert pair.requests == (1, 0)
        await client.run(pair.target.made(picture=picture), timeout=20)

    pair.target.use(script)
    assert pair.requests == (2, 1)


def test_an_upload_that_breaks_names_both_and_can_be_done_again(some: Pair) -> None:
    picture = some.picture()
    some.target.stand_in.break_upload()

    async def script(client: Any) -> None:
        said = (
            rf"Sending '.*' of {some.source.family.name} at {some.source.served.url}: .*{some.target.served.url} broke"
        )
        with pytest.raises(ConnectionBroken, match=said):
            await client.run(some.target.made(picture=picture), timeout=20)
        assert some.target.stand_in.posts() == 0
        await client.run(some.target.made(picture=picture), timeout=20)

    some.target.use(script)
    assert some.requests == (2, 1)


def test_a_server_that_is_away_is_named(some: Pair) -> None:
    with some.source.family.stand_in() as gone:
        url = gone.url
        picture = replace(some, source=replace(some.source, served=Served(gone.url, gone))).picture()
    with pytest.raises(ServerUnreachable, match=rf"of {some.source.family.name} at {url} cannot .* No .* answers"):
        some.run(picture)
    assert some.target.stand_in.posts() == 0


def test_a_full_disk_is_told(some: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no disk that is always full")
    picture = some.picture()
    monkeypatch.setattr(tempfile, "TemporaryFile", partial(open, "/dev/full", "r+b", buffering=0))
    with pytest.raises(InputError, match=r"'.*\.png' of .* does not fit into '.*' on its way \(No space left on"):
        some.run(picture)
    assert some.requests == (1, 0)


def test_a_name_alone_is_one_on_this_server(side: Side) -> None:
    pair = Pair(side, side)
    picture = pickle.loads(pickle.dumps(pair.picture()))
    assert picture.source is None
    pair.run(picture)
    assert pair.given[1:] == [picture.name]


def test_a_name_alone_of_another_family_is_refused(across: Pair) -> None:
    picture = pickle.loads(pickle.dumps(across.picture()))
    with pytest.raises(InputError, match=r"of a server of another kind, and nobody knows which: give it as .*its path"):
        across.run(picture)
    assert across.target.stand_in.requests == []


def test_what_opens_the_one_server_is_not_told_to_the_other(pair: Pair) -> None:
    url = pair.source.served.url.replace("://", "://ada:hush@")
    picture = replace(pair, source=replace(pair.source, served=replace(pair.source.served, url=url))).picture()
    pair.run(picture)
    assert pair.requests == (1, 1)
    # Of a subscription there is a note, without headers.
    said = [[r.headers for r in side.stand_in.requests if r.headers] for side in (pair.source, pair.target)]
    assert all("authorization" in headers for headers in said[0])
    assert not any("authorization" in headers for headers in said[1])


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_servers_that_carry_to_each_other_do_not_wait_for_each_other(kind: str) -> None:
    with INVOKEAI.stand_in() as one, COMFYUI.stand_in() as other:
        here, there = Side(INVOKEAI, kind, Served(one.url, one)), Side(COMFYUI, kind, Served(other.url, other))
        ways = [Pair(here, there), Pair(there, here)]
        pictures = [[way.picture() for _ in range(12)] for way in ways]

        def carry(way: Pair, own: list[Any]) -> None:
            async def script(client: Any) -> None:
                if kind == "async":
                    await asyncio.gather(*(client.submit(way.target.made(picture=picture)) for picture in own * 2))
                    return
                threads = [Thread(target=client._own.submit, args=(way.target.made(picture=p),)) for p in own * 2]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(30)
                    assert not thread.is_alive()

            way.target.use(script)

        both = [Thread(target=carry, args=pair) for pair in zip(ways, pictures, strict=True)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(60)
            assert not thread.is_alive()
        assert [way.requests[0] for way in ways] == [12, 12]


def test_who_gives_up_on_the_way_leaves_nothing(some: Pair) -> None:
    picture = some.picture()
    sides = some.target.family.clients[1]

    async def give_up() -> None:
        async with sides(some.target.served.url, check="off") as client:
            running = asyncio.create_task(client.submit(some.target.made(picture=picture)))
            before = some.source.stand_in.downloads()
            while some.source.stand_in.downloads() == before:
                await asyncio.sleep(0)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            await client.submit(some.target.made(picture=picture))

    asyncio.run(give_up())
    assert len(some.target.stand_in.uploads()) == 1


def test_an_account_logs_in_to_its_own_server_alone() -> None:
    with INVOKEAI.stand_in() as one, COMFYUI.stand_in() as other:
        one.answer("POST", "/api/v1/auth/login", as_json({"token": "open-sesame"}))
        pair = Pair(Side(INVOKEAI, "async", Served(one.url, one)), Side(COMFYUI, "sync", Served(other.url, other)))
        picture = pair.picture(email="ada@example.org", password="hush")
        pair.run(picture)
        (download,) = (request for request in one.requests if request.path.endswith("/full"))
        assert download.headers["authorization"] == "Bearer open-sesame"
        assert not any("authorization" in request.headers for request in other.requests)
        assert not any(b"hush" in request.body or b"sesame" in request.body for request in other.requests)
        # The token was forgotten when the client was closed.
        assert len(one.sent("POST", "/api/v1/auth/login")) == 2
