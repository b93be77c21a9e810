"""Downloads: whole files or none, in the chosen folder, of the kind that was asked for, in constant memory."""

from __future__ import annotations

import asyncio
import errno
import io
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import PIL.Image
import pytest

from flowbind.errors import ImageNotFound, NotFound, NotTheApi, ServerFault, UnexpectedReply, VideoNotFound
from flowbind.invokeai import AsyncInvokeAI, Image, InvokeAI, Video

from .both_clients import Script, carry_out
from .conftest import Runner
from .fake_server import PNG, Answer, FakeServer, as_json
from .local_server import LocalHandler, LocalServer
from .test_images import HERE, picture, png

CLIP = "/api/v1/videos/i/clip.mp4"
MEGABYTE = 1 << 20
PAGE = Answer(b"<!DOCTYPE html>", media_type="text/html")


@pytest.fixture(params=["sync", "async"])
def carried(server: FakeServer, request: pytest.FixtureRequest) -> Callable[[Script], Any]:
    """What carries a script out with a client of the server, one that blocks and one that is awaited."""
    return lambda script: carry_out(request.param, server.url, script, check="off")


NO_FILES = [
    *("NUL", "con.png", "Com1.tar.gz", "lpt¹.png", "a.png.", "a.png ", " a.png", "a\0b", "a\nb", "a:b", "a?b"),
    *("a\udcff.png", f"{'x' * 300}.png", "..", "../a.png", "..\\a.png", "\u2028.png", f"{'🦄' * 60}.png", "a"),
    # What programs read as their own.
    *(".bashrc", ".hidden.png", "conftest.py", "index.html", "a.png.exe"),
]


@pytest.mark.parametrize("name", NO_FILES)
def test_a_name_that_is_no_file_name_on_some_system(
    server: FakeServer, runner: Runner, tmp_path: Path, name: str
) -> None:
    with pytest.raises(UnexpectedReply, match="is no file name"):
        runner.save(name, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not server.requests


@pytest.mark.parametrize("name", ["console.png", "a.nul.png", "COM10.png", "-rf.png", "ä b (1).PNG", "a.py.webp"])
def test_other_names_are_kept(server: FakeServer, runner: Runner, tmp_path: Path, name: str) -> None:
    from urllib.parse import quote

    server.answer("GET", f"/api/v1/images/i/{quote(name)}/full", png())
    assert runner.save(name, tmp_path) == tmp_path / name


def test_a_name_that_is_that_of_another_file_but_for_its_case(
    server: FakeServer, runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer("GET", "/api/v1/images/i/A.png/full", png())
    (tmp_path / "a.png").write_bytes(b"mine")
    # As on macOS and Windows.
    real = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: real(path.with_name(path.name.lower())))
    with pytest.raises(UnexpectedReply, match="that of another file here"):
        runner.save("A.png", tmp_path)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.png", b"mine")]


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800"])
def test_a_name_that_leads_to_another_path(server: FakeServer, carried: Callable[[Script], Any], name: str) -> None:
    async def script(client: Any) -> None:
        with pytest.raises(NotFound, match="Nothing on a server can be called"):
            await client.images.get(name)
        with pytest.raises(NotFound):
            await client.boards.get(name)
        with pytest.raises(NotFound):
            await client.queue.delete_destination(name)
        with pytest.raises(NotFound):
            await client.models.get(name)

    carried(script)
    assert not server.requests


@pytest.mark.parametrize(
    "name", ["../../x", "a/../b", "?x=1", "#x", "%2e%2e%2fx", "a%00b", "a\\b", "ä b;c=d&e", "@x:1"]
)
def test_a_name_is_one_part_of_a_path(server: FakeServer, carried: Callable[[Script], Any], name: str) -> None:
    async def script(client: Any) -> None:
        with pytest.raises(NotFound):
            await client.images.get(name)

    carried(script)
    (request,) = server.requests
    assert not request.query
    assert unquote(request.path.removeprefix("/api/v1/images/i/")) == name
    assert request.path.count("/") == 5


def test_a_full_disk_leaves_nothing_and_names_the_file(
    server: FakeServer, runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        """A file on a disk that is full after the first piece."""

        def write(self, piece: Any, /) -> int:
            if self.tell():
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(piece)

    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, mode="r", *more: Full(path, "wb") if mode == "wb" else real(path, mode, *more)
    )
    server.answer("GET", f"{HERE}/full", png(PNG * 4))
    with pytest.raises(OSError, match=r"No space left on device: '.*mine\.png'"):
        runner.save("here.png", tmp_path / "mine.png")
    assert list(tmp_path.iterdir()) == []


def test_giving_up_at_any_moment_leaves_nothing_or_all(server: FakeServer, tmp_path: Path) -> None:
    server.answer("GET", f"{HERE}/full", png(PNG * 8, seconds=0.01))
    whole = PNG * 8

    async def give_up() -> None:
        async with AsyncInvokeAI(server.url, check="off") as client:
            await client.images.save("here.png", tmp_path / "first.png")
            for number in range(60):
                task = asyncio.create_task(client.images.save("here.png", tmp_path / "mine.png"))
                await asyncio.sleep(number * 0.0005)
                task.cancel()
                await asyncio.wait([task])

    asyncio.run(give_up())
    left = {path.name: path for path in tmp_path.iterdir()}
    assert left.keys() <= {"first.png", "mine.png"}
    assert all(path.read_bytes() == whole for path in left.values())


def test_giving_up_while_the_file_is_opened_leaves_nothing(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer("GET", f"{HERE}/full", png())
    opening, real = threading.Event(), Path.open

    def slow(path: Path, mode: str = "r", *more: Any) -> Any:
        file = real(path, mode, *more)
        if path.suffix == ".part":
            opening.set()
            time.sleep(0.05)
        return file

    monkeypatch.setattr(Path, "open", slow)

    async def give_up() -> None:
        async with AsyncInvokeAI(server.url, check="off") as client:
            task = asyncio.create_task(client.images.save("here.png", tmp_path / "mine.png"))
            await asyncio.to_thread(opening.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            # Whoever was told has no need to wait; what was raised holds on to what was open.
            assert caught.value
            assert list(tmp_path.iterdir()) == []

    asyncio.run(give_up())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (as_json({}), UnexpectedReply),
        (png(), UnexpectedReply),
        (PAGE, NotTheApi),
        (Answer(b"x", 206, "video/mp4"), UnexpectedReply),
        (as_json({"detail": "Not Found"}, 404), VideoNotFound),
        (as_json({"detail": "disk"}, 500), ServerFault),
    ],
)
def test_what_is_no_video_is_not_saved(
    server: FakeServer, carried: Callable[[Script], Any], tmp_path: Path, answer: Answer, error: type[Exception]
) -> None:
    server.answer("GET", f"{CLIP}/full", answer)

    async def save(client: Any) -> None:
        await client.videos.save("clip.mp4", tmp_path)

    async def read(client: Any) -> None:
        await client.videos.bytes(Video("clip.mp4"))

    for script in (save, read):
        with pytest.raises(error) as caught:
            carried(script)
        assert error is not NotTheApi or "InvokeAI 6.14" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_thumbnails(server: FakeServer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    for path in (HERE, CLIP):
        server.answer("GET", f"{path}/thumbnail", Answer(b"RIFF....WEBP", media_type="image/webp"))

    async def script(client: Any) -> None:
        assert await client.images.thumbnail("here.png") == b"RIFF....WEBP"
        assert await client.images.thumbnail(Image("here.png"), tmp_path) == tmp_path / "here.webp"
        assert await client.videos.thumbnail(Video("clip.mp4"), tmp_path) == tmp_path / "clip.webp"
        assert await client.videos.thumbnail("clip.mp4", tmp_path / "new" / "x") == tmp_path / "new" / "x"
        with pytest.raises(ImageNotFound):
            await client.images.thumbnail("gone.png")

    carried(script)
    assert (tmp_path / "clip.webp").read_bytes() == b"RIFF....WEBP"


def real_png(size: tuple[int, int] = (64, 32)) -> bytes:
    """Return a picture that Pillow reads."""
    file = io.BytesIO()
    PIL.Image.new("RGB", size, (10, 20, 30)).save(file, "PNG")
    return file.getvalue()


def test_pictures_are_opened_with_pillow(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("GET", f"{HERE}/full", png(real_png()))
    server.answer("GET", HERE, as_json(picture("here.png")))

    async def script(client: Any) -> Any:
        found = await client.images.get("here.png")
        own = found.open()
        return await client.images.open("here.png"), await own if asyncio.iscoroutine(own) else own

    for opened in carried(script):
        assert (opened.size, opened.mode, opened.getpixel((0, 0))) == ((64, 32), "RGB", (10, 20, 30))


def test_pillow_says_what_it_cannot_read(
    server: FakeServer, carried: Callable[[Script], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(client: Any) -> Any:
        return await client.images.open("here.png")

    server.answer("GET", f"{HERE}/full", png(b"no picture"))
    with pytest.raises(UnexpectedReply, match=r"cannot read \(UnidentifiedImageError"):
        carried(script)
    # Pillow's own limit against pictures that are small files and fill the memory.
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 100)
    server.answer("GET", f"{HERE}/full", png(real_png()))
    with pytest.raises(UnexpectedReply, match="DecompressionBombError: Image size"):
        carried(script)


def test_without_pillow_nothing_is_downloaded(
    server: FakeServer, carried: Callable[[Script], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(client: Any) -> Any:
        return await client.images.open("here.png")

    for name in [name for name in sys.modules if name.partition(".")[0] == "PIL"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'flowbind\[images\]'"):
        carried(script)
    assert not server.requests


def test_a_video_of_no_client_says_what_to_do() -> None:
    for ask in (lambda: Video("v.mp4").save("x"), Video("v.mp4").bytes):
        with pytest.raises(TypeError, match=r"server\.videos\.save\(video, path\)"):
            ask()


class Endless(LocalServer):
    """Sends and takes files of which it keeps nothing."""

    size = 48 * MEGABYTE

    def __init__(self) -> None:
        super().__init__(_Streaming)
        self.taken = 0


class _Streaming(LocalHandler):
    owner: Endless

    def do_GET(self) -> None:
        self._begin("video/mp4" if "videos" in self.path else "image/png", self.owner.size)
        for _ in range(self.owner.size // MEGABYTE):
            self.wfile.write(bytes(MEGABYTE))

    def do_POST(self) -> None:
        left = int(self.headers["content-length"])
        while left:
            left -= (taken := len(self.rfile.read(min(left, MEGABYTE))))
            self.owner.taken += taken
        answer = as_json(picture("new.png"), 201)
        self._begin(answer.media_type, len(answer.body))
        self.wfile.write(answer.body)

    def _begin(self, media_type: str, size: int) -> None:
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(size))
        self.end_headers()


def peak_of(url: str, kind: str, script: Script) -> int:
    """Return how many bytes more were held at once than before, the server's own among them."""
    carry_out(kind, url, warm, check="off")
    tracemalloc.start()
    try:
        carry_out(kind, url, script, check="off")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def warm(client: Any) -> None:
    """Load what is loaded on first use."""
    await client.images.upload(PNG)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_large_files_need_no_memory(tmp_path: Path, kind: str) -> None:
    async def download(client: Any) -> None:
        await client.images.save("here.png", tmp_path / "large.png")
        await client.videos.save("clip.mp4", tmp_path / "large.mp4")

    async def upload(client: Any) -> None:
        await client.images.upload(tmp_path / "large.png")
        with (tmp_path / "large.mp4").open("rb") as file:
            await client.images.upload(file, again=True)

    with Endless() as endless:
        # A tenth of the file: the pieces on the way, those of the server, and what is loaded on first use.
        assert peak_of(endless.url, kind, download) < endless.size / 10
        assert (tmp_path / "large.png").stat().st_size == (tmp_path / "large.mp4").stat().st_size == endless.size
        taken = endless.taken
        assert peak_of(endless.url, kind, upload) < endless.size / 10
        assert endless.taken - taken > 2 * endless.size


def test_a_download_asks_for_the_file_as_it_is(server: FakeServer, tmp_path: Path) -> None:
    server.answer("GET", f"{HERE}/full", png())
    with InvokeAI(server.url, check="off") as client:
        client.images.save("here.png", tmp_path)
    assert server.requests[-1].headers["accept-encoding"] == "identity"
