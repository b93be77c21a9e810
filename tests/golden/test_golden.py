"""Whole projects: their exports give exactly the files beside them, everywhere and every time."""

from __future__ import annotations

import difflib
import importlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowbind import inputs
from flowbind.workflow import Workflow
from flowbind_generator.cli import main

HERE = Path(__file__).parent
CASES = sorted(p.name for p in HERE.iterdir() if (p / "workflows").is_dir())
OUTPUT = "generated"


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    """The name of a case."""
    return str(request.param)


@pytest.fixture
def project(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a case, without what is expected; the command runs in its folder."""
    made = copied(case, tmp_path / "project")
    monkeypatch.chdir(made)
    return made


def copied(case: str, to: Path) -> Path:
    shutil.copytree(HERE / case, to, ignore=shutil.ignore_patterns("expected", "inspect.json"))
    return to


def flowbind(*arguments: str) -> str:
    """Run the command in this process; return its standard output."""
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def texts(folder: Path) -> dict[str, str]:
    """Return all files of a folder but those that Python keeps beside what it has imported."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.parent.name != "__pycache__"]
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}


def inspections(project: Path) -> str:
    """Return what `flowbind inspect` says of every export, as one JSON document."""
    names = sorted(p.name for p in (project / "workflows").iterdir() if p.suffix != ".toml")
    found = [json.loads(flowbind("inspect", name, "--format", "json")) for name in names]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def difference(made: dict[str, str], expected: dict[str, str]) -> str:
    """Return how two sets of files differ, "" when they do not."""
    lines = [f"not expected: {name}" for name in made.keys() - expected.keys()]
    lines += [f"missing: {name}" for name in expected.keys() - made.keys()]
    for name in sorted(made.keys() & expected.keys()):
        lines += difflib.unified_diff(
            expected[name].splitlines(), made[name].splitlines(), f"expected/{name}", f"made/{name}", lineterm=""
        )
    return "\n".join(lines)


def test_an_export_gives_the_expected_files(case: str, project: Path, request: pytest.FixtureRequest) -> None:
    flowbind("generate")
    made = {f"expected/{name}": text for name, text in texts(project / OUTPUT).items()}
    made["inspect.json"] = inspections(project)
    if request.config.getoption("--update-golden"):
        shutil.rmtree(HERE / case / "expected", ignore_errors=True)
        for name, text in made.items():
            path = HERE / case / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    there = {n: t for n, t in texts(HERE / case).items() if n == "inspect.json" or n.startswith("expected/")}
    assert not difference(made, there), f"run pytest --update-golden:\n{difference(made, there)}"


@pytest.mark.usefixtures("project")
def test_ruff_has_nothing_to_change() -> None:
    flowbind("generate")
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "format", "--isolated", "--check", OUTPUT], check=True, capture_output=True)
    # A module is named after its export; in other scripts than Latin such a name is valid, but not to ruff's taste.
    subprocess.run([*ruff, "check", "--isolated", "--ignore", "N999", OUTPUT], check=True, capture_output=True)


@pytest.fixture
def package(project: Path) -> Iterator[Any]:
    """The generated package, imported under a name of its own."""
    flowbind("generate")
    name = "flowbind_golden"
    spec = spec_from_file_location(name, project / OUTPUT / "__init__.py", submodule_search_locations=[OUTPUT])
    assert spec is not None
    assert spec.loader is not None
    spec.submodule_search_locations = [str(project / OUTPUT)]
    made = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(made)
    yield made
    for loaded in [m for m in sys.modules if m.split(".")[0] == name]:
        del sys.modules[loaded]


def test_the_package_imports_and_says_what_inspect_says(project: Path, package: Any) -> None:
    found = {i["class_name"]: i for i in json.loads(inspections(project))}
    assert sorted(package.__all__) == sorted(found)
    loaded = {m for m in sys.modules if m.startswith("flowbind_golden.")}
    assert loaded == set()  # each module on first use
    for class_name, about in found.items():
        made = getattr(package, class_name)
        assert issubclass(made, Workflow)
        assert made.__module__ == f"flowbind_golden.{about['module']}"
        infos = inputs(made)
        keys = ("index", "attribute", "label", "required")
        assert [[getattr(i, k) for k in keys] for i in infos] == [[i[k] for k in keys] for i in about["inputs"]]
        module = importlib.import_module(made.__module__)
        assert module.__all__ == [class_name, f"{class_name}Outputs"]


def run_apart(project: Path, seed: str, cwd: Path) -> dict[str, str]:
    """Generate in a process of its own; return the files."""
    code = "from flowbind_generator.cli import main; main()"
    # A fresh process must not depend on the settings of this one.
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
    shutil.rmtree(project / OUTPUT, ignore_errors=True)
    subprocess.run([sys.executable, "-c", code, "generate"], cwd=cwd, env=environment, check=True, capture_output=True)
    return texts(project / OUTPUT)


def test_every_process_and_place_gives_the_same_bytes(case: str, tmp_path: Path) -> None:
    first, second = copied(case, tmp_path / "a"), copied(case, tmp_path / "elsewhere" / "b c")
    made = [run_apart(first, seed, first) for seed in ("0", "1", "4294967295")]
    made.append(run_apart(second, "7", second / "workflows"))
    assert made[0]
    assert all(m == made[0] for m in made)


def shuffled(value: Any, order: random.Random) -> Any:
    """Return a JSON value with the keys of its objects in another order; inputs of nodes too."""
    if isinstance(value, list):
        return [shuffled(v, order) for v in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    order.shuffle(keys)
    return {k: shuffled(value[k], order) for k in keys}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_keys_in_an_export_does_not_matter(project: Path, seed: int) -> None:
    flowbind("generate")
    before = texts(project / OUTPUT)
    for path in (project / "workflows").glob("*.json"):
        document = shuffled(json.loads(path.read_text(encoding="utf-8-sig")), random.Random(seed))
        path.write_text(json.dumps(document), encoding="utf-8")
    flowbind("generate")
    assert not difference(texts(project / OUTPUT), before)


def test_cases_are_found() -> None:
    assert {"plain", "kinds", "old_versions", "odd_names", "strangers", "batches", "comfyui"} <= set(CASES)
