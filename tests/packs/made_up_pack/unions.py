"""Values of more than one type."""

from typing import Annotated, Literal

from invokeai.invocation_api import ColorField, ImageField, InputField, invocation
from pydantic import BaseModel, Field

from .curves import Curve
from .echo import Echo


class Circle(BaseModel):
    """A circle."""

    kind: Literal["circle"] = "circle"
    radius: float = Field(gt=0)


class Box(BaseModel):
    """A box."""

    kind: Literal["box"] = "box"
    width: float = Field(gt=0)
    height: float = Field(gt=0)


class Group(BaseModel):
    """Shapes that belong together."""

    kind: Literal["group"] = "group"
    shapes: list["Circle | Box | Group"] = Field(default_factory=list)
    outline: Annotated[Circle | Box, Field(discriminator="kind")] = Circle(radius=1)


Share = Annotated[float, Field(ge=0, le=1)]


@invocation("made_up_unions", title="Unions", tags=["made up"], category="made up", version="1.0.0")
class UnionsInvocation(Echo):
    """Takes values of more than one type."""

    number_or_text: int | str = InputField(description="A number or a text")
    scalar: int | float | str | bool = InputField(default="x", description="Anything simple")
    maybe_number: int | None = InputField(default=None, ge=0, description="A number, if any")
    shape: Circle | Box = InputField(description="A circle or a box")
    told_shape: Annotated[Circle | Box | Group, Field(discriminator="kind")] = InputField(
        description="A shape that says what it is"
    )
    maybe_shape: Circle | Box | None = InputField(default=None, description="A shape, if any")
    shapes: list[Circle | Box] = InputField(default=[], description="Shapes of both kinds")
    shapes_by_name: dict[str, Circle | Box] = InputField(default={}, description="Shapes by name")
    shares: Share | list[Share] = InputField(default=0.5, description="One share, or several")
    text_or_texts: str | list[str] = InputField(default="a", description="One text, or several")
    picture_or_color: ImageField | ColorField = InputField(description="A picture or a colour")
    number_or_curve: float | Curve = InputField(default=1.0, description="A number or a curve")
    curve_or_name: Literal["none", "straight"] | Curve = InputField(default="none", description="A curve or its name")
    gaps: list[int | None] = InputField(default=[], description="Numbers with gaps between them")
    holes: dict[str, float | None] = InputField(default={}, description="Numbers by name, or none")
    numbers_or_texts: list[int] | list[str] = InputField(default=[1], description="All numbers or all texts")
