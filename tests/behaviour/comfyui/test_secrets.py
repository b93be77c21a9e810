"""The login of a proxy and the key of ComfyUI's platform are told nowhere, and the key goes to one place alone."""

from __future__ import annotations

import base64
import json
import pickle
import socket
from pathlib import Path
from typing import Any

import pytest
from generated import ComfyTextToImage

from flowbind.comfyui import ComfyUI, Image
from flowbind.errors import Refused

from ..fake_server import as_json
from ..test_secrets import SECRETS, check_untold, run
from .fake_comfyui import FakeComfyUI
from .prompts import Prompt

PROGRAM = Path(__file__).with_name("careless_program.py")
KEY, LOGIN = SECRETS["token"], base64.b64encode(f"studio:{SECRETS['of_proxy']}".encode()).decode()


def failing(prompt: Prompt) -> None:
    """The course that fails once it has shown something."""
    prompt.start()
    for node in prompt.targets:
        prompt.begin(node)
        prompt.end(prompt.server.output_of(prompt, node))
    prompt.begin(next(iter(prompt.graph)))
    prompt.fail("OSError", "disk full")


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_careless_program_tells(tmp_path: Path, fails: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()[1]
    with FakeComfyUI() as server:
        if fails:
            server.course = failing
        printed = run(
            tmp_path, PROGRAM, URL=server.url, DEAD_URL=f"http://127.0.0.1:{dead}", SECRETS=json.dumps(SECRETS)
        )
        requests, opened = [*server.requests], server.listeners.opened
    check_untold(tmp_path, printed)
    # It has come to its end, and has been where there is something to tell.
    for words in (
        "RunFailed" if fails else "Finished", "No ComfyUI answers", "DEBUG:httpcore.http11:send_request_headers",
        "cannot pickle", "AsyncComfyUI", "a.txt",
    ):  # fmt: skip
        assert words in printed, printed[-3000:]
    assert opened == 2
    for request in requests:
        assert request.headers["authorization"] in (f"Basic {LOGIN}", f"Bearer {SECRETS['own_header']}"), request.path
        posts = request.method == "POST" and request.path == "/prompt"
        assert posts == (KEY.encode() in json.dumps(said(request.body), ensure_ascii=False).encode()), request.path
        if posts:
            assert said(request.body)["extra_data"].pop("api_key_comfy_org") == KEY
            assert KEY not in json.dumps({**said(request.body), "extra_data": None}, ensure_ascii=False)
        assert KEY not in request.path + request.query + repr(request.headers)


def said(body: bytes) -> Any:
    """Return a body as a document, or as what it is."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("latin-1")


def test_a_key_is_not_told_when_a_prompt_is_refused() -> None:
    with FakeComfyUI() as server, ComfyUI(server.url, api_key=KEY, check="off") as client:
        server.validate = lambda _: as_json({"error": {"type": "x", "message": "No"}, "node_errors": {}}, 400)
        with pytest.raises(Refused) as caught:
            client.submit(ComfyTextToImage())
    assert KEY not in str(caught.value) + repr(vars(caught.value))


def test_a_pickled_result_has_no_connection() -> None:
    with FakeComfyUI() as server, ComfyUI(server.url, api_key=KEY, check="off") as client:
        result = client.run(ComfyTextToImage(), timeout=20)
        content = pickle.dumps(result)
        again = pickle.loads(content)
    assert (vars(again.outputs), again.nodes) == (vars(result.outputs), result.nodes)
    assert KEY.encode() not in content
    assert client.url.encode() not in content
    for picture in (again.outputs.picture[0], again.node("9").images[0]):
        assert isinstance(picture, Image)
        assert picture.source is None
        with pytest.raises(TypeError, match="was not made by a client"):
            picture.bytes()
