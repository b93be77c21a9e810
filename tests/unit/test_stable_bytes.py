"""The same bytes everywhere: whatever order objects of JSON and sets of Python come in."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flowbind
import flowbind_generator

from . import projects
from .batch_exports import batch
from .drifting import draw, edited, wire
from .exports import as_bytes, form, node, picture, workflow
from .projects import files, run

SOURCES = os.pathsep.join(str(Path(p.__path__[0]).parent) for p in (flowbind, flowbind_generator))
REGION = {"prompt": "a cat", "bbox": [1, 2, 3, 4]}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of batches, objects and all else."""
    folder = projects.create(tmp_path_factory.mktemp("made") / "project")
    batches = edited(draw(batch("bt", "integer", [8, 16])), wire("bt.value", "n.width"))
    (folder / "workflows" / "batches.json").write_bytes(as_bytes(batches))
    objects = workflow(picture(), node("i", "ideogram4_caption_builder", {"regions": [REGION]}), form=form("i.regions"))
    (folder / "workflows" / "objects.json").write_bytes(as_bytes(objects))
    run(folder, "generate")
    return folder


def shuffled(value: Any, order: random.Random) -> Any:
    """Return a JSON value with the keys of its objects in another order."""
    if isinstance(value, list):
        return [shuffled(item, order) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    order.shuffle(keys)
    return {key: shuffled(value[key], order) for key in keys}


ENVIRONMENTS = {
    "ascii": {
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "TZ": "Asia/Kathmandu",
    },
    "turkish": {"PYTHONHASHSEED": "1", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0", "TZ": "Pacific/Apia"},
    "plain": {"PYTHONHASHSEED": "4294967295"},
}
PLACES = {"ascii": (".", 0o077), "turkish": ("workflows/below", 0o000), "plain": ("generated", 0o022)}


def in_process(made: Path, environment: dict[str, str], *, python: str = sys.executable, umask: int = 0o022) -> None:
    """Generate in a process of its own."""
    code = "from flowbind_generator.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": SOURCES, **environment}
    command = [python, "-c", code, "generate"]
    done = subprocess.run(command, cwd=made, env=environment, check=False, capture_output=True, umask=umask)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ENVIRONMENTS)
def test_the_process_around_does_not_matter(generated: Path, tmp_path: Path, kind: str) -> None:
    """Neither do the seed of hashes, the locale, the time zone, the working directory or the umask."""
    made = projects.copied(generated, tmp_path)
    shutil.rmtree(made / "generated")
    place, umask = PLACES[kind]
    (made / place).mkdir(exist_ok=True)
    in_process(made / place, ENVIRONMENTS[kind], umask=umask)
    assert files(made) == files(generated)


def test_a_locale_without_the_letters_of_a_name_is_told(generated: Path, tmp_path: Path) -> None:
    made = projects.copied(generated, tmp_path)
    (made / "workflows" / "batches.json").rename(made / "workflows" / "größe.json")
    before = files(made)
    with pytest.raises(AssertionError, match="Set PYTHONUTF8=1 in the environment"):
        in_process(made, ENVIRONMENTS["ascii"])
    assert files(made) == before


def pythons() -> dict[str, str]:
    """Return the interpreters of this machine that can run the generator, by their versions."""
    code = "import click, httpx, jinja2, pydantic, ruff, sys, sysconfig; print(sys.version.split()[0])"
    found = {sys.version.split()[0]: sys.executable}
    for folder in os.get_exec_path():
        for path in sorted(Path(folder).glob("python3.[1-9][0-9]")):
            asked = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
            if asked.returncode == 0 and int(path.name.partition(".")[2]) >= 11:
                found.setdefault(asked.stdout.strip(), str(path))
    return found


def test_the_release_of_python_does_not_matter(
    generated: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    used = pythons()
    record_property("pythons", ", ".join(used))
    print("Pythons:", *used)
    for version, python in used.items():
        made = projects.copied(generated, tmp_path / version)
        shutil.rmtree(made / "generated")
        in_process(made, {}, python=python)
        assert files(made) == files(generated), version


def test_line_ends_of_version_control_do_not_matter(generated: Path, tmp_path: Path) -> None:
    made = projects.copied(generated, tmp_path)
    for path in [made / "pyproject.toml", *(made / "workflows").iterdir(), *(made / "generated").iterdir()]:
        text = (
            json.dumps(json.loads(path.read_bytes()), indent=1) if path.parent.name == "workflows" else path.read_text()
        )
        path.write_bytes(text.replace("\n", "\r\n").encode())
    before = files(made)
    assert projects.checked(made)["findings"] == []
    assert projects.checked(made, "--fast")["findings"] == []
    run(made, "generate")
    assert files(made) == before
    shutil.rmtree(made / "generated")
    run(made, "generate")
    assert without_bytes(files(made)) == without_bytes(files(generated))


def test_the_order_in_which_a_folder_lists_its_files_does_not_matter(
    generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = projects.copied(generated, tmp_path)
    shutil.rmtree(made / "generated")
    listed = Path.rglob
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: sorted(listed(self, pattern), reverse=True))
    run(made, "generate")
    assert files(made) == files(generated)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_keys_in_an_export_does_not_matter(generated: Path, tmp_path: Path, seed: int) -> None:
    made = projects.copied(generated, tmp_path)
    for path in (made / "workflows").iterdir():
        path.write_text(json.dumps(shuffled(json.loads(path.read_text()), random.Random(seed))))
    assert projects.checked(made)["findings"] == []
    assert projects.checked(made, "--fast")["findings"] == []
    run(made, "generate", "--locked")
    shutil.rmtree(made / "generated")
    run(made, "generate")
    assert without_bytes(files(made)) == without_bytes(files(generated))


def with_document(project: Path, document: Any) -> dict[str, Any]:
    """Return what another document gives."""
    (project / "api.json").write_text(json.dumps(document))
    run(project, "generate", "--spec", "api.json")
    return without_bytes(files(project))


def test_the_order_of_keys_in_a_document_does_not_matter(generated: Path, tmp_path: Path) -> None:
    made = projects.copied(generated, tmp_path)
    document = json.loads(projects.document())
    before = with_document(made, document)
    assert with_document(made, shuffled(document, random.Random(3))) == before


def without_bytes(made: dict[str, bytes]) -> dict[str, Any]:
    """Return files without what the manifest says of the bytes of exports and documents."""
    manifest = json.loads(made["manifest.json"])
    del manifest["spec"]["invokeai"]["file_digest"]
    for entry in manifest["workflows"].values():
        del entry["file_digest"]
    return {**made, "manifest.json": manifest}


def test_the_manifest_is_sorted_and_says_nothing_of_this_machine(generated: Path) -> None:
    text = (generated / "generated" / "manifest.json").read_text(encoding="utf-8")
    said = json.loads(text)
    assert json.dumps(said, sort_keys=True) == json.dumps(said)
    for word in (str(generated), str(Path.home()), os.uname().nodename, "127.0.0.1", "http:"):
        assert word not in text
    assert text.isascii()
    assert max(map(len, text.splitlines())) < 400


def changed(change: Callable[[Path], None], project: Path) -> list[str]:
    """Return the lines of the manifest that are different after a change."""
    before = (project / "generated" / "manifest.json").read_text().splitlines()
    change(project)
    run(project, "generate")
    after = (project / "generated" / "manifest.json").read_text().splitlines()
    return [line for line in after if line not in before]


def test_a_small_change_is_a_small_diff(generated: Path, tmp_path: Path) -> None:
    def relabel(project: Path) -> None:
        projects.draw(project, lambda document: document["nodes"][2]["data"]["inputs"]["value"].update(value=30))

    lines = changed(relabel, projects.copied(generated, tmp_path))
    assert len(lines) == 7
    assert sum('"default": 30' in line for line in lines) == 1
