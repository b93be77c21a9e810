"""Every way that things go wrong has an error of its own, for both clients, and says what to do."""

from __future__ import annotations

import inspect
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from generated import Poster
from tests.recorded import recorded

from flowbind import errors
from flowbind.errors import (
    ConnectionBroken,
    Forbidden,
    NotFound,
    NotTheApi,
    QueueBlocked,
    Refused,
    RequestTimeout,
    RunCanceled,
    RunFailed,
    RunGone,
    RunRedacted,
    RunUnreadable,
    ServerError,
    ServerFault,
    ServerUnreachable,
    Unauthorized,
    UnexpectedReply,
    WaitTimeout,
)
from flowbind.invokeai.queue import blockade
from flowbind.invokeai.runs import waiting
from flowbind.listening import pauses

from .conftest import Runner
from .fake_server import ENQUEUE, HANG_UP, ITEM, Answer, FakeServer, as_json, item

NEEDS_LOGIN, HIDDEN, NOT_YOURS, NOT_ADMIN = recorded("10_multiuser")
PAGE = Answer(b"<html>", media_type="text/html")
MODELS = "/api/v2/models/"
VERSION = "/api/v1/app/version"


def answered(line: dict[str, Any]) -> Answer:
    """Return a recorded answer."""
    return as_json(line["response_body"], line["status"])


@pytest.mark.parametrize(
    ("answer", "kind", "status", "cure"),
    [
        (answered(NEEDS_LOGIN), Unauthorized, 401, "ive the client an account"),
        (answered(NOT_ADMIN), Forbidden, 403, "use another one, or ask an administrator"),
        (answered(NOT_YOURS), Forbidden, 403, "You do not have permission to cancel this queue item (HTTP 403). This"),
        (as_json({"detail": "Not Found"}, 404), NotFound, 404, "or its id or name is wrong"),
        (as_json({"detail": "Method Not Allowed"}, 405), Refused, 405, "the same request would be refused again"),
        (as_json({"detail": "boom"}, 500), ServerFault, 500, "boom (HTTP 500). Try again"),
        (Answer(b"<html>", 502, "text/html"), ServerFault, 502, "perhaps of a proxy in between (HTTP 502). Try again"),
        (Answer(b"<html>", 401, "text/html"), Unauthorized, 401, "ive the client an account"),
        (PAGE, NotTheApi, 200, "Open the address in a browser: it has to show InvokeAI"),
        (Answer(b"<html>", 404, "text/html; charset=utf-8"), NotTheApi, 404, "Open the address in a browser"),
        (Answer(b"", 302, headers={"location": "/login"}), NotTheApi, 302, "give the one that the redirect leads to"),
        (Answer(b"hello", media_type="text/plain"), UnexpectedReply, 200, "was answered with text/plain instead"),
        (Answer(b'{"ver'), UnexpectedReply, 200, "give the server's own address"),
        (as_json({}), UnexpectedReply, None, "Check the address; if it is right"),
        (HANG_UP, ConnectionBroken, None, "Look whether the request was carried out before you send it again"),
        (
            Answer(b'{"version": "6.14.2"}', seconds=0.5),
            RequestTimeout,
            None,
            "Give a slow server more",
        ),
    ],
)
def test_each_answer_has_an_error(
    server: FakeServer, runner: Runner, answer: Answer, kind: type[ServerError], status: int | None, cure: str
) -> None:
    server.answer("GET", VERSION, answer)
    with pytest.raises(ServerError) as caught:
        runner.version(timeout=0.2)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert cure in str(caught.value)


def test_nobody_there(runner: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        runner.url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(ServerUnreachable, match=r"Is the server running, and is the address right\?"):
        runner.version()


def test_a_slow_answer_is_also_a_timeout(server: FakeServer, runner: Runner) -> None:
    server.answer("GET", VERSION, Answer(b'{"version": "6.14.2"}', seconds=0.5))
    with pytest.raises(TimeoutError, match=rf"^GET {VERSION}: {server.url} sent nothing more for 0\.2 s") as caught:
        runner.version(timeout=0.2)
    assert isinstance(caught.value, ConnectionBroken)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """All patience, shortened."""
    monkeypatch.setattr(waiting, "_UNREADABLE", 0.5)
    for module, name in ((blockade, "_FIRST"), (blockade, "_AGAIN"), (pauses, "_LONGEST")):
        monkeypatch.setattr(module, name, 0.05)


def blocked(server: FakeServer) -> None:
    """Let a run stay pending behind an item that cannot be read."""
    server.answer("GET", ITEM, as_json(item("pending")))
    for line in recorded("03b_poisoned_queue"):
        if line["path"] != ENQUEUE:
            server.answer(line["method"], line["path"], as_json(line["response_body"], line["status"]))


def ends(answer: Answer) -> Callable[[FakeServer], None]:
    """Return what lets a run be answered for with one answer."""
    return lambda server: server.answer("GET", ITEM, answer)


FAILED = {"error_type": "OSError", "error_message": "disk full", "error_traceback": "Traceback"}
GONE = as_json({"detail": "Queue item with id 7 not found in queue default"}, 404)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("happen", "kind", "cure"),
    [
        (ends(as_json(item("failed", **FAILED))), RunFailed, "The server's log says more"),
        (ends(as_json(item("canceled"))), RunCanceled, "Submit it again"),
        (ends(GONE), RunGone, "Submit it again"),
        (ends(answered(HIDDEN)), RunRedacted, "Use that account, or an administrator's"),
        (ends(as_json({"detail": "boom"}, 500)), RunUnreadable, "server.queue.cancel_batch"),
        (ends(as_json(item("in_progress"))), WaitTimeout, "Wait again, or cancel it"),
        (blocked, QueueBlocked, "server.queue.cancel_batch("),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_each_end_has_an_error(
    server: FakeServer, runner: Runner, happen: Callable[[FakeServer], None], kind: type[errors.RunError], cure: str
) -> None:
    happen(server)
    with pytest.raises(errors.RunError) as caught:
        runner.run(Poster(), timeout=1)
    assert type(caught.value) is kind
    assert (caught.value.workflow, caught.value.item_id) == ("Poster", 7)
    assert cure in str(caught.value)


def test_a_page_in_the_place_of_a_run_does_not_mean_that_it_is_gone(server: FakeServer, runner: Runner) -> None:
    # A proxy, as long as it does not know its server again.
    server.answer("GET", ITEM, Answer(b"<html>", 404, "text/html"))
    with pytest.raises(NotTheApi):
        runner.run(Poster())


def all_below(error: type[Exception]) -> Iterator[type[Exception]]:
    """Yield the errors of the tree below one."""
    for child in error.__subclasses__():
        yield child
        yield from all_below(child)


def test_every_error_says_when_and_what_it_holds() -> None:
    for error in all_below(errors.FlowbindError):
        assert error.__doc__, error
        held = re.findall(r"self\.(\w+) =", inspect.getsource(error))
        said = " ".join(base.__doc__ or "" for base in error.__mro__ if base.__module__ == errors.__name__)
        assert [name for name in held if f"`{name}`" not in said] == [], error
