"""Every real file as `flowbind.load` gives it: posted as by its generated class, and all its literals at hand."""

from __future__ import annotations

import importlib
import json
import random
import typing
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fidelity.prompts import PAIRS, needs_pairs, pairs, server_catalog
from tests.fidelity.shared import needs_shared
from tests.fidelity.written import copy_corpus

from flowbind import LoadedWorkflow
from flowbind.comfyui.body import body_of
from flowbind.comfyui.request import CHOOSING, REPLACING, expanded, files_in, given
from flowbind.errors import InputError
from flowbind.invokeai.fields import BoundingBox, Color, LoRA, ModelRef
from flowbind.invokeai.runs.preview import preview
from flowbind.saved_nodes import Literal
from flowbind.workflow import UNSET, Workflow
from flowbind_generator.building import Basis
from flowbind_generator.comfyui.widget_values import unwrapped
from flowbind_generator.engines import Catalog as AnyCatalog
from flowbind_generator.generate import plan
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.loaded_export import load_export
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import Project, find_project

SAMPLE = 150
"""So many literals of each family are set, drawn among all of its files; all of them were, when this was written."""
NOW = datetime(2026, 1, 2, 3, 4, 5)

Posted = Callable[[Workflow[Any]], bytes]
"""What gives the bytes of an instance's request."""
ValuesOf = Callable[[bytes], dict[tuple[str, str], Any]]
"""What gives the values in a request by their places."""


@dataclass(frozen=True)
class Generated:
    """A project of many exports whose modules are on the disk, as `flowbind generate` writes them."""

    project: Project
    basis: Basis
    modules: Mapping[str, str]
    """The module of each source, with the name of its class."""
    _loaded: dict[str, LoadedWorkflow] = field(default_factory=dict[str, LoadedWorkflow])

    def of(self, source: str) -> type[Workflow[Any]]:
        """Return the generated class of an export."""
        module, _, name = self.modules[source].partition(":")
        made: type[Workflow[Any]] = getattr(importlib.import_module(f"{self.project.output.name}.{module}"), name)
        return made

    def loaded(self, source: str) -> LoadedWorkflow:
        """Return what `flowbind.load` gives of an export, with what it requires; each export is loaded once."""
        if source not in self._loaded:
            self._loaded[source] = requiring_nothing(load_export(self.project.path(source), self.basis))
        return self._loaded[source]


@contextmanager
def generated(folder: Path, package: str, catalogs: Mapping[str, AnyCatalog]) -> Iterator[Generated]:
    """Generate all exports of a project in one run."""
    (folder / "pyproject.toml").write_text(f'[tool.flowbind]\noutput = "{package}"\n', encoding="utf-8")
    project = find_project(folder)
    made = plan(project, catalogs, Manifest())
    project.output.mkdir()
    for name, data in made.files.items():
        (project.output / name).write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        names = {m.source: f"{m.name}:{m.class_name}" for m in made.modules}
        yield Generated(project, Basis(project, catalogs, Manifest()), names)


@pytest.fixture(scope="module")
def invokeai(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[Generated]:
    """All exports of the corpus."""
    folder = tmp_path_factory.mktemp("corpus")
    copy_corpus(folder)
    with generated(folder, "loaded_corpus", {"invokeai": catalog}) as found:
        yield found


@pytest.fixture(scope="module")
def comfyui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    """All saved files of the truth."""
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "workflows").mkdir()
    for file in PAIRS:
        for number, pair in enumerate(pairs(file)):
            name = f"p{PAIRS.index(file)}_{number:03}.json"
            (folder / "workflows" / name).write_text(json.dumps(pair["ui"]), encoding="utf-8")
    with generated(folder, "loaded_pairs", {"comfyui": server_catalog()}) as found:
        yield found


def posted_to_invokeai(workflow: Workflow[Any]) -> bytes:
    """Return what would be posted, each time with the same chance."""
    random.seed(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=0))
        return preview(workflow)[0]


def posted_to_comfyui(workflow: Workflow[Any]) -> bytes:
    """Return what would be posted, each time in the same moment and with the same chance."""
    values = given(workflow)
    values |= {number: str(file) for number, file in files_in(values).items()}
    made = expanded(type(workflow), values, source=random.Random(0), now=NOW)
    return body_of(type(workflow)).join(values, made)


def candidates(annotation: Any, now: Any) -> Iterator[Any]:
    """Yield values that an input of a type may take, other than the one that it has."""
    found: list[Any] = [*choices(annotation)]
    match now:
        case bool():
            found += [not now]
        case int() | float():
            found += [now + 1, now - 1, now + 8, now - 8, now * 2, now / 2, now / 2 + 0.01]
        case str():
            found += [f"{now}!"]
        case list():
            found += [now[:-1], now * 2]
    found += ["a.png", 3, 0.5, True, Path("a.png"), [3], [0.5], ["a"], [Path("a.png")], {"x": 1}, [{"x": 1}]]
    found += [Color(1, 2, 3, 4), BoundingBox(1, 2, 3, 4), LoRA(ModelRef(name="Fine"), 0.5)]
    yield from (value for value in found if not same(value, now))


def set_to_one(workflow: LoadedWorkflow, key: Any, annotation: Any, now: Any) -> Any:
    """Set what a key means to a value that it has not, and return that; `UNSET` where it takes none of many."""
    for value in candidates(annotation, now):
        try:
            workflow[key] = value
        except InputError:
            continue
        return value
    return UNSET


def choices(annotation: Any) -> Iterator[Any]:
    """Yield the values of all `Literal` in a type."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from typing.get_args(annotation)
    else:
        for part in typing.get_args(annotation):
            yield from choices(part)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same as JSON: booleans are no numbers."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def requiring_nothing(workflow: LoadedWorkflow) -> LoadedWorkflow:
    """Give an instance what it requires."""
    for name, about in type(workflow).model_fields.items():
        if about.is_required():
            assert set_to_one(workflow, name, about.annotation, UNSET) is not UNSET, name
    return workflow


def values_of_graph(body: bytes) -> dict[tuple[str, str], Any]:
    """Return the values in a request to InvokeAI by node id and input; those of batches, too."""
    batch = json.loads(body)["batch"]
    found = {
        (node_id, name): value for node_id, node in batch["graph"]["nodes"].items() for name, value in node.items()
    }
    for together in batch.get("data") or []:
        found |= {(datum["node_path"], datum["field_name"]): datum["items"] for datum in together}
    return found


def values_of_prompt(body: bytes) -> dict[tuple[str, str], Any]:
    """Return the values in a request to ComfyUI by node id and input."""
    return {
        (node_id, name): unwrapped(value)
        for node_id, node in json.loads(body)["prompt"].items()
        for name, value in node["inputs"].items()
    }


def made_anew(kind: type[Workflow[Any]]) -> set[tuple[str, str]]:
    """Return the places of texts that the editor makes anew at each run, of other values, too."""
    slots = [slot for slot in kind.__flowbind__.slots if slot.kind in (CHOOSING, REPLACING)]
    return {place for slot in slots for place in ((slot.node, slot.field), *slot.also)}


def places_of(literal: Literal, kind: type[Workflow[Any]]) -> set[tuple[str, str]]:
    """Return where a request has a literal: the items of a batch stand where it puts them."""
    targets = {
        place: batch.targets
        for batch in kind.__flowbind__.batches
        for place in [next((s.node, s.field) for s in kind.__flowbind__.slots if s.attribute == batch.attribute)]
    }
    return {target for place in literal.places for target in targets.get(place, [place])}


def posted_from(literal: Literal, workflow: LoadedWorkflow) -> bool:
    """Tell whether a literal is posted as it is: not set, not looked up, and not made anew."""
    slots = type(workflow).__flowbind__.slots
    slot = next((s for s in slots if (s.node, s.field) == literal.places[0]), None)
    return slot is None or (slot.attribute not in workflow.model_fields_set and slot.kind in ("value", "wrapped"))


def literals(workflow: LoadedWorkflow) -> list[tuple[str, str, Literal]]:
    """Return all literals, with the ids of their nodes and the names there."""
    nodes = type(workflow).__loaded__.nodes
    return [(node.id, name, literal) for node in nodes for name, literal in node.literals.items()]


def assert_posted_alike(found: Generated, posted: Posted) -> None:
    """Assert that what was loaded is posted as an instance of the generated class, byte for byte, and so is a copy."""
    for source in found.modules:
        made, loaded = found.of(source), found.loaded(source)
        assert list(made.model_fields) == list(type(loaded).model_fields)
        instance = made(**{name: getattr(loaded, name) for name in loaded.model_fields_set})
        assert posted(loaded) == posted(instance), source
        assert posted(loaded()) == posted(instance), source


@needs_shared
def test_an_export_of_invokeai_is_posted_as_by_its_generated_class(invokeai: Generated) -> None:
    assert len(invokeai.modules) > 90
    assert_posted_alike(invokeai, posted_to_invokeai)


@needs_pairs
def test_a_file_of_comfyui_is_posted_as_by_its_generated_class(comfyui: Generated) -> None:
    assert len(comfyui.modules) > 600
    assert_posted_alike(comfyui, posted_to_comfyui)


def assert_each_alone(found: Generated, posted: Posted, values_of: ValuesOf) -> None:
    """Assert that literals are what is posted, and that setting one changes that place alone."""
    workflows = {source: found.loaded(source) for source in found.modules}
    fresh = {source: values_of(posted(workflow)) for source, workflow in workflows.items()}
    every = [(source, *one) for source, workflow in workflows.items() for one in literals(workflow)]
    for source, node, name, literal in every:
        if literal.given and posted_from(literal, workflows[source]):
            assert all(same(fresh[source][place], literal.value) for place in literal.places), literal
            assert workflows[source][node, name] is not UNSET
    refusing = 0
    for source, node, name, literal in random.Random(7).sample(every, min(SAMPLE, len(every))):
        workflow = workflows[source]()
        own = type(workflow)
        wider = own.__loaded__.with_inputs(frozenset({literal.address}))
        attribute = next(
            slot.attribute for slot in wider.__flowbind__.slots if (slot.node, slot.field) == literal.places[0]
        )
        before = workflow[node, name]
        value = set_to_one(workflow, (node, name), wider.model_fields[str(attribute)].annotation, before)
        if value is UNSET:
            assert type(workflow) is own
            refusing += 1
            continue
        assert workflow[node, name] == value
        after = values_of(posted(workflow))
        were = fresh[source]
        changed = {place for place in were.keys() | after.keys() if not same(were.get(place), after.get(place))}
        kind = type(workflow)
        others = made_anew(kind)
        assert changed - others == places_of(literal, kind) - others, (source, literal, value)
        assert list(type(workflow).model_fields)[: len(own.model_fields)] == list(own.model_fields)
    assert refusing < SAMPLE / 10, refusing
    print(f"{len(workflows)} files, {len(every)} literals, {refusing} of {SAMPLE} took none of the values tried")


@needs_shared
def test_each_literal_of_invokeai_is_read_by_its_node_and_set_alone(invokeai: Generated) -> None:
    assert_each_alone(invokeai, posted_to_invokeai, values_of_graph)


@needs_pairs
def test_each_literal_of_comfyui_is_read_by_its_node_and_set_alone(comfyui: Generated) -> None:
    assert_each_alone(comfyui, posted_to_comfyui, values_of_prompt)
