"""Many runs of which somebody deletes some: the others are asked for, and canceled, all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from generated import ComfyTextToImage

from flowbind.comfyui import ComfyUI, ManyJob
from flowbind.errors import NotFound, RunCanceled, RunGone

from .fake_comfyui import FakeComfyUI
from .prompts import until_interrupted


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    """A server whose runs go on until they are canceled."""
    with FakeComfyUI() as running:
        running.course = until_interrupted
        yield running


def submitted(client: ComfyUI) -> ManyJob[object]:
    """Return the job of three runs."""
    return client.submit_many([ComfyTextToImage(seed=number) for number in range(3)])


def test_one_that_was_deleted_does_not_hide_the_others(server: FakeComfyUI) -> None:
    with ComfyUI(server.url, check="off", events=False) as client:
        job = submitted(client)
        server.running()
        server.forget(job.item_ids[1])
        assert job.refresh() == "in_progress"
        assert job.cancel() in ("in_progress", "canceled")
        assert [type(outcome) for outcome in job.wait(20)] == [RunCanceled, RunGone, RunCanceled]
        assert job.refresh() == "canceled"


def test_one_alone_is_not_found(server: FakeComfyUI) -> None:
    with ComfyUI(server.url, check="off", events=False) as client:
        first, second = client.submit(ComfyTextToImage()), client.submit(ComfyTextToImage())
        server.running()
        server.forget(second.item_id)
        with pytest.raises(NotFound, match="has no prompt"):
            second.refresh()
        with pytest.raises(NotFound, match="has no prompt"):
            second.cancel()
        assert first.cancel() in ("in_progress", "canceled")
