"""`flowbind check` for ComfyUI: another document of node classes, a running server, a new export."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner
from tests.unit.comfyui.drawing import node, workflow
from tests.unit.comfyui.files import as_bytes

from flowbind_generator.cli import main
from flowbind_generator.comfyui.shipped import SNAPSHOT
from flowbind_generator.engines import VERSION_KEY

from ..fake_server import Answer
from ..local_server import Request
from .fake_comfyui import FakeComfyUI

MODEL, PICTURE, SOUND = "sd15.safetensors", "people/face.png", "hum.wav"
SAMPLED = [7, "fixed", 20, 8.0, "euler", "normal", 0.5]
SAVED = workflow(
    node(1, "CheckpointLoaderSimple", [MODEL]),
    node(2, "CLIPTextEncode", ["a cat"], {"clip": 2}),
    node(3, "LoadImage", [PICTURE, "image"]),
    node(4, "VAEEncode", links={"pixels": 3, "vae": 4}),
    node(5, "KSampler", SAMPLED, {"model": 1, "positive": 5, "negative": 6, "latent_image": 7}),
    node(6, "VAEDecode", links={"samples": 8, "vae": 9}),
    node(7, "SaveImage", ["cats"], {"images": 10}),
    node(8, "LoadAudio", [SOUND, "", ""]),
    node(9, "SaveAudio", ["hums"], {"audio": 11}),
    links=[
        [1, 1, 0, 5, 0, "MODEL"],
        [2, 1, 1, 2, 0, "CLIP"],
        [3, 3, 0, 4, 0, "IMAGE"],
        [4, 1, 2, 4, 1, "VAE"],
        [5, 2, 0, 5, 1, "CONDITIONING"],
        [6, 2, 0, 5, 2, "CONDITIONING"],
        [7, 4, 0, 5, 3, "LATENT"],
        [8, 5, 0, 6, 0, "LATENT"],
        [9, 1, 2, 6, 1, "VAE"],
        [10, 6, 0, 7, 0, "IMAGE"],
        [11, 8, 0, 9, 0, "AUDIO"],
    ],
)

DECLARED = """
[inputs]
prompt = "2.text"
steps = "5.steps"
sampler = "5.sampler_name"
model = "1.ckpt_name"
picture = "3.image"
sound = "8.audio"
"""


class Server(FakeComfyUI):
    """A server with a few files; `kept` are "folder/subfolder/name"."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = {f"input/{PICTURE}", f"input//{SOUND}"}
        self.hold(MODEL, "sdxl.safetensors")

    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        if request.path != "/view":
            return answer
        asked = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
        wanted = f"{asked['type']}/{asked['subfolder']}/{asked['filename']}"
        return Answer(b"", media_type="image/png") if wanted in self.kept else Answer(b"", 404)

    def change(self, kind: str) -> dict[str, Any]:
        """Return what is told of a class, to be changed."""
        told: dict[str, Any] = copy.deepcopy(self.classes[kind])
        self.classes[kind] = told
        return told

    def hold(self, *names: str) -> None:
        """Let the server have these checkpoints."""
        self.change("CheckpointLoaderSimple")["input"]["required"]["ckpt_name"][0] = list(names)


@pytest.fixture
def server() -> Iterator[Server]:
    """Yield a running stand-in that has all that the workflow names."""
    with Server() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A generated project of one workflow; commands run in its folder."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.flowbind]\n", encoding="utf-8")
    (tmp_path / "workflows" / "cats.json").write_bytes(as_bytes(SAVED))
    (tmp_path / "workflows" / "cats.flowbind.toml").write_text(DECLARED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    run("generate")
    return tmp_path


def run(*words: str, code: int = 0) -> tuple[str, str]:
    """Run the command; return what it printed, output and errors."""
    ended = CliRunner(env={"COMFYUI_URL": None}).invoke(main, words, catch_exceptions=False)
    assert ended.exit_code == code, ended.output
    return ended.stdout, ended.stderr


def found(*words: str, code: int = 0) -> set[tuple[str, str, str | None, str | None]]:
    """Return severity, rule, attribute and place of what `flowbind check` finds, each once."""
    out, _ = run("check", "--format", "json", *words, code=code)
    findings = json.loads(out)["findings"]
    assert len({json.dumps(f) for f in findings}) == len(findings)
    return {(f["severity"], f["rule"], f["attribute"], f["place"]) for f in findings}


@pytest.mark.usefixtures("project")
def test_a_server_that_fits(server: Server) -> None:
    assert run("check", "--server", server.url) == ("", "1 workflow: everything fits the server.\n")
    assert {request.method for request in server.requests} == {"GET"}


def test_a_document_that_fits(server: Server, project: Path) -> None:
    (project / "other.json").write_bytes(as_bytes(server.classes))
    assert run("check", "--spec", "other.json") == ("", "1 workflow: everything fits the server's document.\n")
    assert run("check", "--spec", server.url) == ("", "1 workflow: everything fits the server's document.\n")


def test_what_another_document_changes(server: Server, project: Path) -> None:
    sampler = server.change("KSampler")
    required = sampler["input"]["required"]
    required["seed"][1]["control_after_generate"] = False
    required["steps"][1]["max"] = 10
    required["sampler_name"][0].remove("euler")
    server.change("VAEEncode")["output"] = ["PIXELS"]
    del server.classes["LoadAudio"], server.classes["Canny"]
    (project / "other.json").write_bytes(as_bytes({VERSION_KEY: "0.34.0", **server.classes}))
    assert found("--spec", "other.json", code=1) == {
        ("info", "APP_VERSION_CHANGED", None, None),
        ("error", "ENUM_VALUE_REMOVED", "sampler", "KSampler.sampler_name"),
        ("error", "RANGE_NARROWED", "steps", "KSampler.steps"),
        ("warning", "WIDGETS_SHIFTED", None, "KSampler"),
        ("error", "NODE_REMOVED", None, "LoadAudio"),
        ("error", "OUTPUT_TYPE_CHANGED", None, "VAEEncode.0"),
    }
    out, said = run("check", "--spec", "other.json", code=1)
    assert "WIDGETS_SHIFTED" in out
    assert 'ComfyUI 0.34.0 has other inputs of "KSampler" in the places where a saved workflow has its values' in out
    assert "`steps` gets what was saved for `control_after_generate` (and 4 more)" in out
    assert 'The output "LATENT" of "VAEEncode" is PIXELS now, not LATENT, which does not fit' in out
    assert "FB511" not in out + said


@pytest.mark.usefixtures("project")
def test_a_model_that_the_server_lacks(server: Server) -> None:
    server.hold("anime.safetensors", "sd15-pruned.safetensors", "xl.safetensors", "z.safetensors")
    assert found("--server", server.url, code=1) == {
        ("error", "MODEL_MISSING", "model", "CheckpointLoaderSimple.ckpt_name")
    }
    out, _ = run("check", "--server", server.url, code=1)
    assert f'The server has no "{MODEL}" in the list of CheckpointLoaderSimple.ckpt_name.' in out
    assert "ckpt_name. It has sd15-pruned.safetensors and others." in out
    assert "Install it on the server, or set the input to one that the server has." in out


@pytest.mark.usefixtures("project")
def test_a_server_without_models(server: Server) -> None:
    server.hold()
    out, _ = run("check", "--server", server.url, code=1)
    assert "CheckpointLoaderSimple.ckpt_name. It is empty." in out
    assert "MODEL_MISSING" in out


@pytest.mark.usefixtures("project")
def test_a_list_that_the_browser_asks_for_says_nothing(server: Server) -> None:
    told = server.change("CheckpointLoaderSimple")["input"]["required"]
    told["ckpt_name"] = ["COMBO", {"remote": {"route": "/models"}, "options": []}]
    assert found("--server", server.url) == set()


@pytest.mark.usefixtures("project")
def test_files_that_the_server_lacks(server: Server) -> None:
    server.kept.clear()
    assert found("--server", server.url, code=1) == {
        ("error", "IMAGE_MISSING", "picture", "LoadImage.image"),
        ("error", "UPLOAD_MISSING", "sound", "LoadAudio.audio"),
    }
    out, _ = run("check", "--server", server.url, code=1)
    assert f'The server has no image "{PICTURE}" among the files for its runs.' in out
    assert f'The server has no sound "{SOUND}" among the files for its runs.' in out


@pytest.mark.usefixtures("project")
def test_files_in_the_server_s_list_are_not_asked_for(server: Server) -> None:
    server.change("LoadImage")["input"]["required"]["image"][0] = [PICTURE]
    server.kept.remove(f"input/{PICTURE}")
    assert found("--server", server.url) == set()
    assert [r.query for r in server.requests if r.path == "/view"] == [f"filename={SOUND}&subfolder=&type=input"]


@pytest.mark.skipif("COMFYUI_URL" not in os.environ, reason="COMFYUI_URL names no server")
@pytest.mark.usefixtures("project")
def test_a_real_server_lacks_what_it_never_had() -> None:
    missing = {rule for _, rule, _, _ in found("--server", os.environ["COMFYUI_URL"], code=1)}
    assert {"MODEL_MISSING", "IMAGE_MISSING", "UPLOAD_MISSING"} <= missing


@pytest.mark.usefixtures("project")
def test_a_class_that_is_gone_is_told_of_once(server: Server) -> None:
    del server.classes["LoadImage"]
    server.kept.clear()
    server.hold()
    rules = [rule for _, rule, _, _ in found("--server", server.url, code=1)]
    assert sorted(rules) == ["MODEL_MISSING", "NODE_REMOVED", "UPLOAD_MISSING"]


@pytest.mark.usefixtures("project")
def test_no_server() -> None:
    _, said = run("check", "--server", "http://127.0.0.1:9", code=2)
    assert said.startswith("http://127.0.0.1:9: error FB401: The server cannot be asked: it does not answer")


@pytest.mark.usefixtures("project")
def test_a_secret_in_the_address_is_not_shown(server: Server) -> None:
    server.kept.clear()
    out, said = run("check", "--server", server.url.replace("http://", "http://me:hunter2@"), code=1)
    assert "hunter2" not in out + said


def test_a_pinned_document_that_changed(server: Server, project: Path) -> None:
    server.change("KSampler")["input"]["required"]["steps"][1]["max"] = 50
    (project / "workflows" / "object_info.json").write_bytes(as_bytes({VERSION_KEY: SNAPSHOT, **server.classes}))
    rules = {rule for _, rule, _, _ in found(code=1)}
    assert {"RANGE_NARROWED", "FILE_STALE"} <= rules


def test_generating_from_another_document_tells_which_values_it_reads_otherwise(server: Server, project: Path) -> None:
    sampler = server.change("KSampler")
    sampler["input"]["required"]["seed"][1]["control_after_generate"] = False
    (project / "workflows" / "object_info.json").write_bytes(as_bytes(server.classes))
    told = (
        'The document has other inputs of "KSampler" in the places where a saved workflow has its values: `steps` gets '
        "what was saved for `control_after_generate` (and 4 more). So does the class now, unless it is declared to "
        "take values by name."
    )
    for words, code in ((["diff"], 1), (["generate"], 0)):
        assert told in "".join(run(*words, code=code))
    assert "WIDGETS_SHIFTED" not in run("check")[0]


def test_a_new_export(project: Path) -> None:
    drawn = copy.deepcopy(SAVED)
    drawn["nodes"][0]["widgets_values"] = ["sdxl.safetensors"]
    drawn["nodes"][4]["widgets_values"] = [7, "fixed", 30, 8.0, "euler", "karras", 0.5]
    drawn["nodes"][6]["type"] = "PreviewImage"
    (project / "workflows" / "cats.json").write_bytes(as_bytes(drawn))
    assert found("--workflow", "workflows/cats.json", code=1) == {
        ("info", "GRAPH_CHANGED", None, None),
        ("warning", "MODEL_REPICKED", "model", "CheckpointLoaderSimple.ckpt_name"),
        ("info", "DEFAULT_CHANGED", "steps", "KSampler.steps"),
        ("error", "OUTPUT_REMOVED", "images", "SaveImage.images"),
    }
