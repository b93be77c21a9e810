"""`flowbind check --server` and `--spec` where no InvokeAI answers, or one that lacks something."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowbind_generator.cli import main
from flowbind_generator.invokeai.shipped import shipped_document

from .conftest import ROOT
from .fake_server import ENQUEUE, MODEL, QUEUE, Answer, FakeServer, as_json

DOCUMENT, VERSION = "/openapi.json", "/api/v1/app/version"
ADDRESS = "Check that it is the address of an InvokeAI server; that server's log may say more."


def check(*words: str, code: int, folder: Path = ROOT) -> tuple[str, str]:
    """Run `flowbind check` in a project; return what it printed, output and errors."""
    runner = CliRunner(env={"INVOKEAI_URL": None})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        ended = runner.invoke(main, ["check", *words], catch_exceptions=False)
    assert ended.exit_code == code, ended.output
    return ended.stdout, ended.stderr


@pytest.fixture
def invokeai(server: FakeServer) -> FakeServer:
    """A server of the shipped release that has no models."""
    server.answer("GET", DOCUMENT, Answer(gzip.decompress(shipped_document())))
    server.answer("GET", VERSION, as_json({"version": "6.14.2"}))
    return server


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the shipped text to image, whose model is the server's."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.flowbind]\n", encoding="utf-8")
    export = json.loads((ROOT / "workflows" / "text_to_image_sd15.json").read_text(encoding="utf-8"))
    loader = next(n["data"] for n in export["nodes"] if n["data"]["type"] == "main_model_loader")
    loader["inputs"]["model"]["value"] = {key: MODEL[key] for key in ("key", "hash", "name", "base", "type")}
    return generated(tmp_path, export)


def generated(folder: Path, export: Any) -> Path:
    """Write an export into a project and generate."""
    (folder / "workflows" / "text.json").write_text(json.dumps(export), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert CliRunner().invoke(main, ["generate"], catch_exceptions=False).exit_code == 0
    return folder


@pytest.mark.parametrize("address", ["", "/", "/openapi.json"])
def test_a_server_that_fits(invokeai: FakeServer, project: Path, address: str) -> None:
    said = check("--server", invokeai.url + address, code=0, folder=project)
    assert said == ("", "1 workflow: everything fits the server.\n")


def test_nothing_is_changed_on_the_server(invokeai: FakeServer, project: Path) -> None:
    check("--server", invokeai.url, code=0, folder=project)
    assert {r.method for r in invokeai.requests} == {"GET"}
    assert ENQUEUE not in {r.path for r in invokeai.requests}


def test_no_server() -> None:
    for question in ("--server", "--spec"):
        out, said = check(question, "http://127.0.0.1:9", code=2)
        assert out == ""
        assert said.startswith("http://127.0.0.1:9: error FB401: ")
        assert "InvokeAI: The server cannot be asked: No InvokeAI answers at http://127.0.0.1:9 " in said
        assert "\n    Check the address and start the server.\n" in said


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"<html>", media_type="text/html"), "GET /openapi.json was answered with a web page instead of JSON"),
        (
            Answer(b"<html>", 404, "text/html"),
            "GET /openapi.json was answered with a web page instead of JSON (HTTP 404)",
        ),
        (as_json({"detail": "Not Found"}, 404), "GET /openapi.json: Not Found (HTTP 404)"),
        (Answer(b"", 302, headers={"location": "/login"}), "GET /openapi.json was answered with a redirect (HTTP 302)"),
        (as_json({"detail": "no"}, 401), "GET /openapi.json: no (HTTP 401)"),
        (as_json({"detail": "no"}, 500), "GET /openapi.json: no (HTTP 500)"),
        (Answer(b'{"op'), "GET /openapi.json was answered with broken JSON"),
        (as_json([]), "GET /openapi.json was answered with JSON that is no OpenAPI document"),
        (as_json({}), "GET /openapi.json was answered with a document without node types"),
        (as_json({"components": [1], "paths": []}), "was answered with a document without node types"),
        (as_json({"components": {"schemas": {"A": [], "B": {"class": "invocation"}}}}), "without node types"),
    ],
)
def test_another_program(server: FakeServer, answer: Answer, reason: str) -> None:
    server.answer("GET", DOCUMENT, answer)
    server.answer("GET", VERSION, as_json({"version": "6.14.2"}))
    out, said = check("--server", server.url, code=2)
    assert out == ""
    assert f"{server.url}: error FB401: InvokeAI: The server cannot be asked: GET /openapi.json" in said
    assert reason in said
    assert f"\n    {ADDRESS}\n" in said


def test_another_program_with_a_document_of_its_own(server: FakeServer) -> None:
    server.answer("GET", DOCUMENT, as_json({"openapi": "3.1.0", "info": {}, "paths": {"/": {}}}))
    _, said = check("--server", server.url, code=2)
    assert "error FB401" in said


@pytest.mark.parametrize("question", ["--server", "--spec"])
def test_an_empty_address_is_a_mistake(question: str) -> None:
    # A variable that is not set must not turn the question into another one that is answered with 0.
    out, said = check(question, "", code=2)
    assert out == ""
    assert "error FB401" in said


def test_an_address_that_is_none() -> None:
    _, said = check("--server", "localhost:9090", code=2)
    assert "'localhost:9090' is no address of a server; it looks like http://127.0.0.1:9090" in said


def test_a_document_that_is_not_there(tmp_path: Path) -> None:
    _, said = check("--spec", str(tmp_path / "missing.json"), code=2)
    assert "error FB401: The server's document cannot be read (No such file or directory)." in said
    assert "flowbind spec pull URL" in said


@pytest.mark.parametrize("document", [{}, {"components": [1]}, {"components": {"schemas": {"A": [1]}}}])
def test_a_document_of_another_shape(tmp_path: Path, document: object) -> None:
    (tmp_path / "odd.json").write_text(json.dumps(document), encoding="utf-8")
    _, said = check("--spec", str(tmp_path / "odd.json"), code=2)
    assert "error FB401: The OpenAPI document cannot be used: it holds no node types." in said


def test_a_login_is_required(invokeai: FakeServer, project: Path) -> None:
    invokeai.answer("GET", "/api/v1/auth/status", as_json({"multiuser_enabled": True, "setup_required": False}))
    invokeai.answer("GET", f"{QUEUE}/status", as_json({"detail": "Authentication required"}, 401))
    out, said = check("--server", invokeai.url, code=1, folder=project)
    assert out.startswith("the server\n  error    LOGIN_REQUIRED  The server has accounts: ")
    assert "Set INVOKEAI_EMAIL and INVOKEAI_PASSWORD to an account of the server" in out
    assert said == "1 error about the server.\n"
    assert "/api/v2/models/" not in {r.path for r in invokeai.requests}


def test_a_release_without_videos(invokeai: FakeServer, project: Path) -> None:
    """Such a release answers with its page where it does not know the path."""
    export = json.loads((project / "workflows" / "text.json").read_text(encoding="utf-8"))
    loader = next(n for n in export["nodes"] if n["data"]["type"] == "main_model_loader")
    video = {"name": "video", "label": "Clip", "value": {"video_name": "clip.mp4"}}
    data = {**loader["data"], "id": "clip", "type": "video", "version": "1.0.0", "inputs": {"video": video}}
    export["nodes"].append({**loader, "id": "clip", "data": data})
    generated(project, export)
    invokeai.answer("GET", "/api/v1/videos/i/clip.mp4", Answer(b"<html>", media_type="text/html"))
    out, _ = check("--server", invokeai.url, "--format", "json", code=1, folder=project)
    (found,) = json.loads(out)["findings"]
    assert (found["rule"], found["severity"], found["old"]) == ("VIDEO_MISSING", "error", "clip.mp4")


def test_the_attribute_is_named_where_the_sentence_does_not(server: FakeServer, invokeai: FakeServer) -> None:
    server.answer("GET", "/api/v2/models/", as_json({"models": []}))
    out, _ = check("--server", invokeai.url, code=1)
    assert "  error  " in out
    assert 'MODEL_MISSING  model: The server has no model "Dreamshaper 8" (base sd-1, type main).' in out
