"""`flowbind.inputs`: the inputs of a class or an instance, in form order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, overload

from flowbind.errors import NoInput
from flowbind.workflow import UNSET, Workflow, complete, unknown


@dataclass(frozen=True)
class InputInfo:
    """One input.

    `index` is its place in the form, None outside it; `limits` holds the bounds by pydantic's names (ge, le, gt, lt,
    multiple_of, min_length, max_length, pattern); `default` is `UNSET` where the server or the workflow decides.
    """

    index: int | None
    attribute: str
    label: str
    node: str
    field: str
    type: Any
    limits: dict[str, Any]
    required: bool
    default: Any


class Inputs(Sequence[InputInfo]):
    """The inputs of a workflow class in form order; those outside the form come last."""

    def __init__(self, workflow: type[Workflow[Any]]) -> None:
        complete(workflow)
        self._workflow = workflow
        slots = {s.attribute: s for s in workflow.__flowbind__.slots if s.attribute}
        self._infos: list[InputInfo] = []
        for name, field in workflow.model_fields.items():
            slot = slots[name]
            required = field.is_required()
            default = UNSET if required else field.get_default(call_default_factory=True)
            self._infos.append(
                InputInfo(
                    slot.index,
                    name,
                    slot.label,
                    slot.node,
                    slot.field,
                    field.annotation,
                    _limits([*field.metadata, *_of_members(field.annotation)]),
                    required,
                    default,
                )
            )

    @overload
    def __getitem__(self, key: int) -> InputInfo: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[InputInfo]: ...
    def __getitem__(self, key: int | slice) -> InputInfo | Sequence[InputInfo]:
        return self._infos[key]

    def __len__(self) -> int:
        return len(self._infos)

    def __iter__(self) -> Iterator[InputInfo]:
        return iter(self._infos)

    def find(self, key: str | int) -> InputInfo:
        """Return an input by attribute name, or by its index in the form.

        Raises `flowbind.errors.NoInput`, a `KeyError`, where there is none.
        """
        wanted = (i for i in self._infos if (i.index if isinstance(key, int) else i.attribute) == key)
        found = next(wanted, None)
        if found is None:
            raise NoInput(self._unknown(key))
        return found

    def _unknown(self, key: str | int) -> str:
        if isinstance(key, str):
            return unknown(self._workflow, key)
        from flowbind.near import some_of

        known = some_of(f"{i.index}: {i.attribute}" for i in self._infos if i.index is not None)
        return f"{self._workflow.__name__} has no input {key}: those of its form are {known}."


class BoundInputs(Inputs):
    """The inputs of one instance: they can be read and set, too."""

    def __init__(self, instance: Workflow[Any]) -> None:
        super().__init__(type(instance))
        self._instance = instance

    def get(self, key: str | int) -> Any:
        """Return the value of an input, by attribute or index."""
        return getattr(self._instance, self.find(key).attribute)

    def set(self, key: str | int, value: Any) -> None:
        """Set an input, by attribute or index; raises `flowbind.errors.InputError` for a value it refuses."""
        setattr(self._instance, self.find(key).attribute, value)


@overload
def inputs(workflow: type[Workflow[Any]]) -> Inputs: ...
@overload
def inputs(workflow: Workflow[Any]) -> BoundInputs: ...
def inputs(workflow: type[Workflow[Any]] | Workflow[Any]) -> Inputs | BoundInputs:
    """List the inputs of a generated class or of an instance, in form order; raises nothing.

    A function, not a method, because any name may be an input.
    """
    return BoundInputs(workflow) if isinstance(workflow, Workflow) else Inputs(workflow)


_LIMITS = ("ge", "le", "gt", "lt", "multiple_of", "min_length", "max_length", "pattern")


def _of_members(annotation: Any) -> Iterator[Any]:
    """Yield what bounds the members of a union, such as a number beside `RANDOM`."""
    members = get_args(annotation) if isinstance(annotation, UnionType) or get_origin(annotation) is Union else ()
    for member in members:
        for bounds in getattr(member, "__metadata__", ()):
            yield from getattr(bounds, "metadata", ())


def _limits(metadata: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in metadata:
        found |= {name: value for name in _LIMITS if (value := getattr(item, name, None)) is not None}
    return found
