"""Every recorded scenario through the client: what came of each prompt then is what the client says of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from flowbind.comfyui import Audio, ComfyUI, Image, Model3D, OutputSlot, Video
from flowbind.errors import Refused, RunCanceled, RunFailed, RunGone, ServerFault
from flowbind.events import Failed, Finished, NodeFinished, Progress, Queued, Started

from ..fake_server import Answer
from .fake_comfyui import FakeComfyUI
from .listeners import PREVIEW, PREVIEW_WITH_METADATA
from .prompts import Record
from .recorded_classes import attribute_of, generated, made_by_hand, output_of
from .replaying import OWN, RECORDED, Played, Replay, recording, replay

FILES = [
    *(pytest.param(path, id=f"own-{path.stem}") for path in sorted(OWN.glob("*.jsonl"))),
    *(pytest.param(path, id=f"shared-{path.stem}") for path in sorted(RECORDED.glob("*.jsonl"))),
    *([] if RECORDED.is_dir() else [pytest.param(None, id="shared")]),
]


class Scene:
    """A recording, on a server that plays it."""

    def __init__(self, path: Path, server: FakeComfyUI, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.played: Replay = replay(server, recording(path.stem, path.parent), speed=10_000)

    def instance(self, played: Played) -> Any:
        """Return an instance whose prompt is the recorded one."""
        made = generated(played.graph, [*shown_in(played)], self.folder)
        assert made is not None
        return made()

    def faulty(self, played: Played) -> Iterator[Any]:
        """Return instances whose prompt is one that was refused: each value is an input, or none is."""
        made = generated(played.graph, (), self.folder)
        if all(isinstance(about, dict) and "class_type" in about for about in played.graph.values()):
            yield made() if made else made_by_hand(played.graph, public=True)()
            yield made_by_hand(played.graph, public=False)()
        else:
            assert made is None


def end_of(played: Played) -> str:
    """Return what came of a prompt: an event's name, or "refused", or nothing."""
    if played.answer.status != 200 or played.node_errors:
        return "refused"
    names = [step.line["data"]["type"] for step in played.steps if step.line["kind"] == "ws_text"]
    told = [name for name, _ in (played.history or {}).get("status", {}).get("messages", ())]
    ends = [name for name in (*names, *told) if name in ("execution_success", "execution_error")]
    return ends[0] if ends else "execution_interrupted" if "execution_interrupted" in (*names, *told) else ""


def shown_in(played: Played) -> Record:
    """Return what nodes have shown, by their ids in their order."""
    events = [step.line["data"] for step in played.steps if step.line["kind"] == "ws_text"]
    told = {e["data"]["node"]: e["data"]["output"] for e in events if e["type"] == "executed"}
    return told or (played.history or {}).get("outputs", {})


@pytest.fixture(params=FILES)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """A server that plays a recording; the project's own are of 0.8."""
    if request.param is None:
        pytest.skip("the recordings of 0.33 are not here: put shared beside the checkout, or set FLOWBIND_SHARED")
    with FakeComfyUI(has_cancel=request.param.parent != OWN) as server:
        found = Scene(request.param, server, tmp_path)
        yield found
        assert found.played.unknown == []


def test_the_client_says_what_came_of_each_prompt(scene: Scene) -> None:
    assert scene.played.prompts
    with ComfyUI(scene.server.url, check="off") as client:
        for played in scene.played.prompts:
            CHECKS[end_of(played)](scene, client, played)


def ended_well(scene: Scene, client: ComfyUI, played: Played) -> None:
    """Run a prompt: what it has shown is what it showed then, and what is told of it was told."""
    shown, targets = shown_in(played), played.request.get("partial_execution_targets", [])
    job = client.submit(scene.instance(played), only=[output_of(node) for node in targets])
    told = [*job.events(20)]
    result = job.wait(20)
    posted = scene.server.sent("POST", "/prompt")[-1].json
    assert untitled(posted["prompt"]) == untitled(played.graph)
    assert posted.get("partial_execution_targets", []) == targets
    assert result.nodes == {node: [output] for node, output in shown.items()}
    assert {name: [*map(place_of, value)] for name, value in vars(result.outputs).items()} == {
        output_of(node): [*map(place_of, next(iter(output.values())))] for node, output in shown.items()
    }
    for file in [file for files in vars(result.outputs).values() for file in files if not isinstance(file, str)]:
        assert file.bytes() == scene.server.files.held[file.type, file.subfolder, file.filename]
    assert [type(e) for e in told[:2]] == [Queued, Started]
    assert [e.node_id for e in told if isinstance(e, NodeFinished)] == [*shown]
    assert isinstance(told[-1], Finished)
    progress = [e for e in told if isinstance(e, Progress)]
    counted = [data for name, data in events_of(played) if name == "progress"]
    seen = {e.percentage for e in progress if e.preview is None}
    assert {100 * data["value"] / data["max"] for data in counted} <= seen
    pictures = [picture for step in played.steps if (picture := picture_in(step.line))]
    assert [e.preview.bytes() for e in progress if e.preview] == pictures


def failed(scene: Scene, client: ComfyUI, played: Played) -> None:
    """Run a prompt that fails: the error says where and why, in the server's words."""
    (told,) = (data for name, data in events_of(played) if name == "execution_error")
    workflow = scene.instance(played)
    job = client.submit(workflow)
    with pytest.raises(RunFailed) as caught:
        job.wait(20)
    error = caught.value
    assert (error.node_id, error.error_type) == (told["node_id"], told["exception_type"])
    assert error.error_message == told["exception_message"].strip()
    assert error.traceback == "".join(told["traceback"])
    assert error.node_label
    assert f'"{error.node_label}"' in str(error)
    # The one input of that node whose value the server's words quote.
    quoted = [s.attribute for s in type(workflow).__flowbind__.slots if s.node == error.node_id and is_quoted(s, told)]
    assert error.attribute == (quoted[0] if len(quoted) == 1 else None)
    (end,) = [event for event in job.events(20) if isinstance(event, Failed)]
    assert str(end.error) == str(error)


def is_quoted(slot: Any, told: Record) -> bool:
    """Tell whether the server's words quote the value of an input."""
    values = told["current_inputs"].get(slot.field, [])
    return any(isinstance(v, str) and len(v) > 3 and v in told["exception_message"] for v in values)


def refused(scene: Scene, client: ComfyUI, played: Played) -> None:
    """Submit a prompt that is refused: the error names what is public of what the server objects to, and the rest."""
    about = json.loads(played.answer.body) if played.answer.status != 500 else {}
    problems = [
        (node, error["extra_info"].get("input_name"))
        for node, said in about.get("node_errors", {}).items()
        for error in said["errors"]
    ]
    blamed = {attribute_of(node, name) for node, name in problems if name}
    for workflow in scene.faulty(played):
        with pytest.raises(Refused) as caught:
            client.submit(workflow)
        error = caught.value
        assert error.status == played.answer.status
        assert {*error.attributes} == blamed & {*type(workflow).model_fields}
        for node, name in problems:
            if name and attribute_of(node, name) not in error.attributes:
                assert f"`{name}` of " in str(error)
        if played.node_errors:
            # What the server takes of it does not stay in its queue.
            assert "and what it took was canceled" in str(error) or "and has run the rest" in str(error)
            assert not scene.server.work.pending
        elif not problems:
            assert about["error"]["message"].rstrip(".") in str(error)


def interrupted(scene: Scene, client: ComfyUI, played: Played) -> None:
    """Cancel a prompt that runs."""
    job = client.submit(scene.instance(played))
    events = job.events(20)
    assert [type(next(events)), type(next(events))] == [Queued, Started]
    job.cancel()
    with pytest.raises(RunCanceled) as caught:
        job.wait(20)
    assert isinstance([*events][-1], Failed)
    assert caught.value.item_id == job.item_id


def deleted(scene: Scene, client: ComfyUI, played: Played) -> None:
    """Delete a prompt that waits behind one that is only ended by an interrupt: nobody is told, and the wait ends."""
    first = next(p for p in scene.played.prompts if end_of(p) == "execution_interrupted")
    others = client.submit(scene.instance(first))
    job = client.submit(scene.instance(played))
    scene.server.work.delete([job.item_id])
    with pytest.raises(RunGone, match="was deleted or cleared"):
        job.wait(20)
    assert others.refresh() in ("pending", "in_progress")
    others.cancel()
    with pytest.raises(RunCanceled):
        others.wait(20)


CHECKS = {
    "execution_success": ended_well,
    "execution_error": failed,
    "execution_interrupted": interrupted,
    "refused": refused,
    "": deleted,
}


def untitled(graph: Record) -> Record:
    """Return nodes without their titles."""
    return {node: {key: of for key, of in about.items() if key != "_meta"} for node, about in graph.items()}


def events_of(played: Played) -> list[tuple[str, Record]]:
    """Return what was told of a prompt in texts."""
    lines = [step.line["data"] for step in played.steps if step.line["kind"] == "ws_text"]
    return [(line["type"], line["data"]) for line in lines]


def picture_in(line: Record) -> bytes | None:
    """Return the preview that a recorded frame holds, in either form."""
    frame = base64.b64decode(line["b64"]) if line["kind"] == "ws_binary" else bytes(4)
    if frame[3] == PREVIEW:
        return frame[8:]
    return frame[8 + int.from_bytes(frame[4:8], "big") :] if frame[3] == PREVIEW_WITH_METADATA else None


def place_of(item: Any) -> Any:
    """Return where a file is, recorded or typed; a text as it is."""
    if isinstance(item, str):
        return item
    found: Record = item if isinstance(item, dict) else vars(item)
    return found["type"], found["subfolder"], found["filename"]


def test_two_clients_at_a_time(tmp_path: Path) -> None:
    found: dict[str, list[Any]] = {}
    with FakeComfyUI(has_cancel=False) as server:
        scenes = {name: Scene(OWN / f"07_two_clients_{name}.jsonl", server, tmp_path) for name in "AB"}
        # Both are played by one.
        both = replay(server, *(recording(f"07_two_clients_{name}") for name in scenes), speed=10_000)
        rows = {name: [scene.instance(p) for p in scene.played.prompts] for name, scene in scenes.items()}

        def run(name: str) -> None:
            with ComfyUI(server.url, check="off") as client:
                jobs = [client.submit(row) for row in rows[name]]
                found[name] = [(job.item_id, [*job.events(20)], job.wait(20)) for job in jobs]

        threads = [Thread(target=run, args=(name,)) for name in rows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert both.unknown == []
    for name, scene in scenes.items():
        for (item_id, told, result), played in zip(found[name], scene.played.prompts, strict=True):
            assert {event.item_id for event in told} == {result.item_id} == {item_id}
            assert result.nodes == {node: [output] for node, output in shown_in(played).items()}


def test_uploads_get_the_names_that_they_got(tmp_path: Path) -> None:
    lines = recording("03_upload_load_save")
    sent = [line for line in lines if line.get("path") == "/upload/image" and line["status"] == 200]
    with FakeComfyUI() as server, ComfyUI(server.url, check="off") as client:
        for line in sent:
            fields = {part["name"]: part["value"] for part in line["form"] if "value" in part}
            (image,) = [part for part in line["form"] if "b64" in part]
            file = client.files.upload(
                base64.b64decode(image["b64"]),
                name=image["filename"],
                subfolder=fields.get("subfolder", ""),
                type=fields.get("type", "input"),
                overwrite="overwrite" in fields,
            )
            assert place_of(file) == (line["response"]["type"], line["response"]["subfolder"], line["response"]["name"])
        # What is the same is not sent again.
        assert [part.filename for part in server.files.uploads] == [*["my pic.png"] * 3, "grün [1].png"]
        scene = Scene(OWN / "03_upload_load_save.jsonl", server, tmp_path)
        (played,) = scene.played.prompts
        kind, first = type(scene.instance(played)), sent[0]["form"][0]["b64"]
        shown = client.files.upload(base64.b64decode(first), Image, name="my pic.png", subfolder="sub dir")
        client.run(kind(in_1_image=shown), timeout=20)
        assert untitled(server.sent("POST", "/prompt")[-1].json["prompt"]) == played.graph
        assert scene.played.unknown == []


def test_requests_that_no_class_posts(tmp_path: Path) -> None:
    lines = recording("04_validation_errors")
    raw = [line for line in lines if line.get("note") in ("no prompt", "no JSON")]
    assert len(raw) == 2
    prompt = {"1": {"class_type": "PreviewAny", "inputs": {"source": "x"}}}
    made = generated(prompt, ["1"], tmp_path)
    assert made is not None
    for line in raw:
        body = json.dumps(line["response"]).encode() if "response" in line else line["response_text"].encode()
        kind = "application/json" if "response" in line else "text/plain; charset=utf-8"
        with FakeComfyUI() as server, ComfyUI(server.url, check="off") as client:
            server.instead("POST", "/prompt", Answer(body, line["status"], kind))
            error, said = (Refused, "No prompt provided") if line["status"] == 400 else (ServerFault, "was not queued")
            with pytest.raises(error, match=said):
                client.submit(made())
            assert len(server.sent("POST", "/prompt")) == 1


def test_outputs_have_the_classes_of_their_kinds(tmp_path: Path) -> None:
    with FakeComfyUI() as server, ComfyUI(server.url, check="off") as client:
        scene = Scene(OWN / "10_output_kinds.jsonl", server, tmp_path)
        (played,) = scene.played.prompts
        outputs = client.run(scene.instance(played), timeout=20).outputs
    kinds = {played.graph[name.removeprefix("out_")]["class_type"]: vars(outputs)[name] for name in vars(outputs)}
    assert {name: {type(item) for item in items} for name, items in kinds.items()} == {
        "SaveImage": {Image},
        "SaveAnimatedWEBP": {Video},
        "SaveAnimatedPNG": {Video},
        "SaveVideo": {Video},
        "SaveWEBM": {Video},
        "SaveAudio": {Audio},
        "PreviewAudio": {Audio},
        "PreviewAny": {str},
    }


def test_a_model_in_three_dimensions() -> None:
    prompt = {"1": {"class_type": "SaveGLB", "inputs": {"mesh": ["2", 0], "filename_prefix": "mesh/a"}}}
    prompt["2"] = {"class_type": "VoxelToMeshBasic", "inputs": {"voxel": ["3", 0], "threshold": 0.6}}
    prompt["3"] = {"class_type": "VAEDecodeHunyuan3D", "inputs": {"num_chunks": 8000, "octree_resolution": 256}}
    made = made_by_hand(prompt, public=False)
    made.__flowbind__ = replace(made.__flowbind__, outputs=(OutputSlot("mesh", "1", "3d", "model_3d", many=True),))
    with FakeComfyUI() as server, ComfyUI(server.url, check="off") as client:
        shown = server.files.put("a_00001_.glb", b"glTF", subfolder="mesh")
        server.yields = {"1": {"3d": [shown]}}
        (model,) = client.run(made(), timeout=20).outputs.mesh
        assert isinstance(model, Model3D)
        assert model.bytes() == b"glTF"
