"""Carrying files over: of all kinds, in batches, of any size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from generated import ImageToImageSd15

from flowbind.comfyui import Audio, ComfyUI, File, Model3D
from flowbind.comfyui import Image as ComfyImage
from flowbind.comfyui import Video as ComfyVideo
from flowbind.comfyui.preview import preview as comfyui_preview
from flowbind.downloadable import Downloadable
from flowbind.errors import Forbidden
from flowbind.invokeai import Image, InvokeAI, Video
from flowbind.invokeai.runs.preview import preview
from flowbind.place import Place
from flowbind.transport import carrying, uploaded

from .batches import golden, items, posted, take
from .both_families.collage import Collage
from .both_families.invokeai_family import FakeInvokeAI
from .comfyui.fake_comfyui import FakeComfyUI
from .fake_server import PNG, Answer, FakeServer, as_json
from .test_downloads import Endless, peak_of
from .test_images import UPLOAD, img2img, picture
from .test_uploads import MP4, video

PLACE = Place("Made.up", True)


@pytest.fixture
def there() -> Iterator[FakeComfyUI]:
    """A ComfyUI with a file of each kind among its outputs."""
    with FakeComfyUI() as server:
        for name in ("a.png", "b.wav", "c.mp4", "d.glb", "e.txt"):
            server.files.put(name, name.encode() * 100)
        yield server


@pytest.mark.parametrize(
    ("kind", "of", "name", "called"),
    [
        ("image", ComfyImage, "a.png", "a.png"),
        ("audio", Audio, "b.wav", "b.wav"),
        ("video", ComfyVideo, "c.mp4", "c.mp4"),
        ("model_3d", Model3D, "d.glb", "3d/d.glb"),
        ("file", File, "e.txt", "e.txt"),
    ],
)
def test_files_of_all_kinds_go_from_one_comfyui_to_another(
    there: FakeComfyUI, kind: str, of: type[Any], name: str, called: str
) -> None:
    with FakeComfyUI() as here, ComfyUI(there.url) as source, ComfyUI(here.url) as target:
        file = of(name, type="output", source=source.files)
        assert target.perform(target._known.files.resolve(file, PLACE, kind)) == called
        subfolder, _, filename = called.rpartition("/")
        assert here.files.held["input", subfolder, filename] == name.encode() * 100
        # On its own server it is only a name.
        assert source.perform(source._known.files.resolve(file, PLACE, kind)) == f"{name} [output]"


def test_a_preview_of_a_run_is_a_file_like_any_other(there: FakeComfyUI, server: FakeServer) -> None:
    server.answer("POST", UPLOAD, as_json(picture("new.png"), 201))
    there.files.put("shown.png", PNG, folder="temp")
    with ComfyUI(there.url) as source, InvokeAI(server.url, check="off") as target:
        target.submit(img2img(ComfyImage("shown.png", type="temp", source=source.files)))
    (upload,) = server.sent("POST", UPLOAD)
    assert PNG in upload.body
    assert b'filename="shown.png"' in upload.body


def test_videos_go_both_ways(there: FakeComfyUI, server: FakeServer) -> None:
    server.answer("GET", "/api/v1/videos/i/v.mp4/full", Answer(MP4, media_type="video/mp4"))
    server.answer("POST", "/api/v1/videos/upload", as_json(video("w.mp4"), 201))
    with ComfyUI(there.url) as comfyui, InvokeAI(server.url) as invokeai:
        made = Video("v.mp4", source=invokeai.videos)
        assert comfyui.perform(comfyui._known.files.resolve(made, PLACE, "video")) == "v.mp4"
        assert there.files.held["input", "", "v.mp4"] == MP4
        clip = ComfyVideo("c.mp4", type="output", source=comfyui.files)
        assert invokeai.perform(invokeai._lookup.videos.resolve(clip, PLACE)) == "w.mp4"
        assert b"c.mp4" * 100 in server.sent("POST", "/api/v1/videos/upload")[0].body


def test_pictures_in_batches_are_carried_over_each_once(there: FakeComfyUI, server: FakeServer) -> None:
    take(server)
    server.answer("POST", UPLOAD, *(as_json(picture(f"{name}.png"), 201) for name in ("one", "two")))
    there.files.put("b.png", PNG)
    with ComfyUI(there.url) as source, InvokeAI(server.url, check="off") as target:
        one, two = (ComfyImage(name, type="output", source=source.files) for name in ("a.png", "b.png"))
        target.submit(golden("pictures")(generator_type=[one], masks=[one, two, one]))
    names = [{"image_name": f"{name}.png"} for name in ("one", "two", "one")]
    assert names in [own for group in items(posted(server)) for own in group]
    assert len(there.sent("GET", "/view")) == len(server.sent("POST", UPLOAD)) == 2


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_large_file_needs_no_memory(kind: str) -> None:
    with Endless() as source, Endless() as target, InvokeAI(source.url) as here:
        picture = Image("large.png", source=here.images)

        async def script(client: Any) -> None:
            await client.perform(client._lookup.images.resolve(picture, PLACE))

        # A tenth of the file: the pieces on the way, those of the servers, and what is loaded on first use.
        assert peak_of(target.url, kind, script) < source.size / 10
        assert target.taken > source.size


def test_what_was_carried_over_is_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "_MOST", 2)
    with FakeComfyUI() as there, FakeComfyUI() as here, ComfyUI(there.url) as source, ComfyUI(here.url) as target:
        files = [ComfyImage(f"{n}.png", type="output", source=source.files) for n in range(3)]

        def carry(*wanted: int) -> int:
            before = len(there.sent("GET", "/view"))
            for number in wanted:
                there.files.put(f"{number}.png", PNG)
                target.perform(target._known.files.resolve(files[number], PLACE, "image"))
            return len(there.sent("GET", "/view")) - before

        assert carry(0, 1, 0, 1) == 2
        assert carry(0, 2, 0) == 1
        assert carry(1) == 1


def test_a_picture_of_a_run_that_somebody_else_queued_is_looked_for() -> None:
    """It may be long ago."""
    with FakeInvokeAI() as server, InvokeAI(server.url, check="off") as client:
        job = client.submit(img2img("here.png"))
        made = job.wait(20).outputs.image
        with InvokeAI(server.url, check="off") as other:
            found = other.queue.job(ImageToImageSd15, job.item_id).wait(20).outputs.image
            for user, image in ((client, made), (other, found)):
                known = server.about_files()
                user.submit(img2img(image))
                assert server.about_files() - known == (user is other)


def test_a_picture_that_the_account_may_not_use_is_told_with_its_input(server: FakeServer) -> None:
    """Of another account, say, on the same server."""
    server.answer("GET", "/api/v1/images/i/theirs.png", as_json({"detail": "Not authorized to access this image"}, 403))
    with InvokeAI(server.url, check="off") as theirs, InvokeAI(server.url, check="off") as own:
        said = r'source_image \("Source image"\): this account may not use the image "theirs\.png"\. .*Not authorized'
        with pytest.raises(Forbidden, match=said):
            own.submit(img2img(Image("theirs.png", source=theirs.images)))
    assert not server.sent("POST")


def test_what_was_seen_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = uploaded.Seen[int]()
    for number in range(10):
        seen.note(number)
    monkeypatch.setattr(uploaded, "_TRUSTED", 0.0)
    seen.note(7)
    assert [*seen._at] == [7]


def test_a_file_that_is_gone_from_memory_is_taken_for_no_other() -> None:
    class Thing:
        pass

    thing, other = Thing(), Thing()
    assert carrying.Itself(thing) == carrying.Itself(thing) != carrying.Itself(other)
    assert len({carrying.Itself(thing), carrying.Itself(thing)}) == 1
    gone = carrying.Itself(Thing())
    assert gone != gone  # noqa: PLR0124  whatever has its number by now


def test_a_preview_shows_where_a_picture_is() -> None:
    with InvokeAI("http://127.0.0.1:9") as invokeai, ComfyUI("http://127.0.0.1:8") as comfyui:
        drawn: Downloadable = Image("x.png", source=invokeai.images)
        painted = ComfyImage("y.png", type="output", source=comfyui.files)
        prompt, told = comfyui_preview(Collage(image=drawn))
        assert prompt["2"]["inputs"]["image"] == "<'x.png' of InvokeAI at http://127.0.0.1:9>"
        assert any("'x.png' of InvokeAI" in line for line in told)
        _, told = comfyui_preview(Collage(image=painted))
        assert any(line.endswith(": y.png [output]") for line in told)
        content, told = preview(img2img(painted))
        assert re.search(rb"<'y\.png' of ComfyUI at http://127\.0\.0\.1:8>", content)
        assert any("'y.png' of ComfyUI" in line for line in told)
