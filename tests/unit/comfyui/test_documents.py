"""The server's document: the shipped one, pinned ones, and what is none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.maintain import object_info

from flowbind_generator.comfyui.documents import catalog_of, shipped_catalog
from flowbind_generator.comfyui.shipped import SNAPSHOT, shipped_document
from flowbind_generator.diagnostics import Report
from flowbind_generator.engines import VERSION_KEY

from .files import FILE, PROMPT, only

NODE_CLASS: dict[str, Any] = {"input": {"required": {}}, "output": ["IMAGE"], "output_node": True}


def test_the_shipped_document_makes_a_catalog() -> None:
    catalog = shipped_catalog()
    assert catalog.app_version == SNAPSHOT
    assert len(catalog) == 886
    assert catalog["SaveImage"].is_output


def test_the_shipped_document_is_written_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "object_info.json"
    source.write_bytes(gzip.decompress(shipped_document()))
    monkeypatch.setattr(object_info, "SNAPSHOTS", tmp_path)
    object_info.main(source, SNAPSHOT)
    assert gzip.decompress((tmp_path / f"object_info-{SNAPSHOT}.json.gz").read_bytes()) == source.read_bytes()


def test_a_plain_answer_has_no_release() -> None:
    catalog = catalog_of({"A": NODE_CLASS}, Report(FILE), "digest")
    assert catalog is not None
    assert (catalog.app_version, catalog.file_digest, list(catalog)) == (None, "digest", ["A"])


@pytest.mark.parametrize(("noted", "release"), [("0.40.0", "0.40.0"), (3, None), (None, None), ({}, None)])
def test_a_pinned_answer_has_the_release_that_is_noted(noted: Any, release: str | None) -> None:
    catalog = catalog_of({VERSION_KEY: noted, "A": NODE_CLASS}, Report(FILE))
    assert catalog is not None
    assert catalog.app_version == release
    assert list(catalog) == ["A"]


def test_the_note_of_a_release_changes_no_digest() -> None:
    plain, noted = (catalog_of(d, Report(FILE)) for d in ({"A": NODE_CLASS}, {VERSION_KEY: "1", "A": NODE_CLASS}))
    assert plain is not None
    assert noted is not None
    assert plain.digest == noted.digest


@pytest.mark.parametrize("document", [None, [], {}, 3, "x", {"A": {}}, PROMPT, {"openapi": "3.1.0", "paths": {}}])
def test_what_is_no_answer_of_a_server(document: Any) -> None:
    report = Report(FILE)
    assert catalog_of(json.loads(json.dumps(document)), report) is None
    assert "holds none" in only(report, "FB401").message
