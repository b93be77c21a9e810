"""ComfyUI's files beside those of others: whose each is, what is read of it, and what a server said of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.behaviour.comfyui.told import FEATURES, SYSTEM_STATS

from flowbind_generator.comfyui.api_format import read_api
from flowbind_generator.comfyui.documents import shipped_catalog
from flowbind_generator.comfyui.export import read_export
from flowbind_generator.comfyui.recognise import claims, claims_document
from flowbind_generator.comfyui.run_checks import check_runs
from flowbind_generator.diagnostics import Report

from .prompts import all_pairs
from .shared import SHARED, exports, needs_shared, records

pytestmark = needs_shared
CATALOG = shipped_catalog()
RECORDINGS = SHARED / "recordings" / "comfyui"
# What is told of links and missing inputs; values are checked when a run is given them.
OF_STRUCTURE = {
    "required_input_missing",
    "bad_linked_input",
    "exception_during_inner_validation",
    "dependency_cycle",
}


def lines(path: Path) -> Iterator[Any]:
    """Yield the records of a file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as found:
        yield from map(json.loads, found)


def posted() -> Iterator[Any]:
    """Yield the prompts that a real server was sent, with its answers."""
    for line in lines(RECORDINGS / "04_validation_errors.jsonl"):
        request = line.get("request")
        if line.get("path") == "/prompt" and isinstance(request, dict) and "prompt" in request and "response" in line:
            yield line


def test_files_of_invokeai_are_not_claimed() -> None:
    files = exports()
    assert len(files) > 100
    assert [path.name for path in files if claims(path.read_bytes())] == []
    saved = [r for r in records() if "workflow" in r]
    assert [r["name"] for r in saved if claims(json.dumps(r["workflow"]).encode())] == []
    assert [r["name"] for r in saved if claims(json.dumps(r.get("enqueue_body")).encode())] == []


def test_documents_of_servers_are_told_apart() -> None:
    for path in sorted((SHARED / "specs").glob("*.json.gz")):
        data = gzip.decompress(path.read_bytes())
        assert claims_document(json.loads(data)) == path.name.startswith("comfyui-"), path.name
        assert not claims(data), path.name


def test_all_pairs_are_claimed_and_read() -> None:
    count = 0
    for record in all_pairs():
        for part, kind in (("ui", "workflow"), ("api", "prompt")):
            data = json.dumps(record[part]).encode()
            found = read_export(data, Report(record["name"]))
            assert claims(data), record["name"]
            assert found == (kind, record[part], ()), record["name"]
            count += 1
    assert count == 2 * 715


def test_what_the_editor_posts_is_posted_again() -> None:
    """Prompts with classes that the server lacks are refused, as the server does; one lacks an input that it needs."""
    refused = unfinished = 0
    for record in all_pairs():
        report = Report(record["name"])
        prompt = read_api(record["api"], CATALOG, report)
        missing = [node for node in record["api"].values() if node.get("class_type") not in CATALOG]
        assert (prompt is None) == bool(missing), record["name"]
        if prompt is None:
            refused += 1
            continue
        assert {key: (node.class_type, node.inputs) for key, node in prompt.nodes.items()} == {
            key: (node["class_type"], node["inputs"]) for key, node in record["api"].items()
        }
        check_runs(prompt, CATALOG, report)
        assert not report.refused
        unfinished += any("runs nothing" in found.message for found in report)
    assert (refused, unfinished) == (73, 1)


@pytest.mark.parametrize("line", [*posted()] if RECORDINGS.is_dir() else [], ids=lambda line: line["note"])
def test_a_server_says_the_same_of_a_prompt(line: Any) -> None:
    report = Report("body.json")
    prompt = read_api(line["request"]["prompt"], CATALOG, report)
    if prompt is not None:
        check_runs(prompt, CATALOG, report)
    told = {found.pointer.split("/")[1] for found in report if found.pointer and found.code != "FB303"}
    answer = line["response"]
    wrong = {
        key: {error["type"] for error in errors["errors"]} & OF_STRUCTURE
        for key, errors in answer.get("node_errors", {}).items()
    }
    of_structure = {key for key, types in wrong.items() if types}
    kind = answer["error"]["type"] if "error" in answer else None
    if kind in {"missing_node_type", "prompt_no_outputs"}:
        assert report.refused
        assert told <= {"3"}
        return
    # Of a circle, one node is told.
    assert told <= of_structure
    assert bool(told) == bool(of_structure)
    if of_structure:
        runs_nothing = report.refused or any("runs nothing" in found.message for found in report)
        assert runs_nothing == (line["status"] == 400)


def test_the_stand_in_answers_as_a_server_did() -> None:
    stats = json.loads((RECORDINGS / "system_stats.json").read_text())
    assert SYSTEM_STATS.keys() == stats.keys()
    assert SYSTEM_STATS["system"].keys() == stats["system"].keys()
    assert [device.keys() for device in SYSTEM_STATS["devices"]] == [device.keys() for device in stats["devices"]]
    assert json.loads((RECORDINGS / "features.json").read_text()) == FEATURES
