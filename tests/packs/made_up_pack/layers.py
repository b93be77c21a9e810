"""Objects within objects: lists, dictionaries, tuples, enumerations, InvokeAI's own objects, and themselves."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, NamedTuple

from invokeai.invocation_api import ColorField, ImageField, Input, InputField, ModelIdentifierField, invocation
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field
from typing_extensions import TypedDict

from .curves import Curve, Interpolation
from .echo import Echo


class Priority(IntEnum):
    """When a layer is drawn."""

    FIRST = 1
    LATER = 5
    LAST = 10


class Margin(TypedDict):
    """Space around a layer."""

    left: int
    right: int


@dataclass
class Span:
    """From here to there."""

    start: float
    end: float = 1.0


class Place(NamedTuple):
    """Where something is."""

    x: float
    y: float
    name: str = ""


class Extent(BaseModel):
    """A size, and what follows from it."""

    width: int = Field(gt=0, multiple_of=8, json_schema_extra={"unit": "px"})
    height: int = Field(gt=0, multiple_of=8, json_schema_extra={"unit": "px"})

    @computed_field
    @property
    def area(self) -> int:
        """Width times height."""
        return self.width * self.height


class Tags(RootModel[list[str]]):
    """Words, as a plain list."""


class Weights(RootModel[dict[str, float]]):
    """Numbers by name, as a plain object."""


class Nothing(BaseModel):
    """An object without attributes."""


class Exact(BaseModel):
    """An object that takes no attributes but its own."""

    model_config = ConfigDict(extra="forbid")

    amount: float = 0.5


class Layer(BaseModel):
    """A layer of a picture, with layers of its own."""

    picture: ImageField | None = Field(default=None, description="What is drawn")
    tint: ColorField = Field(default=ColorField(r=255, g=255, b=255, a=255), description="What it is coloured with")
    model: ModelIdentifierField | None = Field(default=None, description="What it is drawn with")
    opacity: float = Field(default=1.0, ge=0, le=1, description="0 is invisible")
    mode: Literal["normal", "multiply", "screen"] = "normal"
    priority: Priority = Priority.LATER
    steps: Literal[256, 512] = 256
    kind: Literal["layer"] = "layer"
    offset: tuple[int, int] = (0, 0)
    stamp: tuple[str, float, bool] | None = None
    path: tuple[float, ...] = ()
    curve: Curve | None = None
    curves: dict[str, Curve] = Field(default_factory=dict)
    amounts: dict[str, float] = Field(default_factory=dict)
    joints: list[Interpolation] = Field(default_factory=list)
    words: set[str] = Field(default_factory=set)
    margin: Margin | None = None
    span: Span | None = None
    extent: Extent | None = None
    tags: Tags | None = None
    weights: Weights | None = None
    nothing: Nothing | None = None
    exact: Exact = Field(default_factory=Exact)
    size: int | Literal["auto"] = "auto"
    layers: list["Layer"] = Field(default_factory=list, description="Drawn on top of it")


class Folder(BaseModel):
    """A folder with files."""

    name: str
    files: list["File"]


class File(BaseModel):
    """A file, and where it is."""

    name: str
    links: dict[str, Folder] = Field(default_factory=dict)


@invocation("made_up_layers", title="Layers", tags=["made up"], category="made up", version="2.0.1")
class LayersInvocation(Echo):
    """Takes what is deeply nested."""

    layer: Layer = InputField(description="A layer")
    layers: list[Layer] = InputField(default=[], description="Layers from below to above")
    folder: Folder = InputField(description="Folders hold files, which hold folders")
    extent: Extent = InputField(description="A size whose area follows from it", input=Input.Direct)
    margin: Margin = InputField(description="A typed dictionary")
    span: Span = InputField(description="A dataclass")
    place: Place = InputField(description="A named tuple")
    tags: Tags = InputField(description="A list with a name")
    weights: Weights = InputField(description="A dictionary with a name")
    exact: Exact = InputField(default=Exact(), description="Takes no attributes but its own")
    amounts: dict[str, float] = InputField(description="Numbers by name")
    limited_amounts: dict[str, float] = InputField(default={"a": 0.5}, max_length=2, description="At most two")
    offset: tuple[int, int] = InputField(default=(0, 0), description="Right and down")
    path: tuple[float, ...] = InputField(default=(), description="As many numbers as you like")
