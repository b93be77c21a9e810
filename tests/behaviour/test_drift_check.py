"""Before the first run of a class: it is compared with what the server says of its node types."""

from __future__ import annotations

import asyncio
import copy
import gzip
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import generated
import pytest
from generated import ContactSheet, GrainStudy, Poster

import flowbind
from flowbind.drift_check import CheckMode
from flowbind.errors import (
    DriftError,
    DriftWarning,
    InterfaceError,
    NotFound,
    ServerError,
    ServerUnreachable,
    UnexpectedReply,
)
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.pinned import entry_of_class
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.shipped import shipped_document

from . import submitting
from .conftest import ROOT
from .fake_server import BOARD, HANG_UP, Answer, FakeServer, as_json
from .submitting import submit

DOCUMENT = "/openapi.json"
BROKEN = as_json({"detail": "Internal Server Error"}, 500)
NO_DOCUMENT = [
    (as_json({"detail": "Not Found"}, 404), NotFound),
    (Answer(b"<html>", media_type="text/html"), UnexpectedReply),
    (as_json([]), UnexpectedReply),
    (as_json({"openapi": "3.1.0", "paths": {"/": {}}}), UnexpectedReply),
    (as_json({"components": [1], "paths": []}), UnexpectedReply),
    (as_json({"components": {"schemas": {"A": [], "B": {"class": "invocation", "properties": []}}}}), UnexpectedReply),
    (Answer(b"", 302, headers={"location": "/login"}), UnexpectedReply),
    (as_json({"detail": "Authentication required"}, 401), ServerError),
    # InvokeAI answers so with a node pack of which FastAPI cannot make a document; runs go on.
    (BROKEN, ServerError),
    (HANG_UP, ServerError),
]


@cache
def shipped() -> Any:
    """What the document that flowbind ships says of the nodes of three workflows: the whole would take its time."""
    document = json.loads(gzip.decompress(shipped_document()))
    schemas = document["components"]["schemas"]
    used = {t for w in (Poster, GrainStudy, ContactSheet) for t in entry_of_class(w)["node_types"]}
    todo = [name for name, s in schemas.items() if "const" in s.get("properties", {}).get("type", {})]
    todo = [name for name in todo if schemas[name]["properties"]["type"]["const"] in used]
    kept: dict[str, Any] = {}
    while todo:
        name = todo.pop()
        if name not in kept:
            kept[name] = schemas[name]
            todo += re.findall(r'"#/components/schemas/(.+?)"', json.dumps(schemas[name]))
    return {"openapi": "3.1.0", "paths": document["paths"], "components": {"schemas": kept}}


def changed(change: Callable[[dict[str, Any]], object]) -> Answer:
    """Return that document with other nodes; `change` is given their schemas by node type."""
    document = copy.deepcopy(shipped())
    schemas: dict[str, Any] = document["components"]["schemas"]
    nodes = {s["properties"]["type"]["const"]: s for s in schemas.values() if s.get("class") == "invocation"}
    others = {name: s for name, s in schemas.items() if s.get("class") != "invocation"}
    change(nodes)
    document["components"]["schemas"] = others | {f"{name} node": s for name, s in nodes.items()}
    return as_json(document)


@cache
def without_blend() -> Answer:
    """The document of a server that lacks a node of `Poster`."""
    return changed(lambda nodes: nodes.pop("invokeai_img_blend"))


@pytest.fixture
def served(server: FakeServer) -> FakeServer:
    """The server, with the document of the release that the checkout's classes were generated from."""
    server.answer("GET", DOCUMENT, as_json(shipped()))
    return server


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two clients."""
    return str(request.param)


def texts(caught: pytest.WarningsRecorder) -> list[str]:
    """Return what was warned of."""
    assert {w.category for w in caught} <= {DriftWarning}
    return [str(w.message) for w in caught]


@pytest.mark.parametrize("check", ["warn", "error"])
def test_a_server_that_fits_is_not_mentioned(served: FakeServer, kind: str, check: CheckMode) -> None:
    submit(kind, served.url, check, Poster(), GrainStudy(), ContactSheet())
    assert len(served.sent("POST")) == 3


def test_once_per_server_and_class(served: FakeServer, kind: str) -> None:
    served.answer("GET", DOCUMENT, without_blend())
    with pytest.warns(DriftWarning) as caught:
        submit(kind, served.url, "warn", Poster(), Poster(width=64), ContactSheet(), Poster())
    assert len(caught) == 1
    assert len(served.sent("GET", DOCUMENT)) == 1
    assert len(served.sent("POST")) == 4


def test_off_asks_nothing(server: FakeServer, kind: str) -> None:
    server.answer("GET", DOCUMENT, without_blend())
    submit(kind, server.url, "off", Poster())
    assert server.sent("GET", DOCUMENT) == []
    assert len(server.sent("POST")) == 1


@pytest.mark.parametrize("client", [InvokeAI, AsyncInvokeAI])
def test_another_mode_is_refused(client: Any) -> None:
    with pytest.raises(ValueError, match=r"check is 'on'; it is one of 'warn', 'error', 'off'"):
        client("http://127.0.0.1:9", check="on")


def test_the_warning_says_all_and_points_at_the_users_line(server: FakeServer, kind: str) -> None:
    server.answer("GET", DOCUMENT, without_blend())
    with pytest.warns(DriftWarning) as caught:
        submit(kind, server.url, "warn", Poster())
    (warning,) = caught
    assert str(warning.message) == (
        'error NODE_REMOVED: Poster: The server has no node type "invokeai_img_blend", so it refuses the workflow. It '
        "holds `blend_mode`, `sun_opacity`. Replace the node in the editor and export again, or see whether the "
        "server's settings deny it."
    )
    assert warning.filename == submitting.__file__
    assert len(server.sent("POST")) == 1


def test_an_attribute_is_named(server: FakeServer) -> None:
    def narrow(nodes: dict[str, Any]) -> None:
        nodes["img_noise"]["properties"]["amount"]["maximum"] = 0.5
        nodes["invokeai_img_blend"]["properties"]["blend_mode"]["enum"] = ["Normal", "Screen"]

    server.answer("GET", DOCUMENT, changed(narrow))
    with pytest.warns(DriftWarning) as caught:
        submit("sync", server.url, "warn", Poster())
    narrowed, fewer = sorted(texts(caught), key=lambda text: "blend_mode" in text)
    assert narrowed.startswith('warning RANGE_NARROWED: Poster.grain: "Grain" (img_noise.amount) allows less')
    assert fewer.startswith('warning ENUM_VALUE_REMOVED: Poster.blend_mode: "Blend mode" (invokeai_img_blend.')
    assert all(text.endswith("generate again from the server's document.") for text in (narrowed, fewer))


def test_an_error_raises_before_anything_is_sent(server: FakeServer, kind: str) -> None:
    server.answer("GET", DOCUMENT, without_blend())
    with pytest.raises(DriftError) as caught:
        submit(kind, server.url, "error", Poster(board="Posters"))
    (found,) = caught.value.findings
    assert (found.rule, found.severity, found.class_name) == ("NODE_REMOVED", "error", "Poster")
    assert (found.place, found.source) == ("invokeai_img_blend", "workflows/poster.json")
    assert str(caught.value) == f"The server does not fit Poster:\n  {found}"
    assert [r.path for r in server.requests] == [DOCUMENT]


def test_an_error_raises_every_time(server: FakeServer) -> None:
    server.answer("GET", DOCUMENT, without_blend())
    with InvokeAI(server.url, check="error") as client:
        for _ in range(2):
            with pytest.raises(DriftError):
                client.submit(Poster())
        client.submit(ContactSheet())
    assert len(server.sent("GET", DOCUMENT)) == 1


def test_what_is_no_error_never_stops_a_run(server: FakeServer, kind: str) -> None:
    server.answer("GET", DOCUMENT, changed(lambda n: n["img_noise"]["properties"]["amount"].update(maximum=0.5)))
    with pytest.warns(DriftWarning, match=r"^warning RANGE_NARROWED: Poster\.grain: ") as caught:
        submit(kind, server.url, "error", Poster(), Poster())
    assert len(caught) == 1
    assert len(server.sent("POST")) == 2


def test_what_is_only_good_to_know_is_not_told(server: FakeServer, kind: str) -> None:
    server.answer("GET", DOCUMENT, changed(lambda nodes: nodes["img_noise"]["properties"]["amount"].update(maximum=2)))
    submit(kind, server.url, "warn", Poster())


def test_a_node_of_the_editor_alone_is_no_error(server: FakeServer) -> None:
    server.answer("GET", DOCUMENT, changed(lambda nodes: nodes.pop("integer_generator")))
    with pytest.warns(DriftWarning, match="^warning NODE_REMOVED: GrainStudy: .*; runs go on as before"):
        submit("sync", server.url, "error", GrainStudy())
    assert len(server.sent("POST")) == 1


@pytest.mark.parametrize(("answer", "error"), NO_DOCUMENT)
def test_without_a_document_the_run_goes_on(
    server: FakeServer, kind: str, answer: Answer, error: type[Exception]
) -> None:
    del error
    server.answer("GET", DOCUMENT, answer)
    with pytest.warns(DriftWarning) as caught:
        submit(kind, server.url, "warn", Poster(), Poster())
    (said,) = texts(caught)
    assert said.startswith("Poster was not compared with the server. ")
    assert "openapi.json" in said or "broke" in said
    assert caught[0].filename == submitting.__file__
    assert len(server.sent("POST")) == 2


@pytest.mark.parametrize(("answer", "error"), NO_DOCUMENT)
def test_without_a_document_an_error_is_wanted(
    server: FakeServer, kind: str, answer: Answer, error: type[Exception]
) -> None:
    server.answer("GET", DOCUMENT, answer)
    with pytest.raises(error, match=r"^Poster cannot be compared with the server\. "):
        submit(kind, server.url, "error", Poster())
    assert server.sent("POST") == []


@pytest.mark.parametrize("check", ["warn", "error"])
def test_no_server_stays_no_server(kind: str, check: CheckMode) -> None:
    with pytest.raises(ServerUnreachable, match=r"^No InvokeAI answers at http://127\.0\.0\.1:9 "):
        submit(kind, "http://127.0.0.1:9", check, Poster())


def test_a_broken_connection_is_tried_again(served: FakeServer, kind: str) -> None:
    served.answer("GET", DOCUMENT, HANG_UP, as_json(shipped()))
    submit(kind, served.url, "error", Poster())


@pytest.fixture
def copied(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A copy of the checkout's generated package, under a name of its own."""
    folder = tmp_path / f"copied_{abs(hash(request.node.name))}"
    shutil.copytree(Path(str(generated.__file__)).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == folder.name]:
        del sys.modules[name]


def poster_in(folder: Path) -> Any:
    """Import the package in a folder and return its class `Poster`."""
    spec = importlib.util.spec_from_file_location(
        folder.name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = sys.modules[folder.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    return package.Poster


def edited(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest entry of `Poster`."""
    document = json.loads(path.read_text(encoding="utf-8"))
    edit(document["workflows"]["workflows/poster.json"])
    path.write_text(json.dumps(document), encoding="utf-8")


def made_old(entry: dict[str, Any]) -> None:
    """Leave what manifest version 2 had."""
    for key in ("graph", "node_types", "node_packs", "named", "file_digest"):
        del entry[key]


DAMAGES: dict[str, Callable[[Path], object]] = {
    "not shipped": Path.unlink,
    "old": lambda path: edited(path, made_old),
    "no JSON": lambda path: path.write_text("<<<<<<< HEAD\n", encoding="utf-8"),
    "a list": lambda path: path.write_text("[]", encoding="utf-8"),
    "workflows are a list": lambda path: path.write_text('{"workflows": []}', encoding="utf-8"),
    "another workflow's": lambda path: path.write_text('{"workflows": {}}', encoding="utf-8"),
    "an entry that is a list": lambda path: path.write_text(
        '{"workflows": {"workflows/poster.json": ["graph"]}}', encoding="utf-8"
    ),
    "no node types": lambda path: edited(path, lambda entry: entry.pop("node_types")),
    "node types are a list": lambda path: edited(path, lambda entry: entry.update(node_types=[1])),
    "an input without a type": lambda path: edited(
        path, lambda entry: entry["node_types"]["img_noise"]["inputs"].update(amount={"schema": 3})
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_manifest_that_cannot_be_used(served: FakeServer, kind: str, copied: Path, damage: str) -> None:
    DAMAGES[damage](copied / "manifest.json")
    poster = poster_in(copied)
    said = (
        r"What manifest\.json says of Poster is missing, old or damaged: run `flowbind generate`, and ship the \.json "
        "files with the package"
    )
    with pytest.warns(DriftWarning, match=rf"^Poster was not compared with the server\. {said}\.$") as caught:
        submit(kind, served.url, "warn", poster(), poster())
    assert len(caught) == 1
    assert len(served.sent("POST")) == 2
    with pytest.raises(InterfaceError, match=rf"^Poster cannot be compared with the server\. {said}\.$"):
        submit(kind, served.url, "error", poster())
    assert len(served.sent("POST")) == 2


def test_a_loaded_workflow_is_compared(
    served: FakeServer, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = flowbind.load(ROOT / "workflows" / "poster.json")
    submit(kind, served.url, "error", loaded())
    served.answer("GET", DOCUMENT, without_blend())
    with pytest.raises(DriftError, match="NODE_REMOVED: Poster: "):
        submit(kind, served.url, "error", loaded())


def test_neither_the_generator_nor_a_document_is_needed(server: FakeServer, copied: Path) -> None:
    server.answer("GET", DOCUMENT, without_blend())
    code = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("flowbind_generator", "jinja2", "datamodel_code_generator", "ruff"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocked())
from flowbind.errors import DriftError
from flowbind.invokeai import InvokeAI
from {copied.name} import ContactSheet, Poster

with InvokeAI({server.url!r}, check="error") as server:
    server.submit(ContactSheet())
    try:
        server.submit(Poster())
    except DriftError as error:
        print(*(found.rule for found in error.findings))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=copied.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(copied.parent), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "NODE_REMOVED\n", "")


def test_threads_may_share_a_client(served: FakeServer) -> None:
    served.answer("GET", DOCUMENT, Answer(without_blend().body, seconds=0.1))
    ended: list[str] = []
    start = threading.Barrier(8)

    def run(workflow: Workflow[Any]) -> None:
        start.wait()
        try:
            client.submit(workflow)
            ended.append("sent")
        except Exception as error:
            ended.append(type(error).__name__)

    with InvokeAI(served.url, check="error") as client:
        workflows: list[Workflow[Any]] = [Poster(), ContactSheet()] * 4
        threads = [threading.Thread(target=run, args=(workflow,)) for workflow in workflows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(ended) == ["DriftError"] * 4 + ["sent"] * 4
    assert len(served.sent("POST")) == 4


def test_tasks_may_share_a_client(served: FakeServer) -> None:
    async def run() -> None:
        async with AsyncInvokeAI(served.url, check="error") as client:
            await asyncio.gather(*(client.submit(workflow) for workflow in [Poster(), ContactSheet()] * 3))

    asyncio.run(run())
    assert len(served.sent("POST")) == 6


def test_a_bad_value_is_told_before_anything_is_asked(served: FakeServer, kind: str) -> None:
    with pytest.raises(ValueError, match="width"):
        submit(kind, served.url, "error", Poster().model_copy(update={"width": 3.5}))
    assert served.requests == []


def test_a_warning_made_an_error_stops_the_run(server: FakeServer, kind: str) -> None:
    server.answer("GET", DOCUMENT, without_blend())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DriftWarning, match="NODE_REMOVED"):
            submit(kind, server.url, "warn", Poster())
    assert server.sent("POST") == []


def test_the_comparison_is_imported_when_it_is_needed(served: FakeServer) -> None:
    code = f"""
import sys
from generated import Poster
from flowbind.invokeai import InvokeAI
with InvokeAI({served.url!r}, check="off") as server:
    server.submit(Poster())
assert "flowbind.drift" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_board_that_is_gone_is_told_at_the_users_line(
    served: FakeServer, kind: str, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The board of a node that is not among the inputs: the run goes on without it.
    monkeypatch.chdir(copied.parent)
    export = json.loads((ROOT / "workflows" / "poster.json").read_text(encoding="utf-8"))
    hidden = next(n["data"] for n in export["nodes"] if n["data"]["type"] == "img_ilerp")
    hidden["inputs"]["board"]["value"] = {"board_id": "gone"}
    path = copied.parent / "poster.json"
    path.write_text(json.dumps(export), encoding="utf-8")
    served.answer("GET", "/api/v1/boards/", as_json([BOARD]))
    with pytest.warns(UserWarning, match='the server has no board "gone"') as caught:
        submit(kind, served.url, "error", flowbind.load(path)())
    assert caught[0].filename == submitting.__file__
