"""Which workflow a quick helper runs, and with which values: driven step by step, without a server."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from typing import Any

import pytest

from flowbind.errors import InputError, ModelNotFound
from flowbind.invokeai import Image
from flowbind.invokeai.quick import helpers
from flowbind.invokeai.runs.lookup import Lookup
from flowbind.transport.steps import Call, Reply
from flowbind.workflow import RANDOM

SIZED = Image("a.png", 300, 200)
FLUX = {"key": "f", "hash": "h", "name": "Schnell", "base": "flux", "type": "main", "variant": "schnell"}
PARTS = [
    {"key": "t5", "name": "T5", "base": "any", "type": "t5_encoder"},
    {"key": "big", "name": "CLIP G", "base": "any", "type": "clip_embed", "variant": "gigantic"},
    {"key": "clip", "name": "CLIP L", "base": "any", "type": "clip_embed", "variant": "large"},
    {"key": "sdvae", "name": "VAE", "base": "sd-1", "type": "vae"},
    {"key": "ae", "name": "ae", "base": "flux", "type": "vae"},
    {"key": "late", "name": "another", "base": "flux", "type": "vae"},
]


def main_model(base: str, **more: Any) -> dict[str, Any]:
    """Return the record of a main model."""
    return {"key": f"key of {base}", "hash": "h", "name": base, "base": base, "type": "main", **more}


def made(helper: str, records: list[dict[str, Any]], prompt: str = "a lighthouse", **given: Any) -> helpers.Run:
    """Return the run of a helper on a server with these models."""
    arguments: Mapping[str, Any] = {"prompt": prompt, "model": None, "width": None, "height": None, **given}
    operation: Generator[Any, Any, helpers.Run] = getattr(helpers, helper)(Lookup(), arguments)
    answer = None
    try:
        while True:
            step = operation.send(answer)
            assert isinstance(step, Call)
            assert (step.method, step.path) == ("GET", "/api/v2/models/")
            answer = Reply("GET", step.path, 200, "application/json", json.dumps({"models": records}).encode())
    except StopIteration as end:
        value: helpers.Run = end.value
        return value


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("sd-1", "TextToImageSd"),
        ("sd-2", "TextToImageSd"),
        ("sdxl", "TextToImageSdxl"),
        ("sd-3", "TextToImageSd3"),
        ("cogview4", "TextToImageCogview4"),
    ],
)
def test_the_base_decides(base: str, name: str) -> None:
    run = made("text_to_image", [main_model("sdxl-refiner"), main_model(base), {"key": "odd"}])
    assert type(run).__name__ == name
    assert run.model_fields_set == {"prompt", "model"}
    assert vars(run)["model"].key == f"key of {base}"


def test_what_the_server_advises_for_a_model_is_taken_where_nothing_is_given() -> None:
    advised = {"width": 768, "height": 640, "steps": 12, "cfg_scale": 4, "scheduler": "lcm", "vae": "key", "new": 1}
    run = made("text_to_image", [main_model("sd-2", default_settings=advised)], steps=5, seed=RANDOM)
    values = vars(run)
    assert {name: values[name] for name in ("width", "height", "steps", "cfg_scale", "scheduler")} == {
        "width": 768,
        "height": 640,
        "steps": 5,
        "cfg_scale": 4,
        "scheduler": "lcm",
    }
    assert values["seed"] is RANDOM


@pytest.mark.parametrize(
    "advised", [None, 5, [], {"width": 65, "steps": "many", "cfg_scale": None, "scheduler": "new", "guidance": 3}]
)
def test_advice_that_does_not_fit_is_left(advised: Any) -> None:
    run = made("text_to_image", [main_model("sdxl", default_settings=advised)])
    assert run.model_fields_set == {"prompt", "model"}


def test_flux_gets_its_parts_and_schnell_few_steps() -> None:
    values = vars(made("text_to_image", [*PARTS, FLUX], t5_encoder="my own"))
    assert (values["clip_embed"].key, values["vae"].key, values["t5_encoder"]) == ("clip", "ae", "my own")
    assert values["steps"] == 4
    assert vars(made("text_to_image", [*PARTS, {**FLUX, "variant": "dev"}]))["steps"] == 30
    with pytest.raises(ModelNotFound, match=r'^text_to_image: clip_embed: the model "Schnell" needs one, and the ser'):
        made("text_to_image", [*PARTS[:2], FLUX])


def test_a_pipeline_brings_its_own_parts() -> None:
    run = made("text_to_image", [{**FLUX, "submodels": {"vae": {}}}])
    assert [vars(run)[name] for name in ("t5_encoder", "clip_embed", "vae")] == [None] * 3


def test_models_that_cannot_be_chosen_from() -> None:
    with pytest.raises(ModelNotFound, match=r'no main models of base sd-1, .*\. It has "refiner" \(base sdxl-refiner'):
        made("text_to_image", [main_model("sdxl-refiner") | {"name": "refiner"}])
    with pytest.raises(ModelNotFound, match=r"It has no models\. Install one that fits\."):
        made("image_to_image", [])
    many = [main_model("sdxl") | {"name": f"XL {number}"} for number in range(40)]
    with pytest.raises(ModelNotFound, match=r'the server has 40 that fit; pass one: "XL 0" .*"XL 11" \(.*\); \.\.\.\.'):
        made("text_to_image", many)
    with pytest.raises(ModelNotFound, match='more than one model is called "sdxl"'):
        made("text_to_image", [main_model("sdxl"), main_model("sdxl") | {"key": "2"}], model="sdxl")
    # The refiner of the same name is none that fits.
    assert made("text_to_image", [main_model("sdxl"), main_model("sdxl-refiner") | {"name": "sdxl"}], model="sdxl")


@pytest.mark.parametrize(
    ("base", "given", "size"),
    [
        ("sd-1", {}, (624, 416)),
        ("sdxl", {}, (1256, 840)),
        ("flux", {}, (1248, 832)),
        ("sdxl", {"width": 600}, (600, 400)),
        ("sdxl", {"height": 64}, (96, 64)),
        ("sdxl", {"height": 64, "width": 8}, (8, 64)),
        ("sdxl", {"width": 8}, (8, 8)),
    ],
)
def test_the_size_follows_the_picture(base: str, given: dict[str, int], size: tuple[int, int]) -> None:
    run = made("image_to_image", [*PARTS, main_model(base)], image=SIZED, strength=0.5, **given)
    assert (vars(run)["width"], vars(run)["height"]) == size


def test_the_size_that_the_server_advises_is_an_area() -> None:
    advised = {"width": 256, "height": 256}
    run = made("image_to_image", [main_model("sd-1", default_settings=advised)], image=SIZED, strength=0.5)
    assert (vars(run)["width"], vars(run)["height"]) == (312, 208)


def test_flux_wants_multiples_of_16() -> None:
    with pytest.raises(InputError, match=r"^image_to_image: width is 72: it has to be a multiple of 16\.$"):
        made("image_to_image", [*PARTS, main_model("flux")], image=SIZED, strength=0.5, width=72)
    with pytest.raises(InputError, match=r"^text_to_image: width is 72: Input should be a multiple of 16\.$"):
        made("text_to_image", [*PARTS, main_model("flux")], width=72)
