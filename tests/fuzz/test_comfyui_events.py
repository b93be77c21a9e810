"""Whatever ComfyUI tells by itself: texts and bytes that are no frames, events of other prompts; nobody fails."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.behaviour.comfyui.listeners import message, plain_preview, text_frame, told_preview
from tests.fuzz.changes import TEXTS, VALUES
from tests.fuzz.comfyui_operations import KINDS
from tests.fuzz.comfyui_studio import SHOWN, ComfyStudio
from tests.fuzz.played import URL, Player
from tests.fuzz.studio import pixel
from tests.fuzz.telling import MINE, wait_and_hear
from tests.fuzz.test_answers import Spoiled

from flowbind.comfyui.events.frames import Conversation
from flowbind.comfyui.events.hearing import EXECUTED, EXECUTING, PROGRESS, START

NAMES = (
    *(START, EXECUTING, EXECUTING, PROGRESS, EXECUTED, "execution_success", "execution_error", "status"),
    *("execution_interrupted", "execution_cached", "progress_state", "feature_flags", ""),
)
DEEP = "[" * 10_000 + "]" * 10_000
_any = st.integers(0, len(VALUES) - 1).map(VALUES.__getitem__)
_prompt = st.sampled_from((MINE, MINE, MINE, "other")) | _any
_node = st.sampled_from(("1", "1", "1.0.0", None)) | _any
_data = st.fixed_dictionaries(
    {},
    optional={
        "prompt_id": _prompt,
        "node": _node,
        "display_node": _node,
        "value": st.floats() | st.integers() | _any,
        "max": st.floats() | st.integers() | _any,
        "output": st.just(SHOWN) | st.dictionaries(st.sampled_from(("images", "text", "", "self")), _any) | _any,
        "nodes": _any,
        "status": _any,
    },
)
_about = st.fixed_dictionaries(
    {}, optional={"prompt_id": _prompt, "node_id": _node, "display_node_id": _node, "image_type": _any}
)
_image = st.sampled_from((pixel(), pixel()[:20], b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x08\x00\x08"))
_whole = st.one_of(
    st.builds(plain_preview, _image | st.binary(max_size=20)),
    st.builds(told_preview, _image, _about | _any),
    st.builds(text_frame, st.sampled_from(("1", MINE, "")), st.sampled_from([t for t in TEXTS if t != "\ud800"])),
)
_frames = st.one_of(
    st.builds(message, st.sampled_from(NAMES), _data),
    st.builds(message, st.sampled_from(NAMES), _any),
    st.fixed_dictionaries({}, optional={"type": _any, "data": _any}).map(json.dumps),
    st.text() | st.sampled_from((*TEXTS, DEEP, f'{{"type":"executed","data":{DEEP}}}', "[]", "null")),
    _whole,
    st.tuples(_whole, st.integers(0, 60)).map(lambda cut: cut[0][: cut[1]]),
    st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=40)).map(lambda made: made[0].to_bytes(4, "big") + made[1]),
)
_conversation = partial(Conversation, URL, lambda _: None)


@given(st.lists(_frames, max_size=8))
def test_any_frames(frames: list[str | bytes]) -> None:
    conversation = _conversation()
    for frame in frames:
        try:
            answer, event = conversation.hear(frame)
        except ValueError:
            assert isinstance(frame, str)
            continue
        assert answer is None
        assert event is None or (isinstance(event[0], str) and isinstance(event[1], dict))


@given(
    kind=st.sampled_from(["sync", "async"]),
    live=st.booleans(),
    has_jobs=st.booleans(),
    ends=st.sampled_from(["completed", "failed", "canceled"]),
    frames=st.lists(_frames, max_size=12),
    listens=st.booleans(),
)
def test_any_events(
    player: Player, kind: str, live: bool, has_jobs: bool, ends: str, frames: list[str | bytes], listens: bool
) -> None:
    submitted = KINDS, lambda job: job.item_id
    server, said = Spoiled(ComfyStudio(ends, has_jobs)), (_conversation(), frames)
    wait_and_hear(player, kind, server, submitted, said, live=live, listens=listens, family="ComfyUI")


@pytest.mark.parametrize("data", [{"value": 10**400, "max": 1}, {"value": 1, "max": float("inf")}, {"output": [[]]}])
@pytest.mark.parametrize("name", [PROGRESS, EXECUTED])
def test_numbers_that_count_nothing(player: Player, name: str, data: dict[str, Any]) -> None:
    frames = [message(name, {"prompt_id": MINE, "node": "1", **data})]
    submitted = KINDS, lambda job: job.item_id
    server, said = Spoiled(ComfyStudio()), (_conversation(), frames)
    wait_and_hear(player, "sync", server, submitted, said, live=True, listens=True, family="ComfyUI")
