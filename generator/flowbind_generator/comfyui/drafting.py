"""From a ComfyUI export to the draft that the core finishes."""

from __future__ import annotations

from flowbind.digest import json_sha256
from flowbind_generator.choosable import Choosable
from flowbind_generator.comfyui.api_format import read_api
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.choosable import choosable_in
from flowbind_generator.comfyui.chosen import choose
from flowbind_generator.comfyui.convert import convert
from flowbind_generator.comfyui.engine import NAME, RUNTIME
from flowbind_generator.comfyui.export import read_export
from flowbind_generator.comfyui.inputs import draft_inputs
from flowbind_generator.comfyui.outputs import draft_outputs
from flowbind_generator.comfyui.partners import tell_partners
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.comfyui.recognise import Found
from flowbind_generator.comfyui.run_checks import check_runs
from flowbind_generator.comfyui.uses import named_things, prompt_edges, prompt_values, used_node_types
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import Draft


def draft(data: bytes, catalog: Catalog, report: Report, declaration: Declaration | None) -> Draft | None:
    """Return what an export holds, or None when the report refuses it."""
    found = read_export(data, report)
    prompt = found and prompt_in(found, catalog, report)
    if not (found and prompt):
        return None
    kind, document, _ = found
    chosen = choose(prompt, catalog, declaration, report)
    inputs = draft_inputs(prompt, catalog, chosen, report)
    outputs = draft_outputs(prompt, catalog, declaration, report)
    partners = tell_partners(prompt, catalog, report)
    if report.refused:
        return None
    return Draft(
        engine=NAME,
        runtime=RUNTIME,
        base_class="ComfyUIWorkflow",
        title=prompt.title,
        description="\n\n".join(filter(None, (chosen.rule, partners))),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        references=(),
        batches=(),
        node_types=used_node_types(prompt, catalog, inputs),
        named=named_things(prompt, catalog),
        source_digest=json_sha256(document),
        workflow_id=None,
        values=prompt_values(prompt),
        edges=prompt_edges(prompt),
        graph=prompt.posted,
        workflow=document if kind == "workflow" else None,
    )


def choosable(data: bytes, catalog: Catalog, report: Report) -> Choosable | None:
    """Return all of an export that can be declared public, or None when the report refuses it."""
    found = read_export(data, report)
    prompt = found and prompt_in(found, catalog, report)
    return choosable_in(prompt, catalog) if prompt else None


def prompt_in(found: Found, catalog: Catalog, report: Report) -> Prompt | None:
    """Return what the editor would post for what a file holds, or None when the report refuses it."""
    kind, document, root = found
    prompt = (convert if kind == "workflow" else read_api)(document, catalog, report, root)
    if prompt is not None:
        check_runs(prompt, catalog, report)
    return None if report.refused else prompt
