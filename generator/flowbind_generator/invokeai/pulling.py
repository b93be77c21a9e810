"""A workflow of a server's library as a file of the project: which file, and whether that may be written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flowbind.digest import json_sha256
from flowbind.files import whole_file
from flowbind_generator.building import module_name
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import engines
from flowbind_generator.invokeai.export import read_export
from flowbind_generator.project import Project
from flowbind_generator.reading import read_file
from flowbind_generator.strict_json import parse

# Names of files have 255 bytes, a letter up to 4, and what is written on the way some 30 more.
_LONGEST = 48
DOCUMENTS = frozenset(Path(known.PINNED).stem for known in engines())
"""Names of files that servers' documents have."""
_OTHER_FILE = "Give the workflow another file with `--as NAME`"


@dataclass(frozen=True)
class Pulled:
    """What became of the file."""

    path: Path
    state: Literal["created", "updated", "unchanged"]


def pull(project: Project, workflow: Mapping[str, Any], stem: str | None, *, force: bool) -> Pulled:
    """Write a workflow of a library into the project, as the page's Download does.

    Its file is `stem`; without one, the file that holds the workflow already, by its id, else one called like the
    workflow. Raises `Refused` for what is no workflow, and where another export is in the way; `force` replaces that.
    """
    data = (json.dumps(workflow, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
    path = _target(project, workflow, stem)
    report = Report(project.source(path))
    if read_export(data, report) is None:
        raise Refused(report)
    there = _read(path)
    if there is not None and json_sha256(there) == json_sha256(workflow):
        return Pulled(path, "unchanged")
    is_new = not os.path.lexists(path)
    if is_new:
        _refuse_twin(project, path, report)
    elif not force and not _is_of(there, workflow) and not _was_saved_as(there, workflow):
        cure = f"{_OTHER_FILE}, or replace this one with `--force`."
        report.error("FB502", "Another file is in the way: it does not hold this workflow.", cure)
        raise Refused(report)
    try:
        with whole_file(path) as part:
            part.write_bytes(data)
    except OSError as error:
        report.error("FB502", f"The file cannot be written ({error.strerror}).", f"{_OTHER_FILE}, or see what it is.")
        raise Refused(report) from None
    return Pulled(path, "created" if is_new else "updated")


def file_stem(name: str) -> str:
    """Return a workflow's name as that of a file: that of its module, which leads nowhere, in any system."""
    stem = module_name(name[:_LONGEST])[:_LONGEST]
    return f"{stem}_workflow" if stem in DOCUMENTS else stem


def _target(project: Project, workflow: Mapping[str, Any], stem: str | None) -> Path:
    if stem is None:
        holding = [path for path in project.exports() if _is_of(_read(path), workflow)]
        if len(holding) > 1:
            report = Report(project.source(project.workflows))
            files = ", ".join(map(project.source, holding))
            report.error("FB506", f"Several files hold this workflow: {files}.", "Say with `--as` which one is meant.")
            raise Refused(report)
        if holding:
            return holding[0]
        stem = file_stem(str(workflow.get("name") or ""))
    path = project.workflows / f"{stem}.json"
    if path.parent != project.workflows or path.stem in DOCUMENTS:
        raise ValueError(f"{stem!r} leads elsewhere")
    return path


def _read(path: Path) -> Mapping[str, Any] | None:
    """Return the JSON object in a file, None where there is none."""
    try:
        document = parse(read_file(path))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, Mapping) else None


def _is_of(there: Mapping[str, Any] | None, workflow: Mapping[str, Any]) -> bool:
    """Tell whether an export came from a workflow of a library."""
    return there is not None and there.get("id") is not None and there["id"] == workflow.get("id")


def _was_saved_as(there: Mapping[str, Any] | None, workflow: Mapping[str, Any]) -> bool:
    """Tell whether a workflow is what a server made of an export: it adds an id and its own category."""
    return there is not None and "id" not in there and _content(there) == _content(workflow)


def _content(workflow: Mapping[str, Any]) -> str:
    meta = workflow.get("meta")
    version = meta.get("version") if isinstance(meta, Mapping) else None
    kept = {key: value for key, value in workflow.items() if key not in ("id", "meta") and value is not None}
    return json_sha256([kept, version])


def _refuse_twin(project: Project, path: Path, report: Report) -> None:
    """Refuse a new file whose class another export has; its name may differ in case, say."""
    name = module_name(path.stem)
    if twin := next((p for p in project.exports() if module_name(p.stem) == name), None):
        report.error("FB501", f"{project.source(twin)} has the class of that name.", f"{_OTHER_FILE}.")
        raise Refused(report)
