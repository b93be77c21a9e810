"""What the tests of the made-up pack share: its exports and document, projects with them, and short ways to look."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from flowbind.invokeai import InvokeAIWorkflow
from flowbind.invokeai.preview import preview

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACK = HERE / "made_up_pack"
DOCUMENT = HERE / "openapi.json.gz"
SCRIPTS = HERE / "scripts"
EXPORTS = sorted(path.stem for path in HERE.glob("*.json"))
# One export for each module of the pack, with a value for every input.
SAVED = ["choices", "curves", "hostile", "layers", "names", "open_values", "texts", "unions"]


@cache
def export(name: str) -> Any:
    """Return one of the exports; it must not be changed."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def saved_values(name: str) -> dict[str, Any]:
    """Return the values in an export by field; of boards there is nothing to send."""
    return {
        field: entry["value"]
        for node in export(name)["nodes"]
        for field, entry in node["data"]["inputs"].items()
        if "value" in entry and field != "board"
    }


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
        """Run the command in the project and check its exit code."""
        return self.python("-m", "flowbind", *words, code=code)

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

    def workflow(self, name: str) -> type[InvokeAIWorkflow[Any]]:
        """Return the class of an export."""
        made: type[InvokeAIWorkflow[Any]] = getattr(sys.modules[self.name], pascal(name))
        return made


def pascal(name: str) -> str:
    """Return the name of the class that an export gives."""
    return "".join(word.capitalize() for word in name.split("_"))


def attribute(workflow: type[InvokeAIWorkflow[Any]], field: str) -> str:
    """Return what the class calls an input of the node."""
    (found,) = (s.attribute for s in workflow.__flowbind__.slots if s.field == field and s.attribute)
    return found


def annotation(workflow: type[InvokeAIWorkflow[Any]], field: str) -> Any:
    """Return the type of an input, limits and all."""
    workflow.model_rebuild()
    info = workflow.model_fields[attribute(workflow, field)]
    return info.rebuild_annotation()


def classes_in(kind: Any) -> list[type[BaseModel]]:
    """Return the object classes that a type names, from outside to inside."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [found for argument in get_args(kind) for found in classes_in(argument)]


def class_of(workflow: type[InvokeAIWorkflow[Any]], field: str) -> type[BaseModel]:
    """Return the class of an input that takes one kind of object."""
    (found,) = set(classes_in(annotation(workflow, field)))
    return found


def from_json(workflow: type[InvokeAIWorkflow[Any]], field: str, value: Any) -> Any:
    """Return a JSON value as the type of an input has it."""
    return TypeAdapter[Any](annotation(workflow, field)).validate_json(json.dumps(value))


def posted(workflow: InvokeAIWorkflow[Any]) -> dict[str, Any]:
    """Return what an instance would post, by field, without a server."""
    nodes = json.loads(preview(workflow)[0])["batch"]["graph"]["nodes"]
    return {field: value for node in nodes.values() for field, value in node.items()}


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
