"""Carrying operations out without a server: what flowbind itself costs, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from tests.behaviour.fake_server import BOARD, ENQUEUE, MODEL

from flowbind.transport.steps import Call, Operation, Reply, Step, Work

T = TypeVar("T")

_SUBMITTING = (ENQUEUE, "/prompt")
_KNOWN = {
    "/api/v2/models/": json.dumps({"models": [MODEL]}).encode(),
    "/api/v1/boards/": json.dumps([BOARD]).encode(),
}


def carried_out(operation: Operation[T], queue: Callable[[bytes], bytes]) -> T:
    """Carry out an operation with a server that has one model and one board; `queue` answers what is submitted."""
    try:
        step = next(operation)
        while True:
            step = operation.send(_answer(step, queue))
    except StopIteration as end:
        value: T = end.value
        return value


def request_of(operation: Operation[object]) -> bytes:
    """Carry out an operation until it submits something; return the body of that request."""
    step = next(operation)
    while not _submits(step):
        step = operation.send(_answer(step, bytes))
    operation.close()
    assert isinstance(step, Call)
    return step.content or b""


def _submits(step: Step) -> bool:
    return isinstance(step, Call) and step.path in _SUBMITTING


def _answer(step: Step, queue: Callable[[bytes], bytes]) -> object:
    match step:
        case Call(method, path, content=content):
            body = queue(content or b"") if _submits(step) else _KNOWN[path]
            return Reply(method, path, 200, "application/json", body)
        case Work(do):
            return do()
        case _:
            return None
