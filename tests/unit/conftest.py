"""A generated project, for tests of what happens to one."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import projects


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two workflows that is fresh; tests work on copies."""
    return projects.create(tmp_path_factory.mktemp("made") / "project")


@pytest.fixture
def project(generated: Path, tmp_path: Path) -> Path:
    """A copy of that project."""
    return projects.copied(generated, tmp_path)
