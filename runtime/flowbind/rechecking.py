"""Checking what an instance holds once more, before it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flowbind.workflow import Workflow, given_inputs


def check_again(workflow: Workflow[Any], also: Iterable[str] = ()) -> None:
    """Check all that was set, and the inputs in `also`; raises `flowbind.errors.InputError`.

    A list may have changed since the instance was made, and `model_copy(update=...)` checks nothing.
    """
    names = given_inputs(workflow).union(also)
    type(workflow)(**{name: value for name, value in vars(workflow).items() if name in names})
