"""`generated/field_types.py`: one class for each object, named as its schema where that can be."""

from __future__ import annotations

import gzip
import json
import keyword
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from .packed import (
    DOCUMENT,
    EXPORTS,
    SAVED,
    Package,
    Project,
    annotation,
    class_of,
    classes_in,
    from_json,
    json_names,
    saved_values,
)

SCHEMAS: dict[str, Any] = json.loads(gzip.decompress(DOCUMENT.read_bytes()))["components"]["schemas"]
# Attributes that every node has; flowbind knows what they are.
EVERYWHERE = {"id", "type", "use_cache", "is_intermediate", "board", "metadata"}
# Where they are an input of a node flowbind has types of its own; within other objects they are objects like any other.
OWN = ["ImageField", "ColorField", "ModelIdentifierField"]
PLAIN = [
    *("Curve", "CurvePoint", "Layer", "Folder", "File", "Extent", "Exact", "Margin", "Span", "MoodOf"),
    *("Circle", "Box", "Group", "Stamp", "Settings", "OddNames", "Pair_int_", "Pair_CurvePoint_", "Color_Stop"),
    *OWN,
]
# Inputs of the pack's node with names that get in the way; each takes an object of a class of its own.
NAMED = [
    *("odd", "pair", "pair_of_points", "pairs", "image", "outputs", "names", "names_outputs", "left_twin"),
    *("right_twin", "size", "greetings", "slot", "field", "list_object", "str_object", "keyword", "none_object"),
    *("annotated", "base", "unset", "future", "dashed", "underscored", "digits"),
]


def objects() -> set[str]:
    """Return the schemas of objects that the inputs of the pack lead to; named lists and choices are plain types."""
    todo: list[Any] = [
        value
        for schema in SCHEMAS.values()
        if schema.get("class") == "invocation"
        for name, value in schema["properties"].items()
        if name not in EVERYWHERE
    ]
    found: set[str] = set()
    while todo:
        match todo.pop():
            case {"$ref": str(where)} if (name := where.rsplit("/", 1)[-1]) not in found:
                found.add(name)
                todo.append(SCHEMAS[name])
            case dict(node):
                todo += [value for key, value in node.items() if key not in ("discriminator", "$ref", "default")]
            case list(nodes):
                todo += nodes
    return {name for name in found if SCHEMAS[name].get("properties")}


def modelled(package: Package) -> dict[str, type[BaseModel]]:
    """Return the classes that the module defines."""
    module = package.field_types
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module.__name__
    }


def test_there_is_one_class_for_each_object(package: Package) -> None:
    assert len(modelled(package)) == len(objects())
    assert {*PLAIN} <= objects()


@pytest.mark.parametrize("name", PLAIN)
def test_a_class_is_named_as_its_schema(package: Package, name: str) -> None:
    written = {k for k, v in SCHEMAS[name].get("properties", {}).items() if not v.get("readOnly")}
    assert json_names(modelled(package)[name]).keys() == written


def test_nothing_else_is_in_the_module(package: Package, project: Project) -> None:
    assert sorted(package.field_types.__all__) == sorted(modelled(package))
    assert not {n for n in modelled(package) if keyword.iskeyword(n) or not n.isidentifier()}
    assert "class Mood" not in project.source("field_types.py").replace("class MoodOf", "")


def test_every_input_of_odd_names_has_a_class_of_its_own(package: Package) -> None:
    workflow = package.workflow("tricky_names")
    found = {field: class_of(workflow, field) for field in NAMED}
    assert len(set(found.values())) == len(NAMED)
    for field, value in saved_values("tricky_names").items():
        made = from_json(workflow, field, value)
        if isinstance(made, BaseModel):
            assert json.loads(made.model_dump_json(by_alias=True, exclude_unset=True)) == value, field


def test_lists_and_texts_stay_what_they_are(package: Package) -> None:
    workflow = package.workflow("tricky_names")
    assert annotation(workflow, "numbers") == list[int]
    assert annotation(workflow, "text") is str


def test_the_attributes_of_odd_names_can_be_read(package: Package) -> None:
    made = class_of(package.workflow("tricky_names"), "odd")
    values = saved_values("tricky_names")["odd"]
    instance = from_json(package.workflow("tricky_names"), "odd", values)
    by_key = json_names(made)
    assert {key: json.loads(instance.model_dump_json(by_alias=True))[key] for key in values} == values
    for key, name in by_key.items():
        assert not hasattr(BaseModel, name), name
        assert not keyword.iskeyword(name), name
        if key != "CurvePoint":
            assert getattr(instance, name) == values[key]
    assert by_key["class"] == "class_"
    assert by_key["copy"] == "copy_"
    assert by_key["model_name"] == "model_name"


def test_enumerations_become_literals(package: Package) -> None:
    workflow = package.workflow("choices")
    assert "Literal['calm', 'bright', 'eerie']" in str(annotation(workflow, "mood"))
    assert "Literal[0, 1, 100]" in str(annotation(workflow, "level"))
    assert not {c.__name__ for f in saved_values("choices") for c in classes_in(annotation(workflow, f))} - {"MoodOf"}


def test_what_follows_from_other_attributes_is_not_asked_for(package: Package) -> None:
    assert set(package.field_types.Extent.model_fields) == {"width", "height"}


def test_descriptions_are_documentation(project: Project) -> None:
    text = project.source("field_types.py")
    for piece in ("A tone curve.", "From left to right", "How the points are joined", "0 is invisible"):
        assert piece in text


def test_ruff_has_nothing_to_change(project: Project) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    for words in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [*ruff, *words, "--isolated", "generated"], cwd=project.root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_a_second_time_nothing_changes(project: Project) -> None:
    before = {p: p.stat().st_mtime_ns for p in (project.root / "generated").iterdir() if p.is_file()}
    project.flowbind("generate")
    project.flowbind("check")
    assert {p: p.stat().st_mtime_ns for p in (project.root / "generated").iterdir() if p.is_file()} == before


def test_the_classes_are_imported_when_they_are_needed(project: Project) -> None:
    code = "import sys, generated; print('generated.field_types' in sys.modules); generated.Makers; generated.Curves"
    code += "; print('generated.field_types' in sys.modules)"
    assert project.python("-c", code).stdout.split() == ["False", "True"]


def test_an_export_cannot_take_the_name_of_the_module(tmp_path: Path) -> None:
    made = Project.with_exports(tmp_path / "project", "curves", "makers")
    (made.root / "workflows/makers.json").rename(made.root / "workflows/field_types.json")
    made.flowbind("generate")
    assert "class Curve" in made.source("field_types.py")
    assert "class FieldTypes(" in made.source("field_types_.py")


def test_a_workflow_and_its_objects_may_want_one_name(tmp_path: Path) -> None:
    made = Project.with_exports(tmp_path / "project", "tricky_names")
    (made.root / "workflows/tricky_names.json").rename(made.root / "workflows/names.json")
    made.flowbind("generate")
    code = "import generated; (name,) = generated.__all__; workflow = getattr(generated, name)()"
    code += "; print(type(workflow).__module__, type(workflow.names).__module__, workflow.names.value)"
    assert made.python("-c", code).stdout.split() == ["generated.names", "generated.field_types", "v"]


def test_exports_are_found() -> None:
    assert {*SAVED, "makers", "nothing_set", "wired"} == set(EXPORTS)


def test_the_names_in_a_class_do_not_depend_on_other_exports(package: Package, tmp_path: Path) -> None:
    made = Project.with_exports(tmp_path / "project", "curves")
    made.flowbind("generate")
    alone = Package.of(made, "flowbind_packed_alone")
    try:
        for name, kind in modelled(alone).items():
            assert json_names(kind) == json_names(modelled(package)[name])
    finally:
        alone.forget()
