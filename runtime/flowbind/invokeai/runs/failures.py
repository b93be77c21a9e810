"""The errors of runs that ended without a result: where they failed, why, what was finished, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowbind.errors import RunCanceled, RunFailed
from flowbind.invokeai.runs.body import body_of
from flowbind.invokeai.runs.causes import Cause, cause_of
from flowbind.invokeai.runs.inputs_of_nodes import node_named
from flowbind.invokeai.schema.field_types import mapping
from flowbind.outside import one_line
from flowbind.workflow import Workflow, named

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem
    from flowbind.invokeai.result import Result

_UNKNOWN = Cause(None, "The server's log says more.")


def canceled(workflow: type[Workflow[Any]], item: QueueItem, partial: Result[Any] | None) -> RunCanceled:
    """Return the error for a canceled run."""
    name = workflow.__name__
    return RunCanceled(
        f"{name}: item {item.item_id} was canceled. Submit it again to have it run.",
        workflow=name,
        item_id=item.item_id,
        partial=partial,
    )


def failed(workflow: type[Workflow[Any]], item: QueueItem, partial: Result[Any] | None) -> RunFailed:
    """Return the error for a failed run."""
    session = item.session
    prepared, noted = next(iter(mapping(session.get("errors")).items()), (None, ""))
    node = mapping(session.get("prepared_source_mapping")).get(prepared) if prepared else None
    node = node if isinstance(node, str) else None
    kind, said, traceback = _words(item, str(noted))
    cause = _cause(workflow, session, prepared, node, kind, said) if prepared and node else _UNKNOWN
    whose = named(workflow, cause.attribute) if cause.attribute else workflow.__name__
    where = f" {_place(workflow, session, prepared, node)}" if prepared and node else ""
    return RunFailed(
        f"{whose}: item {item.item_id} failed{where}: {one_line(kind, 80)}: {one_line(said).rstrip('.')}. {cause.cure}",
        workflow=workflow.__name__,
        item_id=item.item_id,
        error_type=kind,
        error_message=said,
        traceback=traceback,
        node_id=node,
        node_label=body_of(workflow).node_labels.get(node) if node else None,
        attribute=cause.attribute,
        partial=partial,
    )


def _cause(
    workflow: type[Workflow[Any]], session: Mapping[str, Any], prepared: str, node: str, kind: str, said: str
) -> Cause:
    try:
        return cause_of(workflow, session, prepared, node, kind, said)
    except (LookupError, TypeError, AttributeError):
        # A session of another shape than any release's so far: that the run failed is told all the same.
        return _UNKNOWN


def _words(item: QueueItem, noted: str) -> tuple[str, str, str]:
    """Return type, message and traceback of an error; where the item has none, from what the session notes of the node.

    That is "Type: message", or a whole traceback, whose last line is.
    """
    kind, colon, said = (noted.rstrip().splitlines() or [""])[-1].partition(": ")
    noted_kind, noted_said = (kind, said) if colon else ("error", kind)
    return (
        item.error_type or noted_kind,
        item.error_message or noted_said or "the server gives no reason",
        item.error_traceback or noted,
    )


def _place(workflow: type[Workflow[Any]], session: Mapping[str, Any], prepared: str, node: str) -> str:
    """Return where a run failed; what failed in a workflow that it called is told by the items of that one."""
    calls = session.get("workflow_call_history")
    called = [
        item_id
        for call in (calls if isinstance(calls, list) else ())
        if isinstance(call, dict) and call.get("prepared_call_node_id") == prepared and call.get("status") == "failed"
        for item_id in (call.get("child_item_ids") or ())
        if isinstance(item_id, int)
    ]
    if not called:
        return f"at {node_named(workflow, node)}"
    return f"in the workflow that {node_named(workflow, node)} calls (item {', '.join(map(str, called))})"
