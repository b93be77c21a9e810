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


def shuffled(value: Any, order: random.Random, *, kept: frozenset[str] = frozenset(), key: str = "") -> Any:
    """Return a JSON value with the keys of its objects in another order, but those under some keys."""
    if isinstance(value, list):
        return [shuffled(item, order, kept=kept) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    if key not in kept:
        order.shuffle(keys)
    return {k: shuffled(value[k], order, kept=kept, key=k) for k in keys}


@pytest.mark.parametrize("seed", ["0", "1", "4294967295"])
def test_the_seed_of_hashes_does_not_matter(generated: Path, tmp_path: Path, seed: str) -> None:
    made = projects.copied(generated, tmp_path)
    shutil.rmtree(made / "generated")
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": SOURCES}
    code = "from flowbind_generator.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, "generate"], cwd=made, env=environment, check=True, capture_output=True)
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
    # But the order of an object's properties is that of the fields of its class.
    named = frozenset({"properties"})
    assert with_document(made, shuffled(document, random.Random(3), kept=named)) == before
    schemas = document["components"]["schemas"]
    nodes = {name for name, schema in schemas.items() if schema.get("class") == "invocation"}
    assert len(nodes) > 100
    for name in nodes:
        schemas[name] = shuffled(schemas[name], random.Random(4))
    assert with_document(made, document) == before


def without_bytes(made: dict[str, bytes]) -> dict[str, Any]:
    """Return files without what the manifest says of the bytes of exports and documents."""
    manifest = json.loads(made["manifest.json"])
    del manifest["spec"]["file_digest"]
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
