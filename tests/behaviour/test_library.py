"""The library of servers that the real one is not: older releases, odd answers, hostile ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner, Result
from generated import Poster

from flowbind.errors import NotTheApi, UnexpectedReply, WorkflowNotFound
from flowbind.invokeai import InvokeAI
from flowbind_generator.cli import main

from .both_clients import carry_out
from .conftest import ROOT
from .fake_server import Answer, FakeServer, as_json

WORKFLOWS = "/api/v1/workflows/"
SHARING = f"{WORKFLOWS}i/{{workflow_id}}/is_public"
TIMES = {"created_at": "2026-01-01 00:00:00.000", "updated_at": "2026-01-01 00:00:00.000", "opened_at": None}
PAGE = Answer(b"<!doctype html>", media_type="text/html")


def entry(workflow_id: str, category: str = "user", **more: Any) -> dict[str, Any]:
    """Return what a release lists of a workflow; until 5.6 nothing more."""
    about = {"workflow_id": workflow_id, "name": f"Name of {workflow_id}", "description": "", "category": category}
    return {**about, **TIMES, **more}


def page(*entries: Mapping[str, Any], number: int = 0, pages: int = 1) -> Answer:
    """Return a page of the list."""
    return as_json({"page": number, "pages": pages, "per_page": 50, "total": len(entries), "items": entries})


def kept(workflow: Any, **more: Any) -> Answer:
    """Return a workflow as the library gives it."""
    return as_json({"workflow_id": "own-1", "name": "Poster", **TIMES, "workflow": workflow, **more})


def speaks(server: FakeServer, *operations: tuple[str, str]) -> None:
    """Have the server's document list the operations of a release."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path in operations:
        paths.setdefault(path, {})[method.lower()] = {}
    server.answer("GET", "/openapi.json", as_json({"openapi": "3.1.0", "paths": paths}))


def queries(server: FakeServer, *names: str) -> list[dict[str, list[str]]]:
    """Return what the list was asked for."""
    asked = [parse_qs(request.query) for request in server.sent("GET", WORKFLOWS) if request.path == WORKFLOWS]
    return [{name: query[name] for name in names if name in query} for query in asked]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_until_5_6_the_categories_are_listed_one_by_one(server: FakeServer, kind: str) -> None:
    speaks(server, ("GET", WORKFLOWS))
    own = entry("own-1")
    server.answer("GET", WORKFLOWS, page(own), page(own, pages=2), page(entry("own-2"), number=1, pages=2), page())

    async def script(client: Any) -> list[tuple[str, str]]:
        return [(e.workflow_id, e.tags) async for e in client.library.list("Name", order="created_at")]

    assert carry_out(kind, server.url, script, check="off") == [("own-1", ""), ("own-2", "")]
    assert queries(server, "category", "page") == [
        {"page": ["0"]},
        {"category": ["user"], "page": ["0"]},
        {"category": ["user"], "page": ["1"]},
        {"category": ["default"], "page": ["0"]},
    ]
    assert queries(server, "query", "order_by") == [{"query": ["Name"], "order_by": ["created_at"]}] * 4


def test_later_releases_list_all_at_once_and_need_no_document(server: FakeServer) -> None:
    server.answer("GET", WORKFLOWS, page(entry("own-1", tags=""), entry("d", "default", tags="a")))
    with InvokeAI(server.url) as client:
        assert [e.category for e in client.library.list(categories=["user", "default"])] == ["user", "default"]
    assert [r.path for r in server.requests] == [WORKFLOWS]
    assert queries(server, "categories") == [{"categories": ["user", "default"]}]


def test_what_a_release_would_ignore_is_refused(server: FakeServer) -> None:
    speaks(server, ("GET", WORKFLOWS))
    with InvokeAI(server.url, check="off") as client:
        with pytest.raises(NotTheApi, match=r"cannot tell workflows by their tags: that takes InvokeAI 5\.8 or later"):
            list(client.library.list(tags=["poster"]))
        for asked in (lambda: list(client.library.list(is_public=True)), lambda: client.library.share("own-1")):
            with pytest.raises(NotTheApi, match=r"cannot share workflows: that takes InvokeAI 6\.13 or later"):
                asked()
    assert {r.path for r in server.requests} == {"/openapi.json"}


@pytest.mark.parametrize("lacking", [as_json({"detail": "Not Found"}, 404), PAGE], ids=["404", "page"])
def test_before_6_10_tags_are_those_of_the_list(server: FakeServer, lacking: Answer) -> None:
    server.answer("GET", f"{WORKFLOWS}tags", lacking)
    server.answer(
        "GET", WORKFLOWS, page(entry("a", tags="sun, poster"), entry("b", tags=" poster,"), entry("c", tags=""))
    )
    with InvokeAI(server.url) as client:
        assert client.library.tags() == ("poster", "sun")


def test_new_words_and_fields_are_kept(server: FakeServer) -> None:
    odd = entry("own-1", "project", tags="", score=7, call_saved_workflow_compatibility=None)
    server.answer("GET", WORKFLOWS, page(odd))
    server.answer("GET", f"{WORKFLOWS}i/own-1", kept({"nodes": []}, score=7))
    with InvokeAI(server.url) as client:
        (listed,) = client.library.list()
        assert (listed.category, (listed.model_extra or {})["score"]) == ("project", 7)
        assert (client.library.get(listed).model_extra or {})["score"] == 7


def test_what_others_share_is_found_by_name(server: FakeServer) -> None:
    speaks(server, ("PATCH", SHARING), ("GET", f"{WORKFLOWS}counts_by_tag"))
    server.answer("GET", WORKFLOWS, page(), page(entry("theirs", tags="shared")))
    server.answer("GET", f"{WORKFLOWS}i/theirs", kept({}))
    with InvokeAI(server.url, check="off") as client:
        assert client.library.get("Name of theirs").workflow_id == "own-1"
    assert queries(server, "is_public") == [{}, {"is_public": ["true"]}]


def test_names_of_a_server_do_no_harm_in_messages(server: FakeServer) -> None:
    speaks(server, ("GET", f"{WORKFLOWS}counts_by_tag"))
    server.answer("GET", WORKFLOWS, page({**entry("a", tags=""), "name": "Poster\x1b[31m\u202e"}))
    with InvokeAI(server.url, check="off") as client, pytest.raises(WorkflowNotFound) as caught:
        client.library.get("Poster\x1b[32m")
    assert str(caught.value).isprintable()


def test_an_answer_of_another_shape(server: FakeServer) -> None:
    server.answer("GET", f"{WORKFLOWS}i/own-1", kept("text"))
    server.answer("GET", f"{WORKFLOWS}tags", as_json({"tags": []}))
    with InvokeAI(server.url) as client:
        with pytest.raises(UnexpectedReply, match="LibraryWorkflow"):
            client.library.get("own-1")
        with pytest.raises(UnexpectedReply, match="list of tags"):
            client.library.tags()


def test_without_the_generator_nothing_is_asked(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flowbind_generator.invokeai.library_drift", None)
    with (
        InvokeAI(server.url) as client,
        pytest.raises(
            ModuleNotFoundError, match=r"library\.check needs its extra: pip install 'flowbind\[generator\]'"
        ),
    ):
        client.library.check(Poster)
    assert server.requests == []


def flowbind(folder: Path, *words: str) -> Result:
    """Run the command in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner(env={"INVOKEAI_URL": None}).invoke(main, ["workflow", *words], catch_exceptions=False)


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        ({}, "holds no workflow"),
        ({"name": "x", "nodes": "many"}, "holds no workflow"),
        ({"nodes": [], "name": "\ud800"}, "is no UTF-8 text"),
        ({"nodes": [], "x": float("inf")}, "Infinity is no JSON value"),
    ],
)
def test_what_is_no_workflow_is_not_written(server: FakeServer, tmp_path: Path, workflow: Any, said: str) -> None:
    server.answer("GET", f"{WORKFLOWS}i/own-1", kept(workflow))
    done = flowbind(tmp_path, "pull", "own-1", "--url", server.url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_or_a_link_in_the_way(server: FakeServer, tmp_path: Path) -> None:
    export = json.loads((ROOT / "workflows" / "poster.json").read_text(encoding="utf-8"))
    server.answer("GET", f"{WORKFLOWS}i/own-1", kept({**export, "id": "own-1"}))
    (tmp_path / "workflows" / "poster.json").mkdir(parents=True)
    for words, said in (([], "Another file is in the way"), (["--force"], "The file cannot be written")):
        done = flowbind(tmp_path, "pull", "own-1", "--url", server.url, *words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert said in done.stderr
    (tmp_path / "workflows" / "poster.json").rmdir()
    outside = tmp_path / "outside.json"
    outside.write_text("{}", encoding="utf-8")
    (tmp_path / "workflows" / "poster.json").symlink_to(outside)
    assert flowbind(tmp_path, "pull", "own-1", "--url", server.url).exit_code == 2
    assert flowbind(tmp_path, "pull", "own-1", "--url", server.url, "--force").exit_code == 0
    # The link was replaced, not followed.
    assert outside.read_text(encoding="utf-8") == "{}"


def test_an_id_of_another_server_falls_back_on_the_name(server: FakeServer, tmp_path: Path) -> None:
    export = json.loads((ROOT / "workflows" / "poster.json").read_text(encoding="utf-8"))
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "poster.json").write_text(json.dumps({**export, "id": "elsewhere"}), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert CliRunner().invoke(main, ["generate"], catch_exceptions=False).exit_code == 0
    server.answer("GET", f"{WORKFLOWS}i/Poster", as_json({"detail": "Workflow not found"}, 404))
    server.answer("GET", WORKFLOWS, page({**entry("own-1", tags=""), "name": "Poster"}))
    server.answer("GET", f"{WORKFLOWS}i/own-1", kept(export))
    done = flowbind(tmp_path, "check", "--url", server.url)
    assert (done.exit_code, done.stderr) == (0, "1 workflow: everything fits the server's library.\n")
    assert [r.path.rsplit("/", 1)[1] for r in server.requests] == ["elsewhere", "Poster", "", "own-1"]
    (tmp_path / "generated" / "poster.workflow.json").unlink()
    lost = flowbind(tmp_path, "check", "--url", server.url)
    assert lost.exit_code == 2
    assert "generated/poster.workflow.json" in lost.stderr
