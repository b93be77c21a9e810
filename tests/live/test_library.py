"""The library of a real server: workflows saved, found, changed, pulled into projects, compared with classes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from generated import Poster
from tests.behaviour.both_clients import Script

from flowbind.errors import Forbidden, InvalidExport, NotFound, Refused, WorkflowNotFound
from flowbind.invokeai import InvokeAI, LibraryEntry
from live_tools import ROOT, Accounts, Live, Project, shipped_export, size_of

POSTER = ROOT / "workflows" / "poster.json"
DEFAULT = "Text to Image - SDXL"


@pytest.fixture
def name() -> str:
    """A name that no other test gives a workflow."""
    return f"Poster x{uuid4().hex[:8]}"


@pytest.fixture(autouse=True)
def tidy(live: Live) -> Iterator[None]:
    """Delete what a test leaves in the library."""
    listed = f"{live.url}/api/v1/workflows/?categories=user"
    before = {w["workflow_id"] for w in live.call("GET", listed.removeprefix(live.url))["items"]}
    yield
    for kept in live.call("GET", listed.removeprefix(live.url))["items"]:
        if kept["workflow_id"] not in before:
            live.call("DELETE", f"/api/v1/workflows/i/{kept['workflow_id']}")


def without_input(export: Any, label: str) -> Any:
    """Return an export with one element less in its form: that of the input with a label."""
    elements = export["form"]["elements"]
    labels = {
        (node["id"], name): entry.get("label")
        for node in export["nodes"]
        for name, entry in node["data"].get("inputs", {}).items()
    }
    (gone,) = (
        key
        for key, element in elements.items()
        if element["type"] == "node-field"
        and labels[tuple(element["data"]["fieldIdentifier"][k] for k in ("nodeId", "fieldName"))] == label
    )
    elements[elements[gone]["parentId"]]["data"]["children"].remove(gone)
    del elements[gone]
    return export


def test_a_workflow_is_saved_found_changed_and_deleted(carried: Callable[[Script], Any], name: str) -> None:
    export = shipped_export("poster")

    async def script(server: Any) -> None:
        made = await server.library.save(POSTER, name)
        assert made.name == name
        assert made.workflow["meta"]["category"] == "user"
        assert made.workflow["id"] == made.workflow_id
        assert {k: v for k, v in made.workflow.items() if k not in ("id", "name")} == {
            k: v for k, v in export.items() if k != "name"
        }
        for wanted in (made.workflow_id, name, made):
            assert (await server.library.get(wanted)).workflow == made.workflow
        changed = await server.library.update(name, {**export, "name": f"{name} II", "tags": "changed"})
        assert (changed.workflow_id, changed.name) == (made.workflow_id, f"{name} II")
        assert (await server.library.get(made)).workflow["tags"] == "changed"
        await server.library.delete(f"{name} II")
        with pytest.raises(NotFound):
            await server.library.get(made)
        with pytest.raises(WorkflowNotFound, match=name):
            await server.library.get(name)

    carried(script)


def test_text_and_dictionary_are_saved_like_a_file(carried: Callable[[Script], Any], name: str) -> None:
    text = POSTER.read_text(encoding="utf-8")

    async def script(server: Any) -> None:
        made = [await server.library.save(given, name) for given in (text, json.loads(text), str(POSTER))]
        assert len({one.workflow_id for one in made}) == 3
        assert len({json.dumps({**one.workflow, "id": ""}) for one in made}) == 1
        with pytest.raises(WorkflowNotFound, match=f'3 workflows of the library are called "{name}"') as caught:
            await server.library.get(name)
        assert all(one.workflow_id in str(caught.value) for one in made)

    carried(script)


def test_the_list_is_searched_ordered_and_read_in_pages(carried: Callable[[Script], Any], name: str) -> None:
    export = {**shipped_export("poster"), "description": f"described by {name}", "tags": f"{name}, other"}

    async def script(server: Any) -> None:
        for number in range(3):
            await server.library.save(export, f"{name} {number}")
        found = [entry.name async for entry in server.library.list(name, order="created_at", descending=True)]
        assert found == [f"{name} {number}" for number in (2, 1, 0)]
        tagged = [entry async for entry in server.library.list(tags=[name, "nothing has this"])]
        assert [entry.name for entry in tagged] == [f"{name} {number}" for number in range(3)]
        assert all(isinstance(entry, LibraryEntry) and entry.tags == export["tags"] for entry in tagged)
        assert [entry async for entry in server.library.list(name, categories=["default"])] == []
        every = [entry async for entry in server.library.list()]
        assert {entry.category for entry in every} == {"user", "default"}
        assert {name, "other"} <= {*await server.library.tags()}

    carried(script)


def test_more_than_a_page(live: Live, client: InvokeAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowbind.invokeai.library.pages._PAGE", 4)
    listed = [entry.workflow_id for entry in client.library.list()]
    assert len(listed) > 8
    assert listed == [w["workflow_id"] for w in live.call("GET", "/api/v1/workflows/")["items"]]


@pytest.mark.parametrize(
    "odd", ["../../boards", "a/b?c=d#e", "%41", "_%", " spaced ", "Плакат 🖼", 'q"uote', "", "x" * 300]
)
def test_names_are_taken_as_they_are(client: InvokeAI, odd: str) -> None:
    made = client.library.save(POSTER, odd)
    assert made.name == odd
    assert client.library.get(odd).workflow_id == made.workflow_id


def test_a_near_name_is_told(carried: Callable[[Script], Any]) -> None:
    async def script(server: Any) -> None:
        with pytest.raises(WorkflowNotFound, match=rf'no workflow "{DEFAULT[:-1]}", .* Nearest: {DEFAULT},'):
            await server.library.get(DEFAULT[:-1])

    carried(script)


def test_what_comes_with_invokeai_stays_as_it_is(carried: Callable[[Script], Any], name: str) -> None:
    async def script(server: Any) -> None:
        kept = await server.library.get(DEFAULT)
        assert kept.workflow_id.startswith("default_")
        for asked in (server.library.delete, server.library.share, lambda w: server.library.update(w, POSTER)):
            with pytest.raises(Refused, match=f'"{DEFAULT}" comes with InvokeAI'):
                await asked(kept)
        # As the page's Save As: a copy of one's own.
        assert (await server.library.save(kept.workflow, name)).workflow["meta"]["category"] == "user"
        assert (await server.library.get(DEFAULT)).workflow == kept.workflow

    carried(script)


def test_what_is_no_workflow_is_not_sent(carried: Callable[[Script], Any], tmp_path: Path) -> None:
    export = shipped_export("poster")
    lacking = {key: value for key, value in export.items() if key not in ("notes", "edges")}
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    cases = [
        (lacking, "This is no workflow that a server keeps: `notes` is missing, `edges` is missing. Open"),
        ({**export, "tags": None, "meta": {}}, "`tags` is no text, `meta.version` is missing"),
        ({**export, "nodes": {}, "meta": "4.0.0"}, "`nodes` is no list, `meta` is no object"),
        ('{"nodes": NaN}', "The text is no JSON .*NaN"),
        (picture, r"picture\.png is no JSON .* Download Workflow"),
    ]

    async def script(server: Any) -> None:
        before = [entry.workflow_id async for entry in server.library.list()]
        for given, said in cases:
            with pytest.raises(InvalidExport, match=said):
                await server.library.save(given)
        with pytest.raises(OSError, match=r"nowhere\.json"):
            await server.library.save(tmp_path / "nowhere.json")
        assert [entry.workflow_id async for entry in server.library.list()] == before

    carried(script)


def test_what_the_server_alone_refuses_is_told_in_its_words(client: InvokeAI, name: str) -> None:
    export = shipped_export("poster")
    with pytest.raises(Refused, match="Invalid workflow meta version: new"):
        client.library.save({**export, "meta": {"version": "new"}}, name)


def test_private_workflows_of_others(accounts: Accounts, name: str) -> None:
    with InvokeAI(accounts.url, **accounts.admin) as admin, InvokeAI(accounts.url, **accounts.user) as user:
        made = admin.library.save(POSTER, name)
        try:
            assert not made.is_public
            with pytest.raises(Forbidden):
                user.library.get(made.workflow_id)
            with pytest.raises(WorkflowNotFound, match="log in as an account that may see it"):
                user.library.get(name)
            shared = admin.library.share(name)
            assert (shared.is_public, shared.workflow["tags"]) == (True, "poster, no model, shared")
            # Not listed among one's own, and found all the same.
            assert [entry.name for entry in user.library.list(name)] == []
            assert [entry.name for entry in user.library.list(name, is_public=True)] == [name]
            assert user.library.get(name).workflow_id == made.workflow_id
            for asked in (user.library.delete, user.library.unshare, lambda w: user.library.update(w, POSTER)):
                with pytest.raises(Forbidden):
                    asked(name)
            assert not admin.library.unshare(made).is_public
        finally:
            admin.library.delete(made)


def test_from_the_library_to_a_run_and_back(live: Live, project: Project, client: InvokeAI, name: str) -> None:
    made = client.library.save(POSTER, name)
    stem = name.lower().replace(" ", "_")
    pulled = project.flowbind("workflow", "pull", name, "--url", live.url)
    assert pulled.returncode == 0, pulled.stderr
    assert pulled.stdout == f'workflows/{stem}.json: created ("{name}", {made.workflow_id})\n'
    assert "flowbind generate" in pulled.stderr
    text = (project.root / "workflows" / f"{stem}.json").read_text(encoding="utf-8")
    # As the page's Download does, which is JavaScript's JSON.stringify(workflow, null, 2), and a newline.
    assert text == json.dumps(made.workflow, indent=2, ensure_ascii=False) + "\n"

    ran = project.flowbind("run", stem, "--url", live.url, "--set", "width=64", "--set", "height=72")
    assert size_of((project.root / ran.stdout.strip()).read_bytes()) == (64, 72)
    project.generate()
    kind = project.load(stem, name.replace(" x", "X"))
    checked = project.flowbind("workflow", "check", "--url", live.url)
    assert (checked.returncode, checked.stdout.splitlines()[1:]) == (0, ["  17 inputs: 17 unchanged"])
    assert checked.stderr == "1 workflow: everything fits the server's library.\n"
    assert client.library.check(kind) == ()

    client.library.update(name, without_input({**shipped_export("poster"), "name": "Renamed"}, "Grain"))
    checked = project.flowbind("workflow", "check", stem, "--format", "json", INVOKEAI_URL=live.url)
    assert checked.returncode == 1, checked.stderr
    answer = json.loads(checked.stdout)
    assert answer["questions"] == ["library"]
    gone = {"rule": "INPUT_MISSING", "severity": "error", "source": f"workflows/{stem}.json", "attribute": "grain"}
    assert gone.items() <= answer["findings"][0].items()
    assert [f.as_json() for f in client.library.check(kind)] == answer["findings"]

    pulled = project.flowbind("workflow", "pull", made.workflow_id, "--url", live.url)
    assert pulled.stdout == f'workflows/{stem}.json: updated ("Renamed", {made.workflow_id})\n'
    again = project.flowbind("workflow", "pull", "Renamed", "--url", live.url)
    assert again.stdout == f'workflows/{stem}.json: unchanged ("Renamed", {made.workflow_id})\n'
    told = project.flowbind("check")
    assert told.returncode == 1
    assert "INPUT_MISSING" in told.stdout


def test_a_class_is_compared_with_the_copy_of_its_name(carried: Callable[[Script], Any], name: str) -> None:
    async def script(server: Any) -> None:
        with pytest.raises(WorkflowNotFound, match='no workflow "Poster"'):
            await server.library.check(Poster)
        made = await server.library.save(POSTER)
        assert await server.library.check(Poster) == ()
        other = await server.library.save(without_input(shipped_export("poster"), "Grain"), name)
        for copy in (name, other.workflow_id, other):
            found = await server.library.check(Poster, copy)
            assert ("INPUT_MISSING", "Poster.grain") in [(f.rule, f.named) for f in found]
        await server.library.delete(made)

    carried(script)


def test_a_copy_that_cannot_be_generated(client: InvokeAI, name: str) -> None:
    export = shipped_export("poster")
    export["nodes"][0]["data"]["type"] = "no_such_node"
    client.library.save(export, name)
    found = client.library.check(Poster, name)
    assert "FB301" in [f.rule for f in found if f.severity == "error"]


def test_a_project_some_of_which_is_on_the_server(live: Live, project: Project, client: InvokeAI, name: str) -> None:
    project.add("poster", {**shipped_export("poster"), "name": name})
    project.add("contact_sheet", {**shipped_export("contact_sheet"), "name": f"{name} II"})
    project.generate()
    client.library.save(POSTER, name)
    checked = project.flowbind("workflow", "check", "--url", live.url)
    assert checked.returncode == 1
    assert "workflows/contact_sheet.json (ContactSheet)\n  error    LIBRARY_COPY_MISSING  " in checked.stdout
    assert "workflows/poster.json (Poster)\n  17 inputs: 17 unchanged\n" in f"{checked.stdout}\n"
    one = project.flowbind("workflow", "check", "poster", "--url", live.url)
    assert (one.returncode, one.stderr) == (0, "1 workflow: everything fits the server's library.\n")
    other = project.flowbind("workflow", "check", "contact_sheet", "--copy", name, "--url", live.url)
    assert other.returncode == 1
    assert "INPUT_MISSING" in other.stdout
    (project.root / "pyproject.toml").write_text('[tool.flowbind.rules]\nLIBRARY_COPY_MISSING = "off"\n', "utf-8")
    assert project.flowbind("workflow", "check", "--url", live.url).returncode == 0


def test_nothing_to_check_with(live: Live, project: Project) -> None:
    project.add("poster", shipped_export("poster"))
    for words, said in (
        (("workflow", "check", "--url", live.url), "Run `flowbind generate` first"),
        (("workflow", "pull", "No Such Workflow", "--url", live.url), 'no workflow "No Such Workflow"'),
        (("workflow", "pull", "default", "--url", "http://127.0.0.1:9"), "No InvokeAI answers"),
        (("workflow", "check", "--copy", "x", "--url", live.url), "--copy goes with one WORKFLOW"),
    ):
        done = project.flowbind(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    project.generate()
    unknown = project.flowbind("workflow", "check", "sheet", "--url", live.url)
    assert unknown.returncode == 2
    assert "There are classes of poster." in unknown.stderr


def test_names_lead_nowhere_else(live: Live, project: Project, client: InvokeAI) -> None:
    for odd, stem in (
        ("../../../escape", "escape"),
        ("openapi", "openapi_workflow"),
        ("Плакат\u202e\x1b[31m" + "語" * 300, "плакат_31m" + "語" * 36),
    ):
        made = client.library.save(POSTER, odd)
        done = project.flowbind("workflow", "pull", made.workflow_id, "--url", live.url)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"workflows/{stem}.json: created (")
        assert done.stdout.removesuffix("\n").isprintable()
        (file,) = (project.root / "workflows").iterdir()
        assert file.name == f"{stem}.json"
        file.unlink()
    assert {path.name for path in project.root.rglob("*")} == {"workflows", "pyproject.toml"}


def test_another_export_is_not_replaced(live: Live, project: Project, client: InvokeAI, name: str) -> None:
    stem = name.lower().replace(" ", "_")
    client.library.save(POSTER, name)
    own = project.add(stem, shipped_export("contact_sheet"))
    before = own.read_bytes()
    pull = ("workflow", "pull", name, "--url", live.url)
    refused = project.flowbind(*pull)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "`--as NAME`, or replace this one with `--force`" in refused.stderr
    assert own.read_bytes() == before
    for wrong in ("../out", "", ".hidden", "openapi", "a/b"):
        assert project.flowbind(*pull, "--as", wrong).returncode == 2
    assert project.flowbind(*pull, "--as", "other.json").stdout.startswith("workflows/other.json: created")
    # Now that a file holds it, that is its file.
    assert project.flowbind(*pull).stdout.startswith("workflows/other.json: unchanged")
    assert project.flowbind(*pull, "--as", stem, "--force").stdout.startswith(f"workflows/{stem}.json: updated")
    several = project.flowbind(*pull)
    assert several.returncode == 2
    assert f"workflows/other.json, workflows/{stem}.json" in several.stderr


def test_the_export_that_was_saved_becomes_the_file(live: Live, project: Project, client: InvokeAI, name: str) -> None:
    stem = name.lower().replace(" ", "_")
    project.add(stem, {**shipped_export("poster"), "name": name})
    made = client.library.save(project.root / "workflows" / f"{stem}.json")
    pull = ("workflow", "pull", name, "--url", live.url)
    assert project.flowbind(*pull).stdout.startswith(f"workflows/{stem}.json: updated")
    assert json.loads((project.root / "workflows" / f"{stem}.json").read_text("utf-8"))["id"] == made.workflow_id
    # A file that gives the same class under another name would end in two classes of one name.
    twin = project.root / "workflows" / f"{stem}.json"
    twin.rename(twin.with_name(f"{name}.json"))
    (project.root / "workflows" / f"{name}.json").write_text(json.dumps(shipped_export("poster")), "utf-8")
    refused = project.flowbind(*pull)
    assert refused.returncode == 2
    assert f"workflows/{name}.json has the class of that name" in refused.stderr


def test_the_list_on_the_command_line(live: Live, project: Project, client: InvokeAI, name: str) -> None:
    made = client.library.save(POSTER, f"{name} \x1b[31m")
    listed = project.flowbind("workflow", "list", "--search", name, "--url", live.url)
    assert listed.returncode == 0, listed.stderr
    head, row = listed.stdout.splitlines()
    assert head.split() == ["name", "id", "category", "updated"]
    assert row.split("  ")[:3] == [f"{name} \\x1b[31m", made.workflow_id, "user"]
    as_json = project.flowbind("workflow", "list", "--format", "json", INVOKEAI_URL=live.url)
    entries = json.loads(as_json.stdout)
    assert {made.workflow_id: "user"}.items() <= {e["workflow_id"]: e["category"] for e in entries}.items()
    none = project.flowbind("workflow", "list", "--search", f"no {name}", "--url", live.url)
    assert (none.returncode, none.stdout, none.stderr) == (0, "", "The library has no such workflow.\n")


def test_the_account_comes_from_the_environment(accounts: Accounts, project: Project, name: str) -> None:
    own = {"INVOKEAI_URL": accounts.url, "INVOKEAI_EMAIL": accounts.user["email"]}
    own["INVOKEAI_PASSWORD"] = accounts.user["password"]
    with InvokeAI(accounts.url, **accounts.user) as user:
        made = user.library.save(POSTER, name)
        try:
            done = project.flowbind("workflow", "pull", name, **own)
            assert done.returncode == 0, done.stderr
            nobody = project.flowbind("workflow", "pull", name, INVOKEAI_URL=accounts.url)
            assert nobody.returncode == 2
            assert "INVOKEAI_EMAIL" in nobody.stderr
        finally:
            user.library.delete(made)
