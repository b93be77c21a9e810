"""The pictures that a real server keeps: lists, stars, deletions, and what is stored with them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from generated import ImageToImageSd15, Poster
from tests.behaviour.both_clients import Script, carry_out
from tests.fidelity.pictures import grey

from flowbind.errors import BoardNotFound, Forbidden, ImageNotFound, NotFound, PartlyDone
from flowbind.invokeai import StoredImage
from flowbind.invokeai.gallery import lists
from live_tools import ROOT, Accounts, Live

Carried = Callable[[Script], Any]
NODES_OF_POSTER = {
    node["type"] for node in json.loads((ROOT / "generated/poster.graph.json").read_text("utf-8"))["nodes"].values()
}
UPLOAD = "/api/v1/images/upload?image_category=user&is_intermediate=false"


def put(live: Live, board_id: str, count: int, metadata: object = None) -> list[str]:
    """Put pictures on a board, one after the other; return their names, the newest first."""
    names = []
    for shade in range(count):
        answer = httpx.post(
            f"{live.url}{UPLOAD}&board_id={board_id}",
            files={"file": ("grey.png", grey(8, shade), "image/png")},
            data={"metadata": json.dumps(metadata)} if metadata else None,
        )
        assert answer.status_code == 201, answer.text
        names.append(answer.json()["image_name"])
    return names[::-1]


def test_pictures_come_in_the_order_of_the_gallery(carried: Carried, live: Live, board: str) -> None:
    names = put(live, board, 4)

    async def script(client: Any) -> None:
        async def listed(**filters: Any) -> list[str]:
            found = [image async for image in client.images.list(board=board, **filters)]
            assert all(isinstance(image, StoredImage) and image.board_id == board for image in found)
            own = [image.name for image in found]
            assert await client.images.names(board=board, **filters) == own
            return own

        await client.images.star(names[2])
        assert await listed() == [names[2], names[0], names[1], names[3]]
        assert await listed(newest_first=False) == [names[2], names[3], names[1], names[0]]
        assert await listed(starred_first=False) == names
        assert await listed(starred_first=False, limit=2) == names[:2]
        assert await listed(limit=0) == []
        assert await listed(starred=True) == [names[2]]
        assert await listed(starred=False, limit=2) == names[:2]
        assert await listed(categories=["general", "mask"], origin="external") == []
        assert await listed(categories=["user"], origin="external", starred_first=False) == names
        await client.images.unstar(names[2])
        assert await listed() == names

    carried(script)


def test_what_one_deletes_or_stars_on_the_way_skips_nothing(
    carried: Carried, live: Live, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    names = put(live, board, 7)

    async def script(client: Any) -> None:
        seen = []
        async for image in client.images.list(board=board):
            seen.append(image.name)
            await client.images.star(image)
        assert seen == names
        seen = []
        async for image in client.images.list(board=board):
            seen.append(image.name)
            await client.images.delete(image)
        assert seen == names
        assert await client.images.names(board=board) == []

    carried(script)


def test_what_others_delete_on_the_way_is_left_out(
    carried: Carried, live: Live, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    names = put(live, board, 4)

    async def script(client: Any) -> None:
        seen = []
        async for image in client.images.list(board=board):
            if not seen:
                await client.request("DELETE", f"/api/v1/images/i/{names[3]}")
            seen.append(image.name)
        assert seen == names[:3]

    carried(script)


def test_pictures_are_searched_for_by_their_metadata(carried: Carried, live: Live, board: str) -> None:
    word = uuid.uuid4().hex
    (name,) = put(live, board, 1, {"positive_prompt": f"A lighthouse, {word}", "seed": 7})
    put(live, board, 1, {"positive_prompt": "A fox"})

    async def script(client: Any) -> None:
        assert [image.name async for image in client.images.search(word.upper())] == [name]
        assert [image.name async for image in client.images.search("LIGHTHOUSE", board=board)] == [name]
        assert [image.name async for image in client.images.search(word, origin="internal")] == []
        metadata = await client.images.metadata(name)
        assert (metadata["seed"], word in metadata["positive_prompt"]) == (7, True)

    carried(script)


def test_what_is_stored_with_a_picture(carried: Carried, live: Live, board: str) -> None:
    (plain,) = put(live, board, 1)

    async def script(client: Any) -> None:
        made = (await client.run(Poster(width=64, height=72, board=board), timeout=60)).outputs.image
        image = await client.images.get(made.name)
        assert image == made
        assert (image.width, image.height, image.category, image.origin) == (64, 72, "general", "internal")
        assert (image.board_id, image.has_workflow, image.record["image_name"]) == (board, True, made.name)
        workflow, graph = await client.images.workflow(image), await client.images.graph(made.name)
        assert workflow["name"] == "Poster"
        assert workflow["meta"]["version"]
        assert {node["type"] for node in graph["nodes"].values()} == NODES_OF_POSTER
        stored = await client.images.get(plain)
        assert [
            await client.images.metadata(stored),
            await client.images.workflow(stored),
            await client.images.graph(stored),
        ] == [None] * 3
        assert stored.has_workflow is False
        for asked in (client.images.get, client.images.metadata, client.images.workflow):
            with pytest.raises(NotFound, match=r"none\.png"):
                await asked("none.png")

    carried(script)


def test_a_picture_is_changed(carried: Carried, live: Live, board: str) -> None:
    (name,) = put(live, board, 1)

    async def script(client: Any) -> None:
        image = await client.images.update(name, category="mask", is_intermediate=True, starred=True)
        assert (image.category, image.is_intermediate, image.starred) == ("mask", True, True)
        assert [one.name async for one in client.images.list(board=board)] == []
        assert [one.name async for one in client.images.list(board=board, is_intermediate=True)] == [name]
        image = await client.images.update(image, is_intermediate=False, starred=False)
        assert (image.category, image.is_intermediate, image.starred) == ("mask", False, False)
        with pytest.raises(NotFound, match=r"none\.png"):
            await client.images.update("none.png", starred=True)

    carried(script)


def test_what_is_deleted_is_gone_for_the_client_too(carried: Carried, live: Live) -> None:
    workflow = ImageToImageSd15(source_image=grey(64, 100), model=live.model["name"], width=64, height=64, steps=1)

    async def script(client: Any) -> None:
        await client.run(workflow, timeout=60)
        (uploaded,) = [one async for one in client.images.list(categories=["user"], starred_first=False, limit=1)]
        assert await client.images.delete(uploaded, uploaded.name) == [uploaded.name]
        before = live.newest_item()
        with pytest.raises(ImageNotFound, match=uploaded.name):
            await client.submit(workflow.model_copy(update={"source_image": uploaded}))
        assert live.newest_item() == before
        # The same bytes are uploaded anew, not taken for what is gone.
        await client.run(workflow, timeout=60)
        assert await client.images.delete() == []

    carried(script)


def test_what_could_not_be_done_is_told(carried: Carried, live: Live, board: str) -> None:
    (name,) = put(live, board, 1)

    async def script(client: Any) -> None:
        for done_to, change in (
            ("starred", client.images.star),
            ("unstarred", client.images.unstar),
            ("deleted", client.images.delete),
        ):
            with pytest.raises(PartlyDone, match=rf"1 of 2 not {done_to}: none\.png") as caught:
                await change("none.png", name)
            assert (caught.value.done, caught.value.failed) == ((name,), ("none.png",))
        with pytest.raises(PartlyDone, match="5 of 5 not deleted: 0, 1, 2 and 2 more"):
            await client.images.delete(*map(str, range(5)))
        with pytest.raises(BoardNotFound, match="none such"):
            await client.images.names(board="none such")
        with pytest.raises(TypeError, match="stared"):
            client.images.list(stared=True)
        with pytest.raises(ValueError, match="limit is -1"):
            client.images.list(limit=-1)

    carried(script)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_intermediates(accounts: Accounts, kind: str) -> None:
    async def of_a_user(client: Any) -> None:
        image = await client.images.upload(grey(8, 1))
        await client.images.update(image, is_intermediate=True)
        assert await client.images.intermediates() >= 1
        with pytest.raises(Forbidden, match="Only admins"):
            await client.images.delete_intermediates()

    async def of_an_administrator(client: Any) -> None:
        assert await client.images.delete_intermediates() >= 1
        assert await client.images.intermediates() == 0

    carry_out(kind, accounts.url, of_a_user, **accounts.user)
    carry_out(kind, accounts.url, of_an_administrator, **accounts.admin)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_all_that_is_on_no_board_is_deleted(accounts: Accounts, kind: str) -> None:
    alone = accounts.add_user(f"{uuid.uuid4()}@example.org", "Throwaway-3")

    async def script(client: Any) -> None:
        loose = [(await client.images.upload(grey(8, shade))).name for shade in (1, 2)]
        kept = await client.images.upload(grey(8, 3))
        board = await client.boards.create("Kept")
        await client.boards.move(kept, board=board)
        assert sorted(await client.images.delete_uncategorized()) == sorted(loose)
        assert [image async for image in client.boards.uncategorized()] == []
        assert [image async for image in client.images.list()] == [kept]
        assert await client.images.delete_uncategorized() == []

    carry_out(kind, accounts.url, script, **alone)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_pictures_of_another_account(accounts: Accounts, kind: str) -> None:
    other = accounts.add_user(f"{uuid.uuid4()}@example.org", "Throwaway-3")

    async def upload(client: Any) -> str:
        return str((await client.images.upload(grey(8, 1))).name)

    async def script(client: Any) -> None:
        assert [image async for image in client.images.list()] == []
        for asked in (client.images.get, client.images.metadata, client.images.workflow):
            with pytest.raises(Forbidden, match="Not authorized to access this image"):
                await asked(name)
        with pytest.raises(Forbidden, match="Not authorized"):
            await client.images.update(name, starred=True)
        for change in (client.images.star, client.images.unstar, client.images.delete):
            with pytest.raises(PartlyDone, match="another account's"):
                await change(name)

    name = carry_out(kind, accounts.url, upload, **accounts.user)
    carry_out(kind, accounts.url, script, **other)
