"""The items of batches: those of the instance or of a generator, laid out as the queue takes them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, TypeGuard

from flowbind.binding import Batch, Slot
from flowbind.errors import InputError, UnexpectedReply
from flowbind.invokeai.fields import REFERENCE_KEYS
from flowbind.invokeai.gallery.boards import BoardIndex
from flowbind.invokeai.gallery.index import MediaIndex
from flowbind.outside import one_line
from flowbind.place import Place, place_of
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, quoted, send
from flowbind.workflow import UNSET, Workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowbind.invokeai.gallery.stored import StoredImage

ITEM_KINDS = {"items": "value", "images": "image"}
"""The kinds of slots that hold the items of a batch, and how one item becomes JSON."""

Items = Sequence[Any]
Data = list[list[dict[str, Any]]]
_ASSETS = ("control", "mask", "user", "other")
_LARGEST_SEED = 2**32 - 1


def slot_of(workflow: type[Workflow[Any]], batch: Batch) -> Slot:
    """Return the slot of the input that stands for a batch."""
    return next(s for s in workflow.__flowbind__.slots if s.attribute == batch.attribute)


def batch_items(workflow: Workflow[Any], boards: BoardIndex, images: MediaIndex[StoredImage]) -> Operation[list[Items]]:
    """Return the items of each batch as JSON: pictures uploaded or checked, generators carried out.

    Raises `InputError` naming the input where a generator gives nothing, or what the input would refuse.
    """
    found: list[Items] = []
    for batch in workflow.__flowbind__.batches:
        slot = slot_of(type(workflow), batch)
        place = place_of(type(workflow), slot, "")
        items = own_items(workflow, batch)
        if items is None:
            items = yield from _generated(batch.generator or {}, boards, place)
            # The server checks no item of a batch; the class does.
            setattr(workflow.model_copy(), batch.attribute, items)
            # A board names what is there.
            items = [{REFERENCE_KEYS["image"]: item} for item in items] if slot.kind == "images" else items
        elif slot.kind == "images":
            items = yield from _named(items, images, place)
        found.append(items)
    return found


def check_lengths(workflow: Workflow[Any]) -> None:
    """Raise `InputError` for lists of an instance that advance together and differ in length."""
    laid_out(workflow, [own_items(workflow, batch) for batch in workflow.__flowbind__.batches])


def own_items(workflow: Workflow[Any], batch: Batch) -> Items | None:
    """Return the items that an instance has for a batch; None where a generator has to give them."""
    items: Any = getattr(workflow, batch.attribute)
    return None if items is UNSET else items


def _named(items: Items, images: MediaIndex[StoredImage], place: Place) -> Operation[Items]:
    named: list[Any] = []
    for item in items:
        named.append({REFERENCE_KEYS["image"]: (yield from images.resolve(item, place))})
    return named


def laid_out(workflow: Workflow[Any], items: Sequence[Items | None]) -> Data:
    """Return the `data` of a request: lists that are combined with each other, of lists that advance together.

    `items` are those of each batch, None where they are not known yet. Raises `InputError` for lists that advance
    together and differ in length.
    """
    groups: dict[str | None, list[tuple[Batch, Items | None]]] = {}
    for batch, own in zip(workflow.__flowbind__.batches, items, strict=True):
        groups.setdefault(_group(workflow, batch), []).append((batch, own))
    data: Data = []
    for group, members in groups.items():
        if group is None:
            data += [_data(batch, own) for batch, own in members]
        else:
            _check_lengths(type(workflow), group, members)
            data.append([datum for batch, own in members for datum in _data(batch, own)])
    return data


def run_count(data: Data) -> int:
    """Return how many runs the `data` of a request makes; one without any makes one."""
    return prod(len(group[0]["items"]) for group in data)


def drawn(generator: Mapping[str, Any]) -> list[Any] | None:
    """Return what a generator of random numbers draws; None for one that only the server can carry out."""
    match generator:
        case {"type": "integer_generator_random_distribution_uniform", "min": low, "max": high, "count": count}:
            return [random.randint(*sorted((low, high))) for _ in range(count)]
        case {"type": "float_generator_random_distribution_uniform", "min": low, "max": high, "count": count}:
            return [random.uniform(low, high) for _ in range(count)]
        case _:
            return None


def _generated(generator: Mapping[str, Any], boards: BoardIndex, place: Place) -> Operation[list[Any]]:
    items = drawn(generator)
    if items is not None:
        return items
    if "board_id" in generator:
        return (yield from _of_board(generator, boards, place))
    return (yield from _of_prompt(generator, place))


def _of_board(generator: Mapping[str, Any], boards: BoardIndex, place: Place) -> Operation[list[str]]:
    """Return the names of the images on a board, as the editor lists them."""
    board = generator["board_id"]
    if board != "none":
        board = yield from boards.resolve(board, place)
    of_images = generator["category"] == "images"
    categories = ("general",) if of_images else _ASSETS
    params = {"categories": categories, "is_intermediate": "false"}
    names = yield from get(f"/api/v1/boards/{quoted(board)}/image_names", params)
    if not _is_texts(names):
        raise UnexpectedReply(f'{place}: the server\'s answer for the board "{board}" is no list of names.')
    if not names:
        kind = "images" if of_images else "assets"
        raise InputError([f'{place}: the board "{board}" has no {kind}. Set the input, or put some on the board.'])
    return names


def _of_prompt(generator: Mapping[str, Any], place: Place) -> Operation[list[str]]:
    """Return the prompts that the server makes of a dynamic prompt."""
    combinatorial = generator["type"] == "string_generator_dynamic_prompts_combinatorial"
    body = {
        "prompt": generator["input"],
        "max_prompts": generator["maxPrompts" if combinatorial else "count"],
        "combinatorial": combinatorial,
    }
    if not combinatorial:
        seed = generator.get("seed")
        body["seed"] = random.randint(0, _LARGEST_SEED) if seed is None else seed
    reply = yield from send("POST", "/api/v1/utilities/dynamicprompts", body)
    prompts = reply.get("prompts") if isinstance(reply, dict) else None
    if not _is_texts(prompts):
        raise UnexpectedReply(f"{place}: the server's answer to a dynamic prompt is no list of prompts. Set the input.")
    problem = reply.get("error") or (None if prompts else "it gives nothing")
    if problem:
        raise InputError(
            [f"{place}: the server cannot expand the dynamic prompt ({one_line(problem)}). Set the input."]
        )
    return prompts


def _is_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _group(workflow: Workflow[Any], batch: Batch) -> str | None:
    chosen: Any = UNSET
    if batch.group_attribute in workflow.model_fields_set:
        chosen = getattr(workflow, str(batch.group_attribute))
    if chosen is UNSET:
        return batch.group
    return None if chosen == "None" else str(chosen)


def _data(batch: Batch, items: Items | None) -> list[dict[str, Any]]:
    shown = [dict(batch.generator or {})] if items is None else items
    return [{"node_path": node, "field_name": field, "items": shown} for node, field in batch.targets]


def _check_lengths(workflow: type[Workflow[Any]], group: str, members: Sequence[tuple[Batch, Items | None]]) -> None:
    known = [(batch, items) for batch, items in members if items is not None]
    if len({len(items) for _, items in known}) > 1:
        counts = [f"{place_of(workflow, slot_of(workflow, b), '')} has {len(items)}" for b, items in known]
        whose = f' of "{group}"' if group else ""
        raise InputError([f"The lists{whose} advance together and must have one length: {', '.join(counts)}."])
