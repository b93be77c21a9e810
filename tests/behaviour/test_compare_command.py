"""`flowbind compare`: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

import flowbind
import flowbind_generator
from flowbind_generator.cli import main

from .sample_pictures import drawn

SOURCES = os.pathsep.join(str(Path(package.__path__[0]).parent) for package in (flowbind, flowbind_generator))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with pictures in it."""
    picture = drawn((64, 48))
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "same.bmp")
    picture.save(tmp_path / "near.jpg", quality=90)
    picture.rotate(90).save(tmp_path / "far.png")
    picture.resize((32, 24)).save(tmp_path / "small.png")
    Image.new("L", (2, 2), 9).save(tmp_path / "dot.png")
    Image.new("L", (2, 2), 8).save(tmp_path / "dark.png")
    (tmp_path / "notes.txt").write_text("My notes", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compare(*words: str, code: int) -> Result:
    """Run the command and check its exit code."""
    done = CliRunner().invoke(main, ["compare", *words], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


@pytest.mark.usefixtures("folder")
def test_the_same_pixels() -> None:
    done = compare("a.png", "same.bmp", code=0)
    assert done.stdout == (
        "a.png            64 x 48\nsame.bmp         64 x 48\nmean difference  0 of 255\nSSIM             1.000000\n"
    )
    assert done.stderr == "The pixels are the same.\n"


@pytest.mark.usefixtures("folder")
def test_other_pixels() -> None:
    done = compare("a.png", "near.jpg", code=1)
    assert done.stdout.splitlines()[2].startswith("mean difference  ")
    assert done.stderr == "The pixels differ.\n"


@pytest.mark.usefixtures("folder")
def test_pixels_may_differ_as_far_as_told() -> None:
    done = compare("a.png", "near.jpg", "--ssim", "0.5", code=0)
    assert done.stderr == "The pixels differ; the SSIM is at least 0.5.\n"
    done = compare("a.png", "far.png", "--ssim", "0.98", code=1)
    assert done.stderr == "The pixels differ; the SSIM is less than 0.98.\n"
    compare("a.png", "same.bmp", "--ssim", "1", code=0)
    for wrong in ("2", "-1", "much"):
        assert "--ssim" in compare("a.png", "a.png", "--ssim", wrong, code=2).stderr


@pytest.mark.usefixtures("folder")
def test_other_sizes_never_pass() -> None:
    done = compare("a.png", "small.png", "--ssim", "0", code=1)
    assert done.stdout == "a.png      64 x 48\nsmall.png  32 x 24\n"
    assert done.stderr == "The sizes differ.\n"


@pytest.mark.usefixtures("folder")
def test_pictures_too_small_for_windows() -> None:
    done = compare("dot.png", "dark.png", "--ssim", "0", code=1)
    assert done.stdout.splitlines()[2:] == [
        "mean difference  1 of 255",
        "SSIM             none: the pictures are too small",
    ]
    assert done.stderr == "The pixels differ.\n"


@pytest.mark.usefixtures("folder")
def test_for_programs() -> None:
    done = compare("a.png", "far.png", "--format", "json", code=1)
    found = json.loads(done.stdout)
    assert found.pop("mean_difference") > 1
    assert 0 < found.pop("ssim") < 1
    size = {"width": 64, "height": 48}
    assert found == {"pictures": [{"path": "a.png", **size}, {"path": "far.png", **size}], "same": False}
    assert done.stderr == ""
    found = json.loads(compare("a.png", "small.png", "--format", "json", code=1).stdout)
    assert (found["same"], found["mean_difference"], found["ssim"]) == (False, None, None)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a.png", "gone.png"], "gone.png: there is no such file. Give the path of a picture."),
        (["notes.txt", "a.png"], "notes.txt is no picture that Pillow knows."),
        ([".", "a.png"], ". is a folder."),
        (["a.png", "a.png", "--most-pixels", "100"], "a.png has 64 x 48 = 3,072 pixels, more than 100."),
    ],
)
def test_what_cannot_be_compared(words: list[str], said: str, form: str) -> None:
    done = compare(*words, "--format", form, code=2)
    assert done.stderr.startswith(said)
    assert done.stdout == ""


def run(code: str, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, after some code."""
    text = f"{code}\nimport sys\nfrom flowbind.__main__ import main\nmain()"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"PYTHONPATH": SOURCES}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", text, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("missing", ["PIL", "numpy", "skimage"])
def test_without_the_extra_its_name_is_told(folder: Path, missing: str) -> None:
    code = f"import sys\nsys.modules[{missing!r}] = None"
    done = run(code, "compare", "a.png", "far.png", folder=folder)
    assert done.returncode == 2
    assert done.stderr.endswith("needs its extra: pip install 'flowbind[images]'\n")
    assert done.stdout == ""


def test_other_commands_need_no_pictures(folder: Path) -> None:
    absent = "import sys\nfor name in ('PIL', 'numpy', 'skimage', 'scipy'): sys.modules[name] = None"
    assert run(absent, "--help", folder=folder).returncode == 0
    assert run(absent, "compare", "--help", folder=folder).returncode == 0


def test_it_needs_only_generator_and_images(folder: Path) -> None:
    absent = (
        "import sys\nfor name in ('httpx', 'pydantic', 'jinja2', 'datamodel_code_generator'): sys.modules[name] = None"
    )
    assert run(absent, "compare", "a.png", "far.png", folder=folder).returncode == 1
    # What is the same needs no window, and the import of what has them takes long.
    assert (
        run("import sys\nsys.modules['skimage'] = None", "compare", "a.png", "same.bmp", folder=folder).returncode == 0
    )
