"""Copies of real workflows: unchanged, and with each input set, they post what the instance posts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowbind.errors import InputError
from flowbind.workflow import Workflow
from flowbind_generator.building import Basis, Export, build_copy
from flowbind_generator.diagnostics import Report
from flowbind_generator.engines import engine_of
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Module
from flowbind_generator.live_module import class_of
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import Project

from .changed import changed
from .prompts import all_pairs, is_servable, needs_pairs, server_catalog
from .shared import exports, named, needs_shared, records_with

# Each file's inputs take seconds: those of so many are tried.
EVERY = 9


class Copier:
    """Makes copies with one server's document and reads them back."""

    def __init__(self, folder: Path, engine: str, catalog: Any) -> None:
        project = Project(folder, folder, folder / "generated")
        self.catalog = catalog
        self._basis = Basis(project, {engine: catalog}, Manifest())

    def read(self, data: bytes) -> Module | None:
        """Return the module of a file, None for one that is refused."""
        return build_copy(Export("a.json", data, engine_of(data)), self._basis, Report("a.json"))

    def differs(self, instance: Workflow[Any], module: Module, data: bytes) -> str | None:
        """Return how a copy of an instance differs from it, None where it does not."""
        engine = engine_of(data)
        try:
            document = engine.copy(instance, self.catalog, None, None)
        except InputError as error:
            return str(error)
        copy = self.read(json.dumps(document).encode())
        if copy is None:
            return "it cannot be read back"
        if found := engine.differences(instance, class_of(copy), self.catalog):
            return str(found)
        # What a run needs beside the form is there as long as the file lacks it.
        public, before = ([i.attribute for i in m.inputs if i.index is not None] for m in (copy, module))
        return None if public == before else f"its inputs are {public}, not {before}"


def tried(copier: Copier, files: Iterable[tuple[str, bytes]], *, each: bool) -> Iterator[tuple[str, str | None]]:
    """Yield what was tried, and how the copy differs; with `each`, all inputs are set in turn."""
    for name, data in files:
        module = copier.read(data)
        if module is None:
            continue
        kind = class_of(module)
        needed = {i.attribute: changed(i, copier.catalog) for i in module.inputs if i.required}
        yield name, copier.differs(kind(**needed), module, data)
        for item in module.inputs if each else ():
            value = None if item.connected else changed(item, copier.catalog)
            if value is not None:
                instance = kind(**{**needed, item.attribute: value})
                yield f"{name}: {item.attribute} = {value!r}", copier.differs(instance, module, data)


def check(found: Iterable[tuple[str, str | None]], *, least: int, refused: Iterable[str] = ()) -> None:
    """Check that so many copies at least were made, and that none differs but those of some reasons."""
    results = dict(found)
    wrong = {what: why for what, why in results.items() if why and not any(known in why for known in refused)}
    assert wrong == {}
    assert Counter(why is None for why in results.values())[True] >= least


@needs_shared
@pytest.mark.parametrize(("each", "step", "least"), [(False, 1, 90), (True, EVERY, 80)])
def test_copies_of_the_corpus(tmp_path: Path, catalog: Catalog, *, each: bool, step: int, least: int) -> None:
    files = ((named(path), path.read_bytes()) for path in exports()[::step])
    check(tried(Copier(tmp_path, "invokeai", catalog), files, each=each), least=least)


@needs_shared
def test_copies_of_files_that_were_made_for_the_purpose(tmp_path: Path, catalog: Catalog) -> None:
    found = records_with("workflow")[::EVERY]
    files = ((record["name"], json.dumps(record["workflow"]).encode()) for record in found)
    # Lists that advance together are refused at submit, too.
    check(tried(Copier(tmp_path, "invokeai", catalog), files, each=True), least=80, refused=["must have one length"])


@needs_pairs
@pytest.mark.parametrize(
    ("key", "each", "step", "least"), [("ui", False, 5, 100), ("ui", True, 40, 90), ("api", True, 60, 50)]
)
def test_copies_of_templates(tmp_path: Path, key: str, *, each: bool, step: int, least: int) -> None:
    found = [pair for pair in all_pairs() if is_servable(pair)][::step]
    files = ((pair["name"], json.dumps(pair[key]).encode()) for pair in found)
    check(tried(Copier(tmp_path, "comfyui", server_catalog()), files, each=each), least=least)
