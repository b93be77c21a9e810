"""Asking a server for its node classes: what comes back, and what is said where it is none, or wants a login."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from flowbind_generator.comfyui import fetch as fetching
from flowbind_generator.comfyui.documents import catalog_of
from flowbind_generator.comfyui.fetch import fetch
from flowbind_generator.comfyui.recognise import claims_document
from flowbind_generator.comfyui.shipped import SNAPSHOT
from flowbind_generator.diagnostics import Diagnostic, Refused, Report
from flowbind_generator.engines import VERSION_KEY

from ..fake_server import Answer, as_json
from .fake_comfyui import FakeComfyUI
from .servers import Served


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    """Yield a running stand-in."""
    with FakeComfyUI() as running:
        yield running


def why(url: str) -> Diagnostic:
    """Return the finding by which an address is refused."""
    with pytest.raises(Refused) as caught:
        fetch(url)
    (found,) = caught.value.report
    assert (found.code, found.severity) == ("FB401", "error")
    return found


def test_a_server_tells_of_its_node_classes_and_its_release(comfyui_server: Served) -> None:
    document, release = fetch(comfyui_server.url)
    assert claims_document(document)
    assert document["KSampler"]["output"] == ["LATENT"]
    assert release
    assert document[VERSION_KEY] == release


def test_what_is_fetched_makes_a_catalog(comfyui_server: Served) -> None:
    document, release = fetch(comfyui_server.url)
    catalog = catalog_of(json.loads(json.dumps(document)), Report("pinned"))
    assert catalog is not None
    assert catalog.app_version == release
    assert VERSION_KEY not in catalog
    assert catalog["SaveImage"].is_output


@pytest.mark.parametrize("ending", ["/", "/object_info", "/object_info/"])
def test_the_address_may_be_that_of_the_answer(server: FakeComfyUI, ending: str) -> None:
    assert fetch(server.url + ending)[1] == SNAPSHOT


def test_the_path_of_a_proxy_is_kept() -> None:
    with FakeComfyUI(prefix="/studio") as server:
        assert fetch(f"{server.url}/studio/")[1] == SNAPSHOT
        assert {r.path for r in server.requests} == {"/studio/object_info", "/studio/system_stats"}
        assert "/object_info is answered with 404" in why(server.url).message


def test_the_login_of_an_address_is_sent_and_not_told(server: FakeComfyUI) -> None:
    address = server.url.replace("://", "://me:hidden@")
    fetch(address)
    assert all(r.headers["authorization"].startswith("Basic ") for r in server.requests)
    server.answers["/object_info"] = Answer(b"", 401)
    found = why(address)
    assert "wants a login (401)" in found.message
    assert "hidden" not in str(found)


@pytest.mark.parametrize("stats", [{}, [], {"system": None}, {"system": {"comfyui_version": 3}}])
def test_a_release_that_is_not_told(server: FakeComfyUI, stats: object) -> None:
    server.answers["/system_stats"] = as_json(stats)
    document, release = fetch(server.url)
    assert release is None
    assert VERSION_KEY not in document


def test_numbers_that_only_python_writes_are_none(server: FakeComfyUI) -> None:
    node = {"input": {"required": {"x": ["FLOAT", {"max": float("inf")}]}}, "output": []}
    server.classes = {"Scale": node}
    assert fetch(server.url)[0]["Scale"]["input"]["required"]["x"][1] == {"max": None}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (as_json([]), "tells of no node classes"),
        (as_json({"openapi": "3.1.0", "paths": {}}), "tells of no node classes"),
        (Answer(b"<!doctype html><title>Log in</title>", media_type="text/html"), "a page for people"),
        (Answer(b"\xff\xfe\xfd"), "is no JSON"),
        (Answer(b'{"a": '), "is no JSON"),
        (Answer(b"[" * 100_000), "is no JSON"),
        (Answer(b"", 403), "wants a login (403)"),
        (Answer(b"", 304), "/object_info is answered with 304"),
        (Answer(b"", 302), "/object_info is answered with 302"),
        (Answer(b"", 500), "/object_info is answered with 500"),
        (
            Answer(b"", 302, headers={"location": "https://me:hidden@other.example/login"}),
            "to https://other.example/login",
        ),
    ],
)
def test_what_is_no_comfyui(server: FakeComfyUI, answer: Answer, says: str) -> None:
    server.answers["/object_info"] = answer
    found = why(server.url)
    assert says in found.message
    assert "hidden" not in found.message


def test_an_answer_without_end(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 1 << 20)
    assert "more than 1 MiB" in why(server.url).message


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert "does not answer" in why(address).message


@pytest.mark.parametrize("address", ["http://", "ftp://server", "http://[", "http://a:b", "no address", "http://\0"])
def test_no_address(address: str) -> None:
    assert "FB401" in str(why(address))
