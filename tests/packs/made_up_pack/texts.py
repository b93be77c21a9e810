"""Texts and lists with limits, and values that JSON writes as texts of some format."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from uuid import UUID

from invokeai.invocation_api import InputField, UIComponent, invocation
from pydantic import AnyUrl, BaseModel, Field, IPvAnyAddress

from .echo import Echo


class Stamp(BaseModel):
    """Where and when a picture was taken."""

    taken: datetime
    day: date | None = None
    hour: time | None = None
    exposure: timedelta | None = None
    file: Path | None = None
    camera: UUID | None = None
    link: AnyUrl | None = None
    price: Decimal | None = None


Word = Annotated[str, Field(min_length=2, max_length=8, pattern="^[a-z]+$")]


@invocation("made_up_texts", title="Texts", tags=["made up"], category="made up", version="1.0.0")
class TextsInvocation(Echo):
    """Takes texts and lists with limits, and texts of some format."""

    word: str = InputField(min_length=2, max_length=8, pattern="^[a-z]+$", description="2 to 8 small letters")
    awkward_pattern: str = InputField(default='"', pattern="^[\"'\\\\{}]+$", description="Quotes, braces, backslashes")
    area: str = InputField(default="", ui_component=UIComponent.Textarea, description="Several lines")
    maybe_word: str | None = InputField(default=None, max_length=4, description="A short word, if any")
    words: list[Word] = InputField(default=["ab"], description="Words of 2 to 8 small letters")
    few_numbers: list[int] = InputField(default=[1], min_length=1, max_length=3, description="One to three numbers")
    flags: list[bool] = InputField(default=[], description="Yes or no, several times")
    rows: list[list[float]] = InputField(default=[[0.0]], description="A matrix")
    cubes: list[list[list[Annotated[int, Field(ge=0, le=9)]]]] = InputField(default=[], description="Digits, deeply")
    unique: set[int] = InputField(default=set(), description="Numbers, each once")
    pixels: Annotated[int, Field(json_schema_extra={"unit": "px"})] = InputField(
        default=8, gt=0, lt=100, multiple_of=4, description="A number with a unit"
    )
    taken: datetime | None = InputField(default=None, description="A date and a time")
    day: date | None = InputField(default=None, description="A date")
    exposure: timedelta | None = InputField(default=None, description="A duration")
    file: Path | None = InputField(default=None, description="A path")
    camera: UUID | None = InputField(default=None, description="A unique id")
    link: AnyUrl | None = InputField(default=None, description="An address")
    host: IPvAnyAddress | None = InputField(default=None, description="Another address")
    raw: bytes | None = InputField(default=None, description="Bytes")
    price: Decimal | None = InputField(default=None, description="An exact number")
    stamp: Stamp = InputField(description="Where and when a picture was taken")
