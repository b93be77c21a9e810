"""What the tests of the made-up pack share: its exports and document, projects with them, and short ways to look."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from click.testing import CliRunner
from pydantic import BaseModel, TypeAdapter

from flowbind import inputs
from flowbind.invokeai import InvokeAIWorkflow
from flowbind.invokeai.runs.preview import preview
from flowbind.workflow import Workflow
from flowbind_generator.cli import main

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACK = HERE / "made_up_pack"
DOCUMENT = HERE / "openapi.json.gz"
SCRIPTS = HERE / "scripts"
EXPORTS = sorted(path.stem for path in HERE.glob("*.json"))
# One export for each module of the pack, with a value for every input.
SAVED = ["choices", "curves", "hostile", "layers", "open_values", "texts", "tricky_names", "unions"]


@cache
def export(name: str) -> Any:
    """Return one of the exports; it must not be changed."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def saved_by_node(name: str) -> dict[tuple[str, str], Any]:
    """Return the values in an export by node and field; of boards there is nothing to send."""
    return {
        (node["id"], field): entry["value"]
        for node in export(name)["nodes"]
        for field, entry in node["data"]["inputs"].items()
        if "value" in entry and field != "board"
    }


def saved_values(name: str) -> dict[str, Any]:
    """Return the same by field alone."""
    return {field: value for (_, field), value in saved_by_node(name).items()}


@dataclass(frozen=True)
class Project:
    """A user's project in a temporary folder, with the document of a server that has the pack."""

    root: Path

    @classmethod
    def with_exports(cls, root: Path, *names: str, settings: str = "") -> Project:
        """Make one."""
        (root / "workflows").mkdir(parents=True)
        for name in names:
            shutil.copy(HERE / f"{name}.json", root / "workflows")
        shutil.copy(DOCUMENT, root / "server.json.gz")
        (root / "pyproject.toml").write_text(f'[tool.flowbind]\nspec = "server.json.gz"\n{settings}', encoding="utf-8")
        return cls(root)

    def flowbind(self, *words: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run the command in the project and check its exit code; in this process, for speed."""
        with chdir(self.root):
            ended = CliRunner(env={"INVOKEAI_URL": None}).invoke(main, words)
        if ended.exception and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        assert code is None or ended.exit_code == code, ended.output
        return subprocess.CompletedProcess(words, ended.exit_code, ended.stdout, ended.stderr)

    def python(self, *words: str, code: int | None = 0, path: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run Python in a folder, the project's by default."""
        environment = {k: v for k, v in os.environ.items() if k not in ("INVOKEAI_URL", "COLUMNS", "FORCE_COLOR")}
        done = subprocess.run(
            [sys.executable, *words],
            cwd=path or self.root,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def source(self, name: str) -> str:
        """Return the text of a generated file."""
        return (self.root / "generated" / name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Package:
    """The generated package of a project, imported under a name of its own."""

    name: str
    folder: Path

    @classmethod
    def of(cls, project: Project, name: str) -> Package:
        """Import it; its modules follow on first use."""
        folder = project.root / "generated"
        spec = spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
        return cls(name, folder)

    def forget(self) -> None:
        """Let another project have the name."""
        for loaded in [m for m in sys.modules if m.split(".")[0] == self.name]:
            del sys.modules[loaded]

    @property
    def field_types(self) -> ModuleType:
        """The module with the classes of objects."""
        return importlib.import_module(f"{self.name}.field_types")

    def workflow(self, name: str) -> Any:
        """Return the class of an export, whose inputs no type checker knows."""
        return getattr(sys.modules[self.name], pascal(name))


def pascal(name: str) -> str:
    """Return the name of the class that an export gives."""
    return "".join(word.capitalize() for word in name.split("_"))


def attribute(workflow: type[InvokeAIWorkflow[Any]], field: str) -> str:
    """Return what the class calls an input of the node."""
    (found,) = (s.attribute for s in workflow.__flowbind__.slots if s.field == field and s.attribute)
    return found


def annotation(workflow: type[InvokeAIWorkflow[Any]], field: str) -> Any:
    """Return the type of an input, limits and all."""
    return type_of(workflow, attribute(workflow, field))


def type_of(workflow: type[InvokeAIWorkflow[Any]], name: str) -> Any:
    """Return the type of an attribute, limits and all."""
    workflow.model_rebuild()
    return workflow.model_fields[name].rebuild_annotation()


def classes_in(kind: Any) -> list[type[BaseModel]]:
    """Return the object classes that a type names, from outside to inside."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [found for argument in get_args(kind) for found in classes_in(argument)]


def class_of(workflow: type[InvokeAIWorkflow[Any]], field: str) -> type[BaseModel]:
    """Return the class of an input that takes one kind of object."""
    (found,) = set(classes_in(annotation(workflow, field)))
    return found


def json_names(made: type[BaseModel]) -> dict[str, str]:
    """Return the attributes of a class by their names in JSON, of which one may be empty."""
    return {name if info.alias is None else info.alias: name for name, info in made.model_fields.items()}


def from_json(workflow: type[InvokeAIWorkflow[Any]], field: str, value: Any) -> Any:
    """Return a JSON value as the type of an input has it."""
    return TypeAdapter[Any](annotation(workflow, field)).validate_json(json.dumps(value))


def with_required(workflow: type[InvokeAIWorkflow[Any]]) -> tuple[InvokeAIWorkflow[Any], dict[str, dict[str, Any]]]:
    """Return an instance of what has no values, given what it requires, and that by node and field."""
    saved = {place: value for name in SAVED for place, value in saved_by_node(name).items()}
    given: dict[str, Any] = {}
    meant: dict[str, dict[str, Any]] = {}
    for item in inputs(workflow):
        if item.required:
            value = meant.setdefault(item.node, {})[item.field] = saved[item.node, item.field]
            kind = type_of(workflow, item.attribute)
            given[item.attribute] = TypeAdapter[Any](kind).validate_json(json.dumps(value))
    return workflow(**given), meant


def posted_nodes(workflow: Workflow[Any]) -> dict[str, dict[str, Any]]:
    """Return the nodes that an instance would post, without a server."""
    nodes: dict[str, dict[str, Any]] = json.loads(preview(workflow)[0])["batch"]["graph"]["nodes"]
    return nodes


def posted(workflow: Workflow[Any]) -> dict[str, Any]:
    """Return what an instance would post by field, whatever the node."""
    return {field: value for node in posted_nodes(workflow).values() for field, value in node.items()}


def holds(whole: Any, part: Any) -> bool:
    """Tell whether a JSON value is another one, but for what objects have in addition; true is no 1."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(k in whole and holds(whole[k], v) for k, v in part.items())
    if isinstance(part, list):
        same_length = isinstance(whole, list) and len(whole) == len(part)
        return same_length and all(map(holds, whole, part))
    return bool(whole == part) and isinstance(whole, bool) == isinstance(part, bool)


def missing(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what `whole` does not hold of `part`, as (there, wanted) by key."""
    return {k: (whole.get(k, ...), v) for k, v in part.items() if not (k in whole and holds(whole[k], v))}


def findings(text: str, code: str) -> list[str]:
    """Return the labels of the inputs that have a finding."""
    return re.findall(rf'{code}: The type of "(.*?)"', text)
