"""The models of a server, as no real one answers: words nobody knows, tokens to keep, older releases, a new start."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from generated import TextToImageSd15
from tests.fidelity.documents import needs_documents, release
from tests.recorded import noted

from flowbind.errors import (
    InstallFailed,
    InstallTimeout,
    ModelNotFound,
    NotFound,
    NotTheApi,
    Refused,
    ServerFault,
    UnexpectedReply,
)
from flowbind.invokeai import InstalledModel, InvokeAI, ModelRef
from flowbind.invokeai.runs.preview import preview

from .both_clients import Script, carry_out
from .fake_server import MODEL, Answer, FakeServer, as_json

MODELS = "/api/v2/models"
INSTALL = f"{MODELS}/install"
NAME = "06_models"
TOKEN = "hf_not-to-be-told"
PAGE = Answer(b"<html>", media_type="text/html")


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    """A server that has answered as a real one did."""
    with FakeServer() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """One of the two clients."""
    return str(request.param)


def body(note: str) -> Any:
    """Return what a real server answered."""
    return copy.deepcopy(noted(NAME, note)["response_body"])


def job(status: str, **more: Any) -> dict[str, Any]:
    """Return an install as a real server tells it, with another status."""
    return {**body("downloading"), "status": status, **more}


# ------------------------------------------------------------------ words and fields that nobody knows

# Without these there is nothing to speak of: a number to ask by, a place.
KEPT = {"id", "source", "local_path", "dest", "path", "is_installed"}


def with_new_words(value: Any) -> Any:
    """Return a document of a release to come: each text is another, each object has more in it."""
    if isinstance(value, dict):
        return {key: with_new_words(item) for key, item in value.items()} | {"new_field": {"deep": [None, 1]}}
    if isinstance(value, list):
        return [with_new_words(item) for item in value]
    return f"new-{value}" if isinstance(value, str) else value


def with_nulls(value: Any) -> Any:
    """Return a document in which whatever may be missing is null."""
    if isinstance(value, dict):
        return {
            key: item if key in KEPT else with_nulls(item) if isinstance(item, dict | list) else None
            for key, item in value.items()
        } | {"new_field": None}
    return [with_nulls(item) for item in value] if isinstance(value, list) else value


def read_all(server: InvokeAI, changed: Any) -> list[Any]:
    """Return whatever is read of models."""
    models = server.models
    return [
        *(models.list(), models.missing(), models.get("k"), models.by_hash("h"), models.by_attributes("n", "b", "t")),
        *(models.update("Tiny", name="x"), models.reidentify("Tiny"), models.convert("Tiny")),
        *(models.stats(), models.scan_folder("/srv"), models.hugging_face_login(), models.log_in_to_hugging_face("x")),
        *(models.install("/a"), models.installs(), models.install_job(3)),
        *(job.refresh() for job in models.installs() if changed),
    ]


@pytest.mark.parametrize("changed", [with_new_words, with_nulls])
def test_nothing_that_is_new_in_an_answer_raises(fake: FakeServer, changed: Any) -> None:
    one = {**changed(body("one")), "key": "k"}
    fake.answer("GET", f"{MODELS}/", as_json({"models": [one, MODEL], "new_field": None}))
    fake.answer("GET", f"{MODELS}/missing", as_json({"models": [one]}))
    for method, path in (
        *(("GET", f"{MODELS}/i/k"), ("GET", f"{MODELS}/get_by_hash"), ("GET", f"{MODELS}/get_by_attrs")),
        *(("PATCH", f"{MODELS}/i/key-here"), ("POST", f"{MODELS}/i/key-here/reidentify")),
        ("PUT", f"{MODELS}/convert/key-here"),
    ):
        fake.answer(method, path, as_json(one))
    fake.answer("GET", f"{MODELS}/stats", as_json({**body("stats"), "new_field": 1}))
    fake.answer("GET", f"{MODELS}/scan_folder", as_json(changed(body("scan"))))
    fake.answer("GET", f"{MODELS}/hf_login", as_json("new-word"))
    fake.answer("POST", f"{MODELS}/hf_login", as_json("new-word"))
    installs = [{**changed(body(note)), "id": 3} for note in ("waiting", "completed", "duplicate", "downloading")]
    fake.answer("POST", INSTALL, as_json(installs[0], 201))
    fake.answer("GET", INSTALL, as_json(installs))
    fake.answer("GET", f"{INSTALL}/3", *map(as_json, [installs[0], *installs]))
    with InvokeAI(fake.url) as server:
        read = read_all(server, changed is with_new_words)
        (model, *_) = server.models.list()
    assert model.record == one
    told = body("one")
    assert model.base == ("new-sd-1" if changed is with_new_words else "")
    assert model.variant == ("new-normal" if changed is with_new_words else None)
    assert model.file_size == (told["file_size"] if changed is with_new_words else None)
    assert all(repr(answer) for answer in read)


def test_an_install_in_a_state_that_nobody_knows_is_waited_for(fake: FakeServer, kind: str) -> None:
    fake.answer("POST", INSTALL, as_json(job("quarantined"), 201))
    done = job("completed", config_out=MODEL, bytes=400000)
    fake.answer("GET", f"{INSTALL}/3", as_json(job("thawing")), as_json(done))
    seen: list[tuple[str, int, int]] = []

    async def script(server: Any) -> InstalledModel:
        install = await server.models.install("http://models.example/a.safetensors")
        found: InstalledModel = await install.wait(progress=lambda *now: seen.append(now))
        assert (install.model, install.id) == (found, 3)
        return found

    assert carry_out(kind, fake.url, script) == InstalledModel.of(MODEL)
    assert seen == [("quarantined", 100000, 400000), ("thawing", 100000, 400000), ("completed", 400000, 400000)]


# ------------------------------------------------------------------ models as inputs


def test_a_model_of_the_list_is_an_input(fake: FakeServer, kind: str) -> None:
    async def script(server: Any) -> None:
        (model,) = await server.models.list()
        await server.submit(TextToImageSd15(model=model))

    carry_out(kind, fake.url, script, check="off")
    nodes = fake.sent("POST")[-1].json["batch"]["graph"]["nodes"].values()
    (sent,) = (node["model"] for node in nodes if node["type"] == "main_model_loader")
    assert sent == {name: MODEL[name] for name in ("key", "hash", "name", "base", "type")}


def test_a_model_of_the_list_keeps_what_it_is() -> None:
    model = InstalledModel.of(body("one"))
    assert pickle.loads(pickle.dumps(model)) == model
    assert pickle.loads(pickle.dumps(model)).source == "/srv/invokeai/models/tiny-sd1"
    assert copy.deepcopy(model) is model
    assert (model.format, model.variant, model.file_size) == ("diffusers", "normal", 24934395)
    graph = preview(TextToImageSd15(model=model))[0]
    assert b"file_size" not in graph
    assert json.dumps(model.key).encode() in graph


def test_what_was_changed_is_not_answered_from_memory(fake: FakeServer, kind: str) -> None:
    renamed, other = {**MODEL, "name": "Renamed"}, {**MODEL, "key": "another"}
    run = TextToImageSd15(model="Tiny")

    async def script(server: Any) -> None:
        await server.submit(run)
        fake.answer("GET", f"{MODELS}/", as_json({"models": [renamed]}))
        fake.answer("PATCH", f"{MODELS}/i/key-here", as_json(renamed))
        await server.models.update(ModelRef(key="key-here"), name="Renamed")
        with pytest.raises(ModelNotFound):
            await server.submit(run)
        fake.answer("GET", f"{MODELS}/", as_json({"models": [MODEL]}))
        await server.submit(run)
        fake.answer("GET", f"{MODELS}/", as_json({"models": [MODEL, other]}))
        fake.answer("POST", INSTALL, as_json(job("completed", config_out=other), 201))
        await server.models.install("/a")
        with pytest.raises(ModelNotFound, match="more than one"):
            await server.submit(run)
        fake.answer("GET", f"{MODELS}/", as_json({"models": [other]}))
        await server.submit(run)
        fake.answer("GET", f"{MODELS}/", as_json({"models": []}))
        fake.answer("POST", f"{MODELS}/i/bulk_delete", as_json({"deleted": ["another"], "failed": []}))
        await server.models.delete(ModelRef(key="another"))
        with pytest.raises(ModelNotFound):
            await server.submit(run)

    carry_out(kind, fake.url, script, check="off")


# ------------------------------------------------------------------ what goes wrong with an install


def outcome(fake: FakeServer, *answers: Any, **options: Any) -> InstallFailed:
    """Return the error of an install that is answered like this, one after the other."""
    fake.answer("POST", INSTALL, as_json(answers[0], 201))
    fake.answer("GET", f"{INSTALL}/{answers[0]['id']}", *map(as_json, answers[1:]))
    with InvokeAI(fake.url) as server, pytest.raises(InstallFailed) as caught:
        server.models.install("/srv/invokeai/models/tiny-sd1", **options).wait(timeout=10)
    return caught.value


def test_a_model_that_is_there_already_is_named(fake: FakeServer) -> None:
    fake.answer("GET", f"{MODELS}/", as_json(body("list")))
    error = outcome(fake, body("duplicate"))
    assert error.model == InstalledModel.of(body("one"))
    assert 'it is there already, as "tiny sd1" (base sd-1, type main) with the key d633d309' in str(error)
    assert "exist_ok=True" in str(error)
    assert (error.status, error.error_type) == ("error", "DuplicateModelException")
    assert error.error_message == "A model with path '/srv/invokeai/models/tiny-sd1' is already installed"
    assert "UNIQUE constraint failed" in error.traceback


def test_a_model_that_comes_in_between_is_taken_with_exist_ok(fake: FakeServer, kind: str) -> None:
    fake.answer("GET", f"{MODELS}/", as_json({"models": []}), as_json(body("list")))
    fake.answer("POST", INSTALL, as_json(body("duplicate"), 201))

    async def script(server: Any) -> Any:
        return await (await server.models.install("/srv/invokeai/models/tiny-sd1", exist_ok=True)).wait()

    assert carry_out(kind, fake.url, script) == InstalledModel.of(body("one"))


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("owner/name", "owner/name"),
        ("owner/name:fp16::vae", "owner/name:fp16:vae"),
        ("owner/name::vae/a.safetensors", "owner/name::vae/a.safetensors"),
        ("/srv/models/a", '"/srv/models/a/"'),
        ("https://models.example/a?v=1", "https://models.example/a?v=1"),
    ],
)
def test_what_is_installed_is_not_installed_again_with_exist_ok(fake: FakeServer, listed: str, asked: str) -> None:
    fake.answer("GET", f"{MODELS}/", as_json({"models": [{**MODEL, "source": listed}]}))
    with InvokeAI(fake.url) as server:
        install = server.models.install(asked, exist_ok=True)
        assert (install.id, install.record, install.source, install.status) == (None, None, listed, "completed")
        assert install.wait() == install.model == InstalledModel.of(MODEL)
        assert (install.refresh(), install.cancel(), install.pause()) == ("completed",) * 3
    assert not fake.sent("POST")


def test_an_install_that_the_server_forgot(fake: FakeServer) -> None:
    fake.answer("POST", INSTALL, as_json(job("waiting"), 201))
    with InvokeAI(fake.url) as server, pytest.raises(InstallFailed, match=r"no longer knows install 3 \(") as caught:
        server.models.install("/a").wait()
    assert (caught.value.status, caught.value.install_id) == ("gone", 3)


def test_another_install_under_the_same_number_is_not_taken_for_it(fake: FakeServer) -> None:
    # A server that was started again counts from 0.
    other = {**body("completed"), "id": 3}
    assert "started again" in str(outcome(fake, job("downloading"), other))


def test_a_server_that_is_away_for_a_moment_is_asked_again(fake: FakeServer, kind: str) -> None:
    fake.answer("POST", INSTALL, as_json(job("waiting"), 201))
    fault = as_json({"detail": "busy"}, 500)
    fake.answer("GET", f"{INSTALL}/3", fault, fault, as_json(job("completed", config_out=MODEL)))

    async def script(server: Any) -> Any:
        return await (await server.models.install("/a")).wait(timeout=30)

    assert carry_out(kind, fake.url, script) == InstalledModel.of(MODEL)


def test_an_install_that_takes_too_long_goes_on(fake: FakeServer, kind: str) -> None:
    fake.answer("POST", INSTALL, as_json(job("waiting"), 201))
    fake.answer("GET", f"{INSTALL}/3", as_json(job("paused")))

    async def script(server: Any) -> None:
        await (await server.models.install("/a")).wait(timeout=0.1)

    with pytest.raises(InstallTimeout, match=r"is not installed after 0\.1 s \(status paused\)") as caught:
        carry_out(kind, fake.url, script)
    assert isinstance(caught.value, TimeoutError)
    assert not fake.sent("DELETE")


def test_a_finished_install_without_its_model(fake: FakeServer) -> None:
    fake.answer("POST", INSTALL, as_json(job("completed"), 201))
    with InvokeAI(fake.url) as server, pytest.raises(UnexpectedReply, match="does not say as which model"):
        server.models.install("/a").wait()


def test_an_ended_install_is_not_cancelled(fake: FakeServer, kind: str) -> None:
    # The server would call it cancelled, though the model is there.
    fake.answer("GET", f"{INSTALL}/3", as_json(job("completed", config_out=MODEL)))

    async def script(server: Any) -> Any:
        return await (await server.models.install_job(3)).cancel()

    assert carry_out(kind, fake.url, script) == "completed"
    assert not fake.sent("DELETE")


@pytest.mark.parametrize(("status", "error"), [(500, ServerFault), (409, Refused), (415, Refused), (424, Refused)])
def test_a_source_that_the_server_does_not_take(fake: FakeServer, status: int, error: type[Exception]) -> None:
    said = f"Unsupported model source: 'https://a:{TOKEN}@models.example/x?token={TOKEN}'"
    fake.answer("POST", INSTALL, as_json({"detail": said}, status))
    with InvokeAI(fake.url) as server, pytest.raises(error, match="Hugging Face") as caught:
        server.models.install(f"https://a:{TOKEN}@models.example/x?token={TOKEN}")
    assert "Unsupported model source: 'https://models.example/x?...'" in str(caught.value)
    assert TOKEN not in str(caught.value)


# ------------------------------------------------------------------ tokens


def test_the_tokens_of_installs_and_logins_are_told_nowhere(fake: FakeServer, kind: str) -> None:
    source = f"https://models.example/a.safetensors?token={TOKEN}"
    failing = job("error", error=f"no {source}", error_traceback=source, error_reason="HTTPError")
    failing["source"]["url"] = source
    fake.answer("POST", INSTALL, as_json(failing, 201))
    fake.answer("GET", INSTALL, as_json([job("downloading")]))
    fake.answer("POST", f"{MODELS}/hf_login", as_json("valid"))
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)

    async def script(server: Any) -> None:
        assert await server.models.log_in_to_hugging_face(TOKEN) == "valid"
        install = await server.models.install(source, access_token=TOKEN)
        print(repr(install), file=written)
        with pytest.raises(InstallFailed) as caught:
            await install.wait()
        error = caught.value
        print(error, error.source, error.error_message, error.traceback, file=written)
        for known in await server.models.installs():
            print(known, known.record, file=written)

    try:
        carry_out(kind, fake.url, script)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    login, install = fake.sent("POST")
    assert login.json == {"token": TOKEN}
    asked = {"source": [source], "inplace": ["true"], "access_token": [TOKEN]}
    assert (parse_qs(install.query), install.json) == (asked, {})
    assert "send_request_headers.complete" in written.getvalue()
    assert TOKEN not in written.getvalue()


def test_what_an_install_is_asked_for(fake: FakeServer, kind: str) -> None:
    fake.answer("POST", INSTALL, as_json(job("waiting"), 201))

    async def script(server: Any) -> None:
        await server.models.install("owner/name::vae", name="A", description="B", inplace=False)

    carry_out(kind, fake.url, script)
    (sent,) = fake.sent("POST")
    assert parse_qs(sent.query) == {"source": ["owner/name::vae"], "inplace": ["false"]}
    assert sent.json == {"name": "A", "description": "B"}


def test_a_conversion_has_time_of_its_own(fake: FakeServer, kind: str) -> None:
    answer = json.dumps({**MODEL, "key": "new", "format": "diffusers"}).encode()
    fake.answer("PUT", f"{MODELS}/convert/key-here", Answer(answer, seconds=0.5))

    async def script(server: Any) -> Any:
        return await server.models.convert("Tiny")

    made = carry_out(kind, fake.url, script, timeout=0.3)
    assert (made.key, made.format) == ("new", "diffusers")


# ------------------------------------------------------------------ older releases

LACKING: list[tuple[str, str, str, Script]] = [
    ("6.12", "GET", "missing", lambda server: server.models.missing()),
    ("6.9", "POST", "i/{key}/reidentify", lambda server: server.models.reidentify("Tiny")),
    ("5.6", "GET", "hf_login", lambda server: server.models.hugging_face_login()),
    ("5.6", "POST", "hf_login", lambda server: server.models.log_in_to_hugging_face("x")),
    ("5.15", "DELETE", "hf_login", lambda server: server.models.log_out_of_hugging_face()),
    ("5.6", "POST", "empty_model_cache", lambda server: server.models.empty_cache()),
]
BY_OTHER_WAYS = [("6.12", "GET", "get_by_hash"), ("6.10", "POST", "i/bulk_delete")]
ORDERS = [("6.12", "POST", f"install/{{id}}/{verb}") for verb in ("pause", "resume")]


@pytest.fixture
def old(fake: FakeServer) -> FakeServer:
    """A server of an older release, which answers what it lacks with its page, or with 404 or 405."""
    fake.answer("GET", "/openapi.json", as_json({"openapi": "3.1.0", "paths": {}, "components": {"schemas": {}}}))
    return fake


@pytest.mark.parametrize("answer", [PAGE, as_json({"detail": "Not Found"}, 404), as_json({"detail": "No"}, 405)])
@pytest.mark.parametrize(("number", "method", "path", "call"), LACKING)
def test_what_a_release_lacks_is_said(
    old: FakeServer, number: str, method: str, path: str, call: Script, answer: Answer
) -> None:
    old.answer(method, f"{MODELS}/{path.replace('{key}', 'key-here')}", answer)
    with InvokeAI(old.url) as server, pytest.raises(NotTheApi) as caught:
        call(server)
    assert f"that takes InvokeAI {number} or later. Update the server." in str(caught.value)


def test_older_releases_are_asked_in_other_ways(old: FakeServer, kind: str) -> None:
    old.answer("GET", f"{MODELS}/get_by_hash", PAGE)
    old.answer("POST", f"{MODELS}/i/bulk_delete", as_json({"detail": "Method Not Allowed"}, 405))
    old.answer("DELETE", f"{MODELS}/i/key-here", Answer(b"", 204))
    old.answer("DELETE", f"{MODELS}/i/gone", as_json({"detail": "model not found"}, 404))

    async def script(server: Any) -> Any:
        found = await server.models.by_hash("blake3:here")
        with pytest.raises(NotFound, match="no model with the hash blake3:other"):
            await server.models.by_hash("blake3:other")
        done = await server.models.delete(found, ModelRef(key="gone"))
        return found, done.deleted, [failed["key"] for failed in done.failed], done.failed[0]["error"]

    found, deleted, failed, error = carry_out(kind, old.url, script)
    assert (found, deleted, failed) == (InstalledModel.of(MODEL), ["key-here"], ["gone"])
    assert "model not found" in error


def test_pausing_an_install_of_an_older_release(old: FakeServer) -> None:
    old.answer("GET", f"{INSTALL}/3", as_json(job("downloading")))
    old.answer("POST", f"{INSTALL}/3/pause", as_json({"detail": "Method Not Allowed"}, 405))
    with (
        InvokeAI(old.url) as server,
        pytest.raises(NotTheApi, match=r"cannot pause installs: that takes InvokeAI 6\.12"),
    ):
        server.models.install_job(3).pause()


def test_what_is_not_there_is_not_taken_for_an_older_release(fake: FakeServer) -> None:
    fake.answer("GET", f"{MODELS}/get_by_hash", as_json({"detail": "No model found with this hash"}, 404))
    with InvokeAI(fake.url) as server, pytest.raises(NotFound, match="No model found with this hash"):
        server.models.by_hash("x")
    assert not fake.sent("GET", "/openapi.json")


@needs_documents
@pytest.mark.parametrize(("number", "method", "path"), [*(case[:3] for case in LACKING), *BY_OTHER_WAYS, *ORDERS])
def test_the_releases_are_those_of_the_documents(number: str, method: str, path: str) -> None:
    names = ("5.0.2", "5.6.2", "5.10.1", "5.15.0", "6.8.1", "6.9.0", "6.10.0", "6.11.1", "6.12.0", "6.14.2")
    having = [name for name in names if method.lower() in release(name).document["paths"].get(f"{MODELS}/{path}", {})]
    first = names.index(having[0])
    assert having == [*names[first:]]
    assert having[0].startswith(f"{number}.")


def test_words_that_the_server_does_not_know_are_named(fake: FakeServer, kind: str) -> None:
    fake.answer("GET", f"{MODELS}/", as_json(body("unknown type"), 422))

    async def script(server: Any) -> None:
        await server.models.list(type="nonsense")

    with pytest.raises(Refused, match=r"""knows no type "nonsense"\. It knows 'onnx', 'main', .* or 'unknown'\.$"""):
        carry_out(kind, fake.url, script)


def test_filters_of_the_list(fake: FakeServer, kind: str) -> None:
    async def script(server: Any) -> None:
        await server.models.list(base=["sd-1", "sdxl", "sd-1"], type="main", name="Tiny", format="diffusers")
        await server.models.list(base="flux")
        assert await server.models.list(base=[]) == []

    carry_out(kind, fake.url, script)
    first, second = fake.sent("GET", f"{MODELS}/")
    words = {"model_type": ["main"], "model_name": ["Tiny"], "model_format": ["diffusers"]}
    assert parse_qs(first.query) == {"base_models": ["sd-1", "sdxl"], **words}
    assert parse_qs(second.query) == {"base_models": ["flux"]}
