"""`flowbind.load`, an export without generating files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowbind.extras import extra_needed

if TYPE_CHECKING:
    from flowbind.loaded import LoadedWorkflow


def load(path: str | Path, *, spec: str | None = None) -> LoadedWorkflow:
    """Return an instance of the class that `flowbind generate` would write for an export, with nothing set.

    What it has is known at run time only, so type checkers take all of it. `spec` is a file or URL of the server's own
    document, instead of the project's. Needs the extra `flowbind[generator]`. Raises
    `flowbind_generator.diagnostics.Refused` with the findings for an export that cannot be generated.
    """
    with extra_needed("flowbind.load", "generator"):
        from flowbind_generator.building import Basis
        from flowbind_generator.loaded_export import load_export
        from flowbind_generator.manifest import read_manifest
        from flowbind_generator.project import find_project
        from flowbind_generator.spec import Catalogs
    project = find_project()
    return load_export(Path(path), Basis(project, Catalogs(project, spec), read_manifest(project.output)))
