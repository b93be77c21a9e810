"""What is in pictures and videos, to a real server and back: uploads, downloads, thumbnails, archives."""

from __future__ import annotations

import asyncio
import io
import os
import uuid
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from tests.behaviour.both_clients import Script, carry_out
from tests.unit.exports import edge, form, node, resolved, workflow

from flowbind.errors import ImageNotFound, InputError, Refused, VideoNotFound
from flowbind.invokeai import AsyncInvokeAI, InvokeAI, StoredVideo
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of
from live_tools import Accounts, Live, Project, pixels
from videos import a_video, another

Carry = Callable[[Script], Any]


def a_picture(size: int = 48, form: str = "PNG") -> bytes:
    """Return a picture that nobody else has."""
    file = io.BytesIO()
    PIL.Image.frombytes("RGB", (size, size), os.urandom(size * size * 3)).save(file, form)
    return file.getvalue()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A short video."""
    return a_video(tmp_path_factory.mktemp("clip")).read_bytes()


def test_a_content_is_uploaded_once_until_it_is_gone(carried: Carry, live: Live, tmp_path: Path) -> None:
    path, content = tmp_path / "ours.png", a_picture()
    path.write_bytes(content)

    async def script(client: Any) -> None:
        first = await client.images.upload(path)
        assert (first.width, first.height, first.category, first.origin) == (48, 48, "user", "external")
        with path.open("rb") as file:
            assert await client.images.upload(file) == first
        assert await client.images.upload(content) == first
        again = await client.images.upload(content, again=True)
        assert again != first
        for name in (first.name, again.name):
            live.call("DELETE", f"/api/v1/images/i/{name}")
        anew = await client.images.upload(path)
        assert anew not in (first, again)
        assert pixels(await client.images.bytes(anew)) == pixels(content)

    carried(script)


def test_an_upload_goes_where_it_should(carried: Carry, live: Live) -> None:
    name = f"Uploads {uuid.uuid4()}"
    board = live.create_board(name)

    async def script(client: Any) -> None:
        content = a_picture(form="JPEG")
        made = await client.images.upload(
            content, board=name, category="mask", is_intermediate=True, metadata={"made by": 'a "test"'}
        )
        assert (made.board_id, made.category, made.is_intermediate) == (board, "mask", True)
        assert live.call("GET", f"/api/v1/images/i/{made.name}/metadata") == {"made by": 'a "test"'}
        assert (await client.images.upload(content)).board_id is None
        with pytest.raises(Refused, match="'user' or 'other'"):
            await client.images.upload(content, category="odd")

    try:
        carried(script)
    finally:
        live.call("DELETE", f"/api/v1/boards/{board}")


def test_what_is_no_picture(carried: Carry, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_bytes(b"\x89PNG no picture")

    async def script(client: Any) -> None:
        with pytest.raises(Refused, match=r"text\.png'\. .*Failed to read image \(HTTP 415\)"):
            await client.images.upload(tmp_path / "text.png")
        with pytest.raises(Refused, match=r"Not a supported video file \(HTTP 415\)"):
            await client.videos.upload(a_picture())
        with pytest.raises(Refused, match=r"Failed to read video \(HTTP 415\)"):
            await client.videos.upload(b"\0\0\0\x18ftypisom" + b"\0" * 2_000_000)

    carried(script)


def test_pictures_come_back_in_every_form(carried: Carry, tmp_path: Path) -> None:
    async def script(client: Any) -> None:
        content = a_picture(300)
        made = await client.images.upload(content)
        saved = await client.images.save(made, tmp_path)
        assert saved == tmp_path / made.name
        assert pixels(saved.read_bytes()) == pixels(content)
        opened = await client.images.open(made)
        assert opened.tobytes() == PIL.Image.open(io.BytesIO(content)).tobytes()
        small = PIL.Image.open(io.BytesIO(await client.images.thumbnail(made)))
        assert (small.format, small.size) == ("WEBP", (256, 256))
        path = await client.images.thumbnail(made, tmp_path)
        assert path == tmp_path / made.name.replace(".png", ".webp")
        assert path.read_bytes() == await client.images.thumbnail(made.name)
        for ask in (client.images.bytes, client.images.thumbnail, client.images.open):
            with pytest.raises(ImageNotFound):
                await ask("gone.png")

    carried(script)


def test_many_pictures_are_one_archive(carried: Carry, live: Live, tmp_path: Path) -> None:
    name = f"Archive {uuid.uuid4()}"
    board = live.create_board(name)

    async def script(client: Any) -> None:
        # Some megabytes, which the server needs a moment to pack.
        made = [await client.images.upload(a_picture(900), board=name) for _ in range(3)]
        other = await client.images.upload(a_picture(), category="mask")
        whole = await client.images.download(tmp_path, board=name)
        assert whole.parent == tmp_path
        assert whole.name.startswith("Archive ")
        assert held(whole) == {f"user/{m.name}": await client.images.bytes(m) for m in made}
        some = await client.images.download(tmp_path / "some.zip", images=[other, made[0].name])
        assert held(some).keys() == {f"mask/{other.name}", f"user/{made[0].name}"}
        with pytest.raises(ImageNotFound, match=r"gone\.png"):
            await client.images.download(tmp_path, images=[other, "gone.png"])

    try:
        carried(script)
    finally:
        live.call("DELETE", f"/api/v1/boards/{board}?include_images=true")
    assert {*tmp_path.iterdir()} == {tmp_path / "some.zip", *tmp_path.glob("Archive *.zip")}


def held(path: Path) -> dict[str, bytes]:
    """Return what is in an archive."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_videos_go_to_the_server_and_back(carried: Carry, live: Live, clip: bytes, tmp_path: Path) -> None:
    board = live.create_board(f"Videos {uuid.uuid4()}")
    content = another(clip)
    (tmp_path / "clip.mp4").write_bytes(content)

    async def script(client: Any) -> None:
        made = await client.videos.upload(tmp_path / "clip.mp4", board=board)
        assert isinstance(made, StoredVideo)
        assert (made.width, made.height, made.board_id, made.category) == (16, 16, board, "user")
        assert made.duration == pytest.approx(0.2, abs=0.05)
        assert await client.videos.upload(content, board=board) == made
        assert await client.videos.bytes(made.name) == content
        assert (await client.videos.save(made, tmp_path / "in")).read_bytes() == content
        assert PIL.Image.open(io.BytesIO(await client.videos.thumbnail(made))).format == "WEBP"
        live.call("DELETE", f"/api/v1/videos/i/{made.name}")
        assert await client.videos.upload(content, board=board) != made
        with pytest.raises(VideoNotFound):
            await client.videos.save(made, tmp_path / "gone.mp4")

    try:
        carried(script)
    finally:
        live.call("DELETE", f"/api/v1/boards/{board}?include_images=true")
    assert not (tmp_path / "gone.mp4").exists()


def test_videos_that_are_uploaded_at_once_wait_for_each_other(live: Live, clip: bytes) -> None:
    """The server takes two at once, and refuses a third."""
    contents = [another(clip) for _ in range(3)]
    with InvokeAI(live.url) as client, ThreadPoolExecutor(3) as threads:
        assert len({made.name for made in threads.map(client.videos.upload, contents)}) == 3

    async def upload() -> int:
        async with AsyncInvokeAI(live.url) as client:
            return len({v.name for v in await asyncio.gather(*(client.videos.upload(another(c)) for c in contents))})

    assert asyncio.run(upload()) == 3


def test_an_upload_is_sent_again_after_a_login(accounts: Accounts, clip: bytes) -> None:
    async def script(client: Any) -> None:
        assert (await client.images.upload(io.BytesIO(a_picture()))).width == 48
        client._account.forget()
        assert (await client.videos.upload(io.BytesIO(another(clip)))).width == 16

    for kind in ("sync", "async"):
        carry_out(kind, accounts.url, script, **accounts.user)


CUT = workflow(
    node("one", "extract_video_range", {"end_frame": 2}, label="First frames", visible=True),
    node("still", "video_frame_extract", {"frame_index": 1}, label="Still", visible=True),
    edges=[edge("one.video", "still.video")],
    form=form("one.video"),
)
JOINED = workflow(node("all", "video_concat", {}, label="Joined", visible=True), form=form("all.videos"))


@pytest.fixture(scope="module")
def cut(catalog: Catalog) -> type[Workflow[Any]]:
    """A workflow that takes videos and leaves videos and a picture behind."""
    return class_of(resolved(CUT, catalog)[0])


def test_videos_are_inputs_and_outputs(
    carried: Carry, live: Live, cut: type[Workflow[Any]], clip: bytes, tmp_path: Path
) -> None:
    content = another(clip)
    (tmp_path / "clip.mp4").write_bytes(content)

    async def script(client: Any) -> None:
        stored = await client.videos.upload(content)
        runs = [await client.submit(cut(video=v)) for v in (tmp_path / "clip.mp4", content, stored)]
        outputs = (await runs[0].wait(60)).outputs
        for run in runs[1:]:
            session = live.item(run.item_id)["session"]["graph"]["nodes"]
            assert session["one"]["video"] == {"video_name": stored.name}
            await run.cancel()
        first = outputs.first_frames.save(tmp_path / "first.mp4")
        first = await first if asyncio.iscoroutine(first) else first
        assert first.read_bytes() == await client.videos.bytes(outputs.first_frames)
        assert (outputs.still.width, outputs.still.height) == (16, 16)
        with pytest.raises(InputError, match=r'"video"\): The server does not take the given bytes\. .* \(HTTP 415\)'):
            await client.submit(cut(video=b"text"))

    carried(script)


def test_flowbind_run_takes_and_saves_videos(live: Live, project: Project, clip: bytes) -> None:
    project.add("joined", JOINED)
    (project.root / "clip.mp4").write_bytes(another(clip))
    done = project.flowbind("run", "joined", "--url", live.url, "--set", 'videos=["clip.mp4", "clip.mp4"]')
    assert done.returncode == 0, done.stderr
    (path,) = done.stdout.splitlines()
    assert path.endswith(".mp4")
    assert (project.root / path).read_bytes()[4:8] == b"ftyp"
