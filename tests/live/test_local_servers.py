"""Real servers that flowbind starts: InvokeAI from the tests' own installation, ComfyUI from that of COMFYUI_PATH."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from generated import Poster
from PIL import Image as Pillow
from tests.real_comfyui import real_comfyui

from flowbind import LocalServer
from flowbind.comfyui import ComfyUI
from flowbind.errors import LocalServerError, PortTaken
from flowbind.invokeai import InvokeAI
from real_invokeai import real_invokeai
from throwaway import VERSION

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("own_records")]

MakeInvokeAI = Callable[[str], LocalServer]
MakeComfyUI = Callable[..., LocalServer]


@pytest.fixture
def invokeai(tmp_path: Path) -> MakeInvokeAI:
    """What makes a server of a root of its own."""
    return lambda root: real_invokeai(tmp_path / root)


@pytest.fixture
def comfyui(tmp_path: Path) -> MakeComfyUI:
    """What makes a server of the checkout, with its data in a folder of the test's own."""
    return lambda **options: real_comfyui(tmp_path / "base", **options)


def test_two_invokeais_of_one_venv(invokeai: MakeInvokeAI, tmp_path: Path) -> None:
    with invokeai("one") as one, invokeai("two") as two:
        assert (one.release, two.release) == (VERSION, VERSION)
        assert one.port != two.port
        with InvokeAI(one.url) as first, InvokeAI(two.url) as second:
            first.boards.create("Only here")
            assert [board.board_name for board in first.boards.list()] == ["Only here"]
            assert list(second.boards.list()) == []
            result = second.run(Poster(width=64, height=64), timeout=120)
            assert result.outputs.image.width == 64
        with pytest.raises(LocalServerError, match="a root of its own"):
            invokeai("one").start()
    assert "shutting down" in one.log()
    assert not one.is_running()
    assert (tmp_path / "one" / "databases" / "invokeai.db").is_file()


def test_comfyui_with_folders_of_its_own(comfyui: MakeComfyUI, tmp_path: Path) -> None:
    into, out = tmp_path / "in", tmp_path / "out"
    into.mkdir()
    Pillow.new("RGB", (8, 8), "red").save(into / "red.png")
    with comfyui(input_directory=into, output_directory=out) as local, ComfyUI(local.url) as server:
        assert server.version() == local.release
        assert "red.png" in str(server.request("GET", "/object_info/LoadImage"))
        prompt: dict[str, Any] = {
            "1": {"class_type": "LoadImage", "inputs": {"image": "red.png"}},
            "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "copy"}},
        }
        server.request("POST", "/prompt", json={"prompt": prompt})
        deadline = time.monotonic() + 60
        while not (out / "copy_00001_.png").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
    # It was asked to end.
    assert "Stopped server" in local.log()


def test_two_comfyuis_of_one_checkout(comfyui: MakeComfyUI) -> None:
    with comfyui() as one, comfyui() as two:
        with ComfyUI(one.url) as first, ComfyUI(two.url) as second:
            assert first.is_alive()
            assert second.is_alive()
        with pytest.raises(PortTaken, match=f"ComfyUI that flowbind started .* pid {two.pid}"):
            comfyui(port=two.port).start()
    assert not one.is_running()
    assert not two.is_running()
