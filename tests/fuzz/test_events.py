"""Whatever a server tells by itself: frames that are none, events of other runs, values of any kind; nobody fails."""

from __future__ import annotations

import json

import pytest
from generated import GrainStudy, Poster
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzz.changes import TEXTS, VALUES
from tests.fuzz.played import URL, Player
from tests.fuzz.studio import Studio
from tests.fuzz.telling import MINE, wait_and_hear
from tests.fuzz.test_answers import Spoiled

from flowbind.errors import ConnectionBroken, Unauthorized
from flowbind.invokeai.events.frames import Conversation
from flowbind.invokeai.events.hearing import COMPLETE, ERROR, PROGRESS, STARTED, STATUS

NAMES = (STATUS, STARTED, PROGRESS, COMPLETE, ERROR, "queue_cleared", "queue_items_canceled", "connect", "")
STATES = ("pending", "in_progress", "waiting", "completed", "failed", "canceled", "unheard_of")
PICTURE = {"width": 8, "height": 8, "dataURL": "data:image/jpeg;base64,AAAA"}
DEEP = "[" * 10_000 + "]" * 10_000

_any = st.integers(0, len(VALUES) - 1).map(VALUES.__getitem__)
_data = st.fixed_dictionaries(
    {},
    optional={
        "batch_id": st.sampled_from((MINE, MINE, MINE, "other")) | _any,
        "item_id": st.sampled_from((1, 1, 1, 2, 99)) | _any,
        "status": st.sampled_from(STATES) | _any,
        "invocation": st.just({"id": "p1", "type": "img_noise"}) | st.fixed_dictionaries({"id": _any}) | _any,
        "invocation_source_id": st.just("grain") | _any,
        "message": _any,
        "percentage": st.floats() | _any,
        "image": st.just(PICTURE) | st.fixed_dictionaries(dict.fromkeys(PICTURE, _any)) | _any,
        "result": st.just({"type": "image_output", "image": {"image_name": "a.png"}}) | _any,
        "error_type": _any,
    },
)
_OPENINGS = ("0", "1", "2", "3", "40", "41", "42", "43", "430", "44", "451-", "")
_REST = st.text() | st.sampled_from((*TEXTS, DEEP, "[]", "null", '["a"]', "[{}]"))
_frames = st.one_of(
    st.tuples(st.sampled_from(NAMES), _data).map(lambda event: "42" + json.dumps(event)),
    st.tuples(st.sampled_from(_OPENINGS), _REST).map("".join),
    st.binary(max_size=40),
)


@given(st.lists(_frames, max_size=8))
def test_any_frames(frames: list[str | bytes]) -> None:
    conversation = Conversation(URL, "token")
    for frame in frames:
        try:
            answer, event = conversation.hear(frame)
        except (Unauthorized, ConnectionBroken, ValueError):
            continue
        assert answer is None or isinstance(answer, str)
        assert event is None or (isinstance(event[0], str) and isinstance(event[1], dict))
        assert 0 < conversation.silence <= 10_000


@given(
    kind=st.sampled_from(["sync", "async"]),
    one=st.booleans(),
    live=st.booleans(),
    ends=st.sampled_from(["completed", "failed", "canceled"]),
    frames=st.lists(_frames.filter(lambda frame: isinstance(frame, str)), max_size=12),
    listens=st.booleans(),
)
def test_any_events(
    player: Player, kind: str, one: bool, live: bool, ends: str, frames: list[str], listens: bool
) -> None:
    submitted = Poster() if one else GrainStudy(), lambda job: job.batch_id
    said = Conversation(URL), frames
    wait_and_hear(player, kind, Spoiled(Studio(ends)), submitted, said, live=live, listens=listens)


@pytest.mark.parametrize("depth", [500, 10_000])
def test_what_is_nested_too_deep_is_no_event(depth: int) -> None:
    frame = '42["a",' + "[" * depth + "]" * depth + "]"
    try:
        assert Conversation(URL).hear(frame) == (None, None)
    except ValueError:
        assert depth > 900
