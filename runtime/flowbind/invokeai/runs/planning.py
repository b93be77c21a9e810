"""From many instances to the requests that queue them: all is checked and looked up before anything is sent."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from flowbind.binding import Slot
from flowbind.downloadable import Downloadable
from flowbind.drawing import drawn, settled
from flowbind.drift_check import DriftCheck
from flowbind.errors import InputError
from flowbind.instances import of_one_class, problems_of
from flowbind.invokeai.runs.batch import Data
from flowbind.invokeai.runs.body import body_of, load_body
from flowbind.invokeai.runs.columns import Column, checked_columns, valid
from flowbind.invokeai.runs.grouping import Plan, Request, Varied, grouped, varied_types
from flowbind.invokeai.runs.lookup import Lookup, given
from flowbind.invokeai.runs.submitting import checked
from flowbind.invokeai.workflow import InvokeAIWorkflow
from flowbind.payload import encode_text
from flowbind.transport.steps import Operation
from flowbind.workflow import RANDOM, UNSET, Workflow

_NEW: Any = object()


def planned(workflows: Iterable[Workflow[Any]], lookup: Lookup, drift: DriftCheck) -> Operation[Plan]:
    """Return the requests that queue instances of one class; each value is valid, and what it names is on the server.

    Raises `TypeError` for instances of several classes, `flowbind.errors.InputError` naming instance and input, and
    what the submit of a single one raises.
    """
    rows = of_one_class(workflows, InvokeAIWorkflow.__server__)
    if not rows:
        return Plan(Workflow, 0, ())
    yield from load_body(type(rows[0]))
    make = _each if rows[0].__flowbind__.batches else _together
    return Plan(type(rows[0]), len(rows), (yield from make(rows, lookup, drift)))


def _drawn(kind: type[Workflow[Any]], columns: Mapping[str, Column], count: int) -> dict[str, Column]:
    """Return columns with a number for each `RANDOM`."""
    found = dict(columns)
    for slot in kind.__flowbind__.slots:
        name = slot.attribute
        if slot.random is None or name is None:
            continue
        values = columns[name].values if name in columns else []
        # Generated classes have no such default; a class made of one may.
        if kind.model_fields[name].default is RANDOM:
            values = [RANDOM if value is UNSET else value for value in values or [UNSET] * count]
        if RANDOM in values:
            found[name] = Column([drawn(*slot.random) if value is RANDOM else value for value in values])
    return found


def _together(rows: Sequence[Workflow[Any]], lookup: Lookup, drift: DriftCheck) -> Operation[list[Request]]:
    """Return as few requests as possible."""
    columns = _drawn(type(rows[0]), checked_columns(rows), len(rows))
    yield from drift.of(type(rows[0]))
    found: dict[int, Column] = {}
    for number, slot in enumerate(rows[0].__flowbind__.slots):
        column = columns.get(slot.attribute or "", Column([UNSET], same=True))
        found[number] = yield from _looked_up(rows, number, column, lookup)
    return grouped(rows, found)


def _looked_up(rows: Sequence[Workflow[Any]], number: int, column: Column, lookup: Lookup) -> Operation[Column]:
    """Return a column as the graph gets it; each value is looked up once, however many instances have it."""
    kind = type(rows[0])
    slot = kind.__flowbind__.slots[number]
    if slot.kind == "value" and column.types <= varied_types(body_of(kind), slot):
        return column
    found: dict[Hashable, Any] = {}
    values: list[Any] = []
    for row, value in zip(rows, column.values, strict=False):
        token = _token(slot, value)
        held = found.get(token, _NEW)
        if held is _NEW:
            # The class may hold a number otherwise than it was given; what else there is, a single submit reads.
            meant = value if slot.kind == "value" else given(row, slot)
            held = yield from lookup.of_slot(kind, number, meant)
            if held is UNSET and not column.same:
                held = _own(kind, number)
            found[token] = held
        values.append(held)
    return Column(values, column.same)


def _token(slot: Slot, value: Any) -> Hashable:
    """Return what is equal for values that are the same for the server."""
    if isinstance(value, list):
        return (list, *(_token(slot, item) for item in value))
    if isinstance(value, dict):
        return (dict, encode_text(value))
    # Objects may change, and be of any class; files of one name may be on several servers. Each stands for itself.
    alone = slot.kind == "object" or isinstance(value, Downloadable)
    return (type(value), id(value) if alone else value)


def _own(kind: type[Workflow[Any]], number: int) -> Any:
    """Return the workflow's own value of a slot, for it to be varied with others; `UNSET` where it has to stay."""
    body, slot = body_of(kind), kind.__flowbind__.slots[number]
    own = body.values[number]
    if slot.attribute is None or slot.kind != "value" or type(own) not in varied_types(body, slot):
        return UNSET
    return valid(kind, slot.attribute, own)


def _each(rows: Sequence[Workflow[Any]], lookup: Lookup, drift: DriftCheck) -> Operation[list[Request]]:
    """Return a request for each instance of a class that has batches itself."""
    settled_rows = [settled(row) for row in rows]
    if problems := problems_of([row for row, _ in settled_rows], range(len(rows)), checked):
        raise InputError(problems)
    yield from drift.of(type(rows[0]))
    requests: list[Request] = []
    for place, (row, numbers) in enumerate(settled_rows):
        values, data = yield from lookup.values(row)
        varied = _listed(data)
        requests.append(Request(type(row), [place] * len(varied[0].items), values, varied, given=numbers))
    return requests


def _listed(data: Data) -> list[Varied]:
    """Return the combinations of lists one by one, as the server makes them: so they can be sent in parts."""
    lengths = [range(len(together[0]["items"])) for together in data]
    combined = list(product(*lengths))
    return [
        Varied(datum["node_path"], datum["field_name"], [datum["items"][places[axis]] for places in combined])
        for axis, together in enumerate(data)
        for datum in together
    ]
