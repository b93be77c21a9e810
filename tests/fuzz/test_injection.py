"""Hostile text in every place of exports and of servers' documents, through the real commands: it stays text."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path, PurePosixPath
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, currently_in_test_context, event, given, settings
from hypothesis import strategies as st

from flowbind_generator.manifest import read_manifest

from .hostile_documents import (
    Chance,
    Names,
    as_png,
    bases,
    hostile_export,
    hostile_names,
    hostile_server,
    small_document,
)
from .hostile_texts import HALF, PIECES, WHOLE, very_long
from .projects import OUTPUT, SETTINGS, HostileProject, assert_files, assert_reports, assert_values, files, imported

BATCH = 10
"""Exports in a project: what a command costs by itself is shared by them."""
LOOKED_AT = 6
"""Of so many projects one is looked at by the other commands, too: they cost as much as all else."""
EXAMPLES = max(500, settings().max_examples) // BATCH
"""Projects: 500 cases by default, as many as the profile says where it says more."""
_MOST_BYTES_OF_A_NAME = 200
counts: Counter[str] = Counter()
"""What was tried, for the table of `make fuzz`."""


class Drawn(NamedTuple):
    """What a project is made from; where texts go is left to a seed: Hypothesis would take long to draw each place."""

    texts: list[str]
    long: str | None
    share: float
    seed: int
    own_document: bool

    def project(self) -> HostileProject:
        """Return a project with hostile exports, and where it is its own a hostile document."""
        texts = self.texts if self.long is None else [*self.texts, very_long(self.long)]
        chance = Chance(texts, Random(self.seed), self.share)
        chosen = [chance.random.choice(bases())[1] for _ in range(BATCH)]
        document, names = small_document(chosen), Names()
        if self.own_document:
            names = hostile_names(document, chance)
            document = hostile_server(document, names, chance)
        exports: dict[str, dict[str, Any]] = {}
        for number, export in enumerate(chosen):
            exports[_path(chance, number, exports)] = hostile_export(export, names, chance)
        pictures = frozenset(path for path in exports if path.lower().endswith(".png"))
        return HostileProject(exports, pictures, document)


def _seldom(value: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.integers(0, 15).flatmap(lambda number: value if number == 0 else st.none())


@st.composite
def projects(draw: st.DrawFn) -> Drawn:
    """Draw what a project is made from."""
    texts = draw(st.lists(WHOLE, min_size=1, max_size=8))
    if half := draw(_seldom(HALF)):
        texts.append(half)
    share = draw(st.sampled_from((0.05, 0.3, 0.7, 1.0)))
    return Drawn(texts, draw(_seldom(PIECES)), share, draw(st.integers(0, 2**32)), draw(st.integers(0, 5)) == 0)


def _path(chance: Chance, number: int, taken: Any) -> str:
    """Return where an export is: a hostile name, sometimes in a hostile folder."""
    random = chance.random
    name = f"w{number}" if random.random() < 0.5 else _name(chance.text(f"w{number}") or "w")
    name += random.choice((".json", ".json", ".json", ".json", ".png", ".JSON"))
    folder = f"{_name(chance.text('f') or 'f')}/" if random.random() < 0.2 else ""
    path = folder + name
    return f"w{number}.json" if path in taken or path == "openapi.json" or PurePosixPath(path).is_absolute() else path


def _name(text: str) -> str:
    """Return a text as far as a name of a file on Linux may have it."""
    data = text.replace("/", "").replace("\0", "").encode("utf-8", "surrogatepass")[:_MOST_BYTES_OF_A_NAME]
    # Bytes that are no text are a surrogate each to Python.
    name = os.fsdecode(data)
    return "w" if name in ("", ".", "..") else name


def write(project: HostileProject) -> None:
    (project.root / "workflows").mkdir()
    (project.root / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (project.root / "server.json").write_text(json.dumps(project.document), encoding="utf-8")
    for path in project.exports:
        write_export(project, path)


def write_export(project: HostileProject, path: str) -> None:
    """Write an export, half of them with characters that are not ASCII as they are."""
    text = json.dumps(project.exports[path], ensure_ascii=len(path) % 2 == 0)
    data = text.encode("utf-8", "surrogatepass")
    target = project.root / "workflows" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(as_png(data) if path in project.pictures else data)


@settings(max_examples=EXAMPLES, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
@given(projects())
def test_hostile_texts_stay_texts(drawn: Drawn) -> None:
    with TemporaryDirectory(prefix="flowbind-fuzz-") as folder:
        check(drawn.project(), Path(folder).resolve())


def check(project: HostileProject, folder: Path) -> None:
    """Check everything about a project that is written into an empty folder."""
    project.root = folder / "project"
    project.root.mkdir()
    write(project)
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
            counts["requests"] += assert_values(project, package, source.removeprefix("workflows/"), entry)
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
    for form in ("text", "json"):
        project.flowbind("inspect", f"workflows/{path}", "--format", form)
    project.exports[path], project.exports[other] = project.exports[other], _relabelled(project.exports[path])
    for changed in (path, other):
        write_export(project, changed)
    assert_reports(project)
    project.flowbind("diff")


def _relabelled(export: Any) -> Any:
    """Return an export in which texts stand in each other's places."""
    for node in export.get("nodes") or ():
        for entry in (node["data"].get("inputs") or {}).values():
            entry["label"], entry["description"] = entry.get("description") or "", entry.get("label") or ""
            if isinstance(entry.get("value"), str):
                entry["value"] = f"{entry['label']}{entry['value']}"
    return export
