"""The manifest: what the modules were made from, the same on every machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowbind.digest import text_sha256
from flowbind_generator.changes import apply, changes
from flowbind_generator.diagnostics import Refused
from flowbind_generator.generate import plan
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.manifest import Manifest, read_manifest
from flowbind_generator.project import find_project

from .exports import codes, form, picture, workflow, write


@pytest.fixture
def project(tmp_path: Path, catalog: Catalog) -> Path:
    """A project of two workflows, generated."""
    write(tmp_path, b"[tool.flowbind]\n", "pyproject.toml")
    write(tmp_path / "workflows", workflow(picture(width=64), form=form("p.width")), "b.json")
    write(tmp_path / "workflows", workflow(picture(height=64), form=form("p.height")), "a.json")
    found = find_project(tmp_path)
    made = plan(found, {"invokeai": catalog}, Manifest())
    apply(found.output, changes(found.output, made.files, Manifest()))
    return tmp_path


def document(project: Path) -> Any:
    return json.loads((project / "generated" / "manifest.json").read_text(encoding="utf-8"))


def test_it_is_sorted_and_ends_with_a_line(project: Path) -> None:
    text = (project / "generated" / "manifest.json").read_text(encoding="utf-8")
    assert json.dumps(json.loads(text)) == json.dumps(json.loads(text), sort_keys=True)
    assert text.endswith("}\n")


def test_it_names_no_machine(project: Path) -> None:
    text = (project / "generated" / "manifest.json").read_text(encoding="utf-8")
    assert str(project) not in text
    assert str(Path.home()) not in text
    assert set(document(project)["workflows"]) == {"workflows/a.json", "workflows/b.json"}


def test_it_lists_the_digest_of_every_file(project: Path) -> None:
    folder = project / "generated"
    listed = read_manifest(folder).files
    assert set(listed) == {p.name for p in folder.iterdir()} - {"manifest.json"}
    assert listed == {name: text_sha256((folder / name).read_bytes()) for name in listed}


def test_it_says_what_the_modules_were_made_with(project: Path) -> None:
    made = document(project)
    assert made["spec"]["invokeai"]["app_version"] == "6.14.2"
    assert set(made["generator"]) == {"flowbind", "ruff", "templates"}
    entry = made["workflows"]["workflows/a.json"]
    assert (entry["class_name"], entry["module"], entry["engine"]) == ("A", "a", "invokeai")
    assert entry["node_types"]["blank_image"]["version"] == "1.2.2"
    assert [i["attribute"] for i in entry["inputs"]] == ["height"]


def test_it_pins_the_attribute_of_each_input(project: Path) -> None:
    found = read_manifest(project / "generated")
    assert found.pinned("workflows/b.json") == {"p/width": "width"}
    assert found.pinned("workflows/none.json") == {}


def test_no_manifest_is_an_empty_one(tmp_path: Path) -> None:
    assert read_manifest(tmp_path).files == {}


def test_the_order_of_entries_does_not_matter() -> None:
    entries: dict[str, Any] = {"a": {"files": {}}, "b": {"files": {}}}
    turned = dict(reversed(entries.items()))
    texts = [Manifest(w, spec={"digest": "x"}).text() for w in (entries, turned)]
    assert texts[0] == texts[1]


def damaged(**changed: Any) -> Any:
    """Return a change of a manifest's only entry."""
    return lambda made: made["workflows"]["workflows/a.json"].update(changed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda made: made.update(manifest_version=99),
        lambda made: made.pop("manifest_version"),
        lambda made: made.pop("workflows"),
        lambda made: made.update(workflows=[]),
        lambda made: made.update(package_files=None),
        lambda made: made["package_files"].update({"../victim.txt": "0"}),
        lambda made: made["package_files"].update({"/victim.txt": "0"}),
        lambda made: made["package_files"].update({"..\\victim.txt": "0"}),
        damaged(files=None),
        damaged(inputs=[{"node_id": "p"}]),
        damaged(inputs=None),
        damaged(module="../victim"),
        damaged(module="a b"),
        damaged(module=None),
        damaged(class_name="class"),
        damaged(inputs=[{"node_id": "p", "field_name": "height", "attribute": "a b"}]),
        damaged(inputs=[{"node_id": "p", "field_name": "height", "attribute": "class"}]),
        damaged(inputs=[{"node_id": "p", "field_name": "height", "attribute": "ﬁ"}]),
    ],
)
def test_a_damaged_manifest_is_refused(project: Path, damage: Any) -> None:
    made = document(project)
    damage(made)
    write(project / "generated", made, "manifest.json")
    with pytest.raises(Refused) as caught:
        read_manifest(project / "generated")
    assert codes(caught.value.report) == ["FB502"]
    assert "version control" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"files": {}}'])
def test_other_files_are_no_manifest(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, data, "manifest.json")
    with pytest.raises(Refused):
        read_manifest(tmp_path)
