"""All exports of the made-up pack, generated once."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from .packed import EXPORTS, ROOT, SCRIPTS, Package, Project

if str(ROOT) not in sys.path:
    # The fake server is in another folder of tests.
    sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A user's project with all exports, generated, and with the scripts beside it."""
    made = Project.with_exports(tmp_path_factory.mktemp("packed") / "project", *EXPORTS)
    made.flowbind("generate")
    for script in SCRIPTS.glob("*.py"):
        (made.root / script.name).write_bytes(script.read_bytes())
    return made


@pytest.fixture(scope="session")
def package(project: Project) -> Iterator[Package]:
    """What was generated, imported."""
    made = Package.of(project, "flowbind_packed")
    yield made
    made.forget()
