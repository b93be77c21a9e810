"""The base of the classes in a generated `field_types.py`: the objects that inputs take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, ValidationError, model_serializer

from flowbind.errors import InputError
from flowbind.inside import place_inside
from flowbind.workflow import STRICT, complete, shortened

if TYPE_CHECKING:
    _Base = BaseModel
else:

    class _Refusing(type(BaseModel)):
        """Makes objects whose refusals read like those of a workflow's inputs."""

        def __call__(cls, /, *args, **values):
            complete(cls)
            try:
                return super().__call__(*args, **values)
            except ValidationError as error:
                raise InputError(_problems(cls, error, values)) from None

    class _Base(BaseModel, metaclass=_Refusing):
        """A base, so that checkers of types see none of this: they would lose the constructor."""


class FieldType(_Base):
    """An object that an input takes, checked when it is made and when it is changed."""

    model_config = STRICT | ConfigDict(
        # A list in it may have changed since it was made.
        revalidate_instances="always",
        # An attribute has another name than its key where Python or pydantic needs that name.
        populate_by_name=True,
    )

    @model_serializer(mode="wrap")
    def _without_unset(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is None because it was not set: not every key that may be left out may be null."""
        written: dict[str, Any] = handler(self)
        for name, field in type(self).model_fields.items():
            if field.default is None and getattr(self, name) is None:
                written.pop(name if field.alias is None else field.alias, None)
                written.pop(name, None)
        return written

    if not TYPE_CHECKING:

        def __setattr__(self, name, value):
            try:
                super().__setattr__(name, value)
            except ValidationError as error:
                raise InputError(_problems(type(self), error, {name: value})) from None


def _problems(kind: type, error: ValidationError, values: Mapping[str, object]) -> list[str]:
    problems: list[str] = []
    for found in error.errors(include_url=False):
        place = f"{kind.__name__}.{place_inside(values, found) or '.'.join(map(str, found['loc']))}"
        said = "is required" if found["type"] == "missing" else f"is {shortened(found['input'])}: {found['msg']}"
        problems.append(f"{place} {said}.")
    return problems
