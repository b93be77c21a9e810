"""Many instances of one class, input by input: what each was given, checked in one go for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter, itemgetter
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any

from flowbind.errors import InputError
from flowbind.instances import problems_of
from flowbind.invokeai.runs.submitting import checked
from flowbind.workflow import NO_TEXT, STRICT, UNSET, Workflow, complete, holds_halves

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCALARS = frozenset({int, float, str})
"""The types of values that a server's batch varies."""

_PLAIN = SCALARS | NO_TEXT
# What `vars(row)` and `row.model_fields_set` are, for thousands of rows without as many calls.
_VALUES, _FIELDS_SET = attrgetter("__dict__"), attrgetter("__pydantic_fields_set__")


@dataclass(frozen=True)
class Column:
    """What instances have in one place, `UNSET` for nothing: a value of each, or the `same` one of all."""

    values: list[Any]
    same: bool = False

    @cached_property
    def types(self) -> set[type[Any]]:
        """The types of the values."""
        return set(map(type, self.values))


def checked_columns(rows: Sequence[Workflow[Any]]) -> dict[str, Column]:
    """Return a column for each input that an instance sets, as the class holds the values.

    Everything is checked again, as at the submit of a single instance. Raises `InputError` naming instance and input.
    """
    kind = type(rows[0])
    complete(kind)
    fields = kind.model_fields
    required = {name for name, field in fields.items() if field.is_required()}
    names = list(map(_FIELDS_SET, rows))
    some = names[:1] if names.count(names[0]) == len(names) else names
    wrong = {place for place, given in enumerate(some) if not required <= given <= fields.keys()}
    columns: dict[str, Column] = {}
    for name, values, places in _given(rows, some) if not wrong else ():
        columns[name], bad = _checked(kind, name, values, places)
        wrong.update(bad)
    if wrong:
        raise InputError(problems_of(rows, sorted(wrong), checked))
    return columns


def valid(kind: type[Workflow[Any]], name: str, value: Any) -> Any:
    """Return a value as an input holds it; `UNSET` for one that it refuses."""
    column, bad = _checked(kind, name, [value], range(1))
    return UNSET if bad else column.values[0]


def _given(rows: Sequence[Workflow[Any]], names: Sequence[set[str]]) -> Iterator[tuple[str, list[Any], Sequence[int]]]:
    """Yield the inputs that some instance sets, with the values of all and the places of those that do; see `is_given`.

    `names` are those that each instance sets, or the one set of all.
    """
    found = set[str]().union(*names)
    every = found.intersection(*names)
    held = list(map(_VALUES, rows))
    for name, field in type(rows[0]).model_fields.items():
        if name not in found and field.default_factory is None:
            continue
        values = list(map(itemgetter(name), held))
        places: Sequence[int] = range(len(rows))
        if name not in every:
            changed = set[int]()
            if field.default_factory is not None:
                default = field.get_default(call_default_factory=True)
                changed = {place for place, value in enumerate(values) if value != default}
            places = [place for place in places if place in changed or name in names[place % len(names)]]
        if places:
            yield name, values, places


def _checked(
    kind: type[Workflow[Any]], name: str, values: list[Any], places: Sequence[int]
) -> tuple[Column, Iterable[int]]:
    """Return as a column what the class makes of the values at some places, and the places of those it refuses."""
    from pydantic import ValidationError

    full = len(places) == len(values)
    same = full and _is_one(values)
    given = values[:1] if same else values if full else [values[place] for place in places]
    bad: list[int] = []
    made = given
    try:
        made = _adapter(kind, name).validate_python(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        bad += [int(one["loc"][0]) for one in found]
    column = Column(made, same)
    if column.types - NO_TEXT and _may_hold_halves(given):
        bad += [n for n, value in enumerate(given) if holds_halves(value)]
    if bad:
        return Column(values), places if same else [places[n] for n in bad]
    if full:
        return column, ()
    spread: list[Any] = [UNSET] * len(values)
    for place, value in zip(places, made, strict=True):
        spread[place] = value
    return Column(spread), ()


def _is_one(values: Sequence[Any]) -> bool:
    """Tell whether values are the same for the server, too; [1], [1.0] and [True] are equal, but not that."""
    first = values[0]
    return type(first) in _PLAIN and values.count(first) == len(values) and len(set(map(type, values))) == 1


def _may_hold_halves(values: Sequence[Any]) -> bool:
    """Tell whether values, not only numbers, have to be looked through for halves of characters; texts mostly not."""
    return set(map(type, values)) != {str} or not "".join(values).isascii()


@lru_cache(maxsize=1000)
def _adapter(kind: type[Workflow[Any]], name: str) -> TypeAdapter[list[Any]]:
    """Return what checks a list of values as the class checks each of them."""
    from pydantic import Field, TypeAdapter

    field = kind.model_fields[name]
    about = [*field.metadata, *([Field(discriminator=field.discriminator)] if field.discriminator else [])]
    one: Any = Annotated[(field.annotation, *about)] if about else field.annotation
    several: Any = GenericAlias(list, (one,))
    return TypeAdapter(several, config=STRICT)
