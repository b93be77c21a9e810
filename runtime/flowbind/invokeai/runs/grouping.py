"""As few requests as possible for many instances: those that differ only in what a batch can vary share one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import JSONEncoder
from typing import Any, Self

from flowbind.binding import Slot
from flowbind.invokeai.runs.body import BATCH_ID, DATA, RUNS, Body, body_of
from flowbind.invokeai.runs.columns import SCALARS, Column
from flowbind.payload import encode, encode_many
from flowbind.workflow import UNSET, Workflow

_VARIED: Mapping[str, frozenset[type[Any]]] = {"value": SCALARS, "image": frozenset({dict})}
"""By kind of slot, what a batch can vary; lists, booleans and what is left out it cannot, or not on every server."""

# Their nodes take inputs that their type does not declare, and batches know only those that it does.
_OPEN = ("core_metadata", "call_saved_workflow")

_text_of = JSONEncoder(sort_keys=True).encode


@dataclass(frozen=True)
class Varied:
    """What the runs of a request have in one place of the graph, one after the other."""

    node: str
    field: str
    items: Sequence[Any]


@dataclass(frozen=True)
class Request:
    """One request: what all its runs have, by the number of the slot, and what each has of its own.

    `places` tells for each run which of the instances it belongs to. `given` are the values, by attribute, that these
    runs share and others do not.
    """

    workflow: type[Workflow[Any]]
    places: Sequence[int]
    shared: Mapping[Hashable, bytes | None]
    varied: Sequence[Varied] = ()
    examples: Mapping[Hashable, bytes | None] = field(default_factory=dict[Hashable, bytes | None])
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __len__(self) -> int:
        return len(self.places)

    def part(self, start: int, stop: int | None = None) -> Self:
        """Return a request for some of the runs."""
        some = slice(start, stop)
        return replace(
            self,
            places=self.places[some],
            varied=[replace(varied, items=varied.items[some]) for varied in self.varied],
        )

    def content(self, batch_id: str) -> bytes:
        """Return the body of the request.

        In the workflow that is stored with pictures, what varies keeps the workflow's own value. The graph has an
        example there: the server checks the graph, and the workflow's own value may not be one.
        """
        runs: dict[Hashable, bytes | None]
        if self.varied:
            data = [{"node_path": v.node, "field_name": v.field, "items": v.items} for v in self.varied]
            runs = {DATA: encode_many([data])}
        else:
            runs = {RUNS: encode(len(self))}
        pieces = body_of(self.workflow).pieces
        return pieces.join({**self.shared, **runs, BATCH_ID: encode(batch_id)}, self.examples)


@dataclass(frozen=True, slots=True)
class Plan:
    """What queues a number of instances of a class."""

    workflow: type[Workflow[Any]]
    count: int
    requests: Sequence[Request]


def varied_types(body: Body, slot: Slot) -> frozenset[type[Any]]:
    """Return the types of JSON values that a batch can vary in a slot, none where it cannot."""
    inside = body.node_types.get(slot.node) not in (None, *_OPEN)
    return _VARIED.get(slot.kind, frozenset()) if inside else frozenset()


def grouped(rows: Sequence[Workflow[Any]], columns: Mapping[int, Column]) -> list[Request]:
    """Return the requests for instances; `columns` are what the graph gets in the slots, by their number.

    `UNSET` in a column keeps the workflow's own value, None leaves it out. The runs of a request are in the order of
    the instances, and the requests in the order of their first ones.
    """
    workflow = type(rows[0])
    body = body_of(workflow)
    types = {number: varied_types(body, slot) for number, slot in enumerate(workflow.__flowbind__.slots)}
    differing = {number: column.values for number, column in columns.items() if not column.same}
    keys = [
        _keys(values, types[number], body.values[number])
        for number, values in differing.items()
        if len(columns[number].types) > 1 or not columns[number].types <= types[number]
    ]
    places: dict[tuple[Hashable, ...], list[int]] = {}
    for place, key in enumerate(zip(*keys, strict=True)):
        places.setdefault(key, []).append(place)
    alike = {number: column.values[0] for number, column in columns.items() if column.same}
    return [_request(rows, some, alike, differing, types) for some in places.values() or [range(len(rows))]]


def _keys(values: Sequence[Any], varied: frozenset[type[Any]], own: Any) -> Sequence[Hashable]:
    """Return for each value what has to be equal for two instances to share a request.

    `own` is the workflow's own value.
    """
    texts: dict[int, str] = {}
    keys: list[Any] = []
    for given in values:
        value = own if given is UNSET else given
        if type(value) in varied and given is not UNSET:
            keys.append(type(value))
        else:
            # What was looked up is one object, however many instances have it.
            texts[id(value)] = texts.get(id(value)) or _text_of(value)
            keys.append(texts[id(value)])
    return keys


def _request(
    rows: Sequence[Workflow[Any]],
    places: Sequence[int],
    alike: Mapping[int, Any],
    differing: Mapping[int, Sequence[Any]],
    types: Mapping[int, frozenset[type[Any]]],
) -> Request:
    shared, varied = dict(alike), dict[int, Varied]()
    given: dict[str, Any] = {}
    for number, values in differing.items():
        slot = type(rows[0]).__flowbind__.slots[number]
        own = values if len(places) == len(values) else [values[place] for place in places]
        first = own[0]
        if type(first) in types[number] and own.count(first) < len(own):
            varied[number] = Varied(slot.node, slot.field, own)
            continue
        shared[number] = first
        if slot.attribute and first is not UNSET:
            # What was looked up, the caller knows as they gave it.
            given[slot.attribute] = first if types[number] or slot.random else vars(rows[places[0]])[slot.attribute]
    return Request(
        type(rows[0]),
        places,
        {number: None if value is None else encode(value) for number, value in shared.items() if value is not UNSET},
        tuple(varied.values()),
        {number: encode(one.items[0]) for number, one in varied.items()},
        given,
    )
