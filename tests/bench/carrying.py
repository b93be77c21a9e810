"""Carrying operations out without a server: what flowbind itself costs, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from tests.behaviour.fake_server import BOARD, MODEL

from flowbind.invokeai._steps import Call, Operation, Reply, Work

T = TypeVar("T")

_KNOWN = {
    "/api/v2/models/": json.dumps({"models": [MODEL]}).encode(),
    "/api/v1/boards/": json.dumps([BOARD]).encode(),
}


def carried_out(operation: Operation[T], queue: Callable[[bytes], bytes]) -> T:
    """Carry out an operation with a server that has one model and one board; `queue` answers what is submitted."""
    try:
        step = next(operation)
        while True:
            answer = None
            if isinstance(step, Call):
                body = _KNOWN.get(step.path) or queue(step.content or b"")
                answer = Reply(step.method, step.path, 200, "application/json", body)
            elif isinstance(step, Work):
                answer = step.do()
            step = operation.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value
