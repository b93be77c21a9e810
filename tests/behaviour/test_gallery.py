"""Galleries and boards of many releases: which requests are sent, and what changes while one looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.fidelity.documents import needs_documents

from flowbind.errors import NotTheApi, PartlyDone, ServerFault, UnexpectedReply

from .both_clients import Script, carry_out
from .fake_server import Answer, FakeServer, as_json
from .gallery_server import GalleryServer, Kept
from .playing import Case, cases, name_of
from .spec_document import document_of

NAMES, BY_NAMES, PAGE = "/api/v1/images/names", "/api/v1/images/images_by_names", "/api/v1/images/"
VIDEOS = "/api/v1/videos/"


@pytest.fixture(params=cases("5.0.2", "6.0.2", "6.11.1", "6.14.2"), ids=name_of)
def case(request: pytest.FixtureRequest) -> Case:
    """A release and a client."""
    found: Case = request.param
    return found


@pytest.fixture
def played(case: Case) -> Iterator[GalleryServer]:
    """A server that plays a release; nothing that it was sent or said is against the document."""
    with GalleryServer(document_of(case[0]), case[0].partition(",")[0]) as server:
        yield server
    assert server.complaints == []


def requests_of(server: GalleryServer) -> Counter[str]:
    """Return how often each path was asked."""
    return Counter(request.path for request in server.requests)


def test_pictures_are_read_as_they_are_wanted(use: Callable[[Script], Any], played: GalleryServer) -> None:
    names = played.keep(1001)

    async def script(client: Any) -> None:
        first = client.images.list()
        async for image in first:
            assert image.name == names[0]
            break
        few = requests_of(played)
        assert [image.name async for image in client.images.list()] == names
        assert await client.images.names() == names
        return few

    few = use(script)
    if played.before_6:
        # There is no list of names, and the server's document says so, once.
        assert few == {NAMES: 1, "/openapi.json": 1, PAGE: 2}
        assert requests_of(played) == {NAMES: 3, "/openapi.json": 1, PAGE: 6}
    else:
        assert few == {NAMES: 1, BY_NAMES: 1}
        assert requests_of(played) == {NAMES: 3, BY_NAMES: 1 + 6}


def test_no_more_is_read_than_is_wanted(use: Callable[[Script], Any], played: GalleryServer) -> None:
    names = played.keep(1001)
    for name in names[3:5]:
        played.kept[name].starred = True

    async def script(client: Any) -> None:
        assert [image.name async for image in client.images.list(limit=2, starred_first=False)] == names[:2]
        assert [image.name async for image in client.images.list(starred=True)] == names[3:5]

    use(script)
    paths = requests_of(played)
    assert paths[PAGE] + paths[BY_NAMES] == 2
    if not played.before_6:
        assert [len(request.json["image_names"]) for request in played.sent("POST", BY_NAMES)] == [2, 2]


def test_nothing_is_skipped_while_one_changes_it(use: Callable[[Script], Any], played: GalleryServer) -> None:
    names = played.keep(450)

    async def script(client: Any) -> None:
        seen = []
        async for image in client.images.list():
            seen.append(image.name)
            if len(seen) % 100 == 0:
                await client.images.star(*seen[-50:])
                # Meanwhile a run makes one more.
                played.kept[f"new-{len(seen)}"] = Kept(f"new-{len(seen)}", 1000 + len(seen))
        assert seen == names
        seen = []
        async for image in client.images.list():
            seen.append(image.name)
            if len(seen) % 50 == 0:
                await client.images.delete(*seen[-50:])
        assert len(seen) == len(set(seen)) == 454
        assert set(names) < set(seen)

    use(script)
    assert len(played.kept) == 4


def test_many_names_are_sent_in_portions(use: Callable[[Script], Any], played: GalleryServer) -> None:
    names = played.keep(1001)
    played.kept["stuck.png"] = Kept("stuck.png", -1)

    async def script(client: Any) -> None:
        assert await client.images.star(*names) == names
        assert await client.images.unstar(*names) == names
        with pytest.raises(PartlyDone, match=r"2 of 1003 not deleted: stuck\.png, gone\.png\. The") as caught:
            await client.images.delete(*names[:5], "stuck.png", *names, "gone.png")
        assert (set(caught.value.done), caught.value.failed) == (set(names), ("stuck.png", "gone.png"))

    use(script)
    sizes = {path: [len(r.json["image_names"]) for r in played.sent("POST", path)] for path in requests_of(played)}
    assert sizes == {
        "/api/v1/images/star": [1000, 1],
        "/api/v1/images/unstar": [1000, 1],
        "/api/v1/images/delete": [1000, 3],
    }


def test_boards_of_each_release(use: Callable[[Script], Any], played: GalleryServer) -> None:
    names = played.keep(1001)
    played.kept["stuck.png"] = Kept("stuck.png", -1)

    async def script(client: Any) -> None:
        boards = client.boards
        made = await boards.create("Posters")
        assert await boards.list() == [made]
        assert await boards.move(*names, board="Posters") == names
        assert (await boards.rename("Posters", "Prints")).board_name == "Prints"
        assert (await boards.update("Prints", archived=True)).archived
        assert await boards.list() == []
        assert [image.name async for image in boards.images("Prints", limit=3)] == names[:3]
        assert sorted(await boards.image_names("Prints")) == sorted(names)
        assert await boards.remove(*names[:1000]) == names[:1000]
        assert [image.name async for image in boards.uncategorized(limit=1)] == names[:1]
        for change in (boards.remove, lambda *images: boards.move(*images, board=made)):
            with pytest.raises(PartlyDone, match=r"1 of 2 not .*: stuck\.png"):
                await change("stuck.png", names[0])
        deleted = await boards.delete("Prints", include_images=True)
        assert sorted(deleted.deleted_images) == sorted([names[0], names[-1]])

    use(script)
    assert len(played.kept) == 1000


def test_what_is_on_no_board_is_deleted(use: Callable[[Script], Any], played: GalleryServer) -> None:
    names = played.keep(3)
    played.kept["stuck.png"] = Kept("stuck.png", -1)

    async def script(client: Any) -> None:
        if played.document.has("/api/v1/images/uncategorized", "delete"):
            assert sorted(await client.images.delete_uncategorized()) == sorted(names)
        else:
            with pytest.raises(NotTheApi, match=r"cannot delete all images that are on no board: .* InvokeAI 5\.15"):
                await client.images.delete_uncategorized()

    use(script)


def test_videos_of_each_release(use: Callable[[Script], Any], played: GalleryServer) -> None:
    names = played.film(1001)

    async def all_videos(client: Any) -> None:
        seen = []
        async for video in client.videos.list():
            # All of them were read by then.
            played.videos.pop(video.name)
            seen.append(video.name)
        assert seen == names

    async def none(client: Any) -> None:
        for ask in (
            lambda: client.videos.get("a.mp4"),
            lambda: client.videos.star("a.mp4"),
            client.videos.names,
            lambda: client.boards.remove_videos("a.mp4"),
        ):
            with pytest.raises(NotTheApi, match=r"cannot keep videos: that takes InvokeAI 6\.14 or later"):
                await ask()
        with pytest.raises(NotTheApi, match=r"InvokeAI 6\.14"):
            _ = [video async for video in client.videos.list()]

    has_videos = played.document.has("/api/v1/videos/names", "get")
    use(all_videos if has_videos else none)
    if has_videos:
        assert requests_of(played) == {VIDEOS: 2}


@needs_documents
def test_videos_of_another_shape_are_none(case: tuple[str, str]) -> None:
    async def script(client: Any) -> None:
        with pytest.raises(NotTheApi, match=r"InvokeAI 6\.14"):
            await client.videos.get("a.mp4")

    # The document of 6.8 has videos with ids; what the server answers there does not matter.
    with GalleryServer(document_of("6.8.1"), "6.8.1") as server:
        carry_out(case[1], server.url, script, check="off")


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_portion_that_fails_after_others(kind: str, server: FakeServer) -> None:
    names = [f"{number}.png" for number in range(1500)]
    done = as_json({"deleted_images": names[:1000], "failed_images": [], "affected_boards": []})
    server.answer("POST", "/api/v1/images/delete", done, as_json({"detail": "Failed to delete images"}, 500))

    async def script(client: Any) -> None:
        with pytest.raises(PartlyDone, match=r"500 of 1500 not deleted: 1000\.png, .*: Failed to delete images") as got:
            await client.images.delete(*names)
        assert (got.value.done, got.value.failed, got.value.status) == ((*names[:1000],), (*names[1000:],), 500)
        # Nothing was done: it is the error itself that says why.
        with pytest.raises(ServerFault, match="Failed to delete images"):
            await client.images.delete(*names)

    carry_out(kind, server.url, script, check="off")


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    "answer",
    [
        {"image_names": "a.png"},
        {"image_names": [1]},
        {"names": []},
        [],
        None,
    ],
)
def test_answers_of_another_shape(kind: str, answer: Any, server: FakeServer) -> None:
    server.answer("GET", NAMES, as_json(answer))
    server.answer("POST", "/api/v1/images/star", as_json(answer))

    async def script(client: Any) -> None:
        with pytest.raises(UnexpectedReply, match="no list of names under image_names"):
            await client.images.names()
        with pytest.raises(UnexpectedReply, match="under starred_images or updated_image_names"):
            await client.images.star("a.png")

    carry_out(kind, server.url, script, check="off")


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("stored", "said"),
    [("{", "no JSON"), ("[" * 100_000, "no JSON"), ("[]", "no object"), ('"text"', "no object"), ("", None)],
)
def test_what_strangers_store_with_a_picture(kind: str, stored: str, said: str | None, server: FakeServer) -> None:
    server.answer("GET", "/api/v1/images/i/a.png/workflow", as_json({"workflow": stored, "graph": None, "new": 1}))
    server.answer("GET", "/api/v1/images/i/a.png/metadata", as_json([1]))

    async def script(client: Any) -> None:
        if said:
            with pytest.raises(UnexpectedReply, match=f"The workflow stored with 'a.png' is {said}"):
                await client.images.workflow("a.png")
        else:
            assert await client.images.workflow("a.png") is None
        assert await client.images.graph("a.png") is None
        with pytest.raises(UnexpectedReply, match=r"The metadata stored with 'a\.png' is no object"):
            await client.images.metadata("a.png")

    carry_out(kind, server.url, script, check="off")


@pytest.mark.parametrize("answer", [{"total": "1", "items": []}, {"items": []}, {"total": 1, "items": {}}, [], None])
def test_pages_of_another_shape(answer: Any, server: FakeServer) -> None:
    server.answer("GET", VIDEOS, as_json(answer))
    server.answer("GET", "/openapi.json", as_json({"paths": {"/api/v1/videos/names": {"get": {}}}}))
    server.answer("GET", "/api/v1/images/intermediates", as_json(answer))

    async def script(client: Any) -> None:
        with pytest.raises(UnexpectedReply, match=r"no number under total|list is none"):
            _ = [video async for video in client.videos.list()]
        with pytest.raises(UnexpectedReply, match="no number under count"):
            await client.images.intermediates()

    carry_out("sync", server.url, script, check="off")


def test_a_name_stays_one_segment_of_a_path(server: FakeServer) -> None:
    server.answer("GET", "/api/v1/images/i/..%2F..%2Fboards%2F%3Fall/metadata", as_json({"made": "up"}))

    async def script(client: Any) -> None:
        assert await client.images.metadata("../../boards/?all") == {"made": "up"}

    carry_out("sync", server.url, script, check="off")


def test_new_words_and_fields_are_kept(server: FakeServer) -> None:
    about = {"image_origin": "imagined", "image_category": "hologram", "width": 64, "height": 32, "depth": 3}
    state = {"is_intermediate": False, "starred": False, "has_workflow": False}
    urls = {"image_url": "", "thumbnail_url": "", "created_at": "today", "updated_at": "today"}
    server.answer("GET", "/api/v1/images/i/a.png", as_json({"image_name": "a.png", **about, **state, **urls}))
    server.answer("GET", "/api/v1/images/i/page.png", Answer(b"<html>", media_type="text/html"))

    async def script(client: Any) -> None:
        image = await client.images.get("a.png")
        assert (image.category, image.origin, image.record["depth"]) == ("hologram", "imagined", 3)
        with pytest.raises(NotTheApi):
            await client.images.get("page.png")

    carry_out("sync", server.url, script, check="off")
