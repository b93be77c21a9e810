"""The base class of generated objects, on classes as `field_types.py` holds them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

SOURCE = """
from __future__ import annotations
from flowbind.field_type import FieldType

class Curve(FieldType):
    points: list[cls]
    end: Point | None = None

class Point(FieldType):
    x: float

class cls(FieldType):
    y: float
"""


@pytest.fixture
def objects() -> Iterator[ModuleType]:
    """A module whose first class is made of later ones."""
    module = ModuleType("made_up_objects")
    sys.modules[module.__name__] = module
    exec(SOURCE, vars(module))
    yield module
    del sys.modules[module.__name__]


def test_variables_of_whoever_makes_an_object_mean_nothing(objects: ModuleType) -> None:
    Point = int
    made = objects.Curve(points=[objects.cls(y=1.0)], end=objects.Point(x=2.0))
    assert made.model_dump() == {"points": [{"y": 1.0}], "end": {"x": 2.0}}
    assert Point is int
