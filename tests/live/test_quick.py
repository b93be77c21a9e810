"""The quick helpers on a real server: pictures of tiny SD 1.5 and SDXL models, upscaled and copied, sync and async.

Of FLUX, SD 3.5 and CogView 4 there are models in name only: their graphs are queued, on a held server, and not run.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.behaviour.both_clients import Script

import made_up_models as models
from flowbind.errors import BoardNotFound, ImageNotFound, InputError, ModelNotAccepted, ModelNotFound, WaitTimeout
from flowbind.invokeai import RANDOM, Image, ModelRef
from live_tools import Live, pixels, size_of, texts
from throwaway import api, tiny_sdxl

Carried = Callable[[Script], Any]
SMALL = {"width": 64, "height": 64, "steps": 2}


@pytest.fixture(scope="module")
def xl(live: Live) -> Iterator[str]:
    """The name of an SDXL model, known to the server during these tests."""
    model = api.register_model(live.url, tiny_sdxl(), "Tiny SDXL")
    yield model["name"]
    live.call("DELETE", f"/api/v2/models/i/{model['key']}")


def upload(live: Live, size: tuple[int, int] = (48, 24), metadata: object = None) -> str:
    """Upload a picture with some metadata as an asset; return its name."""
    query = {"image_category": "user", "is_intermediate": "false"}
    files = {"file": ("made.png", models.plain_png(*size), "image/png")}
    data = {} if metadata is None else {"metadata": json.dumps(metadata)}
    answer = httpx.post(f"{live.url}/api/v1/images/upload", params=query, files=files, data=data)
    name: str = answer.raise_for_status().json()["image_name"]
    return name


def test_text_to_image_in_one_line(live: Live, carried: Carried, tmp_path: Path) -> None:
    async def script(server: Any) -> bytes:
        image = await server.quick.text_to_image("a lighthouse", model=live.model["name"], **SMALL)
        saved: Path = await server.images.save(image, tmp_path / "x.png")
        return saved.read_bytes()

    png = carried(script)
    assert size_of(png) == (64, 64)
    stored = json.loads(texts(png)["invokeai_workflow"])
    assert stored["name"] == "Text to image, SD 1.5 and 2"
    assert "a lighthouse" in [i.get("value") for n in stored["nodes"] for i in n["data"]["inputs"].values()]


def test_a_picture_of_the_sync_client_saves_itself(client: Any, live: Live, tmp_path: Path) -> None:
    made = client.quick.text_to_image("a lighthouse", model=live.model["name"], **SMALL).save(tmp_path / "x.png")
    assert size_of(made.read_bytes()) == (64, 64)


def test_every_argument_has_its_effect(live: Live, carried: Carried) -> None:
    board = live.create_board(name := f"Quick {uuid.uuid4()}")

    async def script(server: Any) -> None:
        async def drawn(prompt: str = "a cliff", **changes: Any) -> bytes:
            given = {"model": live.model["name"], "seed": 7, **SMALL, **changes}
            content: bytes = await server.images.bytes(await server.quick.text_to_image(prompt, **given))
            return pixels(content)

        first = await drawn()
        assert await drawn() == first
        changes = {"prompt": "a bay", "negative_prompt": "fog", "steps": 3, "cfg_scale": 2, "scheduler": "euler"}
        for argument, value in {**changes, "seed": RANDOM}.items():
            assert await drawn(**{argument: value}) != first, argument
        put = await server.quick.text_to_image("a cliff", model=live.model["name"], board=name, **SMALL)
        assert live.board_of(put.name) == board

    try:
        carried(script)
    finally:
        live.call("DELETE", f"/api/v1/boards/{board}")


def test_without_a_model_the_only_one_is_taken(live: Live, carried: Carried) -> None:
    if os.environ.get("INVOKEAI_URL"):
        pytest.skip("the server of INVOKEAI_URL may have other models")
    mains = [m for m in live.call("GET", "/api/v2/models/")["models"] if m["type"] == "main"]

    async def script(server: Any) -> Any:
        return await server.quick.text_to_image("a lighthouse", **SMALL)

    assert [m["name"] for m in mains] == [live.model["name"]]
    assert carried(script).width == 64


def test_the_workflow_follows_the_model(live: Live, xl: str, carried: Carried) -> None:
    async def script(server: Any) -> tuple[bytes, bytes, str]:
        made = await server.quick.text_to_image("a lighthouse", model=xl, seed=3, **SMALL)
        again = await server.quick.text_to_image("a lighthouse", model=ModelRef(xl), seed=3, **SMALL)
        with pytest.raises(ModelNotFound) as caught:
            await server.quick.text_to_image("a lighthouse", **SMALL)
        return await server.images.bytes(made), await server.images.bytes(again), str(caught.value)

    made, again, several = carried(script)
    assert json.loads(texts(made)["invokeai_workflow"])["name"] == "Text to image, SDXL"
    assert pixels(made) == pixels(again)
    assert several.startswith("text_to_image: model: the server has ")
    assert f'"{xl}" (base sdxl, type main)' in several
    assert f'"{live.model["name"]}" (base sd-1, type main)' in several


@pytest.mark.parametrize("large", [False, True])
def test_image_to_image(live: Live, xl: str, carried: Carried, tmp_path: Path, large: bool) -> None:
    model = xl if large else live.model["name"]
    file = tmp_path / "source.png"
    file.write_bytes(models.plain_png(48, 24))

    async def script(server: Any) -> list[bytes]:
        async def made(image: Any, strength: float, **size: int) -> bytes:
            given = {"model": model, "strength": strength, "steps": 4, "seed": 1, **size}
            drawn = await server.quick.image_to_image("oil painting", image, **given)
            content: bytes = await server.images.bytes(drawn)
            return content

        on_server = Image(upload(live))
        return [
            await made(file, 0, width=64, height=64),
            await made(file, 1, width=64, height=64),
            await made(file.read_bytes(), 0, width=128),
            await made(on_server, 0, height=64),
            await made(on_server.name, 0, height=64),
        ]

    kept, new, *shaped = carried(script)
    assert size_of(kept) == size_of(new) == (64, 64)
    assert pixels(kept) != pixels(new)
    assert [size_of(png) for png in shaped] == [(128, 64)] * 3
    kind = "SDXL" if large else "SD 1.5 and 2"
    assert json.loads(texts(kept)["invokeai_workflow"])["name"] == f"Image to image, {kind}"


def test_without_a_size_the_shape_is_kept_and_the_area_is_the_models(live: Live, carried: Carried) -> None:
    async def script(server: Any) -> Any:
        given = {"model": live.model["name"], "steps": 1, "strength": 1}
        return await server.quick.image_to_image("oil painting", upload(live), **given)

    made = carried(script)
    assert (made.width, made.height) == (728, 360)  # 2 to 1, about 512 x 512 pixels, both multiples of 8


def test_upscaling_without_a_model(live: Live, carried: Carried) -> None:
    async def script(server: Any) -> list[tuple[int, int]]:
        image = upload(live)
        made = [await server.quick.upscale(image), await server.quick.upscale(Image(image), scale=1.5)]
        return [size_of(await server.images.bytes(m)) for m in made]

    assert carried(script) == [(96, 48), (72, 36)]


def test_upscaling_with_a_model(live: Live, carried: Carried, tmp_path: Path) -> None:
    async def script(server: Any) -> list[tuple[int, int]]:
        image = upload(live)
        made = [await server.quick.upscale(image, model="x2", scale=scale) for scale in (2, 3)]
        with pytest.raises(ModelNotAccepted, match=r'^upscale: model: "Tiny SD 1.5" .* takes spandrel'):
            await server.quick.upscale(image, model=live.model["name"])
        return [size_of(await server.images.bytes(m)) for m in made]

    with models.installed(live, tmp_path, x2=models.upscaler):
        assert carried(script) == [(96, 48), (144, 72)]


def test_a_copy_is_made_on_the_server(live: Live, carried: Carried, requests: list[str]) -> None:
    metadata = {"positive_prompt": "a lighthouse", "note": ["of somebody's", 1]}
    board = live.create_board(title := f"Copies {uuid.uuid4()}")
    name = upload(live, metadata=metadata)
    live.call("POST", "/api/v1/images/star", {"image_names": [name]})
    requests.clear()

    async def script(server: Any) -> list[Image]:
        copies = [
            await server.quick.copy_image(Image(name), board),
            await server.quick.copy_image(name, None),
            await server.boards.copy(name, title),
        ]
        assert not [sent for sent in requests if "upload" in sent or "/full" in sent]
        assert len([sent for sent in requests if sent.startswith("POST")]) == len(copies)
        assert [await server.images.bytes(copy) for copy in copies]
        with pytest.raises(BoardNotFound, match=r'^copy_image: board: the server has no board "nowhere"'):
            await server.quick.copy_image(name, "nowhere")
        with pytest.raises(ImageNotFound, match=r'^copy_image: image: the server has no image "nothing"'):
            await server.boards.copy("nothing", title)
        return copies

    try:
        copies = carried(script)
        assert len({name, *(copy.name for copy in copies)}) == 4
        assert [live.board_of(copy.name) for copy in copies] == [board, None, board]
        original = httpx.get(f"{live.url}/api/v1/images/i/{name}/full").content
        for copy in copies:
            content = httpx.get(f"{live.url}/api/v1/images/i/{copy.name}/full").content
            assert pixels(content) == pixels(original)
            assert live.call("GET", f"/api/v1/images/i/{copy.name}/metadata") == metadata
            told = live.call("GET", f"/api/v1/images/i/{copy.name}")
            assert (told["starred"], told["image_category"]) == (False, "general")
            assert json.loads(texts(content)["invokeai_workflow"])["name"] == "Copy a picture"
    finally:
        live.call("DELETE", f"/api/v1/boards/{board}")


def test_errors_name_the_arguments(live: Live, carried: Carried, requests: list[str]) -> None:
    tiny = live.model["name"]

    async def script(server: Any) -> None:
        async def refused(kind: type[Exception], **given: Any) -> str:
            with pytest.raises(kind) as caught:
                await server.quick.text_to_image("a lighthouse", **{"model": tiny, **given})
            assert "TextToImage" not in str(caught.value)
            return str(caught.value)

        wrong = await refused(InputError, width=65, scheduler="eulre", steps=0)
        assert "text_to_image: width is 65: Input should be a multiple of 8." in wrong
        assert "text_to_image: scheduler is 'eulre': did you mean 'euler'" in wrong
        assert "text_to_image: steps is 0: " in wrong
        assert (await refused(InputError, guidance=3.5)).startswith("text_to_image: guidance is not for models of ")
        assert (await refused(ModelNotFound, model="Tyni")).startswith("text_to_image: model: the server has no model")
        assert (await refused(BoardNotFound, board="nowhere")).startswith("text_to_image: board: the server has no")
        with pytest.raises(InputError, match=r"^image_to_image: height is 60: .* multiple of 8\.\n.* strength is 2"):
            await server.quick.image_to_image("x", b"", model=tiny, width=64, height=60, strength=2)
        with pytest.raises(ImageNotFound, match=r"^image_to_image: image: .* Pass a Path to upload a local file"):
            await server.quick.image_to_image("x", "holiday.jpg", model=tiny)
        with pytest.raises(InputError, match=r"^upscale: scale is 0: Input should be greater than 0"):
            await server.quick.upscale("x", scale=0)

    carried(script)
    assert not [sent for sent in requests if sent.endswith("enqueue_batch")]


def test_a_model_of_a_base_without_a_workflow_is_refused(live: Live, carried: Carried, tmp_path: Path) -> None:
    async def script(server: Any) -> None:
        bases = "sd-1, sd-2, sdxl, sd-3, flux or cogview4"
        with pytest.raises(ModelNotAccepted, match=f'^text_to_image: model: "refiner" .* takes main .* {bases}'):
            await server.quick.text_to_image("a lighthouse", model="refiner")
        with pytest.raises(
            ModelNotAccepted, match=r'^image_to_image: model: "sd3" .* of base sd-1, sd-2, sdxl or flux'
        ):
            await server.quick.image_to_image("a lighthouse", b"", model="sd3")

    with models.installed(live, tmp_path, refiner=models.sdxl_refiner, sd3=models.sd3):
        carried(script)


@pytest.mark.parametrize("base", ["flux", "sd3", "cogview4"])
def test_graphs_of_large_models_are_taken(live: Live, carried: Carried, tmp_path: Path, base: str) -> None:
    """The server takes the graphs and knows the models; whether they run, it does not tell without the weights."""
    parts = {"t5": models.t5_encoder, "clip": models.clip_embed, "ae": models.flux_vae} if base == "flux" else {}

    async def script(server: Any) -> list[int]:
        queued = []
        for helper, *more in [("text_to_image",), *([("image_to_image", upload(live))] if base == "flux" else [])]:
            with pytest.raises(WaitTimeout, match=f"^{helper}: ") as caught:
                await getattr(server.quick, helper)("a lighthouse", *more, model=base, timeout=0)
            queued.append(caught.value.item_id)
        return queued

    with models.installed(live, tmp_path, **{base: getattr(models, base)}, **parts) as known, live.paused():
        for item_id in carried(script):
            graph = live.item(item_id)["session"]["graph"]["nodes"].values()
            (loader,) = (node for node in graph if node["type"].endswith("model_loader"))
            keys = {value["key"] for value in loader.values() if isinstance(value, dict)}
            assert keys == {model["key"] for model in known.values()}
            live.call("DELETE", f"/api/v1/queue/default/i/{item_id}")


def test_flux_needs_its_parts(live: Live, carried: Carried, tmp_path: Path) -> None:
    async def script(server: Any) -> None:
        with pytest.raises(
            ModelNotFound, match=r'^text_to_image: t5_encoder: the model "flux" needs one, .* no t5_enc'
        ):
            await server.quick.text_to_image("a lighthouse", model="flux")
        given = {"model": "flux", "t5_encoder": "flux", "clip_embed": "flux", "vae": "flux"}
        with pytest.raises(ModelNotAccepted, match=r'^text_to_image: t5_encoder: "flux" .* takes t5_encoder models'):
            await server.quick.text_to_image("a lighthouse", **given)

    with models.installed(live, tmp_path, flux=models.flux):
        carried(script)
