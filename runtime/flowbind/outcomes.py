"""From what became of runs that belong together to their results, or to the error that tells which have none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from flowbind.errors import BatchFailed, RunError
from flowbind.result import Result
from flowbind.workflow import Workflow

ResultT = TypeVar("ResultT", bound=Result[Any])


def all_results(workflow: type[Workflow[Any]], outcomes: Sequence[ResultT | RunError]) -> list[ResultT]:
    """Return the results of runs in their order; raises `BatchFailed` where a run has none."""
    results = [outcome for outcome in outcomes if not isinstance(outcome, RunError)]
    failed = [(number, o) for number, o in enumerate(outcomes, start=1) if isinstance(o, RunError)]
    if failed:
        number, first = failed[0]
        name = workflow.__name__
        raise BatchFailed(
            f"{name}: {len(failed)} of {len(outcomes)} runs did not end well. Run {number}: {first}",
            workflow=name,
            item_id=first.item_id,
            outcomes=outcomes,
        )
    return results
