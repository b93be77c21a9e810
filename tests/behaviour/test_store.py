"""`flowbind.Store`: a folder of exports by their names, none of which leads out of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.unit.comfyui.files import PROMPT, SAVED, as_bytes, png
from tests.unit.exports import as_bytes as exported
from tests.unit.exports import form, node, workflow
from tests.unit.exports import given as value
from tests.unit.projects import enter_empty, run

import flowbind
from flowbind import Store
from flowbind.errors import ExportNotFound, InvalidPath

POSTER = exported(
    workflow(node("p", "blank_image", {"width": value(64, label="Width")}, visible=True), form=form("p.width"))
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of some exports, which is the working directory."""
    folder = enter_empty(tmp_path, monkeypatch) / "workflows"
    (folder / "quick").mkdir()
    (folder / "poster.json").write_bytes(POSTER)
    (folder / "quick/copy_image.json").write_bytes(POSTER)
    (folder / "drawn.png").write_bytes(png(prompt=as_bytes(PROMPT).decode()))
    return tmp_path


NAMES = ["drawn", "poster", "quick/copy_image"]


@pytest.mark.usefixtures("project")
def test_the_names_of_the_project_s_exports() -> None:
    store = Store()
    assert store.names() == list(store) == NAMES
    assert len(store) == 3
    assert "quick/copy_image" in store
    assert "poster.json" not in store
    assert "../workflows/poster" not in store
    assert 3 not in store
    assert store.folder == Path("workflows").absolute()
    assert repr(store) == f"Store({str(store.folder)!r})"


@pytest.mark.usefixtures("project")
def test_an_export_is_loaded_and_its_copy_saved() -> None:
    store = Store("workflows")
    poster = store.load("poster")
    path = store.save("by night/poster", poster(width=128))
    assert path == Path("workflows/by night/poster.json").absolute()
    assert store.names() == ["by night/poster", *NAMES]
    assert store.load("by night/poster")().width == 128
    assert store.load("poster")().width == 64


@pytest.mark.usefixtures("project")
def test_an_export_is_replaced_by_its_copy() -> None:
    store = Store()
    store.save("poster", store.load("poster")(width=128))
    assert store.load("poster")().width == 128
    assert store.names() == NAMES


def test_what_is_no_export_has_no_name(project: Path) -> None:
    poster = Store().load("poster")()
    folder = project / "workflows"
    (folder / "openapi.json").write_text("{}")
    (folder / "object_info.json").write_text("{}")
    (folder / "poster.flowbind.toml").write_text("[inputs]\n")
    (folder / "notes.txt").write_text("-")
    (folder / "other").mkdir()
    (folder / "other/pyproject.toml").write_text("")
    (folder / "other/theirs.json").write_bytes(POSTER)
    (folder / "folder.json").mkdir()
    assert Store().names() == NAMES
    for name in ("openapi", "object_info", "other/theirs", "other/mine", "folder"):
        with pytest.raises(InvalidPath):
            Store().save(name, poster)


def test_two_files_of_one_name_are_told(project: Path) -> None:
    (project / "workflows/poster.png").write_bytes(png(workflow=as_bytes(SAVED).decode()))
    store = Store()
    assert store.names() == NAMES
    with pytest.raises(ExportNotFound, match=r'^"poster" is the name of poster.json and poster.png: rename one of'):
        store.load("poster")
    with pytest.raises(InvalidPath, match=r"poster.json and poster.png, and copies are written as JSON"):
        store.save("poster", flowbind.load("workflows/poster.json")())


@pytest.mark.usefixtures("project")
def test_a_picture_is_not_written() -> None:
    store = Store()
    with pytest.raises(InvalidPath, match=r'"drawn" is the name of drawn.png, and copies are written as JSON'):
        store.save("drawn", store.load("drawn")())
    assert not Path("workflows/drawn.json").exists()


@pytest.mark.usefixtures("project")
def test_a_name_that_there_is_not_has_near_ones() -> None:
    with pytest.raises(ExportNotFound, match=r'has no export "quick/copy_images". Nearest: quick/copy_image\.$'):
        Store().load("quick/copy_images")
    with pytest.raises(LookupError, match=r"There is no export at all\.$"):
        Store("nowhere").load("poster")


WRONG = ["", "/poster", "../poster", "a/../poster", "./poster", "a//b", "a/", "C:/poster", "a\\b", "con", "quick/NUL.x"]
WRONG += ["a\nb", "a\0b", " a", "a.", "a ", "a?", "x" * 250, "\ud800", "poster.json", "poster.PNG", "a.webp"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_name_on_every_system_is_refused(name: str) -> None:
    store = Store()
    poster = store.load("poster")()
    with pytest.raises(InvalidPath):
        store.save(name, poster)
    with pytest.raises(InvalidPath):
        store.load(name)
    assert name not in store
    assert store.names() == NAMES


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("name", "twin"), [("Poster", "poster"), ("QUICK/more", "quick/copy_image")])
def test_a_name_that_some_systems_take_for_another_is_refused(name: str, twin: str) -> None:
    with pytest.raises(InvalidPath, match=f'"{name}" differs from "{twin}" only in how it is written'):
        Store().save(name, Store().load("poster")())


@pytest.mark.usefixtures("project")
def test_a_name_is_one_as_its_letters_are_composed() -> None:
    store = Store()
    poster = store.load("poster")()
    store.save("caf\u00e9", poster)
    with pytest.raises(InvalidPath, match="only in how it is written"):
        store.save("cafe\u0301", poster)


@pytest.mark.usefixtures("project")
def test_a_file_in_the_way_of_a_folder_is_told() -> None:
    Path("workflows/notes").write_text("-")
    with pytest.raises(InvalidPath, match=r'"notes/poster": notes is a file'):
        Store().save("notes/poster", Store().load("poster")())


def test_links_that_lead_out_of_the_folder_are_none_of_its_exports(project: Path) -> None:
    outside = project / "outside"
    outside.mkdir()
    (outside / "secret.json").write_bytes(POSTER)
    (project / "workflows/secret.json").symlink_to(outside / "secret.json")
    (project / "workflows/away").symlink_to(outside)
    (project / "workflows/alias.json").symlink_to(project / "workflows/poster.json")
    store = Store()
    assert store.names() == ["alias", *NAMES]
    poster = store.load("alias")()
    with pytest.raises(ExportNotFound):
        store.load("secret")
    with pytest.raises(InvalidPath, match="leads out of the folder by a link"):
        store.save("away/poster", poster)
    store.save("secret", poster)
    assert (outside / "secret.json").read_bytes() == POSTER
    assert sorted(p.name for p in outside.iterdir()) == ["secret.json"]


def test_any_folder_is_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.json").write_bytes(POSTER)
    own = Store(tmp_path)
    other = Store(tmp_path / "new" / "folder")
    assert other.names() == []
    other.save("poster", own.load("own")(width=8))
    assert other.load("poster")().width == 8
    with pytest.raises(InvalidPath, match=r"own.json is a file: give a folder"):
        Store("own.json")


def test_a_store_stays_where_it_is(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store("workflows")
    (project / "elsewhere").mkdir()
    monkeypatch.chdir(project / "elsewhere")
    assert store.names() == NAMES


def test_what_a_store_saves_is_generated(project: Path) -> None:
    store = Store()
    store.save("night/large", store.load("poster")(width=512))
    (project / "workflows/drawn.png").unlink()
    run(project, "generate")
    run(project, "check")


@pytest.mark.usefixtures("project")
def test_without_the_generator_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poster = flowbind.load("workflows/poster.json")()
    monkeypatch.setitem(sys.modules, "flowbind_generator.copying", None)
    monkeypatch.setitem(sys.modules, "flowbind_generator.store", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"flowbind\.save needs its extra: pip install 'flowbind\[generator\]'"
    ):
        flowbind.save(poster, tmp_path / "copy.json")
    with pytest.raises(ModuleNotFoundError, match=r"flowbind\.Store needs its extra"):
        Store(tmp_path)


TEXTS = st.text(st.sampled_from('ab. /\\:"?\n🦄ä\udcffCON'), max_size=12) | st.text(max_size=40)


@pytest.mark.usefixtures("project")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
@example("a/b")
@example("../a")
@example("aux/b")
def test_any_text_is_a_name_inside_of_the_folder_or_refused(name: str) -> None:
    store = Store("drawn")
    poster = flowbind.load("workflows/poster.json")()
    before = sorted(p for p in Path().rglob("*") if "drawn" not in p.parts)
    try:
        path = store.save(name, poster)
    except InvalidPath:
        assert name not in store
    else:
        assert name in store
        assert path.is_relative_to(store.folder)
        assert store.load(name)().width == 64
        path.unlink()
    assert sorted(p for p in Path().rglob("*") if "drawn" not in p.parts) == before
