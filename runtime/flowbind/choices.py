"""Choices that `Literal` cannot hold: numbers with a fraction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True)
class OneOf:
    """The values that an input takes, beside its type: `Annotated[float, OneOf((0.5, 1.0))]`."""

    values: tuple[object, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, value: object) -> object:
        if value not in self.values:
            raise PydanticCustomError(
                "one_of", "Input should be {values}", {"values": " or ".join(map(repr, self.values))}
            )
        return value
