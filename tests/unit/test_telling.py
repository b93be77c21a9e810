"""Events of runs, from what a real server told and from what it answers: each once, in order, one end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.recorded.events import STORIES, story

from flowbind.errors import RunCanceled, RunGone, WaitTimeout
from flowbind.events import Event, Failed, Finished, NodeFinished, Progress, Queued, Started
from flowbind.invokeai.events.hearing import ERROR, PROGRESS

from .timeline import Line, Reader, Timeline, play, run_lines

TELLS, ENDS_THERE = {"live": True}, {"live": False}


def items_of(lines: Sequence[Line]) -> list[int]:
    """Return the items of a story, in their order."""
    return sorted({line["data"]["item_id"] for line in lines if "item_id" in line.get("data", {})})


def batch_of(lines: Sequence[Line]) -> str:
    """Return the batch of the first item."""
    return next(line["data"]["batch_id"] for line in lines if "item_id" in line.get("data", {}))


def read(lines: Sequence[Line], monkeypatch: pytest.MonkeyPatch, *, live: bool = True) -> tuple[Reader, Timeline]:
    """Return who has read a story to its end."""
    timeline = Timeline(lines, live=live)
    timeline.patch(monkeypatch.setattr)
    reader = Reader(timeline, batch_of(lines), items_of(lines))
    play(timeline, reader)
    return reader, timeline


def words(events: Sequence[Event[Any]]) -> list[str]:
    """Return events as short words, without progress."""
    return [
        f"{type(event).__name__} {event.node_id}" if isinstance(event, NodeFinished) else type(event).__name__
        for event in events
        if not isinstance(event, Progress)
    ]


def check(events: Sequence[Event[Any]], timeline: Timeline, item_id: int, *, complete: bool = True) -> None:
    """Check what is promised of each run."""
    own = [event for event in events if event.item_id == item_id]
    kinds = [type(event) for event in own]
    assert kinds[0] is Queued
    assert kinds.count(Queued) == 1
    assert isinstance(own[-1], Finished | Failed)
    assert sum(isinstance(event, Finished | Failed) for event in own) == 1
    finished = Counter(event.node_id for event in own if isinstance(event, NodeFinished))
    given = Counter(timeline.results(item_id).values())
    if complete:
        assert kinds.count(Started) == timeline.started(item_id)
        assert finished == given
    else:
        assert finished <= given
    if len(own) > 2:
        assert kinds[1] is Started


@pytest.mark.parametrize("name", STORIES)
def test_a_recorded_story_is_the_same_told_and_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = story(name)
    told, timeline = read(lines, monkeypatch)
    for item_id in items_of(lines):
        check(told.events, timeline, item_id)
    if name in ("deleted", "cleared", "canceled"):
        # What a node gives after that, the answers to questions have no more, or not yet.
        return
    asked, _ = read(lines, monkeypatch, live=False)
    assert words(asked.events) == words(told.events)
    assert not any(isinstance(event, Progress) for event in asked.events)


@pytest.mark.parametrize("name", STORIES)
def test_a_story_cut_anywhere_is_complete(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = story(name)
    for place in range(len(lines) + 1):
        for again in range(place, len(lines) + 1):
            cut = [*lines[:place], ENDS_THERE, *lines[place:again], TELLS, *lines[again:]]
            reader, timeline = read(cut, monkeypatch)
            complete = name not in ("deleted", "cleared", "canceled")
            for item_id in items_of(lines):
                check(reader.events, timeline, item_id, complete=complete)


def test_what_a_node_gives_after_the_end_belongs_to_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, error in (("canceled", RunCanceled), ("deleted", RunGone), ("cleared", RunGone)):
        reader, timeline = read(story(name), monkeypatch)
        *_, late, end = (event for event in reader.events if not isinstance(event, Progress))
        assert isinstance(late, NodeFinished)
        assert list(timeline.results(end.item_id).values())[-1] == late.node_id
        assert isinstance(end, Failed)
        assert isinstance(end.error, error)


def test_a_failed_node_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, _ = read(story("failed"), monkeypatch)
    assert words(reader.events) == ["Queued", "Started", "NodeFinished a", "Failed"]


def test_the_end_is_waited_for_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in story("failed") if line.get("event") != ERROR]
    timeline = Timeline(lines)
    timeline.patch(monkeypatch.setattr)
    reader = Reader(timeline, batch_of(lines), items_of(lines))
    before = timeline.clock.now
    play(timeline, reader)
    assert isinstance(reader.events[-1], Failed)
    assert 1.0 <= timeline.clock.now - before < 1.5


def test_a_run_canceled_before_its_turn_has_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    for live in (True, False):
        reader, _ = read(story("canceled_pending"), monkeypatch, live=live)
        assert words(reader.events) == ["Queued", "Failed"]


def test_progress_counts_steps_and_shows_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, _ = read(story("denoised"), monkeypatch)
    progress = [event for event in reader.events if isinstance(event, Progress) and event.percentage is not None]
    assert [(event.percentage, event.step) for event in progress] == [
        (0.0, 0), (25.0, 1), (50.0, 2), (75.0, 3), (100.0, 4),
    ]  # fmt: skip
    for event in progress:
        assert event.preview is not None
        assert (event.preview.media_type, event.preview.width) == ("image/jpeg", 64)
        assert event.preview.bytes().startswith(b"\xff\xd8\xff")
    assert any(event.percentage is None and event.message for event in reader.events if isinstance(event, Progress))


def test_the_server_is_asked_once_where_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("denoised", "iterated", "canceled_pending"):
        _, timeline = read(story(name), monkeypatch)
        assert len(timeline.asked) == 1
    _, timeline = read(story("three_runs"), monkeypatch)
    assert timeline.asked == [8, 9, 10]


def test_who_begins_late_reads_the_whole_story(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = story("denoised")
    timeline = Timeline(lines)
    timeline.patch(monkeypatch.setattr)
    early = Reader(timeline, batch_of(lines), items_of(lines))
    play(timeline, early)
    late = Reader(timeline, batch_of(lines), items_of(lines))
    assert late.channel is early.channel
    play(timeline, late)
    assert words(late.events) == words(early.events)
    assert len(late.events) == len(early.events)


def test_who_begins_after_all_was_forgotten_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = story("iterated")
    timeline = Timeline(lines, live=False)
    timeline.patch(monkeypatch.setattr)
    while timeline.go_on():
        pass
    reader = Reader(timeline, batch_of(lines), items_of(lines))
    play(timeline, reader)
    check(reader.events, timeline, 5)
    assert len(timeline.asked) == 1


def test_a_server_that_is_away_is_not_asked_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = story("denoised")
    timeline = Timeline(lines)
    timeline.patch(monkeypatch.setattr)
    answer, begun = timeline.answer, timeline.clock.now

    def away(call: Any) -> Any:
        reply = answer(call)
        return reply if timeline.clock.now > begun + 20 else type(reply)("GET", call.path, 500, "", b"")

    monkeypatch.setattr(timeline, "answer", away)
    reader = Reader(timeline, batch_of(lines), items_of(lines))
    play(timeline, reader)
    assert isinstance(reader.events[-1], Finished)
    assert len(timeline.asked) < 40


def test_a_batch_that_has_ended_is_asked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for n in range(50) for line in run_lines(n, "b", [(f"p{n}", "a")], "completed")]
    timeline = Timeline(lines, live=False)
    timeline.patch(monkeypatch.setattr)
    while timeline.go_on():
        pass
    before = timeline.clock.now
    reader = Reader(timeline, "b", range(50))
    play(timeline, reader)
    assert timeline.asked == [*range(50)]
    assert timeline.clock.now - before < 1


def test_a_doubt_asks_as_far_as_runs_have_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Line] = [*run_lines(0, "b", [("p", "a")], "completed"), ENDS_THERE, TELLS]
    timeline = Timeline(lines + [line for n in range(1, 200) for line in run_lines(n, "b", [], "completed")])
    timeline.patch(monkeypatch.setattr)
    reader = Reader(timeline, "b", range(200))
    for _ in lines:
        reader.read()
        timeline.go_on()
    reader.read()
    # Not 200: they are pending.
    assert timeline.asked == [0, 1, 1]
    play(timeline, reader)
    assert sum(isinstance(event, Finished) for event in reader.events) == 200


def test_reading_ends_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for live in (True, False):
        for item_ids, said in (([5], "item 5 has not"), ([5, 6], r"2 of its runs \(first item 5\) have not")):
            timeline = Timeline([line for n in (5, 6) for line in run_lines(n, "b", [], "completed")], live=live)
            timeline.patch(monkeypatch.setattr)
            reader = Reader(timeline, "b", item_ids, timeout=0.0)
            reader.read()
            assert isinstance(reader.error, WaitTimeout)
            with pytest.raises(WaitTimeout, match=f"Poster: {said} ended after 0 s"):
                raise reader.error
            assert words(reader.events) == ["Queued"] * len(item_ids)


@pytest.mark.parametrize("percentage", ["x", -1, 10**400, float("inf"), float("nan"), None, [0.5]])
def test_odd_progress_does_no_harm(percentage: object, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = story("denoised")
    for line in lines:
        if line.get("event") == PROGRESS:
            line["data"] |= {
                "percentage": percentage,
                "message": ["x"],
                "image": {"width": 1, "height": 1, "dataURL": "x"},
            }
    reader, _ = read(lines, monkeypatch)
    for event in reader.events:
        if isinstance(event, Progress):
            assert event.percentage is None or 0 <= event.percentage <= 100
            assert event.preview is None


def drawn_runs() -> st.SearchStrategy[list[list[Line]]]:
    """Some runs, each in a batch of its own; nodes may run several times."""
    shape = st.tuples(
        st.lists(st.sampled_from("abc"), max_size=4),
        st.sampled_from(["completed", "failed", "canceled"]),
        st.booleans(),
    )
    return st.lists(shape, min_size=1, max_size=4).map(
        lambda shapes: [
            run_lines(
                number, f"b{number}", [(f"{number}-{place}", node) for place, node in enumerate(nodes)], end, late
            )
            for number, (nodes, end, late) in enumerate(shapes)
        ]
    )


@given(drawn_runs(), st.data())
def test_any_order_and_any_loss_tell_the_same_story(runs: list[list[Line]], data: st.DataObject) -> None:
    left = [[*lines] for lines in runs]
    mixed: list[Line] = []
    while any(left):
        (first, *rest) = data.draw(st.sampled_from([lines for lines in left if lines]))
        next(lines for lines in left if lines and lines[0] is first)[:] = rest
        happens = data.draw(st.sampled_from(["told", "told", "told", "lost", "cut", "tells"]))
        mixed += {"cut": [ENDS_THERE], "tells": [TELLS]}.get(happens, [])
        mixed.append({**first, "lost": happens == "lost"})
    timeline = Timeline(mixed, live=data.draw(st.booleans()))
    with pytest.MonkeyPatch.context() as patch:
        timeline.patch(patch.setattr)
        readers = [Reader(timeline, f"b{number}", [number]) for number in range(len(runs))]
        twice = Reader(timeline, "b0", [0])
        play(timeline, *readers, twice)
    for number, reader in enumerate(readers):
        assert {event.item_id for event in reader.events} == {number}
        check(reader.events, timeline, number, complete=timeline.ended(number) != "canceled")
        assert all(status in ("pending", "in_progress", timeline.ended(number)) for _, status in reader.statuses)
        assert reader.statuses[-1] == (1, timeline.ended(number))
    check(twice.events, timeline, 0, complete=timeline.ended(0) != "canceled")
