"""What a client hears: each event reaches its batch and no other; memory stays small."""

from __future__ import annotations

import gc
import threading
import weakref
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from flowbind.invokeai.events.hearing import COMPLETE, PROGRESS, STATUS
from flowbind.invokeai.events.hearing import BatchChannels as Channels
from flowbind.listening import pauses
from flowbind.listening.channel import CUT, RECONNECTED, Channel
from flowbind.listening.pauses import Pauses
from flowbind.transport.steps import Listen

from .timeline import TICK, Clock, run_lines


def of_node(name: str, batch_id: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """Return an event of a node."""
    invocation = {"id": "prepared", "type": "x", "prompt": "long"}
    data = {"item_id": 1, "batch_id": batch_id, "invocation": invocation, "invocation_source_id": "node"}
    return name, {**data, **more}


@pytest.fixture
def channels() -> Channels:
    """The channels of a client whom the server tells."""
    made = Channels()
    made.set_live(True)
    return made


def test_each_event_goes_to_its_batch(channels: Channels) -> None:
    mine, other = channels.of("mine"), channels.of("other")
    for number, batch_id in enumerate(("mine", "other", "a stranger's")):
        for line in run_lines(number, batch_id, [("p", "n")], "completed"):
            channels.hear(line["event"], line["data"])
    assert {heard.item_id for heard in mine.heard} == {0}
    assert {heard.item_id for heard in other.heard} == {1}
    assert len(mine.heard) == len(other.heard) == 4
    assert mine.statuses == {0: "completed"}
    assert channels.of("mine") is mine


def test_what_concerns_all_is_heard_by_all(channels: Channels) -> None:
    both = [channels.of("a"), channels.of("b")]
    for name in ("queue_cleared", "queue_items_canceled"):
        channels.hear(name, {"canceled_item_ids": [1]})
    channels.set_live(True)
    channels.set_live(False)
    channels.set_live(False)
    channels.set_live(True)
    for channel in both:
        expected = ["queue_cleared", "queue_items_canceled", CUT, RECONNECTED]
        assert [heard.name for heard in channel.heard] == expected
        assert {heard.item_id for heard in channel.heard} == {None}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"batch_id": "mine"},
        {"batch_id": "mine", "item_id": "1"},
        {"batch_id": ["mine"], "item_id": 1},
        {"batch_id": None, "item_id": 1},
        {"item_id": 1},
    ],
)
def test_events_of_nobody_are_dropped(channels: Channels, data: dict[str, Any]) -> None:
    mine = channels.of("mine")
    for name in (STATUS, COMPLETE, "batch_enqueued", "model_load_started", RECONNECTED, "x"):
        channels.hear(name, data)
    assert mine.heard == []


@pytest.mark.parametrize("invocation", [None, "x", {}, {"id": None}, []])
def test_a_node_without_an_id_is_none(channels: Channels, invocation: object) -> None:
    mine = channels.of("mine")
    channels.hear(*of_node(COMPLETE, "mine", invocation=invocation))
    assert mine.heard[0].prepared is None


def test_only_what_somebody_reads_is_kept(channels: Channels) -> None:
    mine = channels.of("mine")
    channels.hear(*of_node(PROGRESS, "mine", message="on it", percentage=None, user_id="system"))
    (heard,) = mine.heard
    assert (heard.prepared, heard.node, heard.data) == ("prepared", "node", {"message": "on it"})


def test_only_the_latest_pictures_are_kept(channels: Channels) -> None:
    mine = channels.of("mine")
    for number in range(1000):
        channels.hear(*of_node(PROGRESS, "mine", percentage=number / 1000, image={"dataURL": "x"}))
    pictured = ["image" in heard.data for heard in mine.heard]
    assert sum(pictured) == 32
    assert all(pictured[-32:])
    assert mine.heard[0].data["percentage"] == 0.0


def test_of_very_many_runs_only_the_statuses_are_kept(channels: Channels) -> None:
    many = channels.of("many", keeps_nodes=False)
    for line in run_lines(1, "many", [("p", "n")], "completed"):
        channels.hear(line["event"], line["data"])
    assert [heard.status for heard in many.heard] == ["in_progress", "completed"]


def test_a_channel_that_nobody_holds_is_forgotten(channels: Channels) -> None:
    gone = weakref.ref(channels.of("mine"))
    gc.collect()
    assert gone() is None
    channels.hear(*of_node(COMPLETE, "mine"))
    assert channels.of("mine").heard == []


def test_who_listens_is_woken_in_any_thread(channels: Channels) -> None:
    mine = channels.of("mine")
    woken = [threading.Event() for _ in range(8)]

    def listen(own: threading.Event) -> None:
        for _ in range(200):
            own.clear()
            with mine.woken(own.set):
                if mine.heard[-1:] != [] and mine.heard[-1].status == "completed":
                    return
                assert own.wait(10)

    threads = [threading.Thread(target=listen, args=(own,)) for own in woken]
    for thread in threads:
        thread.start()
    for status in (*["in_progress"] * 150, "completed"):
        channels.hear(STATUS, {"batch_id": "mine", "item_id": 1, "status": status})
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def rests(channel: Channel, monkeypatch: pytest.MonkeyPatch, *happenings: Any, answered: bool = True) -> float:
    """Return the seconds of a rest between two questions for item 1; something happens every now and then."""
    clock = Clock()
    monkeypatch.setattr(pauses, "time", clock)
    operation = Pauses(channel, 1, 1, heard_by(channel).append).rest(answered=answered)
    left = [*happenings]
    for step in operation:
        assert isinstance(step, Listen)
        assert step.known == len(channel.heard)
        if left:
            clock.now += TICK
            left.pop(0)()
        else:
            clock.now += step.seconds
    return clock.now - Clock().now


def heard_by(channel: Channel) -> list[str]:
    """Return where the statuses go that are noticed."""
    return vars(channel).setdefault("noticed", [])


def status(channels: Channels, item_id: int, word: str) -> Any:
    """Return what lets a status be heard."""
    return lambda: channels.hear(STATUS, {"batch_id": "mine", "item_id": item_id, "status": word})


def test_a_rest_ends_with_what_calls_for_a_question(channels: Channels, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = channels.of("mine")
    own, others = status(channels, 1, "in_progress"), status(channels, 2, "completed")
    assert rests(mine, monkeypatch) == pytest.approx(10.0)
    assert rests(mine, monkeypatch, own, others) == pytest.approx(10.0)
    assert heard_by(mine) == ["in_progress"]
    assert rests(mine, monkeypatch, own, others, status(channels, 1, "failed")) == pytest.approx(3 * TICK)
    # What was heard before the question is in its answer.
    assert rests(mine, monkeypatch) == pytest.approx(10.0)
    assert rests(mine, monkeypatch, lambda: channels.hear("queue_cleared", {})) == pytest.approx(TICK)
    assert rests(mine, monkeypatch, lambda: channels.set_live(False)) == pytest.approx(TICK)


def test_a_question_without_an_answer_is_repeated_soon(channels: Channels, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rests(channels.of("mine"), monkeypatch, answered=False) == pytest.approx(0.02)


def test_thousands_of_waits_ask_in_the_order_of_their_runs(channels: Channels, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = channels.of("mine")
    with ExitStack() as waits:
        for item_id in range(-5000, 2000):
            waits.enter_context(mine.waited_for(item_id))
        # As many as are ahead: those behind make no difference.
        assert rests(mine, monkeypatch) == pytest.approx(5001 * 0.02)
        assert rests(mine, monkeypatch, partial(channels.set_live, False)) == pytest.approx(5001 * 0.02)
        first = Pauses(mine, 1, 1, heard_by(mine).append).turn()
        assert isinstance(next(first), Listen)
        # Of one that has ended, the result is wanted now.
        status(channels, 1, "completed")()
        assert not [*Pauses(mine, 1, 1, heard_by(mine).append).turn()]
    assert not [*Pauses(mine, 1, 1, heard_by(mine).append).turn()]
    assert not channels.waited_for


def test_a_server_that_tells_without_end_is_not_listened_to_for_ever(
    channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowbind.listening.channel._MOST", 5)
    heard = channels.of("mine")
    for number in range(9):
        channels.hear(STATUS, {"item_id": number, "batch_id": "mine", "status": "pending"})
    assert len(heard.heard) == len(heard.statuses) == 5
