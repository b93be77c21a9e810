"""Whole runs of the shipped workflows on a real server, from the class to the file."""

from __future__ import annotations

import asyncio
import colorsys
import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from generated import ContactSheet, ImageToImageSd15, Poster, TextToImageSd15, UpscaleTwoStageSd15

from flowbind.errors import BoardNotFound, ImageNotFound, InputError, ModelNotFound
from flowbind.invokeai import AsyncInvokeAI, Color, Image, InvokeAI, ModelRef
from live_tools import Live, Project, export_with_model, first_pixel, pixels, shipped_export, size_of, texts

RESIZE = "e526f5ec-5135-4b66-88f3-e7770f4c977c"
SMALL: dict[str, Any] = {"width": 64, "height": 64, "steps": 2}


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the POST requests that are sent from now on."""
    sent: list[str] = []
    send = httpx.HTTPTransport.handle_request

    def counting(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            sent.append(request.url.path)
        return send(self, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", counting)
    return sent


def tiny(live: Live, **inputs: Any) -> TextToImageSd15:
    """Return a text to image run that takes a moment."""
    return TextToImageSd15(**{**SMALL, "model": live.model["name"], **inputs})


def test_the_server_says_its_release(client: InvokeAI, live: Live) -> None:
    assert client.version() == live.call("GET", "/api/v1/app/version")["version"]


def test_a_poster_is_saved(client: InvokeAI, posts: list[str], tmp_path: Path) -> None:
    poster = Poster(width=96, height=64, sky_colour=Color(10, 200, 30), grain=0.0, sun_size=16)
    result = client.run(poster)
    image = result.outputs.image
    assert (image.width, image.height) == (96, 64)
    saved = image.save(tmp_path / "poster.png")
    assert size_of(saved.read_bytes()) == (96, 64)
    # Blending the sun in costs a rounding.
    for is_, wanted in zip(first_pixel(saved.read_bytes()), (10, 200, 30), strict=True):
        assert abs(is_ - wanted) <= 1
    assert saved.read_bytes() == image.bytes()
    assert client.images.save(image, tmp_path) == tmp_path / image.name
    assert posts == ["/api/v1/queue/default/enqueue_batch"]


def test_a_poster_is_saved_async(live: Live, tmp_path: Path) -> None:
    async def make() -> list[bytes]:
        async with AsyncInvokeAI(live.url) as server:
            assert await server.version()
            runs = [server.run(Poster(width=64 + 8 * n, height=64)) for n in range(4)]
            results = await asyncio.gather(*runs)
            paths = [await server.images.save(r.outputs.image, tmp_path) for r in results]
            assert await server.images.bytes(results[0].outputs.image) == paths[0].read_bytes()
            return [path.read_bytes() for path in paths]

    assert [size_of(png) for png in asyncio.run(make())] == [(64, 64), (72, 64), (80, 64), (88, 64)]


def test_each_run_saves_a_picture_of_its_own(client: InvokeAI) -> None:
    poster = Poster(width=64, height=64)
    first, second = client.run(poster), client.run(poster)
    assert first.batch_id != second.batch_id
    assert first.outputs.image.name != second.outputs.image.name
    assert pixels(first.outputs.image.bytes()) == pixels(second.outputs.image.bytes())


def test_pictures_go_to_boards(client: InvokeAI, live: Live) -> None:
    name = f"Posters {uuid.uuid4()}"
    by_name, by_id = live.create_board(name), live.create_board("Others")
    one = client.run(Poster(width=64, height=64, board=name)).outputs.image
    other = client.run(Poster(width=64, height=64, board=by_id)).outputs.image
    none = client.run(Poster(width=64, height=64)).outputs.image
    assert [live.board_of(i.name) for i in (one, other, none)] == [by_name, by_id, None]
    # Created after the client has read the list.
    late = live.create_board(f"{name}, late")
    assert live.board_of(client.run(Poster(width=64, height=64, board=f"{name}, late")).outputs.image.name) == late
    with pytest.raises(BoardNotFound, match=r'Poster\.board \("Board"\): the server has no board "Poster ') as caught:
        client.run(Poster(board=name.replace("Posters", "Poster")))
    assert f"Nearest: {name}" in str(caught.value)
    for board in (by_name, by_id, late):
        live.call("DELETE", f"/api/v1/boards/{board}")


def test_frames_come_in_the_order_of_the_iterations(client: InvokeAI) -> None:
    ground = Color(220, 40, 40)
    sheet = ContactSheet(count=12, frame_size=32, square_size=4, hue_step=30, ground_colour=ground)
    result = client.run(sheet)
    frames = result.outputs.frame
    assert isinstance(frames, list)
    hues = [round(colorsys.rgb_to_hsv(*(c / 255 for c in first_pixel(f.bytes())))[0] * 360) for f in frames]
    assert len(hues) == 12
    for number, hue in enumerate(hues):
        # The server keeps hues in bytes, so they are a few degrees off.
        assert abs((hue - number * 30 + 180) % 360 - 180) < 6, hues
    (save,) = (slot.node for slot in ContactSheet.__flowbind__.outputs)
    assert [node["image"]["image_name"] for node in result.nodes[save]] == [f.name for f in frames]


def test_text_to_image_with_a_seed(client: InvokeAI, live: Live) -> None:
    one, same, other = (pixels(client.run(tiny(live, seed=seed)).outputs.image.bytes()) for seed in (7, 7, 8))
    assert one == same != other

    async def again() -> bytes:
        async with AsyncInvokeAI(live.url) as server:
            result = await server.run(tiny(live, seed=7))
            return pixels(await server.images.bytes(result.outputs.image))

    assert asyncio.run(again()) == one


def test_a_model_by_all_that_is_known_of_it(client: InvokeAI, live: Live) -> None:
    known = live.model
    refs: list[ModelRef | str] = [
        known["name"],
        ModelRef("Elsewhere", "sd-1", "main", key="made-up", hash=known["hash"]),
        ModelRef(known["name"], known["base"], known["type"]),
        ModelRef(key=known["key"]),
    ]
    loader = "4e43b0f1-c021-45f6-98c1-ed92b72f8ad0"
    for ref in refs:
        result = client.run(tiny(live, model=ref))
        graph = live.item(result.item_id)["session"]["graph"]
        assert {k: graph["nodes"][loader]["model"][k] for k in known} == known


def test_a_model_that_is_not_there_names_the_input_and_the_nearest(client: InvokeAI, live: Live) -> None:
    before = live.newest_item()
    with pytest.raises(ModelNotFound) as caught:
        client.run(TextToImageSd15())
    said = str(caught.value)
    assert said.startswith('TextToImageSd15.model ("Model"): the server has no model "Dreamshaper 8" (base sd-1, ')
    assert f'Nearest: "{live.model["name"]}" (base sd-1, type main)' in said
    assert live.newest_item() == before


@pytest.mark.parametrize("known", ["hash", "name"])
def test_an_export_made_on_another_server_runs_all_the_same(
    client: InvokeAI, live: Live, project: Project, known: str
) -> None:
    elsewhere = {**live.model, "key": "11111111-2222-3333-4444-555555555555"}
    elsewhere |= {"name": "Another name"} if known == "hash" else {"hash": "blake3:other"}
    assert elsewhere["key"] != live.model["key"]
    project.add("from_elsewhere", export_with_model("text_to_image_sd15", elsewhere))
    project.generate()
    workflow = project.load("from_elsewhere", "FromElsewhere")
    result = client.run(workflow(**SMALL))
    assert size_of(result.outputs.image.bytes()) == (64, 64)


def test_image_to_image_takes_pictures_of_all_kinds(
    client: InvokeAI, live: Live, posts: list[str], tmp_path: Path
) -> None:
    drawn = client.run(Poster(width=64, height=64)).outputs.image
    path = drawn.save(tmp_path / "drawn.png")
    uploaded = client.images.upload(path)
    assert (uploaded.width, uploaded.height) == (64, 64)
    posts.clear()
    sources: list[Image | Path | bytes | str] = [path, path.read_bytes(), uploaded.name, drawn, uploaded]
    names: list[str] = []
    for source in sources:
        result = client.run(ImageToImageSd15(source_image=source, model=live.model["name"], **SMALL))
        assert size_of(result.outputs.image.bytes()) == (64, 64)
        resize = live.item(result.item_id)["session"]["graph"]["nodes"][RESIZE]
        names.append(resize["image"]["image_name"])
    # It was uploaded before the runs.
    assert posts.count("/api/v1/images/upload") == 0
    assert posts.count("/api/v1/queue/default/enqueue_batch") == len(sources)
    assert names == [uploaded.name, uploaded.name, uploaded.name, drawn.name, uploaded.name]


def test_pictures_that_cannot_be_used(client: InvokeAI, live: Live) -> None:
    before = live.newest_item()
    with pytest.raises(ImageNotFound, match=r'source_image \("Source image"\): the server has no image "none.png"'):
        client.run(ImageToImageSd15(source_image="none.png", model=live.model["name"]))
    with pytest.raises(InputError, match=r'source_image \("Source image"\): .*Not an image'):
        client.run(ImageToImageSd15(source_image=b"text", model=live.model["name"]))
    assert live.newest_item() == before


def test_an_async_run_uploads_too(live: Live, tmp_path: Path) -> None:
    async def make() -> bytes:
        async with AsyncInvokeAI(live.url) as server:
            drawn = (await server.run(Poster(width=64, height=64))).outputs.image
            path = await server.images.save(drawn, tmp_path / "drawn.png")
            result = await server.run(ImageToImageSd15(source_image=path, model=live.model["name"], **SMALL))
            return await server.images.bytes(result.outputs.image)

    assert size_of(asyncio.run(make())) == (64, 64)


def test_two_outputs_have_two_names(client: InvokeAI, live: Live) -> None:
    steps: dict[str, Any] = {"draft_steps": 2, "final_steps": 2}
    workflow = UpscaleTwoStageSd15(model=live.model["name"], draft_width=64, draft_height=64, scale=2.0, **steps)
    outputs = client.run(workflow).outputs
    assert size_of(outputs.draft.bytes()) == (64, 64)
    assert size_of(outputs.final.bytes()) == (128, 128)


def test_the_picture_holds_what_was_set(client: InvokeAI, live: Live, project: Project) -> None:
    prompt = "a fox, “quoted”, 狐, and a line\nbreak"
    image = client.run(tiny(live, positive_prompt=prompt, steps=3)).outputs.image
    path = image.save(project.root / "workflows" / "fox.png")
    stored = json.loads(texts(path.read_bytes())["invokeai_workflow"])
    shown = {n["data"]["label"]: n["data"]["inputs"] for n in stored["nodes"] if n["data"]["label"]}
    shipped = {n["data"]["label"]: n["data"]["inputs"] for n in shipped_export("text_to_image_sd15")["nodes"]}
    assert shown["Positive prompt"]["prompt"]["value"] == prompt
    assert shown["Negative prompt"]["prompt"]["value"] == shipped["Negative prompt"]["prompt"]["value"]

    done = project.flowbind("inspect", "fox.png", "--format", "json")
    assert done.returncode == 0, done.stderr
    defaults = {i["attribute"]: i["default"] for i in json.loads(done.stdout)["inputs"]}
    assert defaults["positive_prompt"] == prompt
    assert {k: defaults[k] for k in SMALL} == {**SMALL, "steps": 3}
    assert defaults["seed"] == 123456789
    assert defaults["cfg_scale"] == 7
    assert defaults["model"] == dict(live.model)

    # And it can be run again as it is.
    project.generate()
    again = project.load("fox", "Fox")
    assert pixels(client.run(again()).outputs.image.bytes()) == pixels(image.bytes())
