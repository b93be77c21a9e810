"""`field_types.py` in the output folder: kept, changed, removed and protected; what is not understood, strictly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowbind_generator.manifest import VERSION

from .command import flowbind
from .exports import as_bytes, form, node, picture, workflow, write
from .objects import document_of, drawing, field, ref

FIELDS = {
    "curve": field(ref("Curve")),
    "point": field(ref("Point")),
    "odd": field({"type": "string", "format": "date-time"}),
    "any": field({"anyOf": [{"type": "integer"}, {"type": "object"}]}),
}
CURVE = drawing(curve={"points": [{"x": 1}]})
POINT = drawing(point={"x": 1})
ODD = drawing(any={"a": 1})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two workflows that take objects."""
    write(tmp_path, b"[tool.flowbind]\n", "pyproject.toml")
    write(tmp_path / "workflows", as_bytes(document_of(FIELDS)), "openapi.json")
    write(tmp_path / "workflows", CURVE, "one.json")
    write(tmp_path / "workflows", POINT, "two.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def classes(project: Path) -> list[str]:
    """Return the classes of `field_types.py`."""
    text = (project / "generated" / "field_types.py").read_text(encoding="utf-8")
    return [line.split("(")[0].removeprefix("class ") for line in text.splitlines() if line.startswith("class ")]


def manifest(project: Path) -> Any:
    return json.loads((project / "generated" / "manifest.json").read_text(encoding="utf-8"))


def test_check_is_fresh_after_generate(project: Path) -> None:
    assert "generated/field_types.py" in flowbind("generate").stdout
    assert classes(project) == ["Curve", "Point"]
    assert flowbind("check").stdout == ""
    assert flowbind("generate").stdout == ""
    found = manifest(project)
    assert found["workflows"]["workflows/one.json"]["field_types"] == ["Curve", "Point"]
    assert found["workflows"]["workflows/two.json"]["field_types"] == ["Point"]
    assert list(found["field_types"]) == ["Curve", "Point"]
    assert "datamodel-code-generator" in found["generator"]


def test_one_workflow_generated_keeps_the_classes_of_the_others(project: Path) -> None:
    flowbind("generate")
    before = (project / "generated" / "field_types.py").read_bytes()
    flowbind("generate", "two")
    assert (project / "generated" / "field_types.py").read_bytes() == before
    write(project / "workflows", workflow(picture()), "two.json")
    flowbind("generate", "two", code=1)  # its node type is not in this document
    write(project / "workflows", workflow(node("n", "draw", {}, visible=True)), "two.json")
    flowbind("generate", "two")
    assert (project / "generated" / "field_types.py").read_bytes() == before
    flowbind("check")


def test_one_workflow_generated_first(project: Path) -> None:
    flowbind("generate", "two")
    assert classes(project) == ["Point"]
    flowbind("generate", "one")
    assert classes(project) == ["Curve", "Point"]
    flowbind("check")


def test_a_workflow_that_goes_takes_its_classes_along(project: Path) -> None:
    flowbind("generate")
    (project / "workflows" / "one.json").unlink()
    flowbind("check", code=1)
    flowbind("generate")
    assert classes(project) == ["Point"]
    write(project / "workflows", workflow(node("n", "draw", {}, visible=True)), "two.json")
    assert "delete    generated/field_types.py" in flowbind("generate").stdout
    assert not (project / "generated" / "field_types.py").exists()
    assert manifest(project)["field_types"] == {}
    assert "datamodel-code-generator" not in manifest(project)["generator"]
    flowbind("check")


def test_a_refused_workflow_keeps_its_classes(project: Path) -> None:
    flowbind("generate")
    before = (project / "generated" / "field_types.py").read_bytes()
    write(project / "workflows", workflow(node("n", "gone")), "one.json")
    flowbind("generate", code=1)
    assert (project / "generated" / "field_types.py").read_bytes() == before


def test_another_document_changes_the_classes(project: Path) -> None:
    flowbind("generate")
    schemas = {"Curve": {"properties": {"points": {"type": "array", "items": ref("Point")}}}}
    schemas["Point"] = {"properties": {"x": {"type": "number"}, "z": {"type": "number"}}}
    write(project / "workflows", as_bytes(document_of(FIELDS, schemas)), "openapi.json")
    assert "generated/field_types.py: stale" in flowbind("check", code=1).stdout
    flowbind("generate")
    assert "z: float | None" in (project / "generated" / "field_types.py").read_text(encoding="utf-8")


def test_a_file_edited_by_hand_is_told(project: Path) -> None:
    flowbind("generate")
    path = project / "generated" / "field_types.py"
    path.write_text(path.read_text(encoding="utf-8") + "\nx = 1\n", encoding="utf-8")
    assert "generated/field_types.py: edited by hand" in flowbind("check", code=1).stdout
    flowbind("generate")
    flowbind("check")
    path.unlink()
    assert "generated/field_types.py: missing" in flowbind("check", code=1).stdout


def test_a_file_of_the_users_own_is_not_overwritten(project: Path) -> None:
    mine = write(project / "generated", b"x = 1\n", "field_types.py")
    assert "FB502" in flowbind("generate", code=2).stderr
    assert mine.read_bytes() == b"x = 1\n"
    assert [p.name for p in (project / "generated").iterdir()] == ["field_types.py"]
    assert "FB502" in flowbind("check", code=2).stderr


def test_a_file_of_the_users_own_is_left_where_none_is_needed(project: Path) -> None:
    mine = write(project / "generated", b"x = 1\n", "field_types.py")
    for name in ("one.json", "two.json"):
        write(project / "workflows", workflow(node("n", "draw", {}, visible=True)), name)
    flowbind("generate")
    flowbind("check")
    assert mine.read_bytes() == b"x = 1\n"


def test_a_workflow_called_field_types(project: Path) -> None:
    write(project / "workflows", POINT, "field_types.json")
    flowbind("generate")
    assert classes(project) == ["Curve", "Point"]
    assert (project / "generated" / "field_types_.py").is_file()
    flowbind("check")


def test_workflows_called_like_the_classes(project: Path) -> None:
    write(project / "workflows", POINT, "point.json")
    write(project / "workflows", workflow(node("n", "draw", {}, visible=True)), "curve.json")
    flowbind("generate")
    names = {e["class_name"] for e in manifest(project)["workflows"].values()}
    assert names == {"One", "Two", "PointWorkflow", "Curve"}
    flowbind("check")


def test_no_two_workflows_have_one_class(project: Path) -> None:
    write(project / "workflows", POINT, "point.json")
    write(project / "workflows", CURVE, "point_workflow.json")
    said = flowbind("generate", code=1).stderr
    assert "FB501" in said
    names = [e["class_name"] for e in manifest(project)["workflows"].values()]
    assert len(names) == len(set(names))


def test_a_manifest_of_the_first_version_is_read(project: Path) -> None:
    for name in ("one.json", "two.json"):
        write(project / "workflows", workflow(node("n", "draw", {}, visible=True)), name)
    flowbind("generate")
    path = project / "generated" / "manifest.json"
    old = manifest(project)
    old["manifest_version"] = 1
    old["spec"] = old["spec"]["invokeai"]
    del old["field_types"]
    for entry in old["workflows"].values():
        del entry["field_types"]
    path.write_text(json.dumps(old), encoding="utf-8")
    assert "generated/manifest.json: stale" in flowbind("check", code=1).stdout
    write(project / "workflows", CURVE, "one.json")
    flowbind("generate", "one")
    assert classes(project) == ["Curve", "Point"]
    assert manifest(project)["manifest_version"] == VERSION
    flowbind("generate")
    flowbind("check")


@pytest.mark.parametrize("version", [0, VERSION + 1, "2", None])
def test_a_manifest_of_another_version_is_not(version: Any, project: Path) -> None:
    flowbind("generate")
    changed = manifest(project) | {"manifest_version": version}
    (project / "generated" / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
    assert "FB502" in flowbind("check", code=2).stderr


@pytest.mark.parametrize(
    "schema",
    [
        {},
        5,
        {"properties": 5},
        {"properties": {"a": 5}},
        {"import": 5},
        {"import": "os:system; print()"},
        {"import": "os"},
    ],
)
def test_a_damaged_manifest_is_told(schema: Any, project: Path) -> None:
    flowbind("generate")
    found = manifest(project)
    found["field_types"]["Curve"] = schema
    (project / "generated" / "manifest.json").write_text(json.dumps(found), encoding="utf-8")
    assert "FB502" in flowbind("generate", "two", code=2).stderr


def test_what_is_not_understood_is_told_and_refused_strictly(project: Path) -> None:
    flowbind("generate")
    write(project / "workflows", ODD, "odd.json")
    assert 'warning FB402: The type of "any" (IntegerField | ObjectField) is not' in flowbind("generate").stderr
    assert (project / "generated" / "odd.py").is_file()
    # Where nothing is written, too.
    assert "warning FB402" in flowbind("generate").stderr
    assert "error FB402" in flowbind("generate", "--strict", code=1).stderr
    assert "warning  FB402" in flowbind("check").stdout
    assert "error    FB402" in flowbind("check", "--strict", code=1).stdout
    assert "error FB402" in flowbind("inspect", "odd", "--strict", code=1).stderr
    found = json.loads(flowbind("inspect", "odd", "--strict", "--format", "json", code=1).stdout)
    assert found["class_name"] is None
    assert [d["severity"] for d in found["diagnostics"] if d["code"] == "FB402"] == ["error"]
    flowbind("inspect", "odd")


def test_strictly_nothing_is_written_for_what_is_refused(project: Path) -> None:
    write(project / "workflows", ODD, "odd.json")
    result = flowbind("generate", "--strict", code=1)
    assert "odd" not in result.stdout
    assert not list((project / "generated").glob("odd*"))
    assert (project / "generated" / "one.py").is_file()
    assert "Odd" not in (project / "generated" / "__init__.py").read_text(encoding="utf-8")
    flowbind("check", "--strict", code=1)
    flowbind("check", code=1)
    assert flowbind("generate", "--strict", "one").exit_code == 0


@pytest.mark.usefixtures("project")
def test_strictly_what_is_understood_passes() -> None:
    flowbind("generate", "--strict")
    flowbind("check", "--strict")
    flowbind("inspect", "one", "--strict")


def test_any_json_may_be_set(project: Path) -> None:
    write(project / "workflows", ODD, "odd.json")
    for text, value in (('{"a": [1, null]}', {"a": [1, None]}), ("5", 5)):
        graph = json.loads(flowbind("payload", "odd", "--graph-only", "--set", f"any={text}").stdout)
        assert graph["nodes"]["n"]["any"] == value
    assert "A.any" not in flowbind("payload", "odd", "--set", "any=text", code=2).stderr


@pytest.mark.usefixtures("project")
def test_inspect_shows_objects() -> None:
    text = flowbind("inspect", "one").stdout
    assert "curve" in text
    (found,) = json.loads(flowbind("inspect", "one", "--format", "json").stdout)["inputs"]
    assert (found["python_type"], found["default"]) == ("Curve", {"points": [{"x": 1}]})
    assert found["field_type"] == "Curve"


def test_a_form_of_a_generated_object_in_the_terminal(project: Path) -> None:
    write(
        project / "workflows", workflow(node("n", "draw", {"curve": 5}, visible=True), form=form("n.curve")), "x.json"
    )
    said = flowbind("payload", "x", "--set", 'curve={"points": [{"x": -1}]}', code=2).stderr
    assert "points.0.x: Input should be greater than or equal to 0" in said
