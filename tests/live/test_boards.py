"""The boards of a real server, made, changed and deleted, and what is on them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from generated import Poster
from tests.behaviour.both_clients import Script, carry_out
from tests.fidelity.pictures import grey

from flowbind.errors import BoardNotFound, Forbidden, NotFound, PartlyDone, Refused
from live_tools import Accounts

Carried = Callable[[Script], Any]


def new_name(text: str = "Board") -> str:
    """Return a name that no other test uses."""
    return f"{text} {uuid.uuid4()}"


def test_a_board_from_beginning_to_end(carried: Carried) -> None:
    name, other = new_name("Posters"), new_name("Landscapes")

    async def script(client: Any) -> None:
        boards = client.boards
        made = await boards.create(name)
        assert (made.board_name, made.archived, made.image_count) == (name, False, 0)
        assert await boards.get(made) == await boards.get(made.board_id)
        assert (await boards.by_name(name)).board_id == made.board_id
        assert made.board_id in [board.board_id for board in await boards.list()]
        assert (await boards.rename(name, other)).board_name == other
        with pytest.raises(BoardNotFound, match=name):
            await boards.by_name(name)
        assert (await boards.update(other, archived=True, visibility="shared")).archived
        assert made.board_id not in [board.board_id for board in await boards.list()]
        assert made.board_id in [board.board_id for board in await boards.list(include_archived=True)]
        assert (await boards.by_name(other)).board_visibility == "shared"
        assert (await boards.delete(other)).board_id == made.board_id
        for asked in (boards.get, boards.delete):
            with pytest.raises((NotFound, BoardNotFound), match=made.board_id):
                await asked(made.board_id)

    carried(script)


def test_runs_find_boards_that_this_client_has_changed(carried: Carried) -> None:
    name, other = new_name("Posters"), new_name("Renamed")

    async def script(client: Any) -> None:
        async def board_of_a_run(board: str) -> Any:
            result = await client.run(Poster(width=64, height=64, board=board), timeout=60)
            return (await client.images.get(result.outputs.image.name)).board_id

        first = await client.boards.create(name)
        assert await board_of_a_run(name) == first.board_id
        await client.boards.rename(first, other)
        second = await client.boards.create(name)
        assert await board_of_a_run(name) == second.board_id
        await client.boards.update(first, archived=True)
        assert await board_of_a_run(other) == first.board_id
        await client.boards.delete(second, include_images=True)
        with pytest.raises(BoardNotFound, match=r'Poster\.board \("Board"\): the server has no board'):
            await board_of_a_run(name)
        await client.boards.delete(first, include_images=True)

    carried(script)


def test_the_near_and_the_many(carried: Carried) -> None:
    name = new_name("Lighthouses")

    async def script(client: Any) -> None:
        one, two = await client.boards.create(name), await client.boards.create(name)
        with pytest.raises(BoardNotFound, match=rf'has no board "Ligthouses.*Nearest: {name}'):
            await client.boards.by_name(name.replace("Lighthouses", "Ligthouses"))
        with pytest.raises(BoardNotFound, match=r"2 boards are called .*; pass an id: ") as caught:
            await client.boards.delete(name)
        assert all(board.board_id in str(caught.value) for board in (one, two))
        await client.boards.update(one, archived=True)
        assert (await client.boards.by_name(name)).board_id == two.board_id
        for board in (one, two):
            await client.boards.delete(board)

    carried(script)


@pytest.mark.parametrize("name", ["Bücher/狐 & \\ ?x=1#y%20+", " x ", "'; DROP TABLE boards; --", "b" * 300])
def test_odd_names(carried: Carried, name: str) -> None:
    async def script(client: Any) -> None:
        made = await client.boards.create(name)
        try:
            assert made.board_name == (await client.boards.by_name(name)).board_name == name
            assert await client.boards.image_names(name) == []
            assert (await client.boards.rename(name, name[::-1])).board_name == name[::-1]
        finally:
            await client.boards.delete(made)

    carried(script)


def test_names_that_are_refused(carried: Carried) -> None:
    async def script(client: Any) -> None:
        made = await client.boards.create(new_name())
        try:
            for name in ("", " \t"):
                with pytest.raises(ValueError, match="needs a name"):
                    await client.boards.create(name)
                with pytest.raises(ValueError, match="needs a name"):
                    await client.boards.rename(made, name)
            with pytest.raises(Refused, match="at most 300 characters"):
                await client.boards.create("b" * 301)
            with pytest.raises(Refused, match="at most 300 characters"):
                await client.boards.rename(made, "b" * 301)
        finally:
            await client.boards.delete(made)

    carried(script)


def test_pictures_are_moved_onto_boards_and_off(carried: Carried) -> None:
    name, other = new_name("Here"), new_name("There")

    async def script(client: Any) -> None:
        boards = client.boards
        here, there = await boards.create(name), await boards.create(other)
        one, two = await client.images.upload(grey(8, 1)), await client.images.upload(grey(8, 2))
        assert await boards.move(one, two.name, board=name) == [one.name, two.name]
        assert [image async for image in boards.images(here)] == [two, one]
        assert sorted(await boards.image_names(name)) == sorted([one.name, two.name])
        assert (await boards.get(here)).asset_count == 2
        await boards.move(two, board=there.board_id)
        assert [image.board_id async for image in boards.images(other)] == [there.board_id]
        assert [image async for image in boards.images(name, limit=5)] == [one]
        assert await boards.remove(one) == [one.name]
        assert one.name in [image.name async for image in boards.uncategorized(limit=10)]
        assert one.name in await boards.image_names("none")
        for change, done_to in (
            (lambda *images: boards.move(*images, board=here), "put on the board"),
            (boards.remove, "taken off its board"),
        ):
            with pytest.raises(PartlyDone, match=rf"1 of 2 not {done_to}: none\.png") as caught:
                await change(one, "none.png")
            assert (caught.value.done, caught.value.failed) == ((one.name,), ("none.png",))
        with pytest.raises(BoardNotFound, match=r"server\.boards: the server has no board"):
            await boards.move(one, board="No such board")
        await client.images.delete(one, two)
        for board in (here, there):
            await boards.delete(board)

    carried(script)


def test_a_picture_is_uploaded_onto_a_board(carried: Carried, tmp_path: Path) -> None:
    path = tmp_path / "grey.png"

    async def script(client: Any) -> None:
        board = await client.boards.create(new_name("Uploads"))
        for shade, wanted in ((40, board), (80, board.board_id), (120, board.board_name)):
            path.write_bytes(grey(8, shade))
            uploaded = await client.boards.upload(path, board=wanted)
            assert uploaded.board_id == board.board_id
        assert len([image async for image in client.boards.images(board)]) == 3
        await client.boards.delete(board, include_images=True)

    carried(script)


@pytest.mark.parametrize("include_images", [True, False])
def test_a_board_is_deleted_with_its_pictures_or_without(carried: Carried, include_images: bool) -> None:
    async def script(client: Any) -> None:
        board = await client.boards.create(new_name())
        image = await client.images.upload(grey(8, 7))
        await client.boards.move(image, board=board)
        deleted = await client.boards.delete(board, include_images=include_images)
        assert deleted.deleted_images == ([image.name] if include_images else [])
        assert deleted.deleted_board_images == ([] if include_images else [image.name])
        if include_images:
            with pytest.raises(NotFound):
                await client.images.get(image.name)
        else:
            assert (await client.images.get(image.name)).board_id is None
            await client.images.delete(image)

    carried(script)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_boards_of_another_account(accounts: Accounts, kind: str) -> None:
    name = new_name("Private")
    other = accounts.add_user(f"{uuid.uuid4()}@example.org", "Throwaway-3")

    async def make(client: Any) -> Any:
        return await client.boards.create(name)

    async def private(client: Any) -> None:
        assert name not in [board.board_name for board in await client.boards.list()]
        for given in (name, board.board_id):
            with pytest.raises(BoardNotFound, match="the server has no board"):
                await client.boards.delete(given)
        with pytest.raises(Forbidden, match="Not authorized to access this board"):
            await client.boards.get(board)
        for change in (lambda: client.boards.rename(board, "Mine"), lambda: client.boards.delete(board)):
            with pytest.raises(Forbidden, match=r"Not authorized to .* this board"):
                await change()
        with pytest.raises(Forbidden, match="Not authorized"):
            _ = [image async for image in client.boards.images(board)]
        image = await client.images.upload(grey(8, 9))
        with pytest.raises(Forbidden, match="Not authorized to modify this board"):
            await client.boards.move(image, board=board)

    async def publish(client: Any) -> None:
        await client.boards.update(board, visibility="public")

    async def public(client: Any) -> None:
        image = await client.images.upload(grey(8, 9))
        assert await client.boards.move(image, board=name) == [image.name]
        assert [one async for one in client.boards.images(name)] == [image]
        with pytest.raises(Forbidden):
            await client.boards.delete(name)

    board = carry_out(kind, accounts.url, make, **accounts.user)
    carry_out(kind, accounts.url, private, **other)
    carry_out(kind, accounts.url, publish, **accounts.user)
    carry_out(kind, accounts.url, public, **other)
