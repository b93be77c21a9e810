"""`flowbind check`: its questions alone and together, what it exits with, and what it could not run on."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from flowbind_generator.diagnostics import Refused
from flowbind_generator.manifest import VERSION, read_manifest

from . import projects
from .drifting import arrange, empty, fill, hide, mark, renew, swap
from .exports import as_bytes, node, picture, workflow
from .projects import POSTER, QUIET, checked, document, draw, narrower, rules, run, set_up, without_noise

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/check.schema.json").read_text("utf-8"))
REFUSED = as_bytes(workflow(picture(), node("x", "no_such_node", label="Gone")))


# The questions.


def test_a_fresh_project_is_clean(project: Path) -> None:
    report = checked(project)
    assert report["questions"] == ["files", "workflow", "spec"]
    assert (report["findings"], report["inputs"]) == ([], [])
    assert report["workflows"] == {POSTER: "Poster", QUIET: "Quiet"}
    assert "2 workflows: everything is fresh." in run(project, "check").stderr


def test_files_alone_say_nothing_of_the_class(project: Path) -> None:
    draw(project, hide("b.value"))
    report = checked(project, "--files", code=1)
    assert report["questions"] == ["files"]
    assert rules(report) == ["FILE_STALE"]
    assert report["inputs"] == []


def test_a_changed_export_in_the_folder_is_compared(project: Path) -> None:
    draw(project, hide("b.value"), arrange("n.seed", "p.width"))
    report = checked(project, code=1)
    assert set(rules(report, POSTER)) >= {"INPUT_MISSING", "INPUT_MOVED"}
    assert {i["attribute"]: i["changes"] for i in report["inputs"]}["seed"] == ["moved"]
    assert {i["source"] for i in report["inputs"]} == {POSTER}
    assert rules(report, "generated/poster.py") == ["FILE_STALE"]


def test_a_new_export_elsewhere_is_compared(project: Path, tmp_path: Path) -> None:
    new = draw(project, fill("steps.value", label="Denoising"), name="poster.json")
    report = checked(project, "--workflow", "poster.json")
    assert report["questions"] == ["workflow"]
    assert rules(report) == ["INPUT_RELABELLED"]
    assert [f["source"] for f in report["findings"]] == [POSTER]
    shutil.move(new, tmp_path / "poster.json")
    assert checked(project, "--workflow", str(tmp_path / "poster.json")) == report


def test_several_new_exports_are_compared(project: Path) -> None:
    draw(project, fill("steps.value", label="Denoising"), name="poster.json")
    (project / "quiet.json").write_bytes(as_bytes(projects.QUIET_FLOW))
    report = checked(project, "--workflow", "poster.json", "--workflow", "quiet.json")
    assert {i["source"] for i in report["inputs"]} == {POSTER, QUIET}


def test_another_document_alone(project: Path) -> None:
    (project / "new.json").write_bytes(document(narrower, version="6.15.0"))
    report = checked(project, "--spec", "new.json")
    assert report["questions"] == ["spec"]
    assert rules(report) == ["APP_VERSION_CHANGED", "RANGE_NARROWED"]
    (found,) = (f for f in report["findings"] if f["rule"] == "RANGE_NARROWED")
    assert (found["class_name"], found["attribute"], found["place"]) == ("Poster", "seed", "noise.seed")
    assert (found["old"], found["new"]) == ({"maximum": 4294967295}, {"maximum": 999})
    assert checked(project)["findings"] == []


def test_another_document_needs_no_exports(project: Path) -> None:
    (project / "new.json").write_bytes(document(without_noise))
    before = checked(project, "--spec", "new.json", code=1)
    assert rules(before) == ["NODE_REMOVED"]
    shutil.rmtree(project / "workflows")
    assert checked(project, "--spec", "new.json", code=1) == before


def test_questions_can_be_asked_together(project: Path) -> None:
    (project / "new.json").write_bytes(document(without_noise))
    draw(project, hide("b.value"), name="poster.json")
    report = checked(project, "--files", "--workflow", "poster.json", "--spec", "new.json", code=1)
    assert report["questions"] == ["files", "workflow", "spec"]
    assert rules(report) == ["INPUT_MISSING", "NODE_REMOVED"]


def test_the_projects_own_document_was_replaced(project: Path) -> None:
    pinned = project / "workflows" / "openapi.json"
    pinned.write_bytes(document())
    assert rules(checked(project, code=1)) == ["FILE_STALE"]  # other bytes, as the manifest has them
    run(project, "generate")
    assert checked(project)["findings"] == []
    pinned.write_bytes(document(narrower, version="6.15.0"))
    report = checked(project, code=1)
    assert rules(report) == ["FILE_STALE", "RANGE_NARROWED"]
    run(project, "generate")
    assert checked(project)["findings"] == []


def test_a_document_that_lacks_a_node_is_told_twice(project: Path) -> None:
    (project / "workflows" / "openapi.json").write_bytes(document(without_noise))
    assert rules(checked(project, code=1), POSTER) == ["FB301", "NODE_REMOVED"]


def test_fast_is_no_answer_to_other_questions(project: Path) -> None:
    for question in (["--workflow", POSTER], ["--spec", "x"], ["--server", "http://x"], ["--strict"]):
        assert "--fast" in run(project, "check", "--fast", *question, code=2).stderr


# Exit codes and severities.


def test_what_fails_the_check_is_up_to_the_threshold(project: Path) -> None:
    draw(project, renew("n", "n2"))
    asked = ["check", "--workflow", POSTER]
    found = run(project, *asked)
    assert "warning  INPUT_RETARGETED" in found.stdout
    assert "1 warning, 1 info in 1 of 2 workflows; none is an error." in found.stderr
    assert run(project, *asked, "--fail-on", "error").stdout == found.stdout
    assert run(project, *asked, "--fail-on", "warning", code=1).stdout == found.stdout
    assert "--fail-on" in run(project, *asked, "--fail-on", "info", code=2).stderr


def severity(project: Path, rule: str, *, code: int = 0) -> str | None:
    """Return how grave the findings of a rule are in a check of a new export."""
    found = checked(project, "--workflow", POSTER, code=code)["findings"]
    (said,) = {f["severity"] for f in found if f["rule"] == rule} or {None}
    return said


def test_severities_are_set_by_rule(project: Path) -> None:
    draw(project, hide("b.value"), fill("p.width", value=65))
    assert severity(project, "INPUT_MISSING", code=1) == "error"
    set_up(project, '[tool.flowbind.rules]\nINPUT_MISSING = "info"\nDEFAULT_CHANGED = "off"\n')
    assert severity(project, "INPUT_MISSING") == "info"
    assert severity(project, "DEFAULT_CHANGED") is None
    set_up(project, '[tool.flowbind.rules]\nINPUT_MISSING = "off"\nDEFAULT_CHANGED = "error"\n')
    assert severity(project, "INPUT_MISSING", code=1) is None
    assert severity(project, "DEFAULT_CHANGED", code=1) == "error"


def test_severities_are_set_by_workflow(project: Path) -> None:
    draw(project, hide("b.value"))
    rule = 'INPUT_MISSING = "warning"\n'
    set_up(project, f'[tool.flowbind.rules."workflows/p*.json"]\n{rule}')
    assert severity(project, "INPUT_MISSING") == "warning"
    set_up(project, f'[tool.flowbind.rules."workflows/q*.json"]\n{rule}')
    assert severity(project, "INPUT_MISSING", code=1) == "error"


def test_the_last_pattern_that_fits_decides(project: Path) -> None:
    draw(project, hide("b.value"))
    everywhere = 'INPUT_MISSING = "off"\n'
    tables = '[tool.flowbind.rules."*"]\nINPUT_MISSING = "info"\n[tool.flowbind.rules."*/poster.json"]\n'
    set_up(project, f'[tool.flowbind.rules]\n{everywhere}{tables}INPUT_MISSING = "warning"\n')
    assert severity(project, "INPUT_MISSING") == "warning"


def test_settings_hold_for_files_too(project: Path) -> None:
    (project / "generated" / "poster.py").unlink()
    set_up(project, '[tool.flowbind.rules]\nFILE_MISSING = "warning"\n')
    assert rules(checked(project)) == ["FILE_MISSING"]
    assert rules(checked(project, "--fast")) == ["FILE_MISSING"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[tool.flowbind.rules]\nINPUT_MOOVED = "info"', "Did you mean INPUT_MOVED"),
        ('[tool.flowbind.rules]\ninput_moved = "info"', "Did you mean INPUT_MOVED"),
        ('[tool.flowbind.rules]\nxyz = "info"', "flowbind explain"),
        ('[tool.flowbind.rules]\nINPUT_MOVED = "fatal"', '"off"'),
        ("[tool.flowbind.rules]\nINPUT_MOVED = 1", '"off"'),
        ("[tool.flowbind.rules]\nINPUT_MOVED = ['info']", '"off"'),
        ('[tool.flowbind.rules."*.json"]\nINPUT_MOOVED = "info"', "Did you mean INPUT_MOVED"),
        ('[tool.flowbind.rules."*.json"]\nINPUT_MOVED = "fatal"', '"off"'),
        ('[tool.flowbind.rules."*.json"."x"]\nINPUT_MOVED = "info"', "no rule"),
        ("rules = 1", "no table"),
        ('rule = "x"', "rules"),
    ],
)
def test_wrong_settings_could_not_run(project: Path, table: str, said: str) -> None:
    set_up(project, table)
    stderr = run(project, "check", code=2).stderr
    assert "FB504" in stderr
    assert said in stderr


# Which workflow a new export is of.


def test_a_new_export_is_known_by_its_path(project: Path) -> None:
    draw(project, name=QUIET)
    assert {f["class_name"] for f in checked(project, "--workflow", QUIET)["findings"]} == {"Quiet"}


@pytest.mark.parametrize("name", ["poster.json", "Poster.json", "POSTER.json"])
def test_a_new_export_is_known_by_its_name(project: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(as_bytes(projects.QUIET_FLOW))
    report = checked(project, "--workflow", str(tmp_path / name), code=1)
    assert {f["class_name"] for f in report["findings"]} == {"Poster"}


def test_a_new_export_is_known_by_its_nodes(project: Path) -> None:
    draw(project, hide("b.value"), renew("n", "k"), name="downloaded (3).json")
    report = checked(project, "--workflow", "downloaded (3).json", code=1)
    assert {f["source"] for f in report["findings"]} == {POSTER}


def test_a_workflow_of_the_project_can_be_named(project: Path) -> None:
    assert len(checked(project, "--workflow", "quiet")["inputs"]) == 1


def test_an_export_of_two_workflows_is_of_none(project: Path) -> None:
    (project / "workflows" / "copy.json").write_bytes((project / POSTER).read_bytes())
    run(project, "generate")
    draw(project, name="new.json")
    stderr = run(project, "check", "--workflow", "new.json", code=2).stderr
    assert "FB506" in stderr
    assert "workflows/copy.json as with workflows/poster.json" in stderr
    assert "copy, poster, quiet" in stderr


def test_an_export_of_no_workflow_is_told(project: Path) -> None:
    (project / "new.json").write_bytes(projects.picture_only())
    stderr = run(project, "check", "--workflow", "new.json", code=2).stderr
    assert "FB506" in stderr
    assert "shares no nodes" in stderr
    assert "poster, quiet" in stderr


def test_a_file_that_is_not_there_is_told(project: Path) -> None:
    assert "FB101" in run(project, "check", "--workflow", "none.json", code=2).stderr


def test_a_refused_export_of_no_known_name_says_why_it_is_refused(project: Path) -> None:
    (project / "new.json").write_bytes(REFUSED)
    stderr = run(project, "check", "--workflow", "new.json", code=2).stderr
    assert "FB301" in stderr
    assert "FB506" in stderr


# What is refused, missing, old or damaged.


def test_a_refused_export_is_a_finding(project: Path) -> None:
    (project / POSTER).write_bytes(REFUSED)
    for asked in ([], ["--files"], ["--workflow", POSTER]):
        (found,) = (f for f in checked(project, *asked, code=1)["findings"] if f["rule"] == "FB301")
        assert (found["source"], found["severity"], found["place"]) == (POSTER, "error", "/nodes/1/data/type")
        assert 'node "Gone"' in found["cause"]


def test_an_export_that_went_away_is_told(project: Path) -> None:
    (project / POSTER).unlink()
    report = checked(project, code=1)
    assert rules(report, POSTER) == ["WORKFLOW_MISSING"]
    assert rules(report, "generated/poster.py") == ["FILE_LEFTOVER"]


def test_without_exports_there_is_nothing_to_check(project: Path) -> None:
    shutil.rmtree(project / "workflows")
    assert rules(checked(project, code=1)) == ["FILE_LEFTOVER", "FILE_STALE", "WORKFLOW_MISSING"]
    shutil.rmtree(project / "generated")
    for asked in ([], ["--files"], ["--fast"], ["--spec", "x"]):
        assert "There are no exports" in run(project, "check", *asked, code=2).stderr


def test_no_classes_fit_no_server(project: Path) -> None:
    shutil.rmtree(project / "generated")
    (project / "new.json").write_bytes(document())
    assert "FB506" in run(project, "check", "--spec", "new.json", code=2).stderr
    draw(project, name="poster.json")
    assert "flowbind generate" in run(project, "check", "--workflow", "poster.json", code=2).stderr
    assert rules(checked(project, code=1)) == ["FILE_MISSING"]
    assert rules(checked(project, "--fast", code=1)) == ["FILE_MISSING"]


def manifest(project: Path) -> Any:
    return json.loads((project / "generated" / "manifest.json").read_text("utf-8"))


def write_manifest(project: Path, made: Any) -> None:
    (project / "generated" / "manifest.json").write_text(json.dumps(made), encoding="utf-8")


def old_manifest(project: Path) -> None:
    """Write the manifest as the second version had it."""
    made = manifest(project)
    made["manifest_version"] = 2
    del made["options"]
    made["spec"] = made["spec"]["invokeai"]
    del made["spec"]["file_digest"]
    for entry in made["workflows"].values():
        for key in ("file_digest", "base_class", "graph", "named", "node_packs"):
            del entry[key]
        for used in entry["node_types"].values():
            del used["inputs"], used["outputs"], used["classification"]
    write_manifest(project, made)


def test_an_old_manifest_cannot_be_compared(project: Path) -> None:
    old_manifest(project)
    (project / "new.json").write_bytes(document())
    for asked in (["--spec", "new.json"], ["--workflow", POSTER]):
        (found, *_) = checked(project, *asked, code=1)["findings"]
        assert found["rule"] == "FILE_STALE"
        assert "older flowbind" in found["cause"]
        assert "flowbind generate" in found["cure"]
    assert rules(checked(project, "--files", code=1)) == ["FILE_STALE"]
    assert rules(checked(project, "--fast", code=1)) == ["FILE_STALE"]
    run(project, "diff", code=1)
    run(project, "generate", "quiet")
    assert manifest(project)["manifest_version"] == VERSION
    assert rules(checked(project, "--workflow", POSTER, code=1)) == ["FILE_STALE"]
    assert checked(project, "--workflow", QUIET)["findings"] == []
    run(project, "generate")
    assert checked(project)["findings"] == []


def test_an_old_manifest_keeps_names(project: Path) -> None:
    draw(project, fill("steps.value", label="Denoising"))
    old_manifest(project)
    run(project, "generate")
    assert "steps" in {i["attribute"] for i in manifest(project)["workflows"][POSTER]["inputs"]}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def damaged(made: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a document with another value in one place; `...` takes it away."""
    made = copy.deepcopy(made)
    inside = made
    for key in path[:-1]:
        inside = inside[key]
    if value is ...:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return made


@pytest.mark.parametrize("first", [0, 3])
def test_a_damaged_manifest_is_refused_or_read_and_never_a_traceback(project: Path, first: int) -> None:
    whole = manifest(project)
    quiet_only = {**whole, "workflows": {QUIET: whole["workflows"][QUIET]}}
    # Each place gets some of the values: all in all places would take the test a minute.
    values = cycle([..., None, 5, True, "a b", ["x"], {"x": 5}])
    for path, value in zip(places(quiet_only), islice(values, first, None), strict=False):
        write_manifest(project, damaged(quiet_only, path, value))
        with suppress(Refused):
            read_manifest(project / "generated")
            # What is read must be fit for all that reads it.
            result = projects.run_any(project, "check", "--workflow", QUIET)
            assert result.exit_code in (0, 1) or "FB506" in result.stderr, (path, result.output)


def test_each_key_of_an_entry_is_needed(project: Path) -> None:
    whole = manifest(project)
    spared = {"engine", "node_packs", "field_types", "seal"}
    for key in whole["workflows"][POSTER].keys() - spared:
        write_manifest(project, damaged(whole, ("workflows", POSTER, key), ...))
        for asked in ([], ["--fast"], ["--workflow", POSTER], ["--spec", "x.json"]):
            stderr = run(project, "check", *asked, code=2).stderr
            assert "FB502" in stderr
            assert f"{key} of {POSTER} is missing or damaged" in stderr


@pytest.mark.parametrize("key", ["workflows", "package_files", "field_types", "spec", "generator", "options"])
@pytest.mark.parametrize("value", [None, 5, "x", ["x"], {"x": 5}])
def test_each_part_of_a_manifest_has_its_shape(project: Path, key: str, value: Any) -> None:
    write_manifest(project, {**manifest(project), key: value})
    result = projects.run_any(project, "check", "--fast")
    if (key, value) == ("options", {"x": 5}):  # of a later release
        assert "FILE_STALE" in result.stdout
    else:
        assert result.exit_code == 2
        assert "FB502" in result.stderr


# Formats.


def test_all_formats_say_the_same(project: Path) -> None:
    draw(project, hide("b.value"), renew("n", "n2"), swap("q", "img_scale"), mark("p", isIntermediate=True))
    (project / "generated" / "quiet.py").unlink()
    report = checked(project, code=1)
    Draft202012Validator(SCHEMA).validate(report)
    found = report["findings"]
    assert {"INPUT_MISSING", "INPUT_RETARGETED", "FILE_MISSING", "FILE_STALE", "OUTPUT_REMOVED"} <= set(rules(report))
    assert report["counts"] == {s: sum(f["severity"] == s for f in found) for s in ("error", "warning", "info")}
    lines = run(project, "check", "--format", "github", code=1).stdout.splitlines()
    assert len(lines) == len(found)
    log = json.loads(run(project, "check", "--format", "sarif", code=1).stdout)
    assert sorted(r["ruleId"] for r in log["runs"][0]["results"]) == sorted(f["rule"] for f in found)
    suites = ElementTree.fromstring(run(project, "check", "--format", "junit", code=1).stdout)
    assert {str(f.get("type")) for f in suites.iter("failure")} == {"FILE_MISSING", "FILE_STALE", "INPUT_MISSING"}
    text = run(project, "check", code=1).stdout
    assert all(f["rule"] in text and f["cause"] in text for f in found if f["rule"] != "INPUT_MOVED")


@pytest.mark.parametrize("form", ["json", "github", "sarif", "junit"])
def test_formats_for_programs_stand_alone_on_standard_output(project: Path, form: str) -> None:
    for code in (0, 1):
        assert run(project, "check", "--format", form, code=code).stderr == ""
        draw(project, empty("loader.model"))


def test_inputs_that_an_input_above_them_moved_are_one_line(project: Path) -> None:
    draw(project, hide("p.width"))
    text = run(project, "check", "--workflow", POSTER, code=1).stdout
    assert text.count("INPUT_MOVED") == 1
    assert "seed (1 to 0), steps (2 to 1), style (3 to 2)" in text
