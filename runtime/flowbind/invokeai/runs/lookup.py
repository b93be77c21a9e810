"""From an instance to the values that are posted: files uploaded, models, boards and images found on the server."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from flowbind.binding import Slot
from flowbind.errors import BoardNotFound
from flowbind.invokeai.fields import (
    LOOKED_UP,
    REFERENCE_KEYS,
    LoRA,
    ModelFilter,
    ModelInput,
    ModelRef,
    holds_models,
    is_model,
    plain,
)
from flowbind.invokeai.gallery.boards import BoardIndex
from flowbind.invokeai.gallery.index import MediaIndex
from flowbind.invokeai.gallery.stored import IMAGES, VIDEOS, Kind, StoredT
from flowbind.invokeai.media import Image, Video
from flowbind.invokeai.models.index import ModelIndex, Record
from flowbind.invokeai.runs.batch import ITEM_KINDS, Data, Items, batch_items, laid_out, own_items
from flowbind.invokeai.runs.body import body_of
from flowbind.payload import encode
from flowbind.place import Place, place_of
from flowbind.told import warn
from flowbind.transport.address import Home
from flowbind.transport.steps import Operation
from flowbind.workflow import UNSET, Outputs, Workflow, given_inputs, is_given

_MAY_NAME = LOOKED_UP | {"object"}
"""The kinds of slots in which something of the server may be named."""


class Lookup:
    """What one client knows of its server: models, boards, images, videos; `home` is where the server is."""

    def __init__(self, home: Home | None = None) -> None:
        self.models = ModelIndex()
        self.boards = BoardIndex()
        self.images = MediaIndex(IMAGES, home)
        self.videos = MediaIndex(VIDEOS, home)

    def index_of(self, kind: Kind[StoredT]) -> MediaIndex[StoredT]:
        """Return what is known of the pictures, or of the videos."""
        index: MediaIndex[Any] = self.videos if kind.word == VIDEOS.word else self.images
        return index

    def note(self, outputs: Outputs) -> None:
        """Believe for a while that the server has what a run has just left there."""
        for value in vars(outputs).values():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Image):
                    self.images.note(item.name)
                elif isinstance(item, Video):
                    self.videos.note(item.name)

    def forget_media(self) -> None:
        """Believe no longer that the server has the pictures and videos that it had."""
        self.images.forget_all()
        self.videos.forget_all()

    def values(self, workflow: Workflow[Any]) -> Operation[tuple[dict[Hashable, bytes | None], Data]]:
        """Return the value of each slot that differs from the workflow's own, or that the server must know.

        Beside them, the `data` of the batches. Raises a `LookupFailed` naming the input for what the server does not
        have.
        """
        found: dict[Hashable, bytes | None] = {}
        kind, names = type(workflow), given_inputs(workflow)
        for number, slot in enumerate(kind.__flowbind__.slots):
            value = _held(workflow, slot, slot.attribute) if slot.attribute in names else UNSET
            if slot.kind in _MAY_NAME:
                value = yield from self.of_slot(kind, number, value)
            else:
                value = _json_or_none(slot.kind, value)
            if value is not UNSET:
                found[number] = None if value is None else encode(value)
        if not workflow.__flowbind__.batches:
            return found, []
        items = yield from batch_items(workflow, self.boards, self.images)
        return found | set_lists(workflow, items), laid_out(workflow, items)

    def of_slot(self, workflow: type[Workflow[Any]], number: int, value: Any) -> Operation[Any]:
        """Return what the graph gets where a slot was given a value: JSON, or None where it is left out.

        `UNSET` is what was given where nothing was, and what is returned where the workflow's own value stays.
        """
        slot = workflow.__flowbind__.slots[number]
        if slot.kind not in _MAY_NAME:
            return _json_or_none(slot.kind, value)
        body = body_of(workflow)
        own = body.values[number]
        if slot.kind == "object":
            held = own if value is UNSET and holds_models(own) else value
            if held is UNSET or held is None:
                return held
            return (yield from self._inside(held, place_of(workflow, slot, body.node_labels[slot.node])))
        own = own if _can_be_looked_up(slot.kind, own) else None
        # What the workflow itself names, the editor would send, whatever the input is said to accept.
        accepted = slot.accepts if value is not UNSET else None
        if value is UNSET:
            if own in (None, []):
                return UNSET
            value = from_json(slot.kind, own)
        if value is None:
            return None
        place = place_of(workflow, slot, body.node_labels[slot.node])
        like = own if slot.kind == "model" and isinstance(own, dict) else None
        try:
            return (yield from self._find(slot.kind, value, like, place, accepted))
        except BoardNotFound as error:
            if slot.attribute:
                raise
            # The run would go on without the board, so it does; the user should know.
            warn(str(error))
            return None

    def _inside(self, value: Any, place: Place) -> Operation[Any]:
        """Return an object with the models in it as the server knows them."""
        if isinstance(value, list):
            items: list[Any] = []
            for item in value:
                items.append((yield from self._inside(item, place)))
            return items
        if not isinstance(value, dict):
            return value
        if is_model(value):
            return (yield from self.models.resolve(from_json("model", value), None, place))
        held: dict[str, Any] = {}
        for key, item in value.items():
            held[key] = yield from self._inside(item, place)
        return held

    def _find(
        self, kind: str, value: Any, like: Record | None, place: Place, accepted: ModelFilter | None
    ) -> Operation[Any]:
        if isinstance(value, list):
            found: list[Any] = []
            for item in value:
                found.append((yield from self._find(kind, item, like, place, accepted)))
            return found
        if kind == "model":
            return (yield from self.models.resolve(_ref(value), like, place, accepted))
        if kind == "lora":
            model = yield from self.models.resolve(_ref(value.model), {"type": "lora"}, place, accepted)
            return {"lora": model, "weight": value.weight}
        resolve = {"image": self.images.resolve, "board": self.boards.resolve, "video": self.videos.resolve}[kind]
        return {REFERENCE_KEYS[kind]: (yield from resolve(value, place))}


def set_lists(workflow: Workflow[Any], items: Sequence[Items | None]) -> dict[Hashable, bytes | None]:
    """Return the lists of batches that were set, for the workflow that is stored with pictures."""
    found: dict[Hashable, bytes | None] = {}
    numbers = {slot.attribute: number for number, slot in enumerate(workflow.__flowbind__.slots)}
    for batch, own in zip(workflow.__flowbind__.batches, items, strict=True):
        number = numbers[batch.attribute]
        is_set = own_items(workflow, batch) is not None and is_given(workflow, batch.attribute)
        # The value of a generator has another shape: there the workflow keeps its own.
        if is_set and workflow.__flowbind__.slots[number].node == batch.node:
            found[number] = encode(own)
    return found


def _can_be_looked_up(kind: str, own: Any) -> bool:
    """Tell whether the workflow's own value has the shape of its kind; another one is posted as it is."""
    if isinstance(own, list):
        return all(_can_be_looked_up(kind, item) for item in own)
    if kind == "lora":
        return isinstance(own, dict) and "weight" in own and _can_be_looked_up("model", own.get("lora"))
    keys = {"key", "hash", "name"} if kind == "model" else {REFERENCE_KEYS[kind]}
    return isinstance(own, dict) and not keys.isdisjoint(own)


def given(workflow: Workflow[Any], slot: Slot) -> Any:
    """Return what the user set for a slot of the graph; `UNSET` where nothing was."""
    attribute = slot.attribute
    return UNSET if attribute is None or not is_given(workflow, attribute) else _held(workflow, slot, attribute)


def _held(workflow: Workflow[Any], slot: Slot, attribute: str) -> Any:
    """Return the value of an input that was set, for the graph."""
    if slot.kind == "fed" or slot.kind in ITEM_KINDS:
        return UNSET
    value = vars(workflow)[attribute]
    if slot.kind == "value":
        return value
    if slot.kind == "object" and value is not UNSET:
        # By its own class: it may be the user's, with keys and shapes of its own.
        return workflow.model_dump(mode="json", by_alias=True, include={attribute})[attribute]
    # The editor's words for "where the page puts it" and "on no board": neither is a board's name.
    return None if slot.kind == "board" and value in ("auto", "none") else value


def from_json(kind: str, own: Any) -> Any:
    """Return the workflow's own value of a looked-up slot as Python has it."""
    if isinstance(own, list):
        return [from_json(kind, item) for item in own]
    if kind == "lora":
        return LoRA(from_json("model", own["lora"]), own["weight"])
    if kind == "model":
        return ModelRef(**{k: own.get(k) for k in ("name", "base", "type", "key", "hash", "submodel_type")})
    name = own[REFERENCE_KEYS[kind]]
    return Image(name) if kind == "image" else Video(name) if kind == "video" else name


def _json_or_none(kind: str, value: Any) -> Any:
    """Return the same where a value may be missing: `UNSET` and None stay what they are."""
    return value if value is UNSET or value is None else to_json(kind, value)


def to_json(kind: str, value: Any) -> Any:
    """Return a value that needs no server as the graph has it."""
    if isinstance(value, list):
        return [to_json(kind, item) for item in value]
    return {REFERENCE_KEYS[kind]: value} if kind in REFERENCE_KEYS else plain(value)


def _ref(model: ModelInput) -> ModelRef:
    return ModelRef(name=model) if isinstance(model, str) else model
