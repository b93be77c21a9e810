"""Socket.IO over a websocket: the conversation that a real server had, and frames of one that is none."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.errors import ConnectionBroken, Unauthorized
from flowbind.invokeai.events.frames import Conversation, socket_url
from flowbind.listening.delays import Delays

OPENED = '0{"sid":"ZahoF4bU0hmj7ZRVAAAC","upgrades":[],"pingTimeout":20000,"pingInterval":25000,"maxPayload":1000000}'
SUBSCRIBE = '420["subscribe_queue", {"queue_id": "default"}]'


def test_a_conversation_as_the_server_has_it() -> None:
    conversation = Conversation("ws://here")
    assert conversation.hear(OPENED) == ("40", None)
    assert conversation.silence == 45.0
    assert conversation.hear('40{"sid":"nwzZ8-biTUaG8qVNAAAD"}') == (SUBSCRIBE, None)
    assert not conversation.subscribed
    assert conversation.hear("430[]") == (None, None)
    assert conversation.subscribed
    assert conversation.hear("2") == ("3", None)
    event = ["invocation_started", {"item_id": 1}]
    assert conversation.hear("42" + json.dumps(event)) == (None, ("invocation_started", {"item_id": 1}))


def test_the_token_is_shown_to_the_server_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    conversation = Conversation("ws://here", "secret")
    assert conversation.hear(OPENED) == ('40{"token": "secret"}', None)
    assert "secret" not in repr(conversation)
    with pytest.raises(Unauthorized) as caught:
        conversation.hear('44{"message":"Connection rejected by server"}')
    assert "secret" not in str(caught.value)
    assert "secret" not in caplog.text


@pytest.mark.parametrize("frame", ['44{"message":"Connection rejected by server"}', "44", "41", "41/x"])
def test_a_server_that_does_not_want_to_talk(frame: str) -> None:
    with pytest.raises(Unauthorized if frame.startswith("44") else ConnectionBroken, match="The server"):
        Conversation("ws://here").hear(frame)


@pytest.mark.parametrize("frame", ["0", "0{", "0nothing", "42", "42nothing", "42/admin,[]", '421["x",{}]', "42[[["])
def test_what_is_no_json_is_an_error(frame: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whoever reads frames takes any
        Conversation("ws://here").hear(frame)


@pytest.mark.parametrize(
    "frame",
    [
        *(b"", b"0{}", b"42[]"),
        *("", "1", "3", "6", "x", "2probe", "451-[]", "431[]"),
        *('42{"x":1}', "42[]", '42["x"]', "42[1,{}]", '42["x",[]]', "42null"),
    ],
)
def test_what_is_not_for_us_is_passed_over(frame: str | bytes) -> None:
    conversation = Conversation("ws://here")
    assert conversation.hear(frame) == (None, None)
    assert not conversation.subscribed


@pytest.mark.parametrize(
    "intervals",
    [
        {},
        [],
        {"pingInterval": 25000},
        {"pingInterval": "25000", "pingTimeout": "20000"},
        {"pingInterval": 0, "pingTimeout": 0},
        {"pingInterval": -25000, "pingTimeout": 20000},
        {"pingInterval": 10**30, "pingTimeout": 1},
        {"pingInterval": None, "pingTimeout": 20000},
    ],
)
def test_odd_intervals_are_not_believed(intervals: object) -> None:
    conversation = Conversation("ws://here")
    assert conversation.hear("0" + json.dumps(intervals)) == ("40", None)
    assert conversation.silence == 60.0


@given(st.lists(st.one_of(st.text(), st.binary(), st.from_regex(r"\A(0|2|4[0-4]|420|430)[\[{\"0-9a-z,:}\]]{0,9}\Z"))))
def test_no_frame_does_anything_else(frames: list[str | bytes]) -> None:
    conversation = Conversation("ws://here")
    for frame in frames:
        try:
            answer, event = conversation.hear(frame)
        except (Unauthorized, ConnectionBroken, ValueError):
            return
        assert answer in (None, "40", "3", SUBSCRIBE)
        assert event is None or isinstance(event[1], dict)
        assert conversation.silence > 0


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:9090", "ws://127.0.0.1:9090/ws/socket.io/"),
        ("https://a.example/invoke/", "wss://a.example/invoke/ws/socket.io/"),
        ("http://[::1]:9090", "ws://[::1]:9090/ws/socket.io/"),
        ("HTTPS://A.example", "wss://A.example/ws/socket.io/"),
    ],
)
def test_the_address(url: str, expected: str) -> None:
    assert socket_url(url) == f"{expected}?EIO=4&transport=websocket"


def test_delays_grow_until_a_connection_stood() -> None:
    delays = Delays()
    taken = [delays.take() for _ in range(12)]
    assert taken[:3] == [0.25, 0.5, 1.0]
    assert taken == sorted(taken)
    assert taken[-1] == taken[-2] == 30.0
    delays.reset()
    assert delays.take() == 0.25
