"""Bulk downloads: archives that can be seen before they are whole, are given once, and of which no error is told."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowbind.errors import BoardNotFound, ImageNotFound, NotFound, RequestTimeout, UnexpectedReply
from flowbind.invokeai import Image
from flowbind.invokeai.gallery import archives

from .both_clients import Script, carry_out
from .fake_server import PNG, Answer, FakeServer, as_json
from .local_server import Request
from .test_images import picture

ORDER = "/api/v1/images/download"
NAMES = ["a.png", "b.png"]


def packed(names: list[str]) -> bytes:
    """Return an archive as the server makes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(f"user/{name}", PNG)
    return file.getvalue()


class Packer(FakeServer):
    """Packs as InvokeAI does: the archive grows while it can be seen, and is deleted when it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = packed(NAMES)
        self.growth = [len(self.whole)]
        """How long the archive is at each look, of each order."""
        self.later: list[list[int]] = []
        self.knows_ranges = True
        self.gone = False
        self.answer("POST", ORDER, as_json({"response": None, "bulk_download_item_name": "Posters_1.zip"}, 202))
        self.answer("GET", "/api/v1/boards/board-1/image_names", as_json(NAMES))
        self.answer("GET", "/api/v1/boards/none/image_names", as_json(NAMES))
        for name in NAMES:
            self.answer("GET", f"/api/v1/images/i/{name}", as_json(picture(name)))

    def next_answer(self, request: Request) -> Answer:
        """Answer for the archive, else as programmed."""
        if request.path == ORDER and self.gone:
            self.gone, self.growth = False, self.later.pop(0)
        if not request.path.startswith(f"{ORDER}/"):
            return super().next_answer(request)
        self.requests.append(request)
        length = self.growth.pop(0) if len(self.growth) > 1 else self.growth[0]
        if self.gone or not length:
            return as_json({"detail": "Not Found"}, 404)
        if "range" in request.headers and self.knows_ranges:
            return Answer(b"", 416, "text/plain", headers={"content-range": f"*/{length}"})
        self.gone = True
        return Answer(self.whole[:length], media_type="application/zip")


@pytest.fixture
def packer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server that packs; nobody waits long for it."""
    for name, value in (("_LOOK", 0.01), ("_PATIENCE", (0.0, 0.01, 0.02)), ("_SUSPICIOUS", 0.05)):
        monkeypatch.setattr(archives, name, value)
    with Packer() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def carried(packer: Packer, request: pytest.FixtureRequest) -> Callable[[Script], Any]:
    """What carries a script out with a client of the server, one that blocks and one that is awaited."""
    return lambda script: carry_out(request.param, packer.url, script, check="off")


def download(path: Path | str, **options: Any) -> Script:
    """Return the script that downloads."""

    async def script(client: Any) -> Any:
        return await client.images.download(path, **options)

    return script


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"images": ["a.png", Image("b.png"), "a.png"]}, {"image_names": NAMES}),
        ({"board": "Posters"}, {"board_id": "board-1"}),
        ({"board": "none"}, {"board_id": "none"}),
    ],
)
def test_an_archive_is_fetched_when_it_no_longer_grows(
    packer: Packer, carried: Callable[[Script], Any], tmp_path: Path, options: Any, asked: Any
) -> None:
    packer.growth = [0, 0, 10, 100, 1000, len(packer.whole)]
    assert carried(download(tmp_path, **options)) == tmp_path / "Posters_1.zip"
    assert [p.name for p in tmp_path.iterdir()] == ["Posters_1.zip"]
    assert (tmp_path / "Posters_1.zip").read_bytes() == packer.whole
    (order,) = packer.sent("POST", ORDER)
    assert order.json == asked
    assert [r for r in packer.sent("GET", f"{ORDER}/") if "range" not in r.headers] == packer.requests[-1:]


def test_a_file_of_its_own(packer: Packer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    assert packer.whole
    assert carried(download(str(tmp_path / "new" / "all.zip"), images=NAMES)) == tmp_path / "new" / "all.zip"


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_an_archive_that_was_fetched_too_early_is_ordered_anew(
    packer: Packer, carried: Callable[[Script], Any], tmp_path: Path, knows_ranges: bool
) -> None:
    packer.knows_ranges = knows_ranges
    packer.growth, packer.later = [1000], [[0, 2000], [len(packer.whole)]]
    carried(download(tmp_path / "all.zip", board="Posters"))
    assert (tmp_path / "all.zip").read_bytes() == packer.whole
    assert len(packer.sent("POST", ORDER)) == 3


def test_archives_that_are_never_whole(packer: Packer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    packer.growth, packer.later = [1000], [[1000]] * 2
    (tmp_path / "all.zip").write_bytes(b"old")
    with pytest.raises(UnexpectedReply, match="archives that the server made of 2 pictures are broken"):
        carried(download(tmp_path / "all.zip", images=NAMES))
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("all.zip", b"old")]


def test_an_archive_that_lacks_a_picture(packer: Packer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    packer.whole = packed(["a.png"])
    packer.growth = [len(packer.whole)]
    with pytest.raises(UnexpectedReply, match=r"lacks 1 of 2 pictures, such as b\.png"):
        carried(download(tmp_path, board="Posters"))
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_is_not_there_ends_the_packing(
    packer: Packer, carried: Callable[[Script], Any], tmp_path: Path
) -> None:
    packer.growth = [0]
    with pytest.raises(ImageNotFound, match=r'has no image "gone\.png"'):
        carried(download(tmp_path, images=["a.png", "gone.png"]))
    with pytest.raises(RequestTimeout, match=r"has not packed 2 pictures yet"):
        carried(download(tmp_path, images=NAMES, timeout=0.2))
    assert list(tmp_path.iterdir()) == []


def link(name: str) -> zipfile.ZipInfo:
    """Return an entry that is a symbolic link when it is unpacked."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "entry",
    ["../a.png", "/etc/a.png", "user/../../a.png", "..\\a.png", "C:\\a.png", "a/\u202e.png", link("user/c.png")],
)
def test_an_archive_that_leads_elsewhere(
    packer: Packer, carried: Callable[[Script], Any], tmp_path: Path, entry: str | zipfile.ZipInfo
) -> None:
    file = io.BytesIO(packer.whole)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(entry, b"x")
    packer.whole = file.getvalue()
    packer.growth = [len(packer.whole)]
    with pytest.raises(UnexpectedReply, match="is not saved: it holds"):
        carried(download(tmp_path, board="Posters"))
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_would_fill_the_disk(packer: Packer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in NAMES:
            archive.writestr(f"user/{name}", bytes(4_000_000))
    packer.whole = file.getvalue()
    packer.growth = [len(packer.whole)]
    with pytest.raises(UnexpectedReply, match="made to fill the disk"):
        carried(download(tmp_path, images=NAMES))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../a.zip", "a/b.zip", ""])
def test_a_hostile_name_of_an_archive(
    packer: Packer, carried: Callable[[Script], Any], tmp_path: Path, name: str
) -> None:
    packer.answer("POST", ORDER, as_json({"bulk_download_item_name": name}, 202))
    with pytest.raises(UnexpectedReply):
        carried(download(tmp_path, images=NAMES))
    assert not packer.sent("GET", ORDER)


def test_what_is_asked_for_must_be_one(packer: Packer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    for options in ({}, {"images": NAMES, "board": "Posters"}):
        with pytest.raises(ValueError, match="either `images` or `board`"):
            carried(download(tmp_path, **options))
    with pytest.raises(BoardNotFound, match=r"images\.download, `board`"):
        carried(download(tmp_path, board="Poster"))
    assert not packer.sent("POST")


def test_other_answers_are_errors(packer: Packer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    packer.answer("POST", ORDER, as_json({"detail": "Not Found"}, 404))
    with pytest.raises(NotFound):
        carried(download(tmp_path, images=NAMES))
    packer.answer("POST", ORDER, as_json({}, 202))
    with pytest.raises(UnexpectedReply, match="does not say what it calls the archive"):
        carried(download(tmp_path, images=NAMES))
