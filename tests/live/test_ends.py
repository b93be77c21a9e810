"""How runs end that do not end well, and what the real server accepts."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import generated
import pytest
from generated import ContactSheet, GrainStudy, ImageToImageSd15, Poster, TextToImageSd15

from flowbind.errors import Refused, RunCanceled, RunFailed, RunGone, ServerUnreachable, UnexpectedReply, WaitTimeout
from flowbind.invokeai import InvokeAI, InvokeAIWorkflow, ModelRef
from flowbind.invokeai.runs.preview import preview
from flowbind.transport.wire import get, send
from live_tools import QUEUE, Live, Project


def division(node_type: str, **more: Any) -> dict[str, Any]:
    """Return an export of one node that divides one input by another."""
    inputs = {"a": {"label": "Cake", "value": 6}, "b": {"label": "Guests", "value": 3}, **more}
    about = dict.fromkeys(("author", "description", "version", "contact", "tags", "notes"), "")
    data = {
        "id": "divide",
        "type": node_type,
        "version": "1.0.1",
        "label": "Share out",
        "notes": "",
        "isOpen": True,
        "isIntermediate": True,
        "useCache": True,
        "nodePack": "invokeai",
        "inputs": {name: {"name": name, "label": "", **entry} for name, entry in inputs.items()},
    }
    return {
        "name": "Division",
        **about,
        "exposedFields": [{"nodeId": "divide", "fieldName": name} for name in ("a", "b")],
        "meta": {"version": "3.0.0", "category": "user"},
        "nodes": [{"id": "divide", "type": "invocation", "position": {"x": 0, "y": 0}, "data": data}],
        "edges": [],
    }


def test_a_node_that_fails_is_named(client: InvokeAI, project: Project) -> None:
    project.add("division", division("div"))
    project.generate()
    workflow = project.load("division", "Division")
    assert client.run(workflow()).nodes == {"divide": [{"type": "integer_output", "value": 2}]}
    with pytest.raises(RunFailed) as caught:
        client.run(workflow(guests=0))
    failed = caught.value
    assert (failed.node_id, failed.node_label) == ("divide", "Share out")
    assert (failed.error_type, failed.error_message) == ("ZeroDivisionError", "division by zero")
    assert (failed.workflow, failed.traceback.split()[0]) == ("Division", "Traceback")
    said = 'failed at the node "Share out": ZeroDivisionError: division by zero'
    assert str(failed).startswith(f"Division: item {failed.item_id} {said}. Look at the node")


def test_what_the_server_refuses_names_the_input(client: InvokeAI, live: Live, project: Project) -> None:
    project.add("division", division("integer_math", operation={"value": "DIV"}))
    project.generate()
    workflow = project.load("division", "Division")
    before = live.newest_item()
    with pytest.raises(Refused, match=r'Division\.guests \("Guests"\): .*Cannot divide by zero') as caught:
        client.run(workflow(guests=0))
    assert (caught.value.attribute, caught.value.status) == ("guests", 422)
    assert live.newest_item() == before


def test_a_node_of_a_shipped_workflow_that_fails(client: InvokeAI) -> None:
    with pytest.raises(RunFailed, match='failed at the node "Step"') as caught:
        client.run(ContactSheet(count=0))
    assert caught.value.node_label == "Step"


def test_a_pending_run_is_canceled(client: InvokeAI, live: Live) -> None:
    with live.paused():
        job = client.submit(Poster(width=64, height=64))
        assert job.refresh() == "pending"
        assert job.cancel() == "canceled"
        with pytest.raises(RunCanceled) as caught:
            job.wait(10)
        assert job.cancel() == "canceled"
    assert caught.value.item_id == job.item_id
    assert job.status == "canceled"


def test_a_running_run_is_canceled(client: InvokeAI, live: Live) -> None:
    job = client.submit(TextToImageSd15(model=live.model["name"], steps=1000))
    while job.refresh() == "pending":
        time.sleep(0.02)
    assert job.cancel() == "canceled"
    with pytest.raises(RunCanceled):
        job.wait(10)
    # The next one gets its turn.
    assert client.run(Poster(width=64, height=64), timeout=30)


def test_an_ended_run_stays_as_it_is(client: InvokeAI) -> None:
    job = client.submit(Poster(width=64, height=64))
    assert job.wait(30)
    assert job.cancel() == "completed"
    assert job.wait(0).outputs.image


def test_a_deleted_run_is_gone(client: InvokeAI, live: Live) -> None:
    with live.paused():
        job = client.submit(Poster(width=64, height=64))
        live.call("DELETE", f"{QUEUE}/i/{job.item_id}")
        with pytest.raises(RunGone, match="deleted, cleared or pruned"):
            job.wait(10)


def test_waiting_can_be_given_up_and_taken_up_again(client: InvokeAI, live: Live) -> None:
    heard: list[str] = []
    with live.paused():
        job = client.submit(Poster(width=64, height=64))
        with pytest.raises(WaitTimeout):
            job.wait(0.2, progress=heard.append)
    assert job.wait(30, progress=heard.append).item_id == job.item_id
    assert heard[0] == "pending"
    assert heard[-1] == "completed"


def test_no_server_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    started = time.monotonic()
    with InvokeAI(url) as client, pytest.raises(ServerUnreachable, match="Is the server running"):
        client.run(Poster())
    assert time.monotonic() - started < 2


def test_a_path_that_the_server_does_not_have_is_its_page(client: InvokeAI) -> None:
    with pytest.raises(UnexpectedReply, match="a web page instead of JSON"):
        client.perform(get("/api/v1/not_there"))


@pytest.mark.parametrize(
    "workflow",
    [kind for kind in (getattr(generated, name) for name in generated.__all__) if issubclass(kind, InvokeAIWorkflow)],
)
def test_every_shipped_workflow_is_accepted(
    client: InvokeAI, live: Live, workflow: type[InvokeAIWorkflow[Any]]
) -> None:
    required = {"model": ModelRef(**live.model), "source_image": "x.png"} if workflow is ImageToImageSd15 else {}
    body, _ = preview(workflow(**required))
    with live.paused():
        answer = client.perform(send("POST", f"{QUEUE}/enqueue_batch", body))
        item_ids = answer["item_ids"]
        for item_id in item_ids:
            live.call("DELETE", f"{QUEUE}/i/{item_id}")
    assert len(item_ids) == answer["enqueued"] == (6 if workflow is GrainStudy else 1)
    posted = answer["batch"]["graph"]["nodes"]
    lists = {batch.node for batch in workflow.__flowbind__.batches}
    for slot in workflow.__flowbind__.slots:
        # A name that the server does not know would have been dropped in silence.
        assert slot.node in lists or slot.field in posted[slot.node]


def test_files_are_whole_or_not_there(client: InvokeAI, tmp_path: Path) -> None:
    image = client.run(Poster(width=64, height=64)).outputs.image
    image.save(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [image.name]
