"""Pictures: uploaded once, checked before a run, downloaded whole or not at all."""

from __future__ import annotations

import asyncio
import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from generated import ImageToImageSd15

from flowbind.errors import ConnectionBroken, ImageNotFound, InputError, RequestTimeout, ServerFault, UnexpectedReply
from flowbind.invokeai import AsyncInvokeAI, Image, InvokeAI

from .conftest import Runner
from .fake_server import ENQUEUE, PNG, Answer, FakeServer, as_json

UPLOAD = "/api/v1/images/upload"
HERE = "/api/v1/images/i/here.png"


def picture(name: str) -> dict[str, Any]:
    """Return what the server says of a picture."""
    times = dict.fromkeys(("created_at", "updated_at"), "2026-01-01 00:00:00.000")
    about = {"image_origin": "external", "image_category": "user", "width": 64, "height": 32}
    state = {"is_intermediate": False, "starred": False, "has_workflow": False, "image_subfolder": ""}
    return {"image_name": name, "image_url": "x", "thumbnail_url": "x", **times, **about, **state}


def png(body: bytes = PNG, **more: Any) -> Answer:
    """Return a picture as the server sends it."""
    return Answer(body, media_type="image/png", **more)


def img2img(source: Image | Path | bytes | str) -> ImageToImageSd15:
    """Return an instance whose picture matters only."""
    return ImageToImageSd15(source_image=source, model="Tiny")


@pytest.fixture
def pictures(server: FakeServer) -> FakeServer:
    """The server, with one picture and room for more."""
    server.answer("POST", UPLOAD, as_json(picture("new.png"), 201))
    server.answer("GET", HERE, as_json(picture("here.png")))
    server.answer("GET", f"{HERE}/full", png())
    return server


def posted_image(server: FakeServer) -> Any:
    """Return the picture of the last run."""
    (node,) = (n for n in server.sent("POST", ENQUEUE)[-1].json["batch"]["graph"]["nodes"].values() if "image" in n)
    return node["image"]


def test_one_upload_per_content(pictures: FakeServer, tmp_path: Path) -> None:
    one, same = tmp_path / "one.png", tmp_path / "same.png"
    one.write_bytes(PNG)
    same.write_bytes(PNG)
    with InvokeAI(pictures.url, check="off") as client:
        for source in (one, same, PNG):
            client.submit(img2img(source))
    (upload,) = pictures.sent("POST", UPLOAD)
    assert upload.query == "image_category=user&is_intermediate=false"
    assert PNG in upload.body
    assert b'filename="one.png"' in upload.body
    assert posted_image(pictures) == {"image_name": "new.png"}


def test_a_file_name_may_be_no_text(pictures: FakeServer, runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    try:
        path.write_bytes(PNG)
    except OSError:
        pytest.skip("this file system takes names in Unicode only")
    runner.submit(img2img(path))
    assert b'filename="caf?.png"' in pictures.sent("POST", UPLOAD)[0].body


@pytest.mark.parametrize("source", ["here.png", Image("here.png")])
def test_a_name_is_checked_once(pictures: FakeServer, source: str | Image) -> None:
    with InvokeAI(pictures.url, check="off") as client:
        client.submit(img2img(source))
        client.submit(img2img(source))
    assert len(pictures.sent("GET", HERE)) == 1
    assert posted_image(pictures) == {"image_name": "here.png"}


def test_a_name_that_the_server_does_not_have(pictures: FakeServer, runner: Runner) -> None:
    with pytest.raises(ImageNotFound) as caught:
        runner.submit(img2img("gone.png"))
    assert str(caught.value) == (
        'ImageToImageSd15.source_image ("Source image"): the server has no image "gone.png". Pass a Path to upload a '
        "local file, or the name of an image on the server."
    )
    assert not pictures.sent("POST")


@pytest.mark.parametrize("name", ["../../x", "a/b", "?q=1", "#", "a b", "ä", "%2e"])
def test_a_name_stays_one_segment_of_the_path(pictures: FakeServer, runner: Runner, name: str) -> None:
    with pytest.raises(ImageNotFound):
        runner.submit(img2img(name))
    (asked,) = pictures.sent("GET", "/api/v1/images")
    assert asked.path.count("/") == 5
    assert asked.query == ""


def test_a_file_that_is_not_there(pictures: FakeServer, runner: Runner, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'ImageToImageSd15.source_image \("Source image"\): the file .* cannot be'):
        runner.submit(img2img(tmp_path / "none.png"))
    assert not pictures.sent("POST")


def test_an_upload_that_fails_is_no_submit(pictures: FakeServer, runner: Runner) -> None:
    pictures.answer("POST", UPLOAD, as_json({"detail": "Failed to create image"}, 500))
    with pytest.raises(ServerFault, match="Failed to create image"):
        runner.submit(img2img(PNG))
    assert not pictures.sent("POST", ENQUEUE)


@pytest.mark.usefixtures("pictures")
def test_saving_to_a_file_or_a_folder(runner: Runner, tmp_path: Path) -> None:
    assert runner.save("here.png", tmp_path / "new" / "mine.png") == tmp_path / "new" / "mine.png"
    assert runner.save("here.png", tmp_path) == tmp_path / "here.png"
    assert (tmp_path / "here.png").read_bytes() == (tmp_path / "new" / "mine.png").read_bytes() == PNG


def test_a_download_cut_in_the_middle_leaves_nothing(pictures: FakeServer, runner: Runner, tmp_path: Path) -> None:
    pictures.answer("GET", f"{HERE}/full", png(cut=100_000))
    with pytest.raises(ConnectionBroken):
        runner.save("here.png", tmp_path / "mine.png")
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_takes_too_long_leaves_nothing(pictures: FakeServer, tmp_path: Path) -> None:
    pictures.answer("GET", f"{HERE}/full", png(seconds=1))
    with (
        InvokeAI(pictures.url, timeout=0.2, check="off") as client,
        pytest.raises(RequestTimeout, match=r"sent nothing more for 0\.2 s"),
    ):
        client.images.save("here.png", tmp_path / "mine.png")
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_is_canceled_leaves_nothing(pictures: FakeServer, tmp_path: Path) -> None:
    pictures.answer("GET", f"{HERE}/full", png(seconds=1))

    async def give_up() -> None:
        async with AsyncInvokeAI(pictures.url, check="off") as client:
            await asyncio.wait_for(client.images.save("here.png", tmp_path / "mine.png"), 0.2)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_fails_keeps_the_old_file(pictures: FakeServer, runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(b"old")
    for broken in (png(cut=100_000), as_json({"detail": "disk"}, 500), Answer(b"<html>", media_type="text/html")):
        pictures.answer("GET", f"{HERE}/full", broken)
        with pytest.raises((ConnectionBroken, ServerFault, UnexpectedReply)):
            runner.save("here.png", tmp_path / "mine.png")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.png"]
    assert (tmp_path / "mine.png").read_bytes() == b"old"


def test_what_is_compressed_does_not_get_into_a_file(pictures: FakeServer, runner: Runner, tmp_path: Path) -> None:
    pictures.answer("GET", f"{HERE}/full", png(gzip.compress(PNG), headers={"content-encoding": "gzip"}))
    with pytest.raises(UnexpectedReply, match="compressed as gzip, which was not asked for"):
        runner.save("here.png", tmp_path / "mine.png")
    assert list(tmp_path.iterdir()) == []


def test_json_where_a_picture_should_be(pictures: FakeServer, runner: Runner, tmp_path: Path) -> None:
    pictures.answer("GET", f"{HERE}/full", as_json({}))
    with pytest.raises(UnexpectedReply):
        runner.save("here.png", tmp_path / "mine.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/b", "a\\b", "..", ".", "C:x", ""])
def test_a_hostile_name_does_not_leave_the_folder(
    pictures: FakeServer, runner: Runner, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    with pytest.raises(UnexpectedReply, match="is no file name"):
        runner.save(name, folder)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["here", "in"]
    assert not pictures.sent("GET")


def test_a_picture_that_is_gone(pictures: FakeServer, runner: Runner, tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound, match=r'has no image "gone.png" any more'):
        runner.save("gone.png", tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(pictures.sent("GET")) == 1


def test_a_picture_of_no_client_says_what_to_do() -> None:
    with pytest.raises(TypeError, match=r"server\.images\.save\(image, path\)"):
        Image("here.png").save("x.png")


def test_uploaded_pictures_can_be_used_and_saved(pictures: FakeServer, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(PNG)
    pictures.answer("GET", "/api/v1/images/i/new.png/full", png())
    with InvokeAI(pictures.url, check="off") as client:
        made = client.images.upload(file)
        assert (made.name, made.width, made.height) == ("new.png", 64, 32)
        assert made.bytes() == PNG
        assert made.save(tmp_path / "copy.png").read_bytes() == PNG
        assert client.images.bytes("new.png") == PNG
