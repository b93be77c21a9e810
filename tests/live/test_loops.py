"""Loops on real servers: the examples of the documentation, and pictures that go from one server to another."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from generated import ComfyImageToImage, ImageToImageSd15, Poster
from tests.behaviour.both_clients import COMFYUI, carry_out

from flowbind.comfyui import ComfyUI
from flowbind.errors import Forbidden
from flowbind.invokeai import InvokeAI
from live_tools import ROOT, Accounts, Live, pixels, size_of

SMALL: dict[str, Any] = {"width": 64, "height": 64, "steps": 2}


@pytest.fixture(scope="module")
def comfyui() -> str:
    """The address of a real ComfyUI."""
    if "COMFYUI_URL" not in os.environ:
        pytest.skip("COMFYUI_URL names no server")
    return os.environ["COMFYUI_URL"]


@pytest.fixture(scope="module")
def checkpoint(comfyui: str) -> str:
    """A model of that ComfyUI."""
    with ComfyUI(comfyui) as server:
        return server.models.list("checkpoints")[0]


def ten_rounds(page: str, changes: Mapping[str, str]) -> str:
    """Return the example of a page that goes ten rounds, made small for a small model."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (code,) = (block for block in blocks if "round_10.png" in block)
    assert isinstance(code, str)
    for said, small in changes.items():
        assert said in code
        code = code.replace(said, small)
    return code


def test_ten_rounds_load_nothing(
    live: Live, requests: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = ", ".join(f"{name}={value!r}" for name, value in {**SMALL, "model": live.model["name"]}.items())
    monkeypatch.setenv("INVOKEAI_URL", live.url)
    monkeypatch.chdir(tmp_path)
    exec(compile(ten_rounds("docs/python.md", {'model="Dreamshaper 8"': small}), "python.md", "exec"), {})
    assert size_of((tmp_path / "round_10.png").read_bytes()) == (64, 64)
    assert requests.count("POST /api/v1/queue/default/enqueue_batch") == 11
    loaded = [request for request in requests if "/images/" in request]
    assert [request.rpartition("/")[2] for request in loaded] == ["full"]


def test_ten_rounds_on_comfyui_load_nothing(
    comfyui: str, checkpoint: str, requests: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = f"ckpt_name={checkpoint!r}, steps=2, "
    changes = {
        "ComfyTextToImage(": f"ComfyTextToImage({small}width=64, height=64, ",
        "ComfyImageToImage(": f"ComfyImageToImage({small}megapixels=0.01, ",
    }
    monkeypatch.setenv("COMFYUI_URL", comfyui)
    monkeypatch.chdir(tmp_path)
    exec(compile(ten_rounds("docs/comfyui.md", changes), "comfyui.md", "exec"), {})
    assert size_of((tmp_path / "round_10.png").read_bytes())[0] > 0
    assert requests.count("POST /prompt") == 11
    assert [request for request in requests if "view" in request or "upload" in request] == ["GET /view"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_from_invokeai_to_comfyui_and_back(
    live: Live, comfyui: str, checkpoint: str, requests: list[str], kind: str
) -> None:
    with InvokeAI(live.url) as here:
        drawn = here.run(Poster(width=64, height=64)).outputs.image

        async def script(there: Any) -> Any:
            small: dict[str, Any] = {"ckpt_name": checkpoint, "steps": 2, "megapixels": 0.01}
            painted = [ComfyImageToImage(image=drawn, seed=seed, **small) for seed in (1, 2)]
            return [(await there.run(one)).outputs.picture[0] for one in painted]

        first, second = carry_out(kind, comfyui, script, COMFYUI)
        assert [r for r in requests if r.endswith(("/full", "/upload/image"))] == [
            f"GET /api/v1/images/i/{drawn.name}/full",
            "POST /upload/image",
        ]
        assert first.filename != second.filename
        back = here.run(ImageToImageSd15(source_image=first, model=live.model["name"], **SMALL)).outputs.image
        assert size_of(back.bytes()) == (64, 64)
        assert requests.count("POST /api/v1/images/upload") == 1


def test_from_one_invokeai_to_another_that_is_not_told_the_account(
    live: Live, accounts: Accounts, requests: list[str]
) -> None:
    with InvokeAI(accounts.url, **accounts.user) as here, InvokeAI(live.url) as there:
        drawn = here.run(Poster(width=64, height=64, sun_size=16)).outputs.image
        runs = [
            there.submit(ImageToImageSd15(source_image=drawn, model=live.model["name"], seed=n, **SMALL))
            for n in range(2)
        ]
        assert [size_of(run.wait().outputs.image.bytes()) for run in runs] == [(64, 64)] * 2
        assert requests.count("POST /api/v1/images/upload") == 1
        assert requests.count(f"GET /api/v1/images/i/{drawn.name}/full") == 1
        (carried,) = there.images.list(categories=["user"], limit=1)
        assert pixels(carried.bytes()) == pixels(drawn.bytes())


def test_a_picture_of_another_account_is_refused_with_its_input(accounts: Accounts) -> None:
    other = accounts.add_user("loops@example.org", "Throwaway-4")
    with InvokeAI(accounts.url, **accounts.user) as here, InvokeAI(accounts.url, **other) as there:
        drawn = here.run(Poster(width=64, height=64)).outputs.image
        with pytest.raises(Forbidden, match=r'source_image \("Source image"\): this account may not use the image '):
            there.run(ImageToImageSd15(source_image=drawn, model="Tiny"))
