"""The project around a folder, and its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbind_generator.diagnostics import Refused
from flowbind_generator.project import find_project

from .exports import codes, write


def settings(folder: Path, text: str) -> None:
    write(folder, text.encode(), "pyproject.toml")


def test_the_nearest_pyproject_is_the_root(tmp_path: Path) -> None:
    settings(tmp_path, "")
    settings(tmp_path / "inner", "")
    deep = tmp_path / "inner" / "a" / "b"
    deep.mkdir(parents=True)
    assert find_project(deep).root == (tmp_path / "inner").resolve()


def test_the_defaults(tmp_path: Path) -> None:
    settings(tmp_path, "[project]\nname = 'x'\n")
    found = find_project(tmp_path)
    assert found.workflows == tmp_path.resolve() / "workflows"
    assert found.output == tmp_path.resolve() / "generated"
    assert found.specs == ()


def test_the_settings(tmp_path: Path) -> None:
    settings(tmp_path, "[tool.flowbind]\nworkflows = 'exports'\noutput = 'src/my_flows'\nspec = 'api.json'\n")
    found = find_project(tmp_path)
    assert found.workflows == tmp_path.resolve() / "exports"
    assert found.output == tmp_path.resolve() / "src" / "my_flows"
    assert found.specs == ("api.json",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.flowbind]\nworkflow = 'x'\n", "'workflow'"),
        ("[tool.flowbind]\noutput = 5\n", "output is no text"),
        ("[tool.flowbind]\noutput = ''\n", "output is no text"),
        ("[tool.flowbind\n", "cannot be read"),
        ("[tool]\nflowbind = 'x'\n", "is no table"),
        ("tool = 5\n", "is no table"),
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, text: str, said: str) -> None:
    settings(tmp_path, text)
    with pytest.raises(Refused) as caught:
        find_project(tmp_path)
    assert codes(caught.value.report) == ["FB504"]
    assert said in str(caught.value)


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    settings(tmp_path, "[tool.flowbind]\na = 1\nb = 2\n")
    with pytest.raises(Refused) as caught:
        find_project(tmp_path)
    assert codes(caught.value.report) == ["FB504", "FB504"]


def test_exports_are_the_json_and_png_files_in_order(tmp_path: Path) -> None:
    for name in ("b.json", "a.PNG", "openapi.json", "notes.txt", "deep/c.json"):
        write(tmp_path / "workflows", b"", name)
    settings(tmp_path, "")
    found = find_project(tmp_path)
    assert [found.source(p) for p in found.exports()] == [
        "workflows/a.PNG",
        "workflows/b.json",
        "workflows/deep/c.json",
    ]


def test_a_project_below_keeps_its_exports(tmp_path: Path) -> None:
    for name in ("own.json", "below/theirs.json", "below/deep/theirs.json", "beside/own.json"):
        write(tmp_path / "workflows", b"", name)
    settings(tmp_path, "")
    settings(tmp_path / "workflows/below", '[tool.flowbind]\nworkflows = "."\n')
    above, below = find_project(tmp_path), find_project(tmp_path / "workflows/below")
    assert [above.source(p) for p in above.exports()] == ["workflows/beside/own.json", "workflows/own.json"]
    assert [below.source(p) for p in below.exports()] == ["deep/theirs.json", "theirs.json"]


def test_an_export_elsewhere_is_named_from_the_root(tmp_path: Path) -> None:
    settings(tmp_path / "project", "")
    found = find_project(tmp_path / "project")
    path = write(tmp_path / "other", b"", "a.json")
    assert found.source(path) == "../other/a.json"
    assert found.path(found.source(path)).resolve() == path.resolve()
