"""The base of generated classes: a plain, validated record of a workflow's inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flowbind.errors import InputError
from flowbind.inside import place_inside

if TYPE_CHECKING:
    from flowbind.binding import Binding


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET
"""The default of an input that posts the workflow's own value, whatever it is, until it is set."""


class Random(Enum):
    """The type of `RANDOM`."""

    RANDOM = "random"

    def __repr__(self) -> str:
        return "RANDOM"


RANDOM: Final[Literal[Random.RANDOM]] = Random.RANDOM
"""A new number for each run, where the form has a shuffle button; `Result.varied` tells which it was."""


T = TypeVar("T")


def fresh(make: Callable[[], T]) -> T:
    """Return the default of an input whose value can be changed: each instance gets its own, from `make`.

    Raises what `make` raises.
    """
    made: T = Field(default_factory=make)
    return made


class Outputs:
    """What one run left behind: the attributes that a generated subclass declares."""

    def __init__(self, /, **values: Any) -> None:
        self.__dict__.update(values)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items())})"

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name in type(self).__annotations__:
                raise AttributeError(
                    f"{type(self).__name__}.{name} is missing: its node did not run (a branch not taken, or the run "
                    "ended before)."
                )
            raise AttributeError(f"{type(self).__name__} has no output {name!r}")


OutputsT = TypeVar("OutputsT", bound=Outputs, covariant=True)


STRICT = ConfigDict(
    extra="forbid",
    strict=True,
    validate_assignment=True,
    defer_build=True,
    allow_inf_nan=False,
    arbitrary_types_allowed=True,
    protected_namespaces=(),
)
"""How everything that users set is checked: no unknown names, no coercions, again when it is changed."""


class Workflow(BaseModel, Generic[OutputsT]):
    """One run's inputs, checked when set. Generated classes add an attribute per input and nothing else."""

    model_config = STRICT

    __flowbind__: ClassVar[Binding]
    __server__: ClassVar[str] = ""
    """What runs it; the clients are called so, too."""

    if TYPE_CHECKING:

        def __init__(self, **inputs: Any) -> None:
            """Set inputs by name; what is not set stays as the workflow has it.

            Raises `flowbind.errors.InputError` for a value that an input refuses.
            """

    else:

        def __init__(self, /, **inputs):
            complete(type(self))
            try:
                super().__init__(**inputs)
            except ValidationError as error:
                raise InputError(_problems(type(self), error, inputs)) from None
            _check_texts(type(self), inputs)

        def __setattr__(self, name, value):
            if name in type(self).model_fields:
                _check_texts(type(self), {name: value})
            try:
                super().__setattr__(name, value)
            except ValidationError as error:
                raise InputError(_problems(type(self), error, {name: value})) from None
            except ValueError:
                raise InputError([unknown(type(self), name)]) from None

        def __class_getitem__(cls, outputs):
            # pydantic would build a class per parameter; the outputs class is known from the binding.
            return cls


def complete(kind: type[BaseModel]) -> None:
    """Have a class build what checks its values, where that is not done yet, by the names of its own module alone.

    pydantic by itself looks among the variables of whoever makes the first instance, too.
    """
    if not kind.__pydantic_complete__:
        kind.model_rebuild(_types_namespace={})


def is_given(workflow: Workflow[Any], attribute: str) -> bool:
    """Tell whether an input was set, or its list or object changed since the instance was made."""
    if attribute in workflow.model_fields_set:
        return True
    field = type(workflow).model_fields[attribute]
    if field.default_factory is None:
        return False
    return bool(getattr(workflow, attribute) != field.get_default(call_default_factory=True))


def given_inputs(workflow: Workflow[Any]) -> set[str]:
    """Return the inputs that were set, or whose list or object changed since the instance was made."""
    fields = type(workflow).model_fields
    changeable = [name for name, field in fields.items() if field.default_factory is not None]
    return workflow.model_fields_set.union([name for name in changeable if is_given(workflow, name)])


def label_of(workflow: type[Workflow[Any]], attribute: str) -> str:
    """Return the label of an input in the form, or ""."""
    return next((s.label for s in workflow.__flowbind__.slots if s.attribute == attribute), "")


def named(workflow: type[Workflow[Any]], attribute: str) -> str:
    """Return how messages call an input: class, attribute and label."""
    return labelled(workflow, attribute, label_of(workflow, attribute))


def labelled(workflow: type[Workflow[Any]], attribute: str, label: str) -> str:
    """Return the same for a label that is known."""
    return f"{workflow.__name__}.{attribute}" + (f' ("{label}")' if label else "")


def unknown(workflow: type[Workflow[Any]], name: str) -> str:
    """Return what is said of a name that is no input, with the names that are near to it."""
    from flowbind.near import hint

    return f"{workflow.__name__} has no input {name!r}: {hint(name, workflow.model_fields, 'its inputs')}"


NO_TEXT = frozenset({int, float, bool, type(None)})
"""The types of values in which no text can be."""


def _check_texts(workflow: type[Workflow[Any]], values: Mapping[str, object]) -> None:
    """Refuse halves of characters (lone surrogates): the server queues them, cannot read them, and is stuck."""
    problems = [
        f"{named(workflow, name)} is {shortened(value)}: it holds half a character, which cannot be sent."
        for name, value in values.items()
        if type(value) not in NO_TEXT and holds_halves(value)
    ]
    if problems:
        raise InputError(problems)


def holds_halves(value: object) -> bool:
    """Tell whether there is half a character (a lone surrogate) somewhere in a value."""
    if type(value) in NO_TEXT:
        return False
    if isinstance(value, str):
        return not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, BaseModel):
        value = vars(value)
    elif is_dataclass(value):
        value = [getattr(value, name, None) for name in value.__dataclass_fields__]
    if isinstance(value, dict):
        return any(map(holds_halves, value)) or any(map(holds_halves, value.values()))
    return isinstance(value, (list, tuple)) and any(map(holds_halves, value))


def _problems(workflow: type[Workflow[Any]], error: ValidationError, values: Mapping[str, object]) -> list[str]:
    problems: dict[str, list[str]] = {}
    kinds = {s.attribute: s.kind for s in workflow.__flowbind__.slots}
    for found in error.errors(include_url=False):
        if found.get("ctx", {}).get("class") in (Unset.__name__, Random.__name__):
            continue  # nobody who gives another value means those
        attribute = str(found["loc"][0]) if found["loc"] else ""
        is_object = kinds.get(attribute) == "object"
        if is_object and (inside := place_inside(values.get(attribute), found, 1)):
            given = shortened(found["input"])
            said = "is missing" if found["type"] == "missing" else f"is {given}: {found['msg']}"
            problems.setdefault(attribute, [f"{named(workflow, attribute)}:"]).append(f"{inside} {said}")
        elif found["type"] in ("extra_forbidden", "no_such_attribute"):
            problems[attribute] = [unknown(workflow, attribute)]
        elif found["type"] == "missing":
            problems[attribute] = [f"{named(workflow, attribute)} is required: the workflow has no value for it."]
        elif found["type"] == "frozen_field" or kinds.get(attribute) == "fed":
            problems[attribute] = [f"{named(workflow, attribute)} is read-only: another node feeds it."]
        else:
            sentence = _meant(found["input"], found.get("ctx", {}).get("expected")) + str(found["msg"])
            if found["input"] is RANDOM:
                sentence = "the form has no shuffle button for it"
            given = shortened(found["input"])
            problems.setdefault(attribute, [f"{named(workflow, attribute)} is {given}:"]).append(sentence)
    return [f"{p[0]} {'; or '.join(dict.fromkeys(p[1:]))}." if len(p) > 1 else p[0] for p in problems.values()]


def _meant(value: object, expected: str | None) -> str:
    """Return the choices that a wrong one is near to, as the start of a message."""
    if not expected or not isinstance(value, str):
        return ""
    from difflib import get_close_matches

    near = get_close_matches(value, expected.replace("' or '", "', '").strip("'").split("', '"), n=3)
    return f"did you mean {' or '.join(map(repr, near))}? " if near else ""


def shortened(value: object) -> str:
    """Return a value as messages show it."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
