"""From what became of runs that belong together to their results, or to the error that tells which have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flowbind.errors import BatchFailed, RunCanceled, RunError
from flowbind.result import Result
from flowbind.workflow import Workflow

ResultT = TypeVar("ResultT", bound=Result[Any])


def all_results(workflow: type[Workflow[Any]], outcomes: Sequence[ResultT | RunError]) -> list[ResultT]:
    """Return the results of runs in their order; raises `BatchFailed` where a run has none."""
    results = [outcome for outcome in outcomes if not isinstance(outcome, RunError)]
    failed = {number: o for number, o in enumerate(outcomes, start=1) if isinstance(o, RunError)}
    if failed:
        raise BatchFailed(
            said_of(workflow, failed, len(outcomes)),
            workflow=workflow.__name__,
            item_id=next(iter(failed.values())).item_id,
            outcomes=outcomes,
        )
    return results


def said_of(workflow: type[Workflow[Any]], failed: Mapping[int, object], total: int) -> str:
    """Return what is said of runs that did not end well, by their numbers: how many, and why the first of them."""
    number = min(failed)
    name = workflow.__name__
    return f"{name}: {len(failed)} of {total} runs did not end well. Run {number}: {failed[number]}"


def not_queued(workflow: type[Workflow[Any]], item_id: int | str) -> RunCanceled:
    """Return what became of a run that the others were canceled before; `item_id` is what stands for none."""
    name = workflow.__name__
    return RunCanceled(
        f"{name}: the run was not queued, as the others were canceled. Submit it again to have it run.",
        workflow=name,
        item_id=item_id,
    )
