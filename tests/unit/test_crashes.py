"""Killed, or refused by the disk, at any step: each file is the old one or the new one, and the next run mends it."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from flowbind_generator.changes import apply, changes
from flowbind_generator.diagnostics import Refused
from flowbind_generator.generate import plan
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.manifest import Manifest, read_manifest
from flowbind_generator.project import find_project

from . import projects
from .exports import as_bytes, form, given, node, workflow
from .faults import failing, killed, refusing
from .projects import files

Files = Mapping[str, bytes]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
DISKS = [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO]
CHANGES = [("nothing", "old"), ("old", "new"), ("old", "fewer"), ("fewer", "old"), ("odd", "old")]


def flow(width: int) -> bytes:
    """Return an export whose module, graph and workflow differ by one value."""
    entry = given(width, label=f"Width {width}")
    return as_bytes(workflow(node("k", "blank_image", {"width": entry}, visible=True), form=form("k.width")))


EXPORTS = {
    "nothing": {},
    "old": {"a": flow(8), "b": flow(16)},
    "new": {"a": flow(24), "b": flow(32), "c": flow(8)},
    "fewer": {"b": flow(16)},
    "odd": {"a": flow(64), "d": flow(72)},
}


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> dict[str, Files]:
    """What each set of exports gives."""
    return {name: made_of(tmp_path_factory.mktemp(name), exports, catalog) for name, exports in EXPORTS.items()}


def made_of(folder: Path, exports: Files, catalog: Catalog) -> Files:
    (folder / "pyproject.toml").write_text(projects.SETTINGS)
    (folder / "workflows").mkdir()
    for name, data in exports.items():
        (folder / "workflows" / f"{name}.json").write_bytes(data)
    return plan(find_project(folder), {"invokeai": catalog}, Manifest()).files if exports else {}


def there(folder: Path, state: Files) -> Path:
    """Make a folder hold just these files."""
    shutil.rmtree(folder, ignore_errors=True)
    if state:
        folder.mkdir()
    for name, data in state.items():
        (folder / name).write_bytes(data)
    return folder


def generate(folder: Path, wanted: Files) -> None:
    """Do what the command does once it knows what should be there."""
    apply(folder, changes(folder, wanted, read_manifest(folder)))


def refused(folder: Path, wanted: Files) -> str:
    """Return what is told where the work is refused, else nothing."""
    try:
        generate(folder, wanted)
    except Refused as told:
        return str(told)
    return ""


def held(folder: Path) -> Files:
    return {p.name: p.read_bytes() for p in folder.iterdir()} if folder.is_dir() else {}


def steps_of(folder: Path, before: Files, wanted: Files) -> int:
    with failing(there(folder, before), 0, refusing(errno.EIO)) as steps:
        generate(folder, wanted)
    assert held(folder) == wanted
    return steps.done


def assert_whole(folder: Path, before: Files, wanted: Files) -> None:
    """Check that each file is the old one or the new one; what else is there is no file of anybody's."""
    for name, data in held(folder).items():
        if name in {*before, *wanted}:
            assert data in (before.get(name), wanted.get(name)), name
        else:
            assert name.endswith(".part")
    for name in before.keys() & wanted.keys():
        assert (folder / name).exists()


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_killed_at_any_step_it_leaves_whole_files_and_mends_all(
    old: str, new: str, planned: Mapping[str, Files], tmp_path: Path
) -> None:
    folder = tmp_path / "generated"
    before, wanted = planned[old], planned[new]
    number = steps_of(folder, before, wanted)
    assert number > 8
    for step in range(1, number + 1):
        # The next run may be of the same exports, or of others that have come meanwhile.
        after = (wanted, planned["new"], planned["odd"])[step % 3]
        there(folder, before)
        assert killed(folder, step, lambda: generate(folder, wanted))
        assert_whole(folder, before, wanted)
        # What the manifest does not list yet is never deleted: a module whose export is gone again stays.
        unlisted = wanted.keys() - before.keys() - after.keys() - read_manifest(folder).files.keys()
        stays = {name: data for name, data in held(folder).items() if name in unlisted}
        generate(folder, after)
        assert held(folder) == {**after, **stays}, step


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for good"])
def test_a_disk_that_refuses_a_step_is_told_and_leaves_whole_files(
    lasting: bool, planned: Mapping[str, Files], tmp_path: Path
) -> None:
    folder = tmp_path / "generated"
    for old, new in CHANGES:
        before, wanted = planned[old], planned[new]
        for step in range(1, steps_of(folder, before, wanted) + 1):
            there(folder, before)
            number = DISKS[step % len(DISKS)]
            with failing(folder, step, refusing(number), lasting=lasting):
                told = refused(folder, wanted)
            if told:
                assert f": error FB508: It cannot be read or written ({os.strerror(number)})" in told
                assert told.startswith(str(folder))
            else:  # that a folder cannot be made does not matter where it is there
                assert not lasting
                assert held(folder) == wanted
            assert_whole(folder, before, wanted)
            assert lasting or not any(name.endswith(".part") for name in held(folder))
            generate(folder, wanted)
            assert held(folder) == wanted


def test_the_command_tells_what_the_disk_refuses(project: Path) -> None:
    shutil.rmtree(project / "generated")
    with failing(project / "generated", 5, refusing(errno.ENOSPC)):
        said = projects.run(project, "generate", code=2).stderr
    assert "error FB508: It cannot be read or written (No space left on device)." in said
    assert "Free some space" in said
    projects.run(project, "generate")


def test_what_is_left_of_a_killed_run_is_no_users_file(project: Path) -> None:
    made = project / "generated"
    before = files(project)
    for name in (".poster.py.0123abcd.part", ".manifest.json.0123abcd.part"):
        (made / name).write_bytes(b"half")
    for name in (".picture.png.0123abcd.part", "poster.py.part", ".keep"):
        (made / name).write_bytes(b"mine")
    projects.run(project, "generate")
    assert files(project).keys() - before.keys() == {".picture.png.0123abcd.part", "poster.py.part", ".keep"}
