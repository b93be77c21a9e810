"""What type checkers make of a user's script: mypy --strict and pyright strict, run as a user would run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).with_name("scripts")
ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    name: ROOT / page
    for name, page in (
        ("readme", "README.md"),
        ("python", "docs/python.md"),
        ("loading", "docs/loading.md"),
        ("server", "docs/server.md"),
        ("comfyui", "docs/comfyui.md"),
        ("pictures", "docs/pictures.md"),
    )
}
EXAMPLES = {
    f"{name}_{number}.py": code
    for name, page in PAGES.items()
    for number, code in enumerate(
        re.findall(r"^```python\n(\S.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    )
}
"""The examples of the documentation, by the names of files."""
MISTAKES = {
    "bad.py": 37,
    "bad_comfyui.py": 20,
    "bad_comfyui_client.py": 41,
    "bad_loaded.py": 10,
    "bad_pictures.py": 9,
}
"""The scripts with mistakes, and how many there are in them at least."""


@dataclass(frozen=True)
class Findings:
    """What one checker said, by file name: the lines with errors, and the types it was asked for."""

    errors: dict[str, dict[int, str]]
    revealed: dict[str, list[str]]


@pytest.fixture(scope="module")
def user(user: Path) -> Path:
    """The user's folder, with the scripts in it."""
    shutil.copytree(SCRIPTS, user, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name, code in EXAMPLES.items():
        (user / name).write_text(code, encoding="utf-8")
    return user


@pytest.fixture(scope="module")
def mypy(user: Path) -> Findings:
    """What `mypy --strict` says."""
    scripts = [*(path.name for path in SCRIPTS.glob("*.py")), *EXAMPLES]
    words = ["--strict", "--output", "json", "--config-file", "", "--cache-dir", str(user / ".mypy_cache")]
    done = checked([sys.executable, "-m", "mypy", *words, "generated", *scripts], user)
    found = Findings({}, {})
    for line in done.stdout.splitlines():
        told = json.loads(line)
        note(found, told["file"], told["line"], told["severity"] == "error", told["message"])
    return found


@pytest.fixture(scope="module")
def pyright(user: Path) -> Findings:
    """What pyright says in strict mode."""
    done = checked([sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable], user)
    found = Findings({}, {})
    for told in json.loads(done.stdout)["generalDiagnostics"]:
        line = told["range"]["start"]["line"] + 1
        note(found, Path(told["file"]).relative_to(user).as_posix(), line, told["severity"] == "error", told["message"])
    return found


def checked(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a checker; its exit code tells whether it found anything, and more than 1 that it could not run."""
    environment = {k: v for k, v in os.environ.items() if k not in ("MYPYPATH", "PYTHONPATH")}
    environment["PYRIGHT_PYTHON_IGNORE_WARNINGS"] = "1"
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done


def note(found: Findings, file: str, line: int, is_error: bool, message: str) -> None:
    """Keep one diagnostic."""
    if is_error:
        found.errors.setdefault(file, {})[line] = message
    elif message.startswith("Revealed type is"):
        found.revealed.setdefault(file, []).append(message.split('"')[1])
    elif message.startswith("Type of"):
        found.revealed.setdefault(file, []).append(message.split('"')[3])


def wrong_lines(script: str) -> dict[int, str]:
    """Return the lines of a script that are meant to be reported."""
    lines = (SCRIPTS / script).read_text(encoding="utf-8").splitlines()
    return {number: line for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


@pytest.fixture(params=["mypy", "pyright"])
def findings(request: pytest.FixtureRequest) -> Findings:
    """Both checkers."""
    found: Findings = request.getfixturevalue(request.param)
    return found


def test_good_scripts_and_generated_code_are_clean(findings: Findings) -> None:
    assert {file: errors for file, errors in findings.errors.items() if file not in MISTAKES} == {}


@pytest.mark.parametrize(("script", "fewest"), MISTAKES.items())
def test_each_mistake_is_reported_on_its_line(findings: Findings, script: str, fewest: int) -> None:
    wanted, found = wrong_lines(script), findings.errors[script]
    assert len(wanted) >= fewest
    assert {n: line for n, line in wanted.items() if n not in found} == {}
    assert {n: said for n, said in found.items() if n not in wanted} == {}


def test_a_misspelt_input_is_named(findings: Findings) -> None:
    (line,) = (n for n, text in wrong_lines("bad.py").items() if "Poster(widht=" in text)
    assert "widht" in findings.errors["bad.py"][line]


def test_the_types_of_results(findings: Findings) -> None:
    short = {file: [name_of(text) for text in texts] for file, texts in findings.revealed.items()}
    assert short == {
        "good.py": [
            "list[Poster]",
            "Result[PosterOutputs]",
            "Image",
            "list[Image]",
            "Image",
            "list[Result[GrainStudyOutputs]]",
            "Image",
            "BatchJob[GrainStudyOutputs]",
            "Result[PosterOutputs]",
            "list[Result[GrainStudyOutputs]]",
            "ManyJob[Result[PosterOutputs]]",
            "Job[PosterOutputs]",
            "BatchJob[GrainStudyOutputs]",
            "ManyJob[Result[PosterOutputs]]",
            "Sequence[Board]",
            "StoredImage",
            "StoredVideo",
            "InstalledModel",
            "Result[TextToImageSd15Outputs]",
            "InstalledModel",
            "LibraryWorkflow",
            "Image",
        ],
        "good_async.py": [
            "Result[PosterOutputs]",
            "Image",
            "list[Image]",
            "list[Result[GrainStudyOutputs]]",
            "AsyncBatchJob[GrainStudyOutputs]",
            "Result[PosterOutputs]",
            "AsyncManyJob[list[Result[GrainStudyOutputs]]]",
            "AsyncJob[PosterOutputs]",
            "AsyncBatchJob[GrainStudyOutputs]",
            "AsyncManyJob[Result[PosterOutputs]]",
            "Board",
            "StoredImage",
            "InstalledModel",
            "InstalledModel",
            "Image",
        ],
        "good_comfyui_client.py": [
            "Result[ComfyTextToImageOutputs]",
            "list[Image]",
            "list[Image]",
            "Job[ComfyTextToImageOutputs]",
            "Result[ComfyTextToImageOutputs]",
            "ManyJob[ComfyTextToImageOutputs]",
            "Result[ComfyTextToImageOutputs]",
            "RunError",
            "Job[ComfyTextToImageOutputs]",
            "StoredFile",
            "Image",
            "Image",
            "bytes",
        ],
        "good_loaded.py": [
            "LoadedWorkflow",
            "Any",
            "Any",
            "LoadedWorkflow",
            "Result[Any]",
            "ManyJob[Any]",
            "AsyncJob[Any]",
        ],
        "good_comfyui_async.py": [
            "Result[ComfyTextToImageOutputs]",
            "list[Image]",
            "Image",
            "AsyncJob[ComfyTextToImageOutputs]",
            "Result[ComfyTextToImageOutputs]",
            "Result[ComfyTextToImageOutputs]",
            "AsyncManyJob[ComfyTextToImageOutputs]",
            "AsyncJob[ComfyTextToImageOutputs]",
            "Image",
            "StoredFile",
            "bytes",
        ],
        "good_pictures.py": [
            "PictureInfo",
            "int",
            "Image",
            "Comparison",
            "bool",
        ],
    }


def name_of(revealed: str) -> str:
    """Return a type without the modules that mypy writes in front."""
    outer, _, inner = revealed.removesuffix("]").partition("[")
    last = outer.rpartition(".")[2]
    return f"{last}[{name_of(inner)}]" if inner else last


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_the_examples_of_the_documentation(checker: str, request: pytest.FixtureRequest) -> None:
    assert len(EXAMPLES) > 10
    found: Findings = request.getfixturevalue(checker)
    assert {name: found.errors[name] for name in EXAMPLES if name in found.errors} == {}
