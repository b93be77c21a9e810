"""From a finished queue item to a typed result, or to the error that says what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowbind.errors import RunCanceled, RunFailed
from flowbind.invokeai._body import body_of
from flowbind.invokeai.fields import Image, Video
from flowbind.result import Result
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.binding import OutputSlot
    from flowbind.invokeai._rest import SessionQueueItem

MakeImage = Callable[[str, int | None, int | None], Image]


def result_of(workflow: type[Workflow[OutputsT]], item: SessionQueueItem, make_image: MakeImage) -> Result[OutputsT]:
    """Return the result of an ended item; raises `RunFailed` or `RunCanceled` where it has none."""
    name = workflow.__name__
    if item.status == "canceled":
        raise RunCanceled(f"{name}: item {item.item_id} was canceled.", workflow=name, item_id=item.item_id)
    if item.status == "failed":
        raise _failure(workflow, item)
    nodes = node_results(item.session)
    binding = workflow.__flowbind__
    values: dict[str, Any] = {}
    for slot in binding.outputs:
        made = [m for result in nodes.get(slot.node, ()) for m in _media(slot, result, make_image)]
        if slot.many:
            values[slot.attribute] = made
        elif made:
            values[slot.attribute] = made[0]
    return Result(binding.outputs_class(**values), item.item_id, item.batch_id, nodes)


def node_results(session: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what each node of the workflow gave, in iteration order.

    The server runs a node once per iteration, as a prepared node; which prepared nodes belong to a node is a set.
    """
    results: Mapping[str, dict[str, Any]] = session.get("results") or {}
    mapping: Mapping[str, list[str]] = session.get("source_prepared_mapping") or {}
    paths = _iteration_paths(session)
    return {
        node: [results[p] for p in sorted(prepared, key=lambda p: paths.get(p, ())) if p in results]
        for node, prepared in mapping.items()
    }


def _iteration_paths(session: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return for each prepared node the indices of the iterations it belongs to, outer first."""
    if known := session.get("prepared_iteration_paths"):  # since 6.14
        return {prepared: tuple(path) for prepared, path in known.items()}
    graph = session.get("execution_graph") or {}
    nodes: Mapping[str, Any] = graph.get("nodes") or {}
    sources: dict[str, list[str]] = {}
    for edge in graph.get("edges") or ():
        sources.setdefault(edge["destination"]["node_id"], []).append(edge["source"]["node_id"])
    paths: dict[str, tuple[int, ...]] = {}
    todo = list(nodes)
    while todo:
        prepared = todo[-1]
        waiting = [s for s in sources.get(prepared, ()) if s not in paths and s in nodes]
        if waiting and prepared not in paths:
            todo.extend(waiting)
            continue
        todo.pop()
        path = max((paths[s] for s in sources.get(prepared, ()) if s in paths), key=len, default=())
        kind = nodes[prepared].get("type")
        if kind == "iterate":
            path = (*path, int(nodes[prepared].get("index") or 0))
        paths[prepared] = path[:-1] if kind == "collect" else path
    return paths


def _media(slot: OutputSlot, result: Mapping[str, Any], make_image: MakeImage) -> list[Image | Video]:
    value = result.get(slot.field)
    items = value if isinstance(value, list) else [value]
    made: list[Image | Video] = []
    for item in items:
        if not isinstance(item, dict):
            continue
        if "image_name" in item:
            size = (None, None) if isinstance(value, list) else (result.get("width"), result.get("height"))
            made.append(make_image(item["image_name"], *size))
        elif "video_name" in item:
            made.append(Video(item["video_name"]))
    return made


def _failure(workflow: type[Workflow[Any]], item: SessionQueueItem) -> RunFailed:
    errors: Mapping[str, str] = item.session.get("errors") or {}
    prepared = next(iter(errors), None)
    node = (item.session.get("prepared_source_mapping") or {}).get(prepared) if prepared else None
    label = body_of(workflow).node_labels.get(node) if node else None
    kind, said = item.error_type or "error", item.error_message or "the server gives no reason"
    where = f' at the node "{label}"' if label else ""
    name = workflow.__name__
    return RunFailed(
        f"{name}: item {item.item_id} failed{where}: {kind}: {said}",
        workflow=name,
        item_id=item.item_id,
        error_type=kind,
        error_message=said,
        traceback=item.error_traceback or "",
        node_id=node,
        node_label=label,
    )
