"""The modules of all real files together: they import, and linters and strict type checkers find nothing in them."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from flowbind_generator.invokeai.catalog import Catalog

from .shared import needs_shared
from .written import PACKAGE, TOOLS, Written, plan_corpus, write_corpus

pytestmark = needs_shared


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Written:
    """The package of the whole corpus."""
    return write_corpus(tmp_path_factory.mktemp("corpus"), catalog)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_finds_nothing(tool: str, written: Written) -> None:
    assert len(written.files) > 90
    assert TOOLS[tool](written) == {}


def test_each_tool_finds_what_is_wrong(written: Written, tmp_path: Path) -> None:
    (tmp_path / PACKAGE).mkdir()
    name = next(iter(written.files))
    for file in ("__init__.py", "py.typed", f"{name}.py"):
        shutil.copyfile(written.package / file, tmp_path / PACKAGE / file)
    with (tmp_path / PACKAGE / f"{name}.py").open("a", encoding="utf-8") as module:
        module.write('\nimport os\nwrong: int = "text"\nraise RuntimeError(wrong)\n')
    spoilt = Written(tmp_path, {name: written.files[name]}, {}, 0)
    assert {tool: name in find(spoilt) for tool, find in TOOLS.items()} == dict.fromkeys(TOOLS, True)


def test_the_server_s_document_is_read_once(tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_again(*_: object, **__: object) -> None:
        raise AssertionError("the document is read again")

    monkeypatch.setattr(Catalog, "__init__", read_again)
    monkeypatch.setattr(gzip, "decompress", read_again)
    made, _ = plan_corpus(tmp_path, catalog)
    assert len(made.modules) > 90
    assert len(made.reports) == 186
