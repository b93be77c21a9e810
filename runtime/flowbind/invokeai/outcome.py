"""From a finished queue item to a typed result, or to the error that says what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowbind.errors import BatchFailed, RunCanceled, RunError, RunFailed
from flowbind.invokeai._body import body_of
from flowbind.invokeai.fields import Image, Video
from flowbind.invokeai.iterations import node_results
from flowbind.result import Result
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.binding import Batch, OutputSlot
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
    varied = _varied(binding.batches, item, make_image)
    return Result(binding.outputs_class(**values), item.item_id, item.batch_id, varied, nodes)


def _varied(batches: Sequence[Batch], item: SessionQueueItem, make_image: MakeImage) -> dict[str, Any]:
    """Return what each batch gave a run: the server keeps it with the item."""
    given: dict[tuple[str, str], Any] = {(v.node_path, v.field_name): v.value for v in item.field_values or ()}
    varied: dict[str, Any] = {}
    for batch in batches:
        for target in batch.targets:
            if target in given:
                value = given[target]
                is_image = isinstance(value, dict) and "image_name" in value
                varied.setdefault(batch.attribute, make_image(value["image_name"], None, None) if is_image else value)
    return varied


def all_results(
    workflow: type[Workflow[OutputsT]], outcomes: Sequence[Result[OutputsT] | RunError]
) -> list[Result[OutputsT]]:
    """Return the results of a batch; raises `BatchFailed` where a run has none."""
    results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
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
