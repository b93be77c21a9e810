"""Names that get in the way: of Python, of pydantic, of generated code and of each other."""

from typing import Generic, TypeVar

from invokeai.invocation_api import InputField, invocation
from pydantic import BaseModel, ConfigDict, Field, create_model

from . import left, right
from .curves import CurvePoint
from .echo import Echo

T = TypeVar("T")


class OddNames(BaseModel):
    """Attributes that cannot be called in Python what they are called in JSON."""

    # InvokeAI stores a run by attribute name and reads it again: without this a run would be lost.
    model_config = ConfigDict(populate_by_name=True, protected_namespaces=())

    klass: str = Field(alias="class")
    none: str | None = Field(default=None, alias="None")
    copies: int = Field(default=1, alias="copy")
    scheme: str = Field(default="", alias="schema")
    config: str = Field(default="", alias="model_config")
    fields_: str = Field(default="", alias="model_fields")
    dumped: str = Field(default="", alias="model_dump")
    model_name: str = "m"
    hidden: str = Field(default="", alias="_hidden")
    dunder: str = Field(default="", alias="__class__")
    myself: str = Field(default="", alias="self")
    first: str = Field(default="", alias="1st")
    two_words: str = Field(default="", alias="two words")
    dashed: str = Field(default="", alias="two-words")
    empty: str = Field(default="", alias="")
    umlaut: str = Field(default="", alias="Größe")
    upper: str = Field(default="", alias="Two Words")
    listed: list[int] = Field(default_factory=list, alias="list")
    text: str = Field(default="", alias="str")
    number: int = Field(default=0, alias="int")
    field: str = Field(default="", alias="Field")
    points: list[CurvePoint] = Field(default_factory=list, alias="CurvePoint")


class Pair(BaseModel, Generic[T]):
    """Two of a kind."""

    one: T
    other: T


class Image(BaseModel):
    """Called like a class that generated code imports."""

    title: str


class Outputs(BaseModel):
    """Called like another one."""

    count: int = 0


class Names(BaseModel):
    """Called like the class that becomes of a workflow names.json."""

    value: str


class NamesOutputs(BaseModel):
    """Called like the class of its outputs."""

    value: str


class Größe(BaseModel):  # noqa: PLC2401
    """Letters that a schema's name cannot have."""

    cm: float


class Grüße(BaseModel):  # noqa: PLC2401
    """Other letters, and yet one schema name."""

    text: str


def number_called(name: str) -> type[BaseModel]:
    """Return a class of any name, as packs do that make theirs from tables."""
    return create_model(name, __module__=__name__, __doc__=f"A number called {name}.", number=(int, 0))


Slot, FieldObject, ListObject, StrObject, KeywordObject, NoneObject = map(
    number_called, ["Slot", "Field", "list", "str", "class", "None"]
)
Annotated_, Base, Unset, Future = map(number_called, ["Annotated", "BaseModel", "UNSET", "annotations"])
Dashed, Underscored, Digits = map(number_called, ["Color-Stop", "Color_Stop", "3d"])


@invocation("made_up_names", title="Names", tags=["made up"], category="made up", version="1.0.0")
class NamesInvocation(Echo):
    """Takes objects with names that get in the way."""

    odd: OddNames = InputField(description="Attributes with odd names")
    default_odd: OddNames = InputField(default=OddNames(klass="k"), description="InvokeAI misnames its default")
    pair: Pair[int] = InputField(description="Two numbers")
    pair_of_points: Pair[CurvePoint] = InputField(description="Two points")
    pairs: Pair[Pair[list[str]]] = InputField(description="Two pairs of lists")
    image: Image = InputField(description="No picture at all")
    outputs: Outputs = InputField(description="No outputs at all")
    names: Names = InputField(description="Called like the workflow's class")
    names_outputs: NamesOutputs = InputField(description="Called like its outputs")
    left_twin: left.Twin = InputField(description="A twin, on the left")
    right_twin: right.Twin = InputField(description="A twin, on the right")
    size: Größe = InputField(description="A size")
    greetings: Grüße = InputField(description="Greetings")
    slot: Slot = InputField(description="slot")
    field: FieldObject = InputField(description="field")
    list_object: ListObject = InputField(description="list")
    numbers: list[int] = InputField(default=[], description="A list, beside an object called list")
    str_object: StrObject = InputField(description="str")
    text: str = InputField(default="", description="A text, beside an object called str")
    keyword: KeywordObject = InputField(description="class")
    none_object: NoneObject = InputField(description="None")
    annotated: Annotated_ = InputField(description="Annotated")
    base: Base = InputField(description="BaseModel")
    unset: Unset = InputField(description="UNSET")
    future: Future = InputField(description="annotations")
    dashed: Dashed = InputField(description="Color-Stop")
    underscored: Underscored = InputField(description="Color_Stop")
    digits: Digits = InputField(description="3d")
