"""Real drift between the documents of releases: every row of the contract's table 8.2 that they show, and more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit.command import flowbind
from tests.unit.exports import as_bytes, write

from flowbind.drift import server_drift, workflow_drift
from flowbind.findings import Finding
from flowbind.invokeai.schema.served import ServedNodes
from flowbind_generator.manifest import read_manifest

from .documents import needs_documents, release
from .drift_drawing import Draw, NotHere, Row, Said, field
from .drift_rows import CONTRACT, ENDPOINTS, NOT_HERE, RENAMED_FILTERS
from .drift_rows_found import FOUND
from .shared import SHARED, parameters

pytestmark = needs_documents

ROWS = (*CONTRACT, *FOUND)
# One of each kind of change, through the files of a project.
THROUGH_FILES = [
    row
    for row in CONTRACT
    if row.what in {"color_correct.image/reference/mask_blur_radius", "denoise_latents.scheduler", "*_batch list"}
]
TABLE = SHARED / "contract" / "invokeai.md"


def said(findings: list[Finding]) -> set[Said]:
    return {(f.severity, f.rule, f.place, f.attribute) for f in findings}


@pytest.mark.parametrize("row", parameters(ROWS, str))
def test_all_that_drift_says_of_a_change(row: Row) -> None:
    findings = row.findings()
    assert said(findings) == set(row.said)
    assert len(findings) == len(row.said)
    for finding in findings:
        assert finding.source == "a.json"
        assert finding.class_name == "A"
        assert finding.cause.endswith(".")
        assert finding.cure.endswith(".")


@pytest.mark.parametrize("row", parameters(ROWS, str))
def test_nothing_is_said_of_the_release_itself(row: Row) -> None:
    assert not workflow_drift("a.json", row.entry(), ServedNodes(release(row.old).document, row.old))


@pytest.mark.parametrize("row", parameters(THROUGH_FILES, str))
def test_the_manifest_of_a_project_says_as_much(row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    document = SHARED / "specs" / f"openapi-{row.old}.json.gz"
    write(tmp_path, b"[tool.flowbind]\n", "pyproject.toml")
    write(tmp_path / "workflows", as_bytes(row.draw(Draw(release(row.old)))))
    flowbind("generate", "--spec", str(document))
    ((source, entry),) = read_manifest(tmp_path / "generated").workflows.items()
    assert source == "workflows/a.json"
    assert said(workflow_drift(source, entry, ServedNodes(release(row.new).document, row.new))) == set(row.said)


@pytest.mark.parametrize("change", parameters(NOT_HERE, lambda change: str(change.what)))
def test_why_a_row_is_not_here(change: NotHere) -> None:
    assert change.is_so(), change.why


@pytest.mark.parametrize("steps", ENDPOINTS.values(), ids=ENDPOINTS)
def test_paths_that_went_away_and_that_no_run_needs(steps: tuple[str, str, str]) -> None:
    path, old, new = steps
    assert path in release(old).document["paths"]
    assert path not in release(new).document["paths"]
    (only,) = server_drift({"app_version": old}, ServedNodes(release(new).document, new), "manifest.json")
    assert (only.rule, only.severity, only.old, only.new) == ("APP_VERSION_CHANGED", "info", old, new)


@pytest.mark.parametrize("node_type", RENAMED_FILTERS)
def test_the_filters_that_mean_the_same_are_written_otherwise(node_type: str) -> None:
    name = RENAMED_FILTERS[node_type][0]
    before, after = field("6.5.1", node_type, name) or {}, field("6.8.1", node_type, name) or {}
    assert "ui_type" in before
    assert "ui_type" not in after
    assert after["ui_model_type"]


@pytest.mark.skipif(not TABLE.is_file(), reason="the contract is not here")
def test_every_row_of_the_table_is_here() -> None:
    mine = {row.what for row in CONTRACT} | {change.what for change in NOT_HERE} | set(ENDPOINTS)
    table = re.search(r"### 8\.2.*?\n\| Node\.field(.*?)\n\n", TABLE.read_text(encoding="utf-8"), re.DOTALL)
    assert table
    firsts = [line.split("|")[1].strip().replace("`", "") for line in table[1].splitlines()[2:]]
    assert len(firsts) == 25
    unmatched = [first for first in firsts if not any(first.startswith(what) for what in mine)]
    assert not unmatched
    assert not [what for what in mine if not any(first.startswith(what) for first in firsts)]


def test_the_rows_show_all_rules_that_real_documents_can() -> None:
    shown = {rule for row in ROWS for _, rule, _, _ in row.said}
    # No document here has a node pack, and no output of these releases changed its type.
    assert {"NODE_PACK_MISSING", "NODE_PACK_CHANGED", "OUTPUT_TYPE_CHANGED"}.isdisjoint(shown)
    assert len(shown) == 15
