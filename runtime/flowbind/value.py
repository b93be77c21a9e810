"""What the values of inputs and outputs have in common."""

from __future__ import annotations

from typing import Any, Self

from pydantic_core import CoreSchema, core_schema


class Value:
    """A value that pydantic takes as it is: each class checks itself when it is made."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return core_schema.is_instance_schema(cls)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes
