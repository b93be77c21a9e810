"""What goes wrong on a real server, and what is said of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from generated import Poster
from tests.unit.exports import edge, given, node, workflow

from flowbind.errors import (
    NotFound,
    NotTheApi,
    QueueBlocked,
    Refused,
    RunCanceled,
    RunFailed,
    RunGone,
)
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.invokeai.queue import blockade
from flowbind.listening import pauses
from flowbind.transport.wire import get
from flowbind.workflow import Workflow
from live_tools import QUEUE, Live, Project

SMALL: dict[str, Any] = {"width": 64, "height": 64}


@pytest.fixture(scope="module")
def of_errors(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of workflows that can go wrong."""
    project = Project(tmp_path_factory.mktemp("errors") / "project")
    half = workflow(
        *(node("a", "integer", {"value": given(4, label="Cake")}), node("b", "add", {"b": 1}, label="More")),
        node("d", "div", {"b": given(2, label="Guests")}, label="Share out"),
        node("p", "blank_image", {"width": 8, "height": 8}, visible=True),
        node("c", "img_resize", {"height": 8}, label="Small", visible=True),
        edges=[edge("a.value", "b.a"), edge("b.value", "d.a"), edge("d.value", "c.width"), edge("p.image", "c.image")],
        exposed=["a.value", "d.b"],
    )
    project.add("half", half)
    project.add("loader", workflow(node("m", "main_model_loader", {"model": dict(live.model)}), exposed=["m.model"]))
    picture = node("i", "image", {"image": given(label="Source")}, label="From")
    project.add("picture", workflow(picture, exposed=["i.image"]))
    wide = node("w", "integer_math", {"a": 6, "b": given(3, label="Guests"), "operation": "DIV"}, label="Share out")
    project.add("refused", workflow(wide, exposed=["w.b"]))
    project.generate()
    return project


def loaded(project: Project, name: str) -> type[Workflow[Any]]:
    """Return a class of the project."""
    return project.load(name, name.capitalize())


@pytest.fixture
def poisoned(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The id of a batch with an item that the server cannot read; whatever happens, the queue is free afterwards."""
    monkeypatch.setattr(blockade, "_FIRST", 0.5)
    monkeypatch.setattr(blockade, "_AGAIN", 1.5)  # the server polls once a second
    monkeypatch.setattr(pauses, "_TRUST", 0.5)
    graph = {"nodes": {"a": {"id": "a", "type": "blank_image", "width": 16, "height": 16}}, "edges": []}
    data = [[{"node_path": "a", "field_name": "width", "items": ["wide"]}]]
    answer = live.call("POST", f"{QUEUE}/enqueue_batch", {"batch": {"graph": graph, "runs": 1, "data": data}})
    batch_id: str = answer["batch"]["batch_id"]
    try:
        yield batch_id
    finally:
        live.call("PUT", f"{QUEUE}/cancel_by_batch_ids", {"batch_ids": [batch_id]})


def cure_of(error: QueueBlocked) -> str:
    """Return the batch that a message tells to cancel."""
    found = re.search(r'server\.queue\.cancel_batch\("([^"]+)"\)', str(error))
    assert found
    return found[1]


def test_a_run_behind_a_poisoned_item_is_told_and_freed_by_what_the_message_says(
    client: InvokeAI, poisoned: str
) -> None:
    job = client.submit(Poster(**SMALL))
    with pytest.raises(QueueBlocked) as caught:
        job.wait(60)
    assert caught.value.item_id == job.item_id
    assert caught.value.blocking_batch_id == poisoned
    assert caught.value.blocking_item_id == job.item_id - 1
    client.queue.cancel_batch(cure_of(caught.value))
    assert job.wait(60).outputs.image


def test_the_async_client_is_told_the_same(live: Live, poisoned: str) -> None:
    async def run() -> None:
        async with AsyncInvokeAI(live.url) as client:
            job = await client.submit(Poster(**SMALL))
            with pytest.raises(QueueBlocked) as caught:
                await job.wait(60)
            assert caught.value.blocking_batch_id == poisoned
            await client.queue.cancel_batch(cure_of(caught.value))
            assert (await job.wait(60)).outputs.image

    asyncio.run(run())


def test_a_run_that_is_poisoned_itself_is_told_and_then_canceled(client: InvokeAI, poisoned: str) -> None:
    job = client.submit(Poster(**SMALL))
    job.item_id -= 1  # as if the run were the item that was queued before it
    with pytest.raises(QueueBlocked, match="That cancels the run") as caught:
        job.wait(60)
    assert (caught.value.blocking_item_id, caught.value.blocking_batch_id) == (job.item_id, poisoned)
    client.queue.cancel_batch(cure_of(caught.value))
    with pytest.raises(RunCanceled, match="could never read it"):
        job.wait(60)


def test_a_failed_run_has_what_the_other_nodes_gave(client: InvokeAI, of_errors: Project) -> None:
    with pytest.raises(RunFailed) as caught:
        client.run(loaded(of_errors, "half")(guests=0), timeout=60)
    failed = caught.value
    assert (failed.node_label, failed.error_type, failed.attribute) == ("Share out", "ZeroDivisionError", None)
    assert failed.partial is not None
    assert failed.partial.node("More").value == 5
    with pytest.raises(AttributeError, match="the run ended before"):
        _ = failed.partial.outputs.small


def test_a_model_that_went_away_after_the_submit_is_the_inputs_fault(
    client: InvokeAI, live: Live, of_errors: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {**live.model, "key": "00000000-gone"}
    monkeypatch.setattr(client._lookup.models, "resolve", lambda *_: _given(gone))
    with pytest.raises(RunFailed) as caught:
        client.run(loaded(of_errors, "loader")(), timeout=60)
    assert caught.value.attribute == "model"
    assert str(caught.value).startswith('Loader.model ("model"): item ')
    assert f'00000000-gone. That is the model "{live.model["name"]}". Set the input' in str(caught.value)


def _given(value: Any) -> Iterator[Any]:
    return value
    yield


def test_a_picture_that_went_away_after_the_submit_is_the_inputs_fault(
    client: InvokeAI, live: Live, of_errors: Project
) -> None:
    name = client.run(Poster(**SMALL, grain_seed=77), timeout=60).outputs.image.name
    with live.paused():
        job: Any = client.submit(loaded(of_errors, "picture")(source=name))
        live.call("DELETE", f"/api/v1/images/i/{name}")
    with pytest.raises(RunFailed) as caught:
        job.wait(60)
    assert caught.value.attribute == "source"
    assert str(caught.value).startswith('Picture.source ("Source"): item ')
    assert 'at the node "From": ImageRecordNotFoundException' in str(caught.value)


def test_a_refused_value_names_attribute_and_label(client: InvokeAI, of_errors: Project) -> None:
    with pytest.raises(Refused) as caught:
        client.run(loaded(of_errors, "refused")(guests=0), timeout=60)
    assert (caught.value.attributes, caught.value.attribute, caught.value.status) == (("guests",), "guests", 422)
    assert str(caught.value).startswith('The server refuses Refused: Refused.guests ("Guests"): Cannot divide by zero.')


def test_what_is_not_there_and_what_is_no_path(client: InvokeAI) -> None:
    with pytest.raises(NotFound, match=r"Queue item with id 99999999 not found in queue default \(HTTP 404\)"):
        client.perform(get(f"{QUEUE}/i/99999999"))
    with pytest.raises(NotTheApi, match="a web page instead of JSON"):
        client.perform(get("/api/v1/not_there"))


def test_canceled_and_deleted_are_told_apart(client: InvokeAI, live: Live) -> None:
    with live.paused():
        canceled, deleted = client.submit(Poster(**SMALL)), client.submit(Poster(**SMALL))
        canceled.cancel()
        live.call("DELETE", f"{QUEUE}/i/{deleted.item_id}")
        with pytest.raises(RunCanceled) as caught:
            canceled.wait(60)
        assert caught.value.partial is None
        with pytest.raises(RunGone):
            deleted.wait(60)
