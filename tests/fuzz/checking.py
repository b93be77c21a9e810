"""What must hold of a project of hostile files whatever the family of its exports is, through the real commands."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from hypothesis import currently_in_test_context, event

from flowbind_generator.manifest import read_manifest

from .projects import OUTPUT, SETTINGS, HostileProject, assert_files, assert_reports, files, imported

LOOKED_AT = 6
"""Of so many projects one is looked at by the other commands, too: they cost as much as all else."""


def _write(project: HostileProject) -> None:
    (project.root / "workflows").mkdir()
    (project.root / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (project.root / "server.json").write_text(json.dumps(project.document), encoding="utf-8")
    for path in project.exports:
        _write_export(project, path)


def _write_export(project: HostileProject, path: str) -> None:
    """Write an export, half of them with characters that are not ASCII as they are."""
    text = json.dumps(project.exports[path], ensure_ascii=len(path) % 2 == 0)
    data = text.encode("utf-8", "surrogatepass")
    target = project.root / "workflows" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(project.as_png(data) if path in project.pictures else data)


def check(project: HostileProject, folder: Path, counts: Counter[str]) -> None:
    """Check everything about a project that is written into an empty folder."""
    project.root = folder / "project"
    project.root.mkdir()
    _write(project)
    before = files(project.root.parent)
    made = project.flowbind("generate")
    after = {n: d for n, d in files(project.root.parent).items() if not n.startswith(f"project/{OUTPUT}/")}
    assert after == before
    manifest = read_manifest(project.output)
    counts["cases"] += len(project.exports)
    counts["generated"] += len(manifest.workflows)
    if currently_in_test_context():
        event(f"generated {10 * len(manifest.workflows) // len(project.exports)} of 10")
    assert (made.exit_code == 1) == (len(manifest.workflows) < len(project.exports)), made.stderr
    if not manifest.workflows:
        return
    assert_files(project)
    with imported(project) as package:
        for source, entry in manifest.workflows.items():
            counts["requests"] += project.assert_values(package, source.removeprefix("workflows/"), entry)
    state = files(project.output)
    again = project.flowbind("generate")
    assert " 0 files written" in again.stderr
    assert files(project.output) == state
    if len(state) % LOOKED_AT == 0:
        _look(project)


def _look(project: HostileProject) -> None:
    """Check what the commands print: of fresh files, and once some exports hold other texts."""
    fresh = project.flowbind("check", "--format", "json")
    found = json.loads(fresh.stdout)["findings"]
    assert not [f for f in found if f["rule"].startswith("FILE_")]
    path, other = sorted(project.exports)[:: len(project.exports) - 1]
    for words in project.looks:
        project.flowbind(words[0], f"workflows/{path}", *words[1:])
    project.exports[path], project.exports[other] = project.exports[other], project.relabelled(project.exports[path])
    for changed in (path, other):
        _write_export(project, changed)
    assert_reports(project)
    project.flowbind("diff")
