"""From a draft to the finished module: every name given, every import known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import import_module

from flowbind_generator.class_schemas import IMPORT
from flowbind_generator.class_schemas import NAME as FIELD_TYPES
from flowbind_generator.docs import sentence, visible, wrapped
from flowbind_generator.draft import Draft
from flowbind_generator.field_classes import own_classes
from flowbind_generator.imports import Imports, imports_of, names_in
from flowbind_generator.ir import Batch, Input, Module, Output
from flowbind_generator.names import attribute_names, members


def resolve(
    draft: Draft,
    *,
    source: str,
    name: str,
    class_name: str,
    pinned: Mapping[str, str],
    file_digest: str = "",
    declaration: str | None = None,
) -> Module:
    """Return the module for a draft.

    `pinned` maps "node id/field name" to the attribute that an earlier generation gave it, `declaration` is the digest
    of what the project declares public.
    """
    runtime = import_module(draft.runtime)
    inputs = attribute_names(
        [d.candidate for d in draft.inputs],
        reserved={*members(getattr(runtime, draft.base_class)), *draft.field_types},
        pinned=pinned,
        prefix="input",
    )
    outputs = attribute_names(
        [d.candidate for d in draft.outputs], reserved=dir(runtime.Outputs), pinned={}, prefix="output"
    )
    named_inputs = tuple(replace(d.input, attribute=inputs[d.candidate.key]) for d in draft.inputs)
    named_outputs = tuple(replace(d.output, attribute=outputs[d.candidate.key]) for d in draft.outputs)
    return Module(
        engine=draft.engine,
        source=source,
        name=name,
        class_name=class_name,
        doc=wrapped(sentence(visible(draft.title) or name), *draft.description.replace("\r\n", "\n").split("\n\n")),
        inputs=named_inputs,
        outputs=named_outputs,
        references=draft.references,
        batches=tuple(
            Batch(
                attribute=inputs[b.items_key],
                node_id=b.node_id,
                group=b.group,
                group_attribute=inputs[b.group_key] if b.group_key else None,
                targets=b.targets,
                generator=b.generator,
            )
            for b in draft.batches
        ),
        imports=_imports(draft, named_inputs, named_outputs, runtime.RESERVED),
        field_types=draft.field_types,
        base_class=draft.base_class,
        source_digest=draft.source_digest,
        workflow_id=draft.workflow_id,
        file_digest=file_digest,
        node_types=draft.node_types,
        named=draft.named,
        declaration=declaration,
        values=draft.values,
        edges=draft.edges,
        graph=draft.graph,
        workflow=draft.workflow,
    )


def _imports(draft: Draft, inputs: Iterable[Input], outputs: Iterable[Output], exported: Iterable[str]) -> Imports:
    of_inputs = [code for i in inputs for code in (i.annotation, i.default_code, i.accepts) if code]
    used = names_in([*of_inputs, *(o.annotation for o in outputs)])
    always = {"Binding", "Outputs", draft.base_class}
    slots = {"Slot"} if draft.inputs or draft.references else set[str]()
    slots |= {"OutputSlot"} if draft.outputs else set()
    slots |= {"Batch"} if draft.batches else set()
    modelled = [name for name in used if name in draft.field_types and IMPORT not in draft.field_types[name]]
    own = {**own_classes(used, draft.field_types), f".{FIELD_TYPES}": modelled}
    return imports_of(used, {draft.runtime: always | slots | (used & set(exported))}, own)
