"""Drift on a real server: what it denies, deletes or never had is found, by the command and before a run."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from generated import ContactSheet, GrainStudy, Poster
from tests.behaviour import submitting
from tests.behaviour.submitting import submit
from tests.packs.packed import export as pack_export

from flowbind.errors import BoardNotFound, DriftError, DriftWarning, ModelNotFound, Refused, Unauthorized
from flowbind.invokeai import InvokeAI
from live_tools import DENIED, Accounts, Live, Project, export_with_model, shipped_export
from throwaway import api, install
from videos import a_video

SMALL: dict[str, Any] = {"width": 64, "height": 72}
DOCUMENT, ENQUEUE = "GET /openapi.json", "POST /api/v1/queue/default/enqueue_batch"
# None of them names a model, a picture or a board.
OF_THE_PACK = ["choices", "curves", "texts"]


@pytest.fixture(scope="module")
def user(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with four workflows, one of them with the server's model."""
    made = Project(tmp_path_factory.mktemp("drift") / "project")
    for name in ("poster", "grain_study", "contact_sheet"):
        made.add(name, shipped_export(name))
    made.add("text", export_with_model("text_to_image_sd15", live.model))
    made.generate()
    return made


def check(project: Project, url: str, *words: str, code: int) -> list[dict[str, Any]]:
    """Compare a project with a server; return the findings."""
    done = project.flowbind("check", "--server", url, "--format", "json", *words)
    assert (done.returncode, done.stderr) == (code, "")
    answer = json.loads(done.stdout)
    assert answer["questions"] == ["server"]
    found: list[dict[str, Any]] = answer["findings"]
    return found


def brief(found: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    """Return the findings as rule, severity and `Class.attribute` or class."""
    return sorted((f["rule"], f["severity"], ".".join(filter(None, (f["class_name"], f["attribute"])))) for f in found)


def export_of(**nodes: tuple[str, Mapping[str, Any], list[str]]) -> dict[str, Any]:
    """Return an export: by node id a type, the values of inputs by name, and which of them are in the form."""
    about = dict.fromkeys(("author", "description", "version", "contact", "tags", "notes"), "")
    drawn = [
        {
            "id": node_id,
            "type": "invocation",
            "position": {"x": 0, "y": 0},
            "data": {
                "id": node_id,
                "type": node_type,
                "version": "1.0.0",
                "label": node_id.capitalize(),
                "notes": "",
                "isOpen": True,
                "isIntermediate": False,
                "useCache": False,
                "nodePack": "invokeai",
                "inputs": {name: {"name": name, "label": "", "value": value} for name, value in values.items()},
            },
        }
        for node_id, (node_type, values, _) in nodes.items()
    ]
    form = [{"nodeId": node_id, "fieldName": name} for node_id, (_, _, names) in nodes.items() for name in names]
    meta = {"version": "3.0.0", "category": "user"}
    return {"name": "Made", **about, "exposedFields": form, "meta": meta, "nodes": drawn, "edges": []}


def test_the_server_of_the_classes_has_no_findings(user: Project, live: Live) -> None:
    done = user.flowbind("check", "--server", live.url)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "4 workflows: everything fits the server.\n"
    assert check(user, f"{live.url}/", code=0) == []


def test_denied_nodes_are_found_where_they_are_used(user: Project, packed: Live) -> None:
    found = check(user, packed.url, code=1)
    assert brief(found) == [
        ("MODEL_REKEYED", "info", "Text.model"),
        ("NODE_REMOVED", "error", "Poster"),
        # Of the editor alone: it cannot open the workflow, runs go on.
        ("NODE_REMOVED", "warning", "GrainStudy"),
    ]
    assert {f["place"] for f in found if f["rule"] == "NODE_REMOVED"} == set(DENIED[:2])
    done = user.flowbind("check", "--server", packed.url)
    assert done.returncode == 1
    assert f'error    NODE_REMOVED  InvokeAI 6.14.2 has no node type "{DENIED[0]}", so it refuses' in done.stdout
    assert done.stderr == "1 error, 1 warning, 1 info in 3 of 4 workflows.\n"


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_error_raises_before_anything_is_queued(
    packed: Live, requests: list[str], project: Project, kind: str
) -> None:
    stretched = ("img_ilerp", {"image": None, "min": 3, "max": 200}, ["image"])
    project.add("stretched", export_of(stretch=stretched))
    project.generate()
    picture = project.root / "picture.png"
    picture.write_bytes(a_picture())
    workflow = project.load("stretched", "Stretched")
    before = packed.newest_item()
    with pytest.raises(DriftError) as caught:
        submit(kind, packed.url, "error", workflow(image=picture))
    (found,) = caught.value.findings
    assert (found.rule, found.place, found.class_name) == ("NODE_REMOVED", "img_ilerp", "Stretched")
    assert requests == [DOCUMENT]
    assert packed.newest_item() == before


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_warning_and_then_the_servers_refusal(packed: Live, requests: list[str], kind: str) -> None:
    before = packed.newest_item()
    with pytest.warns(DriftWarning) as caught, pytest.raises(Refused) as refused:
        submit(kind, packed.url, "warn", Poster(**SMALL))
    (warning,) = caught
    assert str(warning.message).startswith('error NODE_REMOVED: Poster: The server has no node type "img_ilerp", so')
    assert warning.filename == submitting.__file__
    assert refused.value.status == 422
    assert 'the server has no node type "img_ilerp"' in str(refused.value)
    assert requests == [DOCUMENT, ENQUEUE]
    assert packed.newest_item() == before


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_off_asks_nothing(packed: Live, requests: list[str], kind: str) -> None:
    with pytest.raises(Refused):
        submit(kind, packed.url, "off", Poster(**SMALL))
    assert requests == [ENQUEUE]


def test_what_only_the_editor_lacks_does_not_stop_a_run(packed: Live) -> None:
    with InvokeAI(packed.url, check="error") as client:
        with pytest.warns(DriftWarning, match='no node type "integer_generator".*runs go on as before'):
            job = client.submit(GrainStudy(amounts=[0.1], seeds=[7], softness=[1.0], width=64, height=64))
        results = job.wait(60)
    assert results


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_document_is_asked_for_once(live: Live, requests: list[str], kind: str) -> None:
    small = ContactSheet(count=1, frame_size=64)
    submit(kind, live.url, "error", Poster(**SMALL), small, Poster(**SMALL), small)
    assert [requests.count(path) for path in (DOCUMENT, ENQUEUE)] == [1, 4]


def test_the_command_checks_before_it_runs(packed: Live, live: Live, user: Project) -> None:
    words = ("run", "poster", "--set", "width=64", "--set", "height=72", "--url")
    before = packed.newest_item()
    done = user.flowbind(*words, packed.url, "--check", "error")
    # As with all that keeps a run from being queued.
    assert (done.returncode, done.stdout) == (2, "")
    head, finding = done.stderr.splitlines()
    assert head == "The server does not fit Poster:"
    assert finding.startswith('  error NODE_REMOVED: Poster: The server has no node type "img_ilerp"')
    done = user.flowbind(*words, packed.url)
    assert (done.returncode, done.stdout) == (2, "")
    warning, refusal = done.stderr.splitlines()
    assert warning.startswith("error NODE_REMOVED: Poster: ")
    assert refusal.startswith("The server refuses Poster: ")
    assert packed.newest_item() == before
    done = user.flowbind(*words, live.url, "--check", "error")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_document_of_another_server(packed: Live, user: Project) -> None:
    done = user.flowbind("check", "--spec", packed.url)
    assert done.returncode == 1
    assert "2 of 4 workflows" in done.stderr
    assert "MODEL_" not in done.stdout


class Copies:
    """Copies of the tiny model, each with weights of its own, on the server."""

    def __init__(self, live: Live, folder: Path) -> None:
        self._live = live
        self._folder = folder
        self._keys: list[str] = []

    def register(self, number: int, name: str) -> dict[str, str]:
        """Make a copy known under a name; the same number gives the same weights, so the same hash."""
        folder = self._folder / f"copy_{number}"
        if not folder.is_dir():
            # Weights that stay as they are need not be copied.
            shutil.copytree(install().tiny_model, folder, copy_function=os.symlink)
            weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
            content = weights.read_bytes()
            weights.unlink()
            weights.write_bytes(content[:-4] + number.to_bytes(4, "little"))
        # A name of its own first: registering takes the place of another model of the name.
        model = api.register_model(self._live.url, folder, f"{name} {number}")
        self._keys.append(model["key"])
        self._live.call("PATCH", f"/api/v2/models/i/{model['key']}", {"name": name})
        return {**model, "name": name}

    def delete(self, model: Mapping[str, str]) -> None:
        """Take one off the server."""
        self._keys.remove(model["key"])
        self._live.call("DELETE", f"/api/v2/models/i/{model['key']}")

    def delete_all(self) -> None:
        """Take all off the server."""
        for key in [*self._keys]:
            self.delete({"key": key})


@pytest.fixture
def copies(live: Live, tmp_path: Path) -> Iterator[Copies]:
    """Further models, which are gone afterwards."""
    made = Copies(live, tmp_path / "models")
    yield made
    made.delete_all()


def test_models_that_are_deleted_and_installed_anew(live: Live, copies: Copies, project: Project) -> None:
    first = copies.register(1, "Second Tiny")
    project.add("text", export_with_model("text_to_image_sd15", first))
    project.generate()
    workflow = project.load("text", "Text")
    assert check(project, live.url, code=0) == []

    copies.delete(first)
    (found,) = check(project, live.url, code=1)
    assert brief([found]) == [("MODEL_MISSING", "error", "Text.model")]
    assert found["cause"].startswith('The server has no model "Second Tiny" (base sd-1, type main). It has ')
    assert found["old"] == first
    with InvokeAI(live.url, check="error") as client, pytest.raises(ModelNotFound, match="Second Tiny"):
        client.submit(workflow(steps=1))

    again = copies.register(1, "Second Tiny")
    assert (again["hash"], again["key"] != first["key"]) == (first["hash"], True)
    (found,) = check(project, live.url, code=0)
    assert brief([found]) == [("MODEL_REKEYED", "info", "Text.model")]
    assert (found["old"], found["new"]) == (first["key"], again["key"])

    # The same name for other weights: still what is meant, as nothing else is.
    copies.delete(again)
    other = copies.register(2, "Second Tiny")
    assert other["hash"] != first["hash"]
    assert brief(check(project, live.url, code=0)) == [("MODEL_REKEYED", "info", "Text.model")]

    third = copies.register(3, "Second Tiny")
    (found,) = check(project, live.url, code=1)
    assert brief([found]) == [("MODEL_AMBIGUOUS", "error", "Text.model")]
    assert found["new"] == sorted([other["key"], third["key"]])
    with InvokeAI(live.url, check="error") as client, pytest.raises(ModelNotFound, match="more than one model"):
        client.submit(workflow(steps=1))


def a_picture() -> bytes:
    """Return a PNG file of 8 by 8 white pixels."""
    header = b"\0\0\0\x08\0\0\0\x08\x08\0\0\0\0"
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress((b"\0" + b"\xff" * 8) * 8)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big") for kind, data in parts
    )


def test_pictures_videos_and_boards_that_are_deleted(
    live: Live, client: InvokeAI, project: Project, tmp_path: Path
) -> None:
    image = client.images.upload(a_picture()).name
    video = client.videos.upload(a_video(tmp_path)).name
    shown, hidden = live.create_board("Shown"), live.create_board("Hidden")
    nodes = {
        "picture": ("image", {"image": {"image_name": image}}, ["image"]),
        "clip": ("video", {"video": {"video_name": video}}, ["video"]),
        "paper": ("blank_image", {"board": {"board_id": shown}, "width": 64, "height": 64}, ["board"]),
        "ground": ("blank_image", {"board": {"board_id": hidden}, "width": 64, "height": 64}, []),
    }
    project.add("named", export_of(**nodes))
    project.generate()
    workflow = project.load("named", "Named")
    assert check(project, live.url, code=0) == []
    with InvokeAI(live.url, check="error") as other:
        other.submit(workflow()).wait(60)

    live.call("DELETE", f"/api/v1/boards/{hidden}")
    (found,) = check(project, live.url, code=0)
    assert (found["rule"], found["severity"], found["place"]) == ("BOARD_MISSING", "warning", "blank_image.board")
    assert found["attribute"] is None
    check(project, live.url, "--fail-on", "warning", code=1)
    with InvokeAI(live.url) as other, pytest.warns(UserWarning, match=f'no board "{hidden}"') as caught:
        other.submit(workflow()).wait(60)
    assert caught[0].filename == __file__

    live.call("DELETE", f"/api/v1/boards/{shown}")
    with InvokeAI(live.url) as other, pytest.raises(BoardNotFound, match=shown):
        other.submit(workflow())
    live.call("DELETE", f"/api/v1/images/i/{image}")
    live.call("DELETE", f"/api/v1/videos/i/{video}")
    assert brief(check(project, live.url, code=1)) == [
        ("BOARD_MISSING", "error", "Named.board"),
        ("BOARD_MISSING", "warning", "Named"),
        ("IMAGE_MISSING", "error", "Named.image"),
        ("VIDEO_MISSING", "error", "Named.video"),
    ]


def test_a_name_that_is_no_name_does_not_end_the_check(live: Live, project: Project) -> None:
    """The server answers such an address with its page."""
    odd = "folder/picture.png"
    project.add("odd", export_of(picture=("image", {"image": {"image_name": odd}}, ["image"])))
    project.generate()
    (found,) = check(project, live.url, code=1)
    assert (found["rule"], found["old"]) == ("IMAGE_MISSING", odd)


def test_a_node_pack_that_is_not_installed(live: Live, packed: Live, project: Project) -> None:
    for name in OF_THE_PACK:
        project.add(name, pack_export(name))
    project.generate("--spec", packed.url)
    assert [f for f in check(project, packed.url, code=0) if f["severity"] != "info"] == []
    found = check(project, live.url, code=1)
    assert [f["rule"] for f in found if f["severity"] == "error"] == ["NODE_PACK_MISSING"] * len(OF_THE_PACK)
    for one in found:
        name = one["class_name"].lower()
        assert f'no node of the pack "made_up_pack"; the workflow uses `made_up_{name}`' in one["cause"]
        assert one["cure"] == 'Install the node pack "made_up_pack" on the server.'
    with InvokeAI(live.url, check="error") as client, pytest.raises(DriftError, match="NODE_PACK_MISSING: Curves: "):
        client.submit(project.load("curves", "Curves")())


def test_a_server_that_wants_a_login(accounts: Accounts, user: Project) -> None:
    assert brief(check(user, accounts.url, code=1)) == [("LOGIN_REQUIRED", "error", "")]
    done = user.flowbind("check", "--server", accounts.url)
    assert (done.returncode, done.stderr) == (1, "1 error about the server.\n")
    assert done.stdout.startswith("the server\n  error    LOGIN_REQUIRED  The server has accounts: ")
    assert "Set INVOKEAI_EMAIL and INVOKEAI_PASSWORD to an account of the server" in done.stdout
    with InvokeAI(accounts.url, check="error") as client, pytest.raises(Unauthorized):
        client.submit(Poster(**SMALL))
