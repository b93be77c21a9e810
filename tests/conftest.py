"""What all tests share: the shipped catalog, and the switch that rewrites the golden files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import settings

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.engine import shipped_catalog

# Machines of CI differ in speed: a time limit for one example would fail there at random.
settings.register_profile("flowbind", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.register_profile("nightly", max_examples=10_000, deadline=None)
settings.load_profile("flowbind")


# These start a server that no other test uses.
OWN_SERVER = {"test_restarts"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Rewrite the expected files of tests/golden.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests on real servers begin: they take longest."""
    items.sort(key=lambda item: group_of(item.nodeid) != "live")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep each file's tests together where several processes share them (`-n`), and those that share real servers.

    Marks for groups would say the same, but xdist 3.8 writes them where pytest does not look any more since 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Together(config, log)


def group_of(nodeid: str) -> str:
    """Return what a test is kept together with: its file, or all tests that share real servers."""
    path = PurePosixPath(nodeid.partition("::")[0])
    return "live" if path.parent.name == "live" and path.stem not in OWN_SERVER else str(path)


@pytest.fixture(autouse=True, scope="session")
def nobodys_accounts() -> Iterator[None]:
    """Keep the accounts of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("INVOKEAI_EMAIL", "INVOKEAI_PASSWORD", "INVOKEAI_CA_FILE"):
            patch.delenv(name, raising=False)
        patch.setenv("NETRC", os.devnull)
        yield


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The node types of the release whose document flowbind ships."""
    return shipped_catalog()
