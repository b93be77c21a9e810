"""From an ended prompt to a typed result, or to the error that says what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind.comfyui.body import attribute_at, body_of, node_named
from flowbind.comfyui.result import Result
from flowbind.comfyui.runs.item import Item
from flowbind.comfyui.runs.shown import GivenBack, values_of
from flowbind.comfyui.schema.shapes import text
from flowbind.downloadable import Pictures
from flowbind.errors import RunCanceled, RunFailed
from flowbind.outside import one_line
from flowbind.workflow import OutputsT, Workflow, named

_LOG = "The server's log says more."


def result_of(
    workflow: type[Workflow[OutputsT]],
    item: Item,
    source: Pictures[Any] | None,
    varied: Mapping[str, Any],
    only: frozenset[str] = frozenset(),
) -> Result[OutputsT]:
    """Return the result of an ended prompt; raises `RunFailed` or `RunCanceled` where it has none.

    `source` is where files are downloaded from, `varied` is what the run got of its own, `only` the
    outputs that it was for, where it was not for all.
    """
    if item.status == "completed":
        return _result(workflow, item, source, varied, only, is_partial=False)
    made = _result(workflow, item, source, varied, only, is_partial=True)
    partial = made if made.nodes else None
    raise (_canceled if item.status == "canceled" else _failed)(workflow, item, partial)


def _result(
    workflow: type[Workflow[OutputsT]],
    item: Item,
    source: Pictures[Any] | None,
    varied: Mapping[str, Any],
    only: frozenset[str],
    *,
    is_partial: bool,
) -> Result[OutputsT]:
    """Return what a prompt has left; of a partial one, outputs whose nodes have shown nothing are missing."""
    nodes: dict[str, list[dict[str, Any]]] = {}
    for node, shown in item.outputs.items():
        nodes.setdefault(item.shown_for.get(node, node), []).append(dict(shown))
    binding, body = workflow.__flowbind__, body_of(workflow)
    values: dict[str, Any] = {}
    for slot in binding.outputs:
        results = nodes.get(slot.node, ())
        if results or not (is_partial or (only and slot.attribute not in only)):
            values[slot.attribute] = [value for shown in results for value in values_of(slot, shown, source)]
    given = GivenBack(workflow.__name__, nodes, body.labels, body.types, source)
    return Result(binding.outputs_class(**values), item.item_id, dict(varied), nodes, given.find)


def _canceled(workflow: type[Workflow[Any]], item: Item, partial: Result[Any] | None) -> RunCanceled:
    name = workflow.__name__
    node = text(item.told.get("node_id"))
    where = f" while {node_named(workflow, item.shown_for.get(node, node))} ran" if node else ""
    return RunCanceled(
        f"{name}: item {item.item_id} was canceled{where}. Submit it again to have it run.",
        workflow=name,
        item_id=item.item_id,
        partial=partial,
    )


def _failed(workflow: type[Workflow[Any]], item: Item, partial: Result[Any] | None) -> RunFailed:
    told = item.told
    ran = text(told.get("node_id"))
    # One that came into being while the prompt ran is told by the node that it belongs to.
    node = item.shown_for.get(ran) or (ran if ran in item.prompt else ran.partition(".")[0]) or None
    kind, said = text(told.get("exception_type")) or "error", text(told.get("exception_message"))
    attribute = _blamed(workflow, node, told.get("current_inputs"), said) if node else None
    whose = named(workflow, attribute) if attribute else workflow.__name__
    where = f" at {node_named(workflow, node)}" if node else ""
    cure = "Set the input to another value, or see the traceback (`error.traceback`)." if attribute else _LOG
    shown = one_line(said).rstrip(".") or "the server gives no reason"
    return RunFailed(
        f"{whose}: item {item.item_id} failed{where}: {one_line(kind, 80)}: {shown}. {cure}",
        workflow=workflow.__name__,
        item_id=item.item_id,
        error_type=kind,
        error_message=said.strip(),
        traceback=_traceback(told.get("traceback")),
        node_id=node,
        node_label=body_of(workflow).label(node) if node else None,
        attribute=attribute,
        partial=partial,
    )


def _blamed(workflow: type[Workflow[Any]], node: str, inputs: Any, said: str) -> str | None:
    """Return the input of the class whose value the server's words quote, where there is just one of that node."""
    quoted = {
        name
        for name, values in (inputs.items() if isinstance(inputs, dict) else ())
        for value in (values if isinstance(values, list) else ())
        if isinstance(value, str) and len(value) > 3 and value in said
    }
    found = {attribute for name in quoted if (attribute := attribute_at(workflow, node, name))}
    return found.pop() if len(found) == 1 else None


def _traceback(lines: Any) -> str:
    if isinstance(lines, str):
        return lines
    return "".join(line for line in lines if isinstance(line, str)) if isinstance(lines, list) else ""
