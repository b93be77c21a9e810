"""Objects as inputs: alone, optional, with a default, in a list, one or many."""

from enum import StrEnum

from invokeai.invocation_api import Input, InputField, invocation
from pydantic import BaseModel, Field

from .echo import Echo


class CurvePoint(BaseModel):
    """A point of a curve."""

    x: float = Field(ge=0, le=1, description="How dark the picture is there")
    y: float = Field(ge=0, le=1, description="How dark it becomes")


class Interpolation(StrEnum):
    """How the points are joined."""

    LINEAR = "linear"
    SMOOTH = "smooth"
    STEPS = "steps"


class Curve(BaseModel):
    """A tone curve."""

    points: list[CurvePoint] = Field(min_length=1, max_length=16, description="From left to right")
    interpolation: Interpolation = Field(default=Interpolation.LINEAR, description="How the points are joined")
    name: str | None = Field(default=None, max_length=20, description="Shown in reports")


STRAIGHT = Curve(points=[CurvePoint(x=0, y=0), CurvePoint(x=1, y=1)])


@invocation("made_up_curves", title="Curves", tags=["made up"], category="made up", version="1.2.0")
class CurvesInvocation(Echo):
    """Takes curves in every number."""

    curve: Curve = InputField(description="The curve to apply")
    direct_curve: Curve = InputField(description="A curve that no edge may feed", input=Input.Direct)
    second_curve: Curve | None = InputField(default=None, description="Applied after the first")
    default_curve: Curve = InputField(default=STRAIGHT, description="A curve with a default")
    curves: list[Curve] = InputField(description="Several curves")
    one_or_many: Curve | list[Curve] = InputField(description="A curve, or several")
    curves_by_name: dict[str, Curve] = InputField(description="Curves by their names")
    points: list[CurvePoint] = InputField(default=[], max_length=4, description="At most four points")
    point_rows: list[list[CurvePoint]] = InputField(description="Rows of points")
    maybe_points: list[CurvePoint] | None = InputField(default=None, description="Points, if any")
