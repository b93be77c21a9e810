"""The `flowbind` command as its users meet it: files, text on both streams, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .command import flowbind
from .exports import edge, form, given, node, picture, workflow, write

GOOD = workflow(
    picture(width=given(64, label="Width"), mode="RGB"),
    node("n", "noise", {"seed": given(5, label="Seed")}),
    node("s", "string", {"value": given("plain", label="Text")}),
    form=form("p.width", "n.seed", "s.value", "p.mode"),
)
BAD = workflow(picture(), node("x", "no_such_node", label="Gone"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one workflow; the command runs in its folder."""
    write(tmp_path, b"[tool.flowbind]\n", "pyproject.toml")
    write(tmp_path / "workflows", GOOD, "my_flow.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def states(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the files of a folder with their bytes and times."""
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_generate_writes_and_the_second_time_touches_nothing(project: Path) -> None:
    first = flowbind("generate")
    names = {"__init__.py", "py.typed", "manifest.json", "my_flow.py", "my_flow.graph.json", "my_flow.workflow.json"}
    assert {p.name for p in (project / "generated").iterdir()} == names
    assert {line.split()[1] for line in first.stdout.splitlines()} == {f"generated/{n}" for n in names}
    before = states(project / "generated")
    second = flowbind("generate")
    assert second.stdout == ""
    assert "0 files written" in second.stderr
    assert states(project / "generated") == before


def test_generate_says_where_exports_belong(project: Path) -> None:
    (project / "workflows" / "my_flow.json").unlink()
    assert "workflows/" in flowbind("generate", code=2).stderr
    assert not (project / "generated").exists()


def test_check_is_clean_after_generate(project: Path) -> None:
    flowbind("check", code=1)
    flowbind("generate")
    before = states(project / "generated")
    assert flowbind("check").stdout == ""
    assert states(project / "generated") == before


def test_check_finds_an_edited_export(project: Path) -> None:
    flowbind("generate")
    write(project / "workflows", workflow(picture(width=128), form=form("p.width")), "my_flow.json")
    found = flowbind("check", code=1)
    assert "generated/my_flow.py: stale" in found.stdout
    assert "flowbind generate" in found.stdout
    flowbind("generate")
    flowbind("check")


def test_check_finds_an_edited_module(project: Path) -> None:
    flowbind("generate")
    module = project / "generated" / "my_flow.py"
    module.write_text(module.read_text(encoding="utf-8") + "\nx = 1\n", encoding="utf-8")
    assert "generated/my_flow.py: edited by hand" in flowbind("check", code=1).stdout


def test_check_finds_missing_and_left_over_files(project: Path) -> None:
    write(project / "workflows", GOOD, "second.json")
    flowbind("generate")
    (project / "workflows" / "second.json").unlink()
    (project / "generated" / "my_flow.graph.json").unlink()
    found = flowbind("check", code=1).stdout
    assert "generated/my_flow.graph.json: missing" in found
    assert "generated/second.py: left over" in found
    assert "WORKFLOW_MISSING" in found
    flowbind("generate")
    assert not list((project / "generated").glob("second*"))


def test_another_layout_of_the_same_export_is_no_change(project: Path) -> None:
    flowbind("generate")
    (project / "workflows" / "my_flow.json").write_text(json.dumps(GOOD, indent=7, sort_keys=True), encoding="utf-8")
    flowbind("check")


def test_one_refused_export_costs_one_module(project: Path) -> None:
    write(project / "workflows", BAD, "bad.json")
    result = flowbind("generate", code=1)
    assert "workflows/bad.json#/nodes/1/data/type: error FB301" in result.stderr
    assert '(node "Gone")' in result.stderr
    assert (project / "generated" / "my_flow.py").is_file()
    assert not (project / "generated" / "bad.py").exists()
    flowbind("check", code=1)


def test_a_refused_export_keeps_the_module_it_had(project: Path) -> None:
    flowbind("generate")
    before = (project / "generated" / "my_flow.py").read_bytes()
    write(project / "workflows", BAD, "my_flow.json")
    flowbind("generate", code=1)
    assert (project / "generated" / "my_flow.py").read_bytes() == before
    assert "MyFlow" in (project / "generated" / "__init__.py").read_text(encoding="utf-8")


def test_generating_one_export_leaves_the_others(project: Path) -> None:
    write(project / "workflows", GOOD, "other.json")
    flowbind("generate")
    write(project / "workflows", workflow(picture()), "my_flow.json")
    write(project / "workflows", workflow(picture()), "other.json")
    before = states(project / "generated")
    result = flowbind("generate", "other")
    assert {line.split()[1] for line in result.stdout.splitlines()} == {
        f"generated/{n}" for n in ("manifest.json", "other.graph.json", "other.py", "other.workflow.json")
    }
    after = states(project / "generated")
    assert {n: s for n, s in after.items() if "my_flow" in n} == {n: s for n, s in before.items() if "my_flow" in n}


def test_two_files_of_one_name_are_refused(project: Path) -> None:
    write(project / "workflows", GOOD, "My Flow.json")
    result = flowbind("generate", code=1)
    assert result.stderr.count("FB501") == 2
    assert "workflows/My Flow.json" in result.stderr
    assert not (project / "generated" / "my_flow.py").exists()


def test_the_first_owner_of_a_name_keeps_it(project: Path) -> None:
    flowbind("generate")
    write(project / "workflows", GOOD, "My Flow.json")
    assert flowbind("generate", code=1).stderr.count("FB501") == 1
    assert (project / "generated" / "my_flow.py").is_file()


def test_two_files_of_one_class_are_refused(project: Path) -> None:
    write(project / "workflows", GOOD, "a_1.json")
    write(project / "workflows", GOOD, "a1.json")
    assert "FB501" in flowbind("generate", code=1).stderr


@pytest.mark.parametrize("name", ["none", "class", "manifest", "1st draft", "🎨", "ΐ", "提示词", "image", "a.b"])
def test_any_file_name_gives_a_module(project: Path, name: str) -> None:
    write(project / "workflows", GOOD, f"{name}.json")
    flowbind("generate")
    flowbind("check")
    assert len(list((project / "generated").glob("*.py"))) == 3


def test_attributes_are_pinned_until_the_input_goes(project: Path) -> None:
    flowbind("generate")
    renamed = workflow(picture(width=given(64, label="Breadth")), form=form("p.width"))
    write(project / "workflows", renamed, "my_flow.json")
    flowbind("generate")
    text = (project / "generated" / "my_flow.py").read_text(encoding="utf-8")
    assert "    width: int = 64\n" in text
    assert "Breadth." in text


def test_a_foreign_file_in_the_way_ends_everything(project: Path) -> None:
    write(project / "generated", b"mine = 1\n", "my_flow.py")
    assert "FB502" in flowbind("generate", code=2).stderr
    assert [p.name for p in (project / "generated").iterdir()] == ["my_flow.py"]


def test_wrong_settings_end_everything(project: Path) -> None:
    write(project, b"[tool.flowbind]\nouptut = 'x'\n", "pyproject.toml")
    result = flowbind("check", code=2)
    assert "FB504" in result.stderr
    assert "workflows, output, spec" in result.stderr


def test_other_folders_can_be_set(project: Path) -> None:
    write(project, b"[tool.flowbind]\noutput = 'src/flows'\n", "pyproject.toml")
    flowbind("generate")
    assert (project / "src" / "flows" / "my_flow.py").is_file()


INSPECT = ["workflow", "class_name", "module", "engine", "inputs", "outputs", "diagnostics"]
INPUT = [
    "index",
    "attribute",
    "label",
    "node_id",
    "field_name",
    "node_type",
    "field_type",
    "cardinality",
    "python_type",
    "required",
    "connected",
    "default",
    "choices",
    "minimum",
    "maximum",
    "exclusive_minimum",
    "exclusive_maximum",
    "multiple_of",
    "min_length",
    "max_length",
    "pattern",
    "min_items",
    "max_items",
    "ui_minimum",
    "ui_maximum",
    "random",
    "models",
    "json_pointer",
    "jsonpath",
]
OUTPUT = ["attribute", "node_id", "node_type", "kind", "many"]
DIAGNOSTIC = ["code", "severity", "file", "pointer", "node_label", "message", "cure"]


def inspected(name: str, code: int = 0) -> Any:
    return json.loads(flowbind("inspect", name, "--format", "json", code=code).stdout)


@pytest.mark.usefixtures("project")
def test_inspect_as_json_has_exactly_these_keys() -> None:
    found = inspected("my_flow")
    assert list(found) == INSPECT
    assert all(list(i) == INPUT for i in found["inputs"])
    assert all(list(o) == OUTPUT for o in found["outputs"])
    assert (found["workflow"], found["class_name"], found["module"], found["engine"]) == (
        "workflows/my_flow.json",
        "MyFlow",
        "my_flow",
        "invokeai",
    )
    seed = found["inputs"][1]
    assert seed == {
        "index": 1,
        "attribute": "seed",
        "label": "Seed",
        "node_id": "n",
        "field_name": "seed",
        "node_type": "noise",
        "field_type": "IntegerField",
        "cardinality": "single",
        "python_type": "Annotated[int, Field(ge=0, le=4294967295)]",
        "required": False,
        "connected": False,
        "default": 5,
        "choices": None,
        "minimum": 0,
        "maximum": 4294967295,
        "exclusive_minimum": None,
        "exclusive_maximum": None,
        "multiple_of": None,
        "min_length": None,
        "max_length": None,
        "pattern": None,
        "min_items": None,
        "max_items": None,
        "ui_minimum": None,
        "ui_maximum": None,
        "random": None,
        "models": None,
        "json_pointer": "/nodes/1/data/inputs/seed/value",
        "jsonpath": "$.nodes[1].data.inputs.seed.value",
    }
    assert found["inputs"][3]["choices"] == ["RGB", "RGBA"]
    assert found["outputs"] == [
        {"attribute": "image", "node_id": "p", "node_type": "blank_image", "kind": "image", "many": False}
    ]
    assert found["diagnostics"] == []


def test_inspect_of_a_refused_export_still_is_json(project: Path) -> None:
    write(project / "workflows", BAD, "bad.json")
    found = inspected("bad", code=1)
    assert list(found) == INSPECT
    assert (found["class_name"], found["module"], found["inputs"], found["outputs"]) == (None, None, [], [])
    (diagnostic,) = found["diagnostics"]
    assert list(diagnostic) == DIAGNOSTIC
    assert (diagnostic["code"], diagnostic["severity"], diagnostic["file"], diagnostic["pointer"]) == (
        "FB301",
        "error",
        "workflows/bad.json",
        "/nodes/1/data/type",
    )
    assert diagnostic["node_label"] == "Gone"


def test_inspect_shows_the_names_that_generate_gives(project: Path) -> None:
    write(project / "workflows", GOOD, "none.json")
    flowbind("generate")
    manifest = json.loads((project / "generated" / "manifest.json").read_text(encoding="utf-8"))
    for source, entry in manifest["workflows"].items():
        found = inspected(source)
        assert (found["class_name"], found["module"]) == (entry["class_name"], entry["module"])
        assert [{k: v for k, v in item.items() if v is not None} for item in found["inputs"]] == entry["inputs"]
        told = [{key: output[key] for key in OUTPUT} for output in entry["outputs"]]
        assert found["outputs"] == told


@pytest.mark.usefixtures("project")
def test_inspect_as_text() -> None:
    text = flowbind("inspect", "my_flow").stdout
    assert "MyFlow, from workflows/my_flow.json" in text
    (line,) = (line for line in text.splitlines() if "noise.seed" in line)
    assert line.split() == ["1", "seed", "IntegerField", ">=", "0,", "<=", "4294967295", "5", "Seed", "noise.seed"]


def test_labels_cannot_drive_the_terminal(project: Path) -> None:
    hostile = "\x1b[31mred\x1b[0m\u202e\nnew line\r"
    document = workflow(
        picture(width=given(64, label=hostile)),
        node("x", "add", {"gone\x1b[2J": 1, "a": given(1.5, label=hostile)}, label=hostile),
        form=form("p.width", "x.a", "x.gone\x1b[2J"),
    )
    write(project / "workflows", document, "my_flow.json")
    result = flowbind("inspect", "my_flow")
    for text in (result.stdout, result.stderr, flowbind("generate").stderr):
        assert all(c.isprintable() or c == "\n" for c in text)


def test_an_export_is_found_by_path_or_by_name(project: Path) -> None:
    for name in ("my_flow", "my_flow.json", "workflows/my_flow.json", str(project / "workflows" / "my_flow.json")):
        assert inspected(name)["workflow"] == "workflows/my_flow.json"


def test_an_export_that_is_not_there(project: Path) -> None:
    assert "FB101" in flowbind("inspect", "nothing", code=2).stderr
    assert not (project / "generated").exists()


@pytest.mark.usefixtures("project")
def test_payload_prints_the_request() -> None:
    body = json.loads(flowbind("payload", "my_flow").stdout)
    assert set(body) == {"batch", "prepend"}
    assert body["batch"]["graph"]["nodes"]["p"]["width"] == 64
    assert body["batch"]["workflow"]["name"] == "A workflow"


@pytest.mark.usefixtures("project")
def test_payload_of_the_graph_alone_with_settings() -> None:
    graph = json.loads(flowbind("payload", "my_flow", "--graph-only", "--set", "width=32", "--set", "text=5").stdout)
    assert graph["nodes"]["p"]["width"] == 32
    assert graph["nodes"]["s"]["value"] == "5"
    assert graph["nodes"]["n"]["seed"] == 5


def test_payload_lists_what_is_not_looked_up(project: Path) -> None:
    document = workflow(node("m", "main_model_loader", {"model": given()}), picture())
    write(project / "workflows", document, "my_flow.json")
    result = flowbind("payload", "my_flow", "--set", "model=Dreamshaper")
    assert json.loads(result.stdout)
    assert "Dreamshaper" in result.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["width=wide"], "int"),
        (["seed=-1"], "greater than or equal to 0"),
        (["widht=5"], "did you mean width"),
        (["mode=CMYK"], "RGBA"),
        (["width"], "attribute=value"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_setting_that_is_refused(settings: list[str], said: str) -> None:
    result = flowbind("payload", "my_flow", *(a for s in settings for a in ("--set", s)), code=2)
    assert said in result.stderr
    assert result.stdout == ""


def test_payload_wants_what_is_required(project: Path) -> None:
    write(project / "workflows", workflow(node("m", "main_model_loader", {"model": given()}), picture()), "m.json")
    assert "is required" in flowbind("payload", "m", code=2).stderr


@pytest.mark.usefixtures("project")
def test_payload_of_a_refused_export() -> None:
    write(Path("workflows"), BAD, "bad.json")
    assert "FB301" in flowbind("payload", "bad", code=1).stderr


@pytest.mark.usefixtures("project")
def test_a_wrong_command_line_could_not_run() -> None:
    flowbind("generate", "--no-such-option", code=2)
    flowbind("no-such-command", code=2)


def test_an_own_document_decides(project: Path) -> None:
    write(project, b"{}", "api.json")
    assert "FB401" in flowbind("generate", "--spec", "api.json", code=2).stderr
    assert "FB401" in flowbind("check", "--spec", "none.json", code=2).stderr
    write(project, b"[tool.flowbind]\nspec = 'api.json'\n", "pyproject.toml")
    assert "FB401" in flowbind("generate", code=2).stderr


def test_findings_do_not_stop_generation(project: Path) -> None:
    document = workflow(picture(width=64), node("a", "add"), edges=[edge("p.image", "a.a")])
    write(project / "workflows", document, "my_flow.json")
    assert "warning FB302" in flowbind("generate").stderr
    assert "warning  FB302" in flowbind("check").stdout


def relabelled(project: Path) -> None:
    """Generate, then give the input "Width" another label."""
    flowbind("generate")
    path = project / "workflows" / "my_flow.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"Width"', '"Breadth"'), encoding="utf-8")


def attributes(*arguments: str) -> list[str]:
    return [i["attribute"] for i in json.loads(flowbind("inspect", *arguments, "--format", "json").stdout)["inputs"]]


def test_a_new_label_is_told_and_changes_no_name(project: Path) -> None:
    relabelled(project)
    told = flowbind("generate").stderr
    assert 'info FB208: "Width" is now labelled "Breadth"; the attribute is still `width`.' in told
    assert attributes("my_flow") == ["width", "seed", "text", "mode"]
    assert '"width": 8' in flowbind("payload", "my_flow", "--set", "width=8").stdout
    assert "FB208" not in flowbind("generate").stderr


def test_rename_takes_the_new_name(project: Path) -> None:
    relabelled(project)
    flowbind("generate", "--rename")
    assert attributes("my_flow") == ["breadth", "seed", "text", "mode"]
    assert flowbind("check").exit_code == 0


def test_rename_of_one_workflow_leaves_the_others_names(project: Path) -> None:
    write(project / "workflows", GOOD, "other.json")
    relabelled(project)
    flowbind("generate", "workflows/other.json", "--rename")
    assert attributes("my_flow") == ["width", "seed", "text", "mode"]
