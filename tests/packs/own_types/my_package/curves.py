"""Types that take the place of schemas: a dataclass, a model that writes itself another way, an enumeration."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from pydantic import BaseModel, model_serializer, model_validator


@dataclass
class Point:
    """A point, as a dataclass."""

    x: float
    y: float


@dataclass
class Tone:
    """A curve, as a dataclass, with a method."""

    points: list[Point] = field(default_factory=list[Point])
    interpolation: Literal["linear", "smooth", "steps"] = "linear"
    name: str | None = None

    def flipped(self) -> Tone:
        """Return it upside down."""
        return Tone([Point(p.x, 1 - p.y) for p in self.points], self.interpolation, self.name)


class Disc(BaseModel):
    """A circle that has a diameter in Python and a radius in JSON."""

    diameter: float

    @model_validator(mode="before")
    @classmethod
    def read(cls, given: dict[str, float]) -> dict[str, float]:
        """Take what the JSON has."""
        return {"diameter": given["radius"] * 2} if "radius" in given else given

    @model_serializer
    def written(self) -> dict[str, object]:
        """Give what the JSON has."""
        return {"kind": "circle", "radius": self.diameter / 2}


class Feeling(Enum):
    """A mood, as an enumeration."""

    CALM = "calm"
    BRIGHT = "bright"
    EERIE = "eerie"
