"""The proof after rendering holds for batches: one that is not what was planned never gets through."""

from __future__ import annotations

import pytest

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Module
from flowbind_generator.render import render_module
from flowbind_generator.verify import NotAsPlanned, verify_module

from .batch_exports import batch, batched, generator
from .exports import form, picture, resolved, with_source, workflow

PROMPTS = {"type": "string_generator_dynamic_prompts_random", "input": "{a|b}", "count": 2}


@pytest.fixture(scope="module")
def module(catalog: Catalog) -> Module:
    document = batched(
        batch("b", "integer", [8], group="Group 1"),
        batch("t", "string", group="None"),
        generator("g", PROMPTS),
        edges=["b.value>p.width", "b.value>p.height", "g.strings>t.strings", "t.value>s.value"],
        form=form("t.batch_group_id"),
    )
    return resolved(document, catalog)[0]


@pytest.fixture(scope="module")
def source(module: Module) -> str:
    return render_module(module)["a.py"]


def test_what_was_planned_passes(module: Module, source: str) -> None:
    verify_module(with_source(module, source), module)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Batch('integers', 'b',", "Batch('strings', 'b',"),
        ("Batch('integers', 'b',", "Batch('integers', 'c',"),
        ("Batch('integers', 'b',", "print('integers', 'b',"),
        ("Batch('integers', 'b',", "Batch(*('integers', 'b'),"),
        ("group='Group 1', group_attribute=None", "group=None, group_attribute=None"),
        ("group='Group 1', group_attribute=None", "group_attribute='Group 1', group=None"),
        ("group_attribute='batch_group'", "group_attribute=None"),
        ("(('p', 'width'),", "(('p', 'mode'),"),
        ("(('p', 'width'),", "("),
        ("'count': 2", "'count': 3"),
        ("'count': 2", "'count': print('pwned')"),
        ("generator=None", "generator={}"),
        ("        batches=(", "        batches=(print('pwned'),"),
        ("        batches=(", "        batches=(*print('pwned'),"),
        ("        batches=(", "        others=("),
        ("fresh(lambda: [8])", "fresh(lambda: [9])"),
        ("fresh(lambda: [8])", "fresh(lambda: print('pwned'))"),
        ("InvokeAIBatchWorkflow[AOutputs]", "InvokeAIWorkflow[AOutputs]"),
    ],
)
def test_anything_else_is_refused(old: str, new: str, module: Module, source: str) -> None:
    assert old in source
    with pytest.raises((NotAsPlanned, ValueError)):
        verify_module(with_source(module, source.replace(old, new, 1)), module)


def test_a_module_without_batches_has_none(catalog: Catalog) -> None:
    module, _ = resolved(workflow(picture()), catalog)
    source = render_module(module)["a.py"]
    assert "batches" not in source
    with pytest.raises(NotAsPlanned):
        verify_module(with_source(module, source.replace("outputs_class=", "batches=(), outputs_class=", 1)), module)
