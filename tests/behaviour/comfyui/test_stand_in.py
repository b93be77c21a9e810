"""The stand-in behaves as the real server does, and goes wrong when it is told to."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from ..fake_server import Answer
from .fake_comfyui import FakeComfyUI
from .prompts import Prompt, Record, by_hand, until_interrupted
from .servers import Served


def graph() -> Record:
    """Return a prompt that no server has run before."""
    color = random.randrange(1 << 24)
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": color}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }


def post(url: str, client_id: str, **more: Any) -> str:
    """Post a prompt, and return its id."""
    answer = httpx.post(f"{url}/prompt", json={"prompt": graph(), "client_id": client_id, **more})
    return str(answer.json()["prompt_id"])


@contextmanager
def listening(url: str, client_id: str) -> Iterator[ClientConnection]:
    """Yield a websocket that has been greeted."""
    with connect(f"{url.replace('http', 'ws', 1)}/ws?clientId={client_id}") as socket:
        assert json.loads(socket.recv(timeout=5))["data"]["sid"] == client_id
        yield socket


def kinds(socket: ClientConnection, prompt_id: str) -> list[str]:
    """Return what is told until a prompt is done, by its kinds."""
    found: list[str] = []
    while True:
        event = json.loads(socket.recv(timeout=10))
        found.append(event["type"])
        if event["type"] == "executing" and event["data"] == {"node": None, "prompt_id": prompt_id}:
            return found


def test_what_is_told_of_a_prompt(comfyui_server: Served) -> None:
    client_id = str(uuid4())
    with listening(comfyui_server.url, client_id) as socket:
        told = kinds(socket, post(comfyui_server.url, client_id))
    node = ["progress_state", "executing", "progress_state"]
    shown = ["progress_state", "executing", "executed", "progress_state"]
    begin = ["status", "status", "execution_start", "execution_cached"]
    assert told == [*begin, *node, *shown, "execution_success", "status", "executing"]


def test_another_socket_of_a_client_hears_nothing_when_the_first_closes(comfyui_server: Served) -> None:
    client_id = str(uuid4())
    with connect(f"{comfyui_server.url.replace('http', 'ws', 1)}/ws?clientId={client_id}") as first:
        first.recv(timeout=5)
        with listening(comfyui_server.url, client_id) as second:
            first.close()
            with pytest.raises(TimeoutError):
                first_of_all(comfyui_server.url, client_id, second)


def first_of_all(url: str, client_id: str, socket: ClientConnection) -> None:
    """Post until somebody is told nothing of it: the server notices some time later that a socket was closed."""
    for _ in range(20):
        prompt_id = post(url, client_id)
        while json.loads(socket.recv(timeout=1))["data"] != {"node": None, "prompt_id": prompt_id}:
            pass


def test_uploads_are_named(comfyui_server: Served) -> None:
    stem = uuid4().hex

    def upload(name: str, data: bytes, **fields: str) -> tuple[int, str]:
        answer = httpx.post(
            f"{comfyui_server.url}/upload/image", files={"image": (name, data, "image/png")}, data=fields
        )
        return answer.status_code, answer.json()["name"] if answer.status_code == 200 else ""

    for name in (f"{stem} ü.png", f"{stem} [1];%41.png", f"{stem}\\.png"):
        assert upload(name, b"\r\none\r\n") == (200, name)
        seen = httpx.get(f"{comfyui_server.url}/view", params={"filename": name, "type": "input"})
        assert seen.content == b"\r\none\r\n"
        assert upload(name, b"\r\none\r\n") == (200, name)
    assert upload(f"{stem}.png", b"one") == (200, f"{stem}.png")
    assert upload(f"{stem}.png", b"two") == (200, f"{stem} (1).png")
    assert upload(f"{stem}.png", b"two") == (200, f"{stem} (1).png")
    assert upload(f"{stem}.png", b"three", overwrite="true") == (200, f"{stem}.png")
    assert upload(f"{stem}.png", b"four", subfolder="a/b", type="temp") == (200, f"{stem}.png")
    assert upload(f"{stem}.png", b"five", subfolder="../..") == (400, "")


@pytest.mark.parametrize(
    ("query", "status"),
    [({}, 404), ({"filename": "no.png"}, 404), ({"filename": "../a"}, 400), ({"filename": "a", "type": "b"}, 400)],
)
def test_files_that_are_not_shown(comfyui_server: Served, query: dict[str, str], status: int) -> None:
    assert httpx.get(f"{comfyui_server.url}/view", params=query).status_code == status


@pytest.mark.parametrize("path", ["/prompt", "/queue", "/history", "/free"])
def test_what_is_no_json_is_the_servers_fault(comfyui_server: Served, path: str) -> None:
    answer = httpx.post(f"{comfyui_server.url}/api{path}", content=b"{no")
    assert (answer.status_code, answer.text.partition("\n")[0]) == (500, "500 Internal Server Error")


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    """A stand-in whose prompts are taken by hand."""
    with FakeComfyUI() as running:
        running.course = by_hand
        yield running


def test_a_prompt_is_taken_step_by_step(server: FakeComfyUI) -> None:
    with listening(server.url, "me") as socket:
        prompt_id = post(server.url, "me")
        prompt = server.running()
        prompt.start(cached=["1"])
        prompt.begin("2")
        assert httpx.get(f"{server.url}/history/{prompt_id}").json() == {}
        assert httpx.get(f"{server.url}/api/jobs/{prompt_id}").json()["status"] == "in_progress"
        prompt.fail("OutOfMemoryError", "no memory")
        assert kinds(socket, prompt_id)[-3:] == ["execution_error", "status", "executing"]
    job = httpx.get(f"{server.url}/api/jobs/{prompt_id}").json()
    assert (job["status"], job["execution_error"]["exception_type"]) == ("failed", "OutOfMemoryError")


def test_one_prompt_at_a_time_and_those_in_front_first(server: FakeComfyUI) -> None:
    first, second = post(server.url, "me"), post(server.url, "me")
    ahead = post(server.url, "me", front=True)
    done: list[str] = []
    for _ in range(3):
        prompt = server.running()
        done.append(prompt.prompt_id)
        prompt.start()
        prompt.succeed()
    assert done == [first, ahead, second]


def test_only_the_prompt_that_runs_is_interrupted(server: FakeComfyUI) -> None:
    server.course = until_interrupted
    first, second = post(server.url, "me"), post(server.url, "me")
    server.running()
    httpx.post(f"{server.url}/interrupt", json={"prompt_id": second})
    assert server.running().prompt_id == first
    httpx.post(f"{server.url}/interrupt", json={"prompt_id": first})
    assert server.work.wait_for(lambda: first in server.work.history, 5)
    assert httpx.get(f"{server.url}/api/jobs/{first}").json()["status"] == "cancelled"
    assert not server.posted[1].interrupt_asked.is_set()


def test_an_answer_is_lost_and_the_prompt_is_not(server: FakeComfyUI) -> None:
    server.lose_answer("POST", "/prompt")
    with pytest.raises(httpx.RemoteProtocolError):
        post(server.url, "me")
    assert server.running() is server.posted[0]
    assert len(server.sent("POST", "/prompt")) == 1


def test_an_answer_that_was_planned_comes_once(server: FakeComfyUI) -> None:
    server.instead("POST", "/prompt", Answer(b"", 500))
    statuses = [httpx.post(f"{server.url}{at}/prompt", json={"prompt": graph()}).status_code for at in ("/api", "")]
    assert statuses == [500, 200]
    assert len(server.posted) == 1
    assert len(server.sent("POST", "/prompt")) == 2


def test_a_prompt_is_forgotten_without_a_word(server: FakeComfyUI) -> None:
    running, waiting = post(server.url, "me"), post(server.url, "me")
    server.running()
    with listening(server.url, "me") as socket:
        server.forget(waiting)
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.2)
    queue = httpx.get(f"{server.url}/queue").json()
    assert ([item[1] for item in queue["queue_running"]], queue["queue_pending"]) == ([running], [])


def test_a_restart_loses_everything(server: FakeComfyUI) -> None:
    server.course = Prompt.succeed
    done = post(server.url, "me")
    assert server.work.wait_for(lambda: done in server.work.history, 5)
    server.course = by_hand
    with listening(server.url, "me") as socket:
        post(server.url, "me")
        lost = server.running()
        server.restart()
        with pytest.raises(ConnectionClosed):
            list(socket)
    lost.start()
    assert httpx.get(f"{server.url}/history").json() == {}
    assert httpx.get(f"{server.url}/prompt").json() == {"exec_info": {"queue_remaining": 0}}
    with listening(server.url, "me"):
        assert server.listeners.client_ids == ["me"]


def test_sockets_that_say_nothing_and_none_at_all(server: FakeComfyUI) -> None:
    server.listeners.silent = True
    with connect(f"{server.url.replace('http', 'ws', 1)}/ws") as socket, pytest.raises(TimeoutError):
        socket.recv(timeout=0.2)
    server.refusal = (404, "")
    with pytest.raises(InvalidStatus), connect(f"{server.url.replace('http', 'ws', 1)}/ws"):
        pass
