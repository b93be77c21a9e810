"""`[tool.flowbind.field_types]`: classes of the user's in place of generated ones."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowbind.errors import InputError
from flowbind.invokeai import Color
from flowbind_generator.diagnostics import Refused
from flowbind_generator.project import find_project

from .command import flowbind
from .exports import as_bytes, codes, input_of, resolved, write
from .objects import CURVE, POINT, catalog_with, document_of, drawing, drawn_class, field, posted, ref

OWN = """
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import core_schema
from typing_extensions import TypedDict


class Point(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    horizontal: float = Field(alias="x")
    y: float = 0.5

    def flipped(self) -> "Point":
        return Point(x=self.y, y=self.horizontal)


@dataclass
class Plain:
    x: float
    y: float = 0.5


class Typed(TypedDict):
    x: float
    y: float


class Level(Enum):
    LOW = 1
    HIGH = 2


class Odd:
    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls(str(value["x"])),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda odd: {"x": float(odd.text)}),
        )


class Image(BaseModel):
    x: float


class Tint(BaseModel):
    r: int
    g: int = 0


class curve(BaseModel):
    x: float
"""


@pytest.fixture(scope="module", autouse=True)
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The user's package, on the path."""
    folder = tmp_path_factory.mktemp("own")
    write(folder, OWN.encode(), "own_types/kinds.py")
    write(folder, b"", "own_types/__init__.py")
    sys.path.insert(0, str(folder))
    from own_types import kinds  # type: ignore[import-not-found]

    yield kinds
    sys.path.remove(str(folder))
    for name in [m for m in sys.modules if m.split(".")[0] == "own_types"]:
        del sys.modules[name]


def made_with(own_class: str, *, schema: str = "Point", **inputs: Any) -> Any:
    catalog = catalog_with({n: field(ref(schema)) for n in inputs}, own={schema: f"own_types.kinds:{own_class}"})
    return drawn_class(catalog, **inputs)


def test_a_pydantic_model(own: Any) -> None:
    made = made_with("Point", point={"x": 1})
    assert posted(made())["point"] == {"x": 1}
    assert posted(made(point=own.Point(x=2.0, y=1.0).flipped()))["point"] == {"x": 1.0, "y": 2.0}
    with pytest.raises(InputError, match=r'^A\.point \("point"\) is 5: '):
        made(point=5)
    with pytest.raises(InputError, match=r'^A\.point \("point"\): x is missing\.$'):
        made(point={"y": 1.0})


@pytest.mark.parametrize("name", ["Plain", "Typed", "Odd"])
def test_other_kinds_of_classes(name: str, own: Any) -> None:
    made = made_with(name, point={"x": 1})
    assert posted(made())["point"] == {"x": 1}
    value = {"Plain": own.Plain(2.0), "Typed": {"x": 2.0, "y": 0.5}, "Odd": own.Odd("2.0")}[name]
    expected = {"x": 2.0} if name == "Odd" else {"x": 2.0, "y": 0.5}
    assert posted(made(point=value))["point"] == expected
    module = sys.modules[made.__module__]
    assert getattr(module, name) is getattr(own, name)


def test_an_enumeration(own: Any) -> None:
    catalog = catalog_with(
        {"level": field(ref("Level"))}, {"Level": {"enum": [1, 2]}}, {"Level": "own_types.kinds:Level"}
    )
    made = drawn_class(catalog, level=2)
    assert posted(made())["level"] == 2
    assert posted(made(level=own.Level.LOW))["level"] == 1


def test_a_list_of_ones_own_and_a_default_that_only_they_could_make(own: Any) -> None:
    schema = {"anyOf": [ref("Point"), {"type": "array", "items": ref("Point")}]}
    catalog = catalog_with({"point": field(schema)}, own={"Point": "own_types.kinds:Plain"})
    module, report = resolved(drawing(point=[{"x": 1}]), catalog)
    found = input_of(module, "point")
    assert (found.annotation, found.default_code) == ("Plain | list[Plain] | Unset", "UNSET")
    assert codes(report) == []
    made = drawn_class(catalog, point=[{"x": 1}])
    assert posted(made())["point"] == [{"x": 1}]
    assert posted(made(point=[own.Plain(1.0), own.Plain(2.0)]))["point"] == [{"x": 1.0, "y": 0.5}, {"x": 2.0, "y": 0.5}]
    assert posted(made(point=[]))["point"] == []


def test_inside_a_generated_class(own: Any) -> None:
    catalog = catalog_with({"curve": field(ref("Curve"))}, own={"Point": "own_types.kinds:Point"})
    made = drawn_class(catalog, curve={"points": [{"x": 1}]})
    made.model_rebuild()
    types = sys.modules[f"{made.__module__.rpartition('.')[0]}.field_types"]
    assert types.__all__ == ["Curve"]
    sent = posted(made(curve=types.Curve(points=[own.Point(x=3.0)])))["curve"]
    assert sent == {"points": [{"x": 3.0, "y": 0.5}], "style": "smooth"}


def test_names_that_flowbind_has(own: Any) -> None:
    made = made_with("Image", point={"x": 1})
    assert posted(made(point=own.Image(x=2.0)))["point"] == {"x": 2.0}
    module = sys.modules[made.__module__]
    assert module.Image_ is own.Image
    assert module.Image is not own.Image
    made = made_with("curve", curve={"x": 1})
    assert posted(made(**{next(iter(made.model_fields)): own.curve(x=2.0)}))["curve"] == {"x": 2.0}


def test_names_that_other_schemas_have() -> None:
    schemas = {"Point": POINT, "Curve": CURVE}
    catalog = catalog_with({"a": field(ref("Curve")), "b": field(ref("Point"))}, schemas, {"Point": "own.kinds:Curve"})
    module, _ = resolved(drawing(a=None, b=None), catalog)
    assert [i.annotation.split(" ")[0] for i in module.inputs] == ["Curve_", "Curve"]
    assert module.field_types["Curve"] == {"import": "own.kinds:Curve"}


def test_a_type_that_flowbind_has_a_class_for(own: Any) -> None:
    schemas = {"ColorField": {"properties": {c: {"type": "integer"} for c in "rgba"}}}
    fields = {"tint": field(ref("ColorField"))}
    made = drawn_class(catalog_with(fields, schemas), tint={"r": 1, "g": 2, "b": 3, "a": 4})
    assert posted(made(tint=Color(5, 6, 7)))["tint"]["r"] == 5
    made = drawn_class(catalog_with(fields, schemas, {"ColorField": "own_types.kinds:Tint"}), tint={"r": 1, "g": 2})
    assert posted(made())["tint"] == {"r": 1, "g": 2}
    assert posted(made(tint=own.Tint(r=9)))["tint"] == {"r": 9, "g": 0}
    with pytest.raises(InputError):
        made(tint=Color(1, 2, 3))


def settings(folder: Path, text: str) -> None:
    write(folder, f"[tool.flowbind.field_types]\n{text}".encode(), "pyproject.toml")


@pytest.mark.parametrize("value", ["a:B", "a.b:C", "a.b.C", "_a._b:_C", "größe:Maß"])
def test_the_name_of_a_class(value: str, tmp_path: Path) -> None:
    settings(tmp_path, f'Point = "{value}"\n')
    module, _, name = value.replace(":", ".").rpartition(".")
    assert find_project(tmp_path).field_types == {"Point": f"{module}:{name}"}


@pytest.mark.parametrize(
    "value",
    [
        '""', '"Point"', '"a:"', '":B"', '"a b:C"', '"a:B:C"', '".a:B"', '"a..b:C"', '"a:class"', '"None.a:B"', "5",
        "[]", '"a:B()"', '"a:B; import os"', '"a\\n:B"', '"1a:B"', '"a:B.C"', "{ x = 1 }",
    ],
)  # fmt: skip
def test_what_names_no_class_is_refused(value: str, tmp_path: Path) -> None:
    settings(tmp_path, f"Point = {value}\n")
    with pytest.raises(Refused) as caught:
        find_project(tmp_path)
    assert codes(caught.value.report) == ["FB504"]
    assert "Point names no class" in str(caught.value)
    assert 'SchemaName = "package.module:Class"' in str(caught.value)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    write(tmp_path, b'[tool.flowbind]\nfield_types = "x"\n', "pyproject.toml")
    with pytest.raises(Refused, match="field_types is no table"):
        find_project(tmp_path)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose one workflow takes a curve; its points are the user's."""
    settings(tmp_path, 'Point = "own_types.kinds:Point"\n')
    write(tmp_path / "workflows", as_bytes(document_of({"curve": field(ref("Curve"))})), "openapi.json")
    write(tmp_path / "workflows", drawing(curve={"points": [{"x": 1}]}), "flow.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def imports(path: Path) -> list[str]:
    return [ast.unparse(n) for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.ImportFrom)]


def test_generated_code_imports_the_users_class(project: Path) -> None:
    flowbind("generate")
    flowbind("check")
    assert "from own_types.kinds import Point" in imports(project / "generated" / "field_types.py")
    manifest = json.loads((project / "generated" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["field_types"]["Point"] == {"import": "own_types.kinds:Point"}
    graph = json.loads(flowbind("payload", "flow", "--graph-only").stdout)
    assert graph["nodes"]["n"]["curve"] == {"points": [{"x": 1}]}
    graph = json.loads(flowbind("payload", "flow", "--graph-only", "--set", 'curve={"points": [{"x": 2}]}').stdout)
    assert graph["nodes"]["n"]["curve"]["points"] == [{"x": 2.0, "y": 0.5}]


def test_the_setting_gone_the_class_is_generated_again(project: Path) -> None:
    flowbind("generate")
    settings(project, "")
    assert "generated/field_types.py: stale" in flowbind("check", code=1).stdout
    flowbind("generate")
    assert not [i for i in imports(project / "generated" / "field_types.py") if "own_types" in i]


def test_a_schema_that_the_document_does_not_have_is_told(project: Path) -> None:
    settings(project, 'Pont = "own_types.kinds:Point"\nXyzzy = "a:B"\n')
    said = flowbind("generate").stderr
    assert "names Pont, which the server's document does not have" in said
    assert "Did you mean Point?" in said
    assert "Take it out, or pin the document that has it." in said
    assert said.count("warning FB504") == 2
    assert "FB504" in flowbind("check").stdout


def test_only_the_users_own_needs_no_field_types(project: Path) -> None:
    settings(project, 'Point = "own_types.kinds:Point"\nCurve = "own_types.kinds:Plain"\n')
    flowbind("generate")
    assert not (project / "generated" / "field_types.py").exists()
    assert "from own_types.kinds import Plain" in imports(project / "generated" / "flow.py")
    flowbind("check")
