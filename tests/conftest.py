"""What all tests share: the shipped catalog, and the switch that rewrites the golden files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.engine import shipped_catalog

# Machines of CI differ in speed: a time limit for one example would fail there at random.
settings.register_profile("flowbind", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile("flowbind")


# These start a server that no other test uses.
OWN_SERVER = {"test_restarts"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Rewrite the expected files of tests/golden.")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each file's tests together where several processes share them (`-n`), and those that share real servers.

    Those take longest, so they begin.
    """
    groups = {item: _group(item.path) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: groups[item] != "live")


def _group(path: Path) -> str:
    return "live" if path.parent.name == "live" and path.stem not in OWN_SERVER else path.as_posix()


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
