"""Uploads: in pieces, each content once, and never believed to be there for long."""

from __future__ import annotations

import asyncio
import email
import email.policy
import io
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from generated import ImageToImageSd15

from flowbind.errors import BoardNotFound, InputError, NotTheApi, Refused, RequestTimeout, UnexpectedReply
from flowbind.invokeai import AsyncInvokeAI, InvokeAI, StoredImage
from flowbind.transport import uploaded

from .both_clients import Script, carry_out
from .fake_server import BOARD, ENQUEUE, PNG, Answer, FakeServer, as_json
from .local_server import Request
from .test_images import UPLOAD, img2img, picture

MADE = "/api/v1/images/i/new.png"
VIDEOS = "/api/v1/videos"
MP4 = b"\0\0\0\x18ftypisom" + b"moving" * 50_000


@pytest.fixture
def pictures(server: FakeServer) -> FakeServer:
    """The server, which takes pictures."""
    server.answer("POST", UPLOAD, as_json(picture("new.png"), 201))
    server.answer("GET", MADE, as_json(picture("new.png")))
    return server


@pytest.fixture(params=["sync", "async"])
def carried(pictures: FakeServer, request: pytest.FixtureRequest) -> Callable[[Script], Any]:
    """What carries a script out with a client of the server, one that blocks and one that is awaited."""
    return lambda script: carry_out(request.param, pictures.url, script, check="off")


def form(request: Request) -> dict[str, tuple[str | None, str, bytes]]:
    """Return the parts of a form as another reader finds them: file name, type and content by name."""
    text = b"content-type: " + request.content_type.encode() + b"\r\n\r\n" + request.body
    parts: Any = email.message_from_bytes(text, policy=email.policy.HTTP).iter_parts()
    return {
        part.get_param("name", header="content-disposition"): (
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in parts
    }


def test_each_content_is_uploaded_once(pictures: FakeServer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    one, same = tmp_path / "one.png", tmp_path / "same.png"
    one.write_bytes(PNG)
    same.write_bytes(PNG)

    async def script(client: Any) -> list[StoredImage]:
        with one.open("rb") as file:
            made = [await client.images.upload(content) for content in (one, same, PNG, file)]
        for source in (one, PNG):
            await client.submit(img2img(source))
        return made

    made = carried(script)
    assert [m.name for m in made] == ["new.png"] * 4
    assert (made[0].width, made[0].category, made[0].origin) == (64, "user", "external")
    (upload,) = pictures.sent("POST", UPLOAD)
    assert upload.query == "image_category=user&is_intermediate=false"
    assert form(upload) == {"file": ("one.png", "image/png", PNG)}
    # Who uploads hears what is there now; a run believes what was seen within the last minute.
    assert len(pictures.sent("GET", MADE)) == 3


def test_another_place_is_another_upload(pictures: FakeServer, carried: Callable[[Script], Any]) -> None:
    pictures.answer("GET", MADE, as_json(picture("new.png") | {"board_id": "board-1"}))
    about: dict[str, Any] = {"is_intermediate": True, "metadata": {"made by": 'a "test"\r\n'}}

    async def script(client: Any) -> None:
        for options in ({}, {"board": "Posters"}, {"category": "mask"}, about, {"board": "board-1"}, {"again": True}):
            await client.images.upload(PNG, **options)
        await client.submit(img2img(PNG))

    carried(script)
    uploads = pictures.sent("POST", UPLOAD)
    assert [u.query.replace("is_intermediate", "i").replace("image_", "") for u in uploads] == [
        "category=user&i=false",
        "category=user&i=false&board_id=board-1",
        "category=mask&i=false",
        "category=user&i=true",
        "category=user&i=false",
    ]
    assert form(uploads[3])["metadata"] == (None, "text/plain", rb'{"made by": "a \"test\"\r\n"}')


def test_a_board_that_is_not_there(pictures: FakeServer, carried: Callable[[Script], Any]) -> None:
    async def script(client: Any) -> None:
        await client.images.upload(PNG, board="Poster")

    with pytest.raises(BoardNotFound, match=r'images\.upload, `board`: the server has no board "Poster". Nearest: Pos'):
        carried(script)
    assert not pictures.sent("POST")


def test_what_was_deleted_is_uploaded_anew(pictures: FakeServer, carried: Callable[[Script], Any]) -> None:
    pictures.answer("GET", MADE, as_json({"detail": "Image not found"}, 404))

    async def script(client: Any) -> None:
        await client.images.upload(PNG)
        await client.images.upload(PNG)

    carried(script)
    assert len(pictures.sent("POST", UPLOAD)) == 2


def test_what_was_moved_to_another_board_is_uploaded_anew(
    pictures: FakeServer, carried: Callable[[Script], Any]
) -> None:
    pictures.answer("GET", MADE, as_json(picture("new.png") | {"board_id": "other"}))

    async def script(client: Any) -> None:
        await client.images.upload(PNG, board=BOARD["board_name"])
        await client.images.upload(PNG, board=BOARD["board_name"])

    carried(script)
    assert len(pictures.sent("POST", UPLOAD)) == 2


def test_a_run_does_not_believe_for_ever_that_a_picture_is_there(
    pictures: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> list[str]:
        return [r.json["batch"]["graph"]["nodes"][NODE]["image"]["image_name"] for r in pictures.sent("POST", ENQUEUE)]

    pictures.answer("POST", UPLOAD, as_json(picture("new.png"), 201), as_json(picture("newer.png"), 201))
    with InvokeAI(pictures.url, check="off") as client:
        client.submit(img2img(PNG))
        client.submit(img2img(PNG))
        assert not pictures.sent("GET", MADE)
        monkeypatch.setattr(uploaded, "_TRUSTED", 0.0)
        client.submit(img2img(PNG))
        assert len(pictures.sent("GET", MADE)) == 1
        pictures.answer("GET", MADE, as_json({"detail": "Image not found"}, 404))
        client.submit(img2img(PNG))
    assert names() == ["new.png"] * 3 + ["newer.png"]
    assert len(pictures.sent("POST", UPLOAD)) == 2


NODE = next(s.node for s in ImageToImageSd15.__flowbind__.slots if s.attribute == "source_image")


def test_what_this_client_deleted_is_not_believed_at_all(pictures: FakeServer) -> None:
    with InvokeAI(pictures.url, check="off") as client:
        client.submit(img2img(PNG))
        client._lookup.images.forget(["new.png"])
        client.submit(img2img(PNG))
        client._lookup.images.forget_all()
        client.submit(img2img(PNG))
    assert len(pictures.sent("GET", MADE)) == 2


def test_threads_upload_a_content_once(pictures: FakeServer) -> None:
    pictures.answer("POST", UPLOAD, Answer(as_json(picture("new.png")).body, 201, seconds=0.1))
    with InvokeAI(pictures.url, check="off") as client, ThreadPoolExecutor(8) as threads:
        made = [*threads.map(client.images.upload, [PNG] * 8)]
    assert {m.name for m in made} == {"new.png"}
    assert len(pictures.sent("POST", UPLOAD)) == 1


def test_tasks_upload_a_content_once(pictures: FakeServer) -> None:
    pictures.answer("POST", UPLOAD, Answer(as_json(picture("new.png")).body, 201, seconds=0.1))

    async def upload() -> None:
        async with AsyncInvokeAI(pictures.url, check="off") as client:
            # One that gives up leaves the others to it.
            first = asyncio.create_task(client.images.upload(PNG))
            while not pictures.sent("POST"):
                await asyncio.sleep(0.01)
            first.cancel()
            await asyncio.gather(*(client.images.upload(PNG) for _ in range(8)))

    asyncio.run(upload())
    assert len(pictures.sent("POST", UPLOAD)) == 2


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda folder: folder / "none.png", FileNotFoundError, r"none\.png"),
        (lambda folder: folder, OSError, "directory|Permission"),
        (lambda folder: touched(folder / "empty.png"), InputError, r"nothing in the file '.*empty\.png'"),
        (lambda _: b"", InputError, "nothing in the given bytes"),
        (lambda _: io.BytesIO(), InputError, "nothing in the open file 'image'"),
        (lambda _: io.StringIO("x"), TypeError, "open it with mode 'rb'"),
        (lambda _: "a.png", TypeError, "Pass a Path to upload a file"),
    ],
)
def test_what_cannot_be_uploaded(
    pictures: FakeServer,
    carried: Callable[[Script], Any],
    tmp_path: Path,
    make: Callable[[Path], Any],
    error: type[Exception],
    said: str,
) -> None:
    async def script(client: Any) -> None:
        await client.images.upload(make(tmp_path))

    with pytest.raises(error, match=said):
        carried(script)
    assert not pictures.sent("POST")


def touched(path: Path) -> Path:
    """Make an empty file."""
    path.touch()
    return path


def test_what_the_server_refuses_is_named(
    pictures: FakeServer, carried: Callable[[Script], Any], tmp_path: Path
) -> None:
    pictures.answer("POST", UPLOAD, as_json({"detail": "Failed to read image"}, 415))
    (tmp_path / "odd.png").write_bytes(b"text")

    async def script(client: Any) -> None:
        await client.images.upload(tmp_path / "odd.png")

    with pytest.raises(
        Refused, match=r"The server does not take the file '.*odd\.png'\. POST .*: Failed to read image \(HTTP 415\)"
    ) as caught:
        carried(script)
    assert caught.value.status == 415
    assert form(pictures.sent("POST", UPLOAD)[0])["file"][1] == "application/octet-stream"


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_upload_for_a_run_that_takes_too_long_is_no_broken_file(pictures: FakeServer, kind: str) -> None:
    pictures.answer("POST", UPLOAD, Answer(as_json(picture("new.png")).body, 201, seconds=1))

    async def script(client: Any) -> None:
        await client.submit(img2img(PNG))

    with pytest.raises(RequestTimeout, match="sent nothing more"):
        carry_out(kind, pictures.url, script, check="off", timeout=0.2)


def test_an_odd_answer_is_no_picture(pictures: FakeServer, carried: Callable[[Script], Any]) -> None:
    pictures.answer("POST", UPLOAD, as_json({"image_name": None}, 201))

    async def script(client: Any) -> None:
        await client.images.upload(PNG)

    with pytest.raises(UnexpectedReply, match="is no ImageDTO"):
        carried(script)


@pytest.mark.parametrize("name", ['a"b', "a\r\nx: y", "a\\", "Grüße 狐", "a;b"])
def test_a_file_name_cannot_break_the_form(
    pictures: FakeServer, carried: Callable[[Script], Any], tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"{name}.png"
    try:
        path.write_bytes(PNG)
    except OSError:
        pytest.skip("this system takes no such names")

    async def script(client: Any) -> None:
        await client.images.upload(path)

    carried(script)
    (upload,) = pictures.sent("POST", UPLOAD)
    head, _, rest = upload.body.partition(b"\r\n\r\n")
    assert head.count(b"\r\n") == 2
    assert rest[: len(PNG)] == PNG
    assert len(form(upload)) == 1


def test_an_open_file_is_sent_from_where_it_stands(pictures: FakeServer, carried: Callable[[Script], Any]) -> None:
    async def script(client: Any) -> bool:
        file = io.BytesIO(b"before" + PNG)
        file.seek(6)
        await client.images.upload(file)
        return file.closed

    assert carried(script) is False
    assert form(pictures.sent("POST", UPLOAD)[0])["file"] == ("image.png", "image/png", PNG)


def test_a_pipe_is_sent(pictures: FakeServer, carried: Callable[[Script], Any]) -> None:
    async def script(client: Any) -> None:
        reader, writer = os.pipe()
        thread = threading.Thread(target=fill, args=(writer,))
        thread.start()
        with os.fdopen(reader, "rb") as file:
            await client.images.upload(file)
        thread.join()

    carried(script)
    assert form(pictures.sent("POST", UPLOAD)[0])["file"] == ("image.png", "image/png", PNG)


class Watched(io.BytesIO):
    """A file that notes the threads in which it is read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.threads: set[int] = set()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and note the thread."""
        self.threads.add(threading.get_ident())
        return super().read(size)


def test_the_event_loop_goes_on_while_a_file_is_read(pictures: FakeServer) -> None:
    file = Watched(PNG)

    async def upload() -> int:
        async with AsyncInvokeAI(pictures.url, check="off") as client:
            await client.images.upload(file)
        return threading.get_ident()

    assert asyncio.run(upload()) not in file.threads
    assert file.threads


def fill(writer: int) -> None:
    """Write a picture into a pipe."""
    with os.fdopen(writer, "wb") as file:
        file.write(PNG)


class Shrinking(io.BytesIO):
    """A file that somebody cuts after it was read once."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and cut at the end."""
        found = super().read(size)
        if not found:
            self.truncate(1000)
        return found


@pytest.mark.usefixtures("pictures")
def test_a_file_that_gets_shorter_is_not_sent(carried: Callable[[Script], Any]) -> None:
    async def script(client: Any) -> None:
        await client.images.upload(Shrinking(PNG))

    with pytest.raises(OSError, match="got shorter"):
        carried(script)


def video(name: str = "v.mp4", **more: Any) -> dict[str, Any]:
    """Return what the server says of a video."""
    told = {k: v for k, v in picture(name).items() if not k.startswith("image_")}
    own = {"video_name": name, "video_url": "x", "video_origin": "external", "video_category": "user"}
    return {**told, **own, "duration": 1.5, "fps": None, "video_subfolder": "", **more}


def test_videos_are_uploaded_alike(pictures: FakeServer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    pictures.answer("POST", f"{VIDEOS}/upload", as_json(video(), 201))
    pictures.answer("GET", f"{VIDEOS}/i/v.mp4", as_json(video()))
    pictures.answer("GET", f"{VIDEOS}/i/v.mp4/full", Answer(MP4, media_type="video/mp4"))
    (tmp_path / "clip.mp4").write_bytes(MP4)

    async def script(client: Any) -> None:
        made = await client.videos.upload(tmp_path / "clip.mp4")
        assert (made.name, made.duration, made.fps) == ("v.mp4", 1.5, None)
        assert await client.videos.upload(MP4) == made
        assert await client.videos.bytes(made) == MP4
        assert (await client.videos.save("v.mp4", tmp_path)).read_bytes() == MP4

    carried(script)
    (upload,) = pictures.sent("POST", f"{VIDEOS}/upload")
    assert upload.query == "video_category=user&is_intermediate=false"
    assert form(upload) == {"file": ("clip.mp4", "video/mp4", MP4)}


@pytest.mark.parametrize(("status", "detail"), [(405, "Method Not Allowed"), (404, "Not Found")])
def test_a_release_without_videos(
    pictures: FakeServer, carried: Callable[[Script], Any], status: int, detail: str
) -> None:
    pictures.answer("POST", f"{VIDEOS}/upload", as_json({"detail": detail}, status))

    async def script(client: Any) -> None:
        await client.videos.upload(MP4)

    with pytest.raises(NotTheApi, match=r"it knows no videos\. Videos came with InvokeAI 6\.14"):
        carried(script)
