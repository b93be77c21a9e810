"""Older releases, each played by a fake server that is driven by the release's own OpenAPI document."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from generated import ContactSheet, GrainStudy, TextToImageSd15
from tests.fidelity.documents import needs_documents

import flowbind
from flowbind.errors import DriftWarning, RunCanceled, RunFailed, SubmitUncertain
from flowbind.invokeai import InvokeAI
from flowbind.invokeai.runs import enqueue, recovery

from .batches import golden
from .both_clients import Script
from .conftest import ROOT
from .fake_server import BOARD, ENQUEUE, MODEL, PNG, QUEUE
from .playing import Case, cases, name_of
from .spec_document import document_of
from .spec_server import SpecServer

BEFORE_6 = ("5.0.2", "5.6.2", "5.8.1", "5.10.1", "5.15.0")
LATER = ("6.0.2", "6.5.1", "6.11.1")
FAULT = ("OSError", "disk full", "Traceback (most recent call last)")


@pytest.fixture(params=cases(*BEFORE_6, *LATER), ids=name_of)
def case(request: pytest.FixtureRequest) -> Case:
    """A release and a client."""
    found: Case = request.param
    return found


@cache
def class_for(name: str, version: str, folder: Path) -> Any:
    """Return a shipped export as it is loaded with the document of a release: calling it makes instances."""
    file = folder / f"{version}.json"
    file.write_text(json.dumps(document_of(version).whole), encoding="utf-8")
    return flowbind.load(ROOT / "workflows" / f"{name}.json", spec=str(file))


def test_a_run(played: SpecServer, use: Callable[[Script], Any], tmp_path: Path) -> None:
    played.queue_others(3)

    async def run(client: Any) -> Any:
        job = await client.submit(ContactSheet())
        assert (job.item_id, job.status) == (4, "pending")
        assert await job.refresh() == "in_progress"
        result = await job.wait(20)
        assert await job.cancel() == "completed"
        await client.images.save(result.outputs.frame[0], tmp_path / "frame.png")
        return await client.version()

    assert use(run) == played.version
    assert (tmp_path / "frame.png").read_bytes() == PNG
    assert len(played.sent("POST", ENQUEUE)) == 1
    assert played.runs[4].status == "completed"


def test_a_run_with_a_model_a_board_and_an_upload(
    case: tuple[str, str], played: SpecServer, use: Callable[[Script], Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = class_for("image_to_image_sd15", case[0], tmp_path_factory.getbasetemp())
    workflow = made(model="Tiny", source_image=PNG)
    boards = [name for name in type(made).model_fields if "board" in name]

    async def run(client: Any) -> Any:
        for name in boards:
            setattr(workflow, name, BOARD["board_name"])
        return await client.run(workflow, timeout=20)

    result = use(run)
    (post,) = played.sent("POST", ENQUEUE)
    nodes = post.json["batch"]["graph"]["nodes"].values()
    assert [n["model"]["key"] for n in nodes if "model" in n] == [MODEL["key"]]
    assert [n["image"] for n in nodes if "image" in n] == [{"image_name": "upload-0.png"}]
    assert {n["board"]["board_id"] for n in nodes if "board" in n} == {"board-1"} if boards else set()
    assert result.item_id == 1


def batch_of(server: SpecServer) -> Any:
    """Return a batch whose nodes the release has: it came to film grain in 5.1."""
    return GrainStudy if "img_noise" in server.document.nodes else type(golden("own_lists"))


def test_a_batch(played: SpecServer, use: Callable[[Script], Any]) -> None:
    study = batch_of(played)
    played.queue_others(250, priority=1)

    async def run(client: Any) -> Any:
        job = await client.submit(study())
        assert await job.refresh() == "pending"
        return job.item_ids, [result.item_id for result in await job.wait(20)], await job.refresh()

    item_ids, ended, status = use(run)
    assert list(item_ids) == ended == list(range(251, 251 + len(ended)))
    assert len(ended) > 1
    assert status == "completed"
    assert len({json.dumps(played.runs[i].values) for i in ended}) == len(ended)


def test_cancel(played: SpecServer, use: Callable[[Script], Any]) -> None:
    played.held = True

    async def run(client: Any) -> Any:
        job = await client.submit(ContactSheet())
        assert await job.cancel() == "canceled"
        with pytest.raises(RunCanceled):
            await job.wait(20)
        batch = await client.submit(batch_of(played)())
        return await batch.cancel()

    assert use(run) == "canceled"
    assert {run.status for run in played.runs.values()} == {"canceled"}


def test_a_run_that_fails(played: SpecServer, use: Callable[[Script], Any]) -> None:
    played.error = FAULT

    async def run(client: Any) -> Any:
        with pytest.raises(RunFailed, match="OSError: disk full") as caught:
            await client.run(ContactSheet(), timeout=20)
        return caught.value

    failed = use(run)
    assert (failed.error_type, failed.error_message, failed.traceback) == FAULT
    assert failed.node_label


def test_upload_and_save(use: Callable[[Script], Any], tmp_path: Path) -> None:
    async def run(client: Any) -> Any:
        made = await client.images.upload(PNG)
        await client.images.save(made.name, tmp_path)
        return made.name

    name = use(run)
    assert (tmp_path / name).read_bytes() == PNG


def test_a_lost_answer(played: SpecServer, use: Callable[[Script], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake carries the request out, and fails to say so."""
    monkeypatch.setattr(recovery, "PAUSE", 0.01)
    played.queue_others(130)
    answer = played.answer

    def faulty(request: Any) -> Any:
        said = answer(request)
        return (500, b"Internal Server Error") if request.path == ENQUEUE else said

    monkeypatch.setattr(played, "answer", faulty)

    async def run(client: Any) -> Any:
        job = await client.submit(ContactSheet())
        return (await job.wait(20)).item_id

    assert use(run) == 131
    assert len(played.sent("POST", ENQUEUE)) == 1
    ways = {"list", "items_by_ids"} & {r.path.rpartition("/")[2] for r in played.requests}
    assert ways == ({"list"} if played.document.has("/api/v1/queue/{queue_id}/list", "get") else {"items_by_ids"})


def test_an_answer_that_never_comes(
    played: SpecServer, use: Callable[[Script], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PAUSE", 0.01)
    monkeypatch.setattr(enqueue, "_BROKEN", 0.05)
    answer = played.answer
    monkeypatch.setattr(played, "answer", lambda r: (502, {"no": "detail"}) if r.path == ENQUEUE else answer(r))

    async def run(client: Any) -> Any:
        with pytest.raises(SubmitUncertain):
            await client.submit(ContactSheet())

    use(run)
    assert played.runs == {}


def test_the_drift_check_names_all_that_the_release_would_drop(played: SpecServer) -> None:
    """The checkout's classes are those of 6.14: older releases ignore inputs that came later, without a word."""
    with InvokeAI(played.url) as client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.submit(ContactSheet())
        assert not [w for w in caught if str(w.message).startswith("error")]
        client.submit(TextToImageSd15(model="Tiny"))
    said = [str(w.message) for w in caught if issubclass(w.category, DriftWarning)]
    dropped = {complaint.removeprefix("the server drops ") for complaint in played.complaints}
    assert dropped
    for place in dropped:
        assert [text for text in said if "INPUT_REMOVED" in text and f"has no input {place};" in text]
    # Nothing that a run needs is missing in any of these releases.
    assert "ENDPOINT_REMOVED" not in "".join(said)
    played.complaints.clear()


def test_the_list_of_a_queue_is_read_only_where_the_answer_has_no_ids(played: SpecServer) -> None:
    with InvokeAI(played.url, check="off") as client:
        client.submit(ContactSheet())
    assert [r.path for r in played.sent("GET", QUEUE)] == ([f"{QUEUE}/list"] if played.before_6 else [])


@pytest.mark.parametrize(
    ("method", "path", "before_6", "later"),
    [
        ("GET", f"{QUEUE}/nothing", 404, 404),
        ("POST", f"{QUEUE}/item_summaries_by_ids", 405, 405),
        ("GET", f"{QUEUE}/i/99", 500, 404),
        ("PUT", f"{QUEUE}/i/99/cancel", 500, 404),
        ("GET", f"{QUEUE}/i/seven", 422, 422),
        ("GET", "/api/v1/boards/", 400, 400),
        ("GET", "/api/v1/images/i/gone.png", 404, 404),
        ("POST", ENQUEUE, 422, 422),
        ("POST", "/api/v1/images/upload", 422, 422),
    ],
)
def test_the_fake_refuses_as_the_release_does(
    played: SpecServer, method: str, path: str, before_6: int, later: int
) -> None:
    answer = httpx.request(method, played.url + path, json={} if method == "POST" else None)
    assert answer.status_code == (before_6 if played.before_6 else later)


@needs_documents
def test_the_kept_document_is_fresh() -> None:
    script = ROOT / "tests/maintain/old_document.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_fake_complains_of_what_a_server_would_ignore(played: SpecServer) -> None:
    httpx.get(f"{played.url}/api/v1/boards/?all=true&colour=red")
    assert played.complaints == ["GET /api/v1/boards/: LookupError: list_boards has no parameters ['colour']"]
    played.complaints.clear()
