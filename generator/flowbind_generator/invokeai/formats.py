"""The structure of a workflow in each version of the file format, as the editor wants it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from flowbind_generator.invokeai.old_types import fits_word, is_word

# No release has more digits than these, and Python reads no number of thousands of them.
_SEMVER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){2}(\.|\Z)")


def _semver(version: str) -> str:
    if not _SEMVER.match(version):
        raise ValueError("is three numbers")
    return version


def _word(word: str) -> str:
    if not is_word(word):
        raise ValueError("is a type of this version")
    return word


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Size = Annotated[float, Field(gt=0)] | None
Semver = Annotated[str, AfterValidator(_semver)]


class Part(BaseModel):
    """A part of a file; keys that it does not know do no harm."""

    model_config = ConfigDict(strict=True, extra="ignore")


class _Position(Part):
    x: Number
    y: Number


class _Box(Part):
    id: Name
    position: _Position = _Position(x=0, y=0)


class _OldBox(_Box):
    width: Size = None
    height: Size = None


class _Typed(Part):
    id: Name
    name: Name


class _WordOutput(_Typed):
    fieldKind: Literal["output"]
    type: str


class _WordInput(_Typed):
    fieldKind: Literal["input"]
    label: str
    type: Annotated[str, AfterValidator(_word)]

    @model_validator(mode="before")
    @classmethod
    def _fits(cls, raw: Any) -> Any:
        word = raw.get("type") if isinstance(raw, Mapping) else None
        if isinstance(word, str) and is_word(word) and "value" in raw and not fits_word(raw["value"], word):
            raise ValueError(f'"value" is of the type {word}')
        return raw


class _Type(Part):
    name: Annotated[str, Field(min_length=1)]
    isCollection: bool
    isCollectionOrScalar: bool


class _TypedOutput(_Typed):
    fieldKind: Literal["output"]
    type: _Type


class _TypedInput(_Typed):
    fieldKind: Literal["input"]
    label: str | None = None
    type: _Type


class _Input(Part):
    name: Name


class _Data(Part):
    id: Name
    label: str
    isOpen: bool


class _ConnectorData(_Data):
    type: Literal["connector"]


class _NotesData(_Data):
    type: Literal["notes"]
    notes: str


class _NodeData(_Data):
    type: Name
    notes: str
    isIntermediate: bool


class _NodeData1(_NodeData):
    inputs: dict[str, _WordInput]
    outputs: dict[str, _WordOutput]
    embedWorkflow: bool
    useCache: bool = True
    version: Semver = "1.0.0"


class _NodeData2(_NodeData):
    inputs: dict[str, _TypedInput]
    outputs: dict[str, _TypedOutput]
    useCache: bool
    version: Semver
    nodePack: Annotated[str, Field(min_length=1)] = "invokeai"


class _NodeData3(_NodeData):
    inputs: dict[str, _Input]
    useCache: bool
    version: Semver
    nodePack: Annotated[str, Field(min_length=1)] = "invokeai"
    dynamicInputTemplates: dict[str, Any] = {}


class _Node1(_OldBox):
    data: _NodeData1


class _Node2(_OldBox):
    data: _NodeData2


class _Node3(_Box):
    data: _NodeData3


class _OldNotes(_OldBox):
    data: _NotesData


class _Notes(_Box):
    data: _NotesData


class _Connector(_Box):
    data: _ConnectorData


class _Collapsed(Part):
    id: Name
    source: Name
    target: Name


class _Edge(_Collapsed):
    sourceHandle: Name
    targetHandle: Name


class _HiddenEdge(_Edge):
    hidden: bool = False


class _FieldId(Part):
    nodeId: Name
    fieldName: Name


class _Meta(Part):
    category: Literal["user", "default"] = "user"


class _Workflow1(Part):
    name: str = ""
    author: str = ""
    description: str = ""
    version: str = ""
    contact: str = ""
    tags: str = ""
    notes: str = ""
    nodes: list[Any] = []
    edges: list[Any] = []
    exposedFields: list[_FieldId] = []


class _Workflow2(Part):
    id: Annotated[str, Field(min_length=1)] = "-"
    name: str
    author: str
    description: str
    version: str
    contact: str
    tags: str
    notes: str
    nodes: list[Any]
    edges: list[Any]
    exposedFields: list[_FieldId]
    meta: _Meta


_Kinds = Mapping[str, type[Part]]
_OLD_EDGES: _Kinds = {"default": _Edge, "collapsed": _Collapsed}
_EDGES: _Kinds = {"default": _HiddenEdge, "collapsed": _Collapsed}
_NODES: _Kinds = {"invocation": _Node3, "notes": _Notes, "connector": _Connector}
VERSIONS: Mapping[str, tuple[type[Part], _Kinds, _Kinds]] = {
    "1.0.0": (_Workflow1, {"invocation": _Node1, "notes": _OldNotes}, _OLD_EDGES),
    "2.0.0": (_Workflow2, {"invocation": _Node2, "notes": _OldNotes}, _OLD_EDGES),
    "3.0.0": (_Workflow2, _NODES, _EDGES),
    "4.0.0": (_Workflow2, _NODES, _EDGES),
}
"""For each version the model of the whole, those of its kinds of nodes, and those of its kinds of edges."""
