"""Doing something else during the pauses of an operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from flowbind.errors import FlowbindError
from flowbind.transport.steps import Listen, Operation, Sleep

T = TypeVar("T")


def beside(operation: Operation[T], otherwise: Callable[[], Operation[float | None]]) -> Operation[T]:
    """Carry out an operation, and another one before each of its pauses.

    That one returns after how many seconds it is to be done again; None where it has time until the next pause.
    """
    try:
        step = next(operation)
        while True:
            if isinstance(step, Sleep | Listen):
                again = yield from otherwise()
                if again is not None:
                    step = replace(step, seconds=min(step.seconds, again))
            try:
                answer = yield step
            except FlowbindError as error:
                step = operation.throw(error)
            else:
                step = operation.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        operation.close()
