"""`[tool.flowbind.field_types]`: a user's own types in the place of schemas."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .packed import HERE, Project, missing, saved_values

NAMES = ["curves", "layers", "unions", "choices"]
MAPPED = """
[tool.flowbind.field_types]
Curve = "my_package.curves:Tone"
Circle = "my_package.curves:Disc"
Mood = "my_package.curves:Feeling"
"""
TONE = {"points": [{"x": 0.0, "y": 0.25}], "interpolation": "smooth"}


def with_types(root: Path, settings: str = MAPPED) -> Project:
    """Make a project that has types of its own."""
    made = Project.with_exports(root, *NAMES, settings=settings)
    shutil.copytree(HERE / "own_types", root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return made


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has types of its own, generated."""
    made = with_types(tmp_path_factory.mktemp("own") / "project")
    made.flowbind("generate")
    return made


def test_no_class_is_made_of_a_mapped_schema(own: Project) -> None:
    text = own.source("field_types.py")
    assert "class Layer" in text
    assert "class Curve(" not in text
    assert "class Circle(" not in text
    assert "from my_package.curves import" in text
    assert "Tone" in own.source("curves.py")


def test_values_of_own_types_are_posted(own: Project) -> None:
    told = json.loads(own.python("use.py").stdout)
    made = told["made"]
    flipped = {"points": [{"x": 0.0, "y": 0.75}], "interpolation": "smooth"}
    assert missing(made["Curves"], {"curve": TONE, "curves": [TONE, flipped], "one_or_many": TONE}) == {}
    assert missing(made["Curves"], {"curves_by_name": {"a": TONE}}) == {}
    assert missing(made["Layers"]["layer"], {"curve": TONE, "curves": {"b": TONE}}) == {}
    disc = {"kind": "circle", "radius": 2.0}
    assert missing(made["Unions"], {"shape": disc, "number_or_curve": TONE}) == {}
    assert missing(made["Unions"], {"shapes": [{"kind": "circle", "radius": 0.5}]}) == {}
    moods = {"mood": "eerie", "moods": ["calm"], "mood_or_moods": "bright"}
    assert missing(made["Choices"], moods) == {}


def test_defaults_post_what_was_saved(own: Project) -> None:
    told = json.loads(own.python("use.py").stdout)
    # A generator that imports no code of the user's cannot write an own type down.
    assert told["default"].startswith(("Tone(points=[Point(x=0", "UNSET"))
    for name in ("curves", "unions", "choices"):
        code = f"from generated import {name.capitalize()} as W; from flowbind.invokeai.runs.preview import preview; "
        done = own.python("-c", code + "print(preview(W())[0].decode())")
        (node,) = json.loads(done.stdout)["batch"]["graph"]["nodes"].values()
        assert missing(node, saved_values(name)) == {}


def test_wrong_values_are_refused_as_ever(own: Project) -> None:
    for value in ('{"points": [{"x": "a", "y": 0}]}', '{"points": 1}', "7"):
        done = own.flowbind("payload", "curves", "--set", f"tone_curve={value}", code=2)
        assert 'Curves.tone_curve ("Tone curve")' in done.stderr
    code = "from generated import Curves; from my_package.curves import Point; Curves(tone_curve=Point(0.0, 1.0))"
    assert "InputError" in own_error(own, code)
    code = "from generated import Choices; Choices(mood='sad')"
    assert "Choices.mood" in own_error(own, code)


def own_error(own: Project, code: str) -> str:
    """Return the name and message of the error that code in the project raises."""
    lines = ["try:", f"    {code}", "except Exception as error:", "    print(type(error).__name__, error)"]
    return own.python("-c", "\n".join(lines)).stdout


def test_settings_in_json_become_values_of_the_own_type(own: Project) -> None:
    done = own.flowbind("payload", "curves", "--graph-only", "--set", f"tone_curve={json.dumps(TONE)}")
    (node,) = json.loads(done.stdout)["nodes"].values()
    assert missing(node, {"curve": TONE}) == {}


def test_check_sees_a_mapping_that_has_changed(tmp_path: Path) -> None:
    made = with_types(tmp_path / "project")
    made.flowbind("generate")
    made.flowbind("check")
    settings = made.root / "pyproject.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('Mood = "my_package.curves:Feeling"\n', ""))
    assert "choices.py" in made.flowbind("check", code=1).stdout


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('Curve = "my_package.curves:"', ["Curve", "my_package.curves:"]),
        ('Curve = "os; import sys:Tone"', ["Curve"]),
        ('Curve = ""', ["Curve"]),
        ("Curve = 1", ["Curve"]),
        ('Curve = "my_package.curves:class"', ["Curve"]),
    ],
)
def test_a_mapping_that_names_no_type_is_a_wrong_setting(tmp_path: Path, line: str, words: list[str]) -> None:
    made = with_types(tmp_path / "project", settings=f"\n[tool.flowbind.field_types]\n{line}\n")
    done = made.flowbind("generate", code=2)
    assert "FB504" in done.stderr
    assert [word for word in words if word not in done.stderr] == []
    assert not (made.root / "generated").exists()


def test_a_mapping_of_no_schema_is_told(tmp_path: Path) -> None:
    settings = '\n[tool.flowbind.field_types]\nCruve = "my_package.curves:Tone"\n'
    made = with_types(tmp_path / "project", settings=settings)
    done = made.flowbind("generate", code=None)
    assert "Cruve" in done.stderr


def test_a_type_that_cannot_be_imported_is_told(tmp_path: Path) -> None:
    made = Project.with_exports(
        tmp_path / "project", "curves", settings='[tool.flowbind.field_types]\nCurve = "no_such_package:Curve"\n'
    )
    done = made.flowbind("payload", "curves", code=2)
    assert "FB504" in done.stderr
    assert "no_such_package" in done.stderr
