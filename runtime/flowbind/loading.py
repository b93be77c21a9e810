"""`flowbind.load`, the class of an export without generating files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowbind.extras import extra_needed


def load(path: str | Path, *, spec: str | None = None) -> type[Any]:
    """Return the class that `flowbind generate` would write for an export.

    What it has is known at run time only, so type checkers take all of it. `spec` is a file or URL of the server's own
    document, instead of the project's. Needs the extra `flowbind[generator]`. Raises
    `flowbind_generator.diagnostics.Refused` with the findings for an export that cannot be generated.
    """
    with extra_needed("flowbind.load", "generator"):
        from flowbind_generator.building import Basis, build_module
        from flowbind_generator.diagnostics import Refused, Report
        from flowbind_generator.live_module import class_of
        from flowbind_generator.manifest import read_manifest
        from flowbind_generator.project import find_project
        from flowbind_generator.spec import Catalogs
    project = find_project()
    report = Report(str(path))
    source = project.source(Path(path))
    basis = Basis(project, Catalogs(project, spec), read_manifest(project.output))
    module = build_module(Path(path), source, basis, report)
    if module is None:
        raise Refused(report)
    return class_of(module)
