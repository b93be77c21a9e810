"""Submitting one instance: checked, its files uploaded, posted once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowbind.comfyui.body import body_of, load_body
from flowbind.comfyui.events.hearing import PromptChannels
from flowbind.comfyui.queue.control import cancel
from flowbind.comfyui.request import expanded, files_in, given
from flowbind.comfyui.runs.posting import posted
from flowbind.comfyui.runs.refusals import dropped, refused
from flowbind.comfyui.workflow import ComfyUIWorkflow
from flowbind.drawing import settled
from flowbind.errors import InputError, Refused, ServerError
from flowbind.instances import check_instance
from flowbind.listening.channel import RECONNECTED, Channel, Heard
from flowbind.place import place_of
from flowbind.rechecking import check_again
from flowbind.transport.steps import Operation, Reply, Subscribe
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.comfyui.known import Known


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a run is queued: before all others that wait, or only for some of the outputs."""

    front: bool = False
    only: Sequence[str] = ()


_NONE = Wishes()


@dataclass(frozen=True, slots=True)
class Ready:
    """An instance as it is posted: what was drawn, uploaded and expanded is in it."""

    workflow: type[Workflow[Any]]
    values: Mapping[int, Any]
    drawn: Mapping[str, Any]
    varied: Mapping[str, Any]
    """What it does not share with the others that it is submitted with."""
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was queued: its id and number, what was drawn, which outputs were wanted, and where its events are heard."""

    workflow: type[Workflow[Any]]
    item_id: str
    number: int
    drawn: Mapping[str, Any]
    varied: Mapping[str, Any]
    only: frozenset[str]
    channel: Channel
    status: str = "pending"


def check(workflow: Workflow[Any]) -> None:
    """Check an instance; raises `TypeError` for what is none of such a class, and `flowbind.errors.InputError`."""
    check_instance(workflow, ComfyUIWorkflow.__server__)
    check_again(workflow)


def made_ready(
    workflow: Workflow[Any], known: Known, wishes: Wishes = _NONE, varying: Collection[str] = ()
) -> Operation[Ready]:
    """Draw the numbers of a checked instance and upload its files; nothing is queued yet.

    `varying` are the inputs that the instances vary which are submitted together. Raises `flowbind.errors.InputError`,
    and a `ServerError` for what cannot be uploaded.
    """
    workflow, drawn = settled(workflow)
    kind = type(workflow)
    _targets(kind, wishes)
    yield from known.drift.of(kind)
    yield from load_body(kind)
    values = given(workflow)
    body = body_of(kind)
    for number, file in files_in(values).items():
        slot = kind.__flowbind__.slots[number]
        values[number] = yield from known.files.resolve(file, place_of(kind, slot, body.label(slot.node)), slot.kind)
    set_here = workflow.model_fields_set
    varied = {name: getattr(workflow, name) for name in varying if name in set_here}
    return Ready(kind, values, drawn, {**varied, **drawn}, wishes)


def queued(ready: Ready, known: Known, channels: PromptChannels, *, keeps_nodes: bool = True) -> Operation[Submitted]:
    """Post what is ready; what happens to it is heard from the first moment.

    The request is sent once; see `posted` for what becomes of a lost answer. Raises `Refused` for a prompt of which the
    server takes only a part, which is canceled then.
    """
    kind, wishes = ready.workflow, ready.wishes
    item_id = str(uuid.uuid4())
    yield Subscribe()
    channel = channels.of(item_id, keeps_nodes=keeps_nodes)
    members: dict[str, Any] = {"client_id": channels.client_id, "prompt_id": item_id}
    if wishes.front:
        members["front"] = True
    if wishes.only:
        members["partial_execution_targets"] = _targets(kind, wishes)
    content = body_of(kind).join(ready.values, expanded(kind, ready.values), members=members, extra=known.extra())

    def error_for(reply: Reply) -> Refused:
        return refused(kind, reply)

    made = yield from posted(kind.__name__, item_id, content, known.reader, error_for)
    if made.problems:
        raise dropped(kind, made.problems, (yield from _withdrawn(made.item_id)))
    if made.item_id != item_id:
        # What was told of it by then, nobody heard.
        channel = channels.of(made.item_id, keeps_nodes=keeps_nodes)
        channel.hear(Heard(RECONNECTED))
    return Submitted(kind, made.item_id, made.number, ready.drawn, ready.varied, frozenset(wishes.only), channel)


def _targets(workflow: type[Workflow[Any]], wishes: Wishes) -> list[str]:
    """Return the nodes of the outputs that are wanted; raises `InputError` for what is none."""
    nodes = {slot.attribute: slot.node for slot in workflow.__flowbind__.outputs}
    if unknown := [name for name in wishes.only if name not in nodes]:
        raise InputError(
            [f"{workflow.__name__} has no output {name!r}: its outputs are {', '.join(nodes)}." for name in unknown]
        )
    return [nodes[name] for name in wishes.only]


def _withdrawn(item_id: str) -> Operation[str]:
    """Cancel what the server took of a prompt; return what became of it."""
    try:
        status = yield from cancel(item_id)
    except ServerError as error:
        return f" and runs the rest, which could not be canceled ({error}): cancel item {item_id} yourself"
    return ", and has run the rest" if status == "completed" else ", and what it took was canceled"
