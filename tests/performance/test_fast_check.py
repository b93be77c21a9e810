"""What goes by digests alone, `check --fast` and `generate` with nothing new: what it does without, and finds."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import flowbind
import flowbind_generator
from flowbind_generator.cli import main
from flowbind_generator.invokeai.shipped import shipped_document

SOURCES = os.pathsep.join(str(Path(p.__path__[0]).parent) for p in (flowbind, flowbind_generator))
# No file of a workflow or a manifest is that large; every server's document is.
LARGEST = 500_000
WATCHED = """
import json, subprocess, sys
parsed, opened, started = [], [], []
loads = json.loads

def watched(text, **more):
    parsed.append(len(text))
    return loads(text, **more)

def hook(event, arguments):
    if event == "open":
        opened.append(str(arguments[0]))
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork"):
        started.append(event)

json.loads = watched
sys.addaudithook(hook)
from flowbind.__main__ import main
try:
    main()
except SystemExit as end:
    code = end.code
seen = {"code": code, "modules": sorted(sys.modules), "parsed": parsed, "opened": opened, "started": started}
print(json.dumps(seen), file=sys.stderr)
"""


@dataclass(frozen=True)
class Seen:
    """What one run of the command has done."""

    code: int
    modules: set[str]
    parsed: list[int]
    opened: list[str]
    started: list[str]
    stdout: str
    stderr: str

    @property
    def rules(self) -> list[str]:
        """The rules of what a check has found."""
        return sorted({f["rule"] for f in json.loads(self.stdout)["findings"]})


def watched(project: Path, *options: str) -> Seen:
    """Run `flowbind check` in a process of its own."""
    return watched_command(project, "check", "--format", "json", *options)


def watched_command(project: Path, *arguments: str) -> Seen:
    """Run `flowbind` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments],
        cwd=project,
        env={k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))} | {"PYTHONPATH": SOURCES},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr, done
    *told, last = done.stderr.splitlines(keepends=True)
    seen = json.loads(last)
    return Seen(**{**seen, "modules": set(seen["modules"])}, stdout=done.stdout, stderr="".join(told))


def node(node_id: str) -> dict[str, Any]:
    inputs = {"width": {"name": "width", "label": "Width", "description": "", "value": 64}}
    data: dict[str, Any] = {
        "id": node_id,
        "type": "blank_image",
        "version": "1.2.2",
        "nodePack": "invokeai",
        "label": "",
        "notes": "",
    }
    data |= {"isOpen": True, "isIntermediate": False, "useCache": True}
    return {"id": node_id, "type": "invocation", "position": {"x": 0, "y": 0}, "data": {**data, "inputs": inputs}}


def export(*ids: str) -> str:
    exposed = [{"nodeId": i, "fieldName": "width"} for i in ids]
    texts = dict.fromkeys(("author", "description", "version", "contact", "tags", "notes"), "")
    meta = {"version": "3.0.0", "category": "user"}
    nodes = [node(i) for i in ids]
    return json.dumps({"name": "A", **texts, "meta": meta, "exposedFields": exposed, "nodes": nodes, "edges": []})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh project of one workflow."""
    (tmp_path / "pyproject.toml").write_text("[tool.flowbind]\n")
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "a.json").write_text(export("p"))
    monkeypatch.chdir(tmp_path)
    generate()
    return tmp_path


def generate() -> Result:
    result = CliRunner().invoke(main, ["generate"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def edit_manifest(old: str, new: str) -> Callable[[Path], None]:
    """Return an edit of the manifest by hand: what is a pattern becomes another text, once."""

    def edit(project: Path) -> None:
        path = project / "generated" / "manifest.json"
        text, number = re.subn(old, new, path.read_text(), count=1)
        assert number
        path.write_text(text)

    return edit


def reformat_manifest(project: Path) -> None:
    path = project / "generated" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=4, sort_keys=True))


HEAVY = {"pydantic", "pydantic_core", "jinja2", "datamodel_code_generator", "ruff", "httpx", "black", "isort"}
PARTS = {
    f"flowbind_generator.{name}" for name in ("generate", "render", "format", "verify", "invokeai.catalog", "checking")
}


@pytest.mark.parametrize(
    "arguments", [["check", "--fast"], ["generate"], *(["generate", f"--{o}"] for o in ("locked", "frozen", "strict"))]
)
def test_it_reads_no_document_renders_nothing_and_starts_nothing(project: Path, arguments: list[str]) -> None:
    seen = watched_command(project, *arguments)
    assert (seen.code, seen.stdout) == (0, "")
    assert {name.partition(".")[0] for name in seen.modules} & HEAVY == set()
    assert seen.modules & PARTS == set()
    assert seen.started == []
    assert all(size < LARGEST for size in seen.parsed)
    assert len(seen.parsed) == 1  # the manifest
    # Its bytes are read for their digest alone.
    assert any(path.endswith(".json.gz") for path in seen.opened)


@pytest.mark.parametrize("arguments", [["check", "--fast"], ["generate"]])
def test_an_export_of_comfyui_costs_no_more(project: Path, arguments: list[str]) -> None:
    node = {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}}
    shown = {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}
    (project / "workflows" / "b.json").write_text(json.dumps({"1": node, "2": shown}))
    (project / "workflows" / "b.flowbind.toml").write_text('[inputs]\nwidth = "1.width"\n')
    generate()
    seen = watched_command(project, *arguments)
    assert (seen.code, seen.stdout) == (0, "")
    assert {name.partition(".")[0] for name in seen.modules} & HEAVY == set()
    assert seen.modules & PARTS == set()
    own = {name.removeprefix("flowbind_generator.comfyui.") for name in seen.modules if ".comfyui." in name}
    assert own <= {"engine", "shipped"}
    assert seen.started == []
    assert len(seen.parsed) == 1


def test_the_watch_sees_what_a_full_check_does(project: Path) -> None:
    seen = watched(project)
    assert seen.rules == []
    assert seen.modules >= {"jinja2", "pydantic", *PARTS}
    assert max(seen.parsed) > LARGEST
    assert seen.started


def test_an_edited_export_is_read_for_its_digest_alone(project: Path) -> None:
    path = project / "workflows" / "a.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=5, sort_keys=True))
    seen = watched(project, "--fast")
    assert (seen.code, seen.rules) == (0, [])
    assert {name.partition(".")[0] for name in seen.modules} & HEAVY == set()
    assert seen.modules & PARTS == set()
    assert seen.started == []
    assert len(seen.parsed) == 2


def edit_export(project: Path) -> None:
    (project / "workflows" / "a.json").write_text(export("p", "q"))


def break_export(project: Path) -> None:
    (project / "workflows" / "a.json").write_text("{")


def remove_export(project: Path) -> None:
    (project / "workflows" / "a.json").unlink()


def add_export(project: Path) -> None:
    (project / "workflows" / "b.json").write_text(export("q"))


def edit_module(project: Path) -> None:
    with (project / "generated" / "a.py").open("a") as file:
        file.write("x = 1\n")


def edit_package(project: Path) -> None:
    (project / "generated" / "__init__.py").write_text("")


def remove_file(project: Path) -> None:
    (project / "generated" / "a.graph.json").unlink()


def pin_document(project: Path) -> None:
    (project / "workflows" / "openapi.json").write_text("{}")


def lose_document(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.flowbind]\nspec = 'none.json'\n")


def change_settings(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.flowbind.field_types]\nPoint = 'mine:Point'\n")


def older(tool: str) -> Callable[[Path], None]:
    return edit_manifest(f'"{tool}": "[^"]*"', f'"{tool}": "0"')


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (edit_export, "FILE_STALE"),
        (break_export, "FILE_STALE"),
        (remove_export, "WORKFLOW_MISSING"),
        (add_export, "FILE_MISSING"),
        (edit_module, "FILE_EDITED"),
        (edit_package, "FILE_EDITED"),
        (remove_file, "FILE_MISSING"),
        (pin_document, "FILE_STALE"),
        (lose_document, "FILE_STALE"),
        (change_settings, "FILE_STALE"),
        (older("flowbind"), "FILE_STALE"),
        (older("templates"), "FILE_STALE"),
        (older("ruff"), "FILE_STALE"),
        (edit_manifest('"attribute": "width"', '"attribute": "wide"'), "FILE_STALE"),
        (edit_manifest('"seal": "[^"]*"', '"seal": ""'), "FILE_STALE"),
        (edit_manifest('"seal": ', '"sale": '), "FILE_STALE"),
        (reformat_manifest, "FILE_STALE"),
    ],
)
def test_whatever_is_not_fresh_is_found(project: Path, edit: Callable[[Path], None], rule: str) -> None:
    edit(project)
    seen = CliRunner().invoke(main, ["check", "--fast", "--format", "json"], catch_exceptions=False)
    assert seen.exit_code == 1, seen.output
    assert [f["rule"] for f in json.loads(seen.stdout)["findings"]] == [rule]


def test_times_and_line_ends_of_version_control_do_not_count(project: Path) -> None:
    for path in [*(project / "generated").iterdir(), *(project / "workflows").iterdir()]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        os.utime(path, (1, 1))
    assert watched(project, "--fast").rules == []


def test_a_generated_project_is_fresh_again(project: Path) -> None:
    edit_export(project)
    add_export(project)
    change_settings(project)
    generate()
    assert watched(project, "--fast").rules == []


def test_generate_says_what_it_said_when_it_rendered(project: Path) -> None:
    document = json.loads(export("q"))
    document["exposedFields"].append({"nodeId": "gone", "fieldName": "width"})
    (project / "workflows" / "b.json").write_text(json.dumps(document))
    first = generate()
    assert "warning FB201" in first.stderr
    again = watched_command(project, "generate")
    assert not again.modules & PARTS
    assert again.stderr == first.stderr.replace("5 files written, 4 unchanged", "0 files written, 9 unchanged")
    assert watched_command(project, "generate", "--frozen").stderr == "2 workflows, 0 files written, 9 unchanged.\n"


def test_generating_reads_one_document_and_starts_ruff_once(project: Path) -> None:
    for name in "bcd":
        (project / "workflows" / f"{name}.json").write_text(export(name))
    seen = watched_command(project, "generate")
    assert seen.code == 0
    assert sum(size > LARGEST for size in seen.parsed) == 1
    assert len(seen.started) == 1
    assert "datamodel_code_generator" not in seen.modules
    assert not any(
        name.startswith("flowbind_generator.reports") for name in seen.modules - {"flowbind_generator.reports"}
    )


@pytest.mark.parametrize("option", ["--rename", "--spec=api.json", "a"])
def test_what_is_asked_for_by_name_is_rendered(project: Path, option: str) -> None:
    (project / "api.json").write_bytes(shipped_document())
    assert watched_command(project, "generate", option).modules >= PARTS - {"flowbind_generator.checking"}


def test_what_is_refused_is_told_each_time(project: Path) -> None:
    (project / "workflows" / "b.json").write_text("{")
    for _ in range(2):
        seen = watched_command(project, "generate")
        assert seen.code == 1
        assert "error FB101" in seen.stderr


def test_what_another_document_refuses_is_told_each_time(project: Path) -> None:
    document = json.loads(gzip.decompress(shipped_document()))
    del document["components"]["schemas"]["BlankImageInvocation"]
    (project / "workflows" / "openapi.json").write_text(json.dumps(document))
    for _ in range(2):
        seen = watched_command(project, "generate")
        assert seen.code == 1
        assert "error FB301" in seen.stderr
    assert watched(project, "--fast").rules == ["FILE_STALE"]


def test_settings_that_name_nothing_are_told_each_time(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.flowbind.field_types]\nNoneSuch = 'mine:Point'\n")
    for _ in range(2):
        assert "warning FB504" in watched_command(project, "generate").stderr
