"""The inputs of a made-up node pack: generated, looked at by type checkers, and posted as saved and as set."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.packs.packed import (
    EXPORTS,
    SAVED,
    Package,
    Project,
    attribute,
    from_json,
    missing,
    posted,
    saved_values,
)
from tests.packs.test_type_checkers import CHECKERS

from .tables import Known

NULL = "what may be left out and is null is left out, which says the same"
TITLE = "inputs of a made-up node pack that generate, type-check and round-trip"


def pack_outcomes() -> dict[str, str | None]:
    """Return what is wrong with each input that has a saved value."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project.with_exports(Path(folder) / "project", *EXPORTS)
        project.flowbind("generate")
        told = {file for checker in CHECKERS for file in checker(project.root)}
        package = Package.of(project, "flowbind_pack_measured")
        try:
            return {
                f"{name}.{field}": _wrong_with(package, name, field, told)
                for name in SAVED
                for field in saved_values(name)
            }
        finally:
            package.forget()


def _wrong_with(package: Package, name: str, field: str, told: set[str]) -> str | None:
    """Return what is wrong with an input; `told` are the files that a type checker does not accept."""
    if found := told & {"generated/field_types.py", f"generated/{name}.py"}:
        return f"a type checker does not accept {', '.join(sorted(found))}"
    workflow = package.workflow(name)
    wanted = {field: saved_values(name)[field]}
    if missing(posted(workflow()), wanted):
        return "the saved value is not posted"
    value = from_json(workflow, field, wanted[field])
    set_again = posted(workflow(**{attribute(workflow, field): value}))
    if missing(set_again, wanted):
        same = not missing(set_again, {field: _without_nulls(wanted[field])})
        return Known(NULL) if same else "the same value, set from Python, is not posted"
    return None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value
