"""From a ComfyUI export to the draft that the core finishes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath

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
from flowbind_generator.comfyui.refusals import refuse_group_nodes, refuse_large_nodes
from flowbind_generator.comfyui.run_checks import check_runs
from flowbind_generator.comfyui.uses import named_things, prompt_edges, prompt_values, used_node_types
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import Draft, DraftInput
from flowbind_generator.ir import Slot


def draft(
    data: bytes, catalog: Catalog, report: Report, declaration: Declaration | None, further: Collection[str] = ()
) -> Draft | None:
    """Return what an export holds, with `further` literals as inputs, or None when the report refuses it."""
    found = read_export(data, report)
    prompt = found and prompt_in(found, catalog, report, by_name=_by_name(declaration))
    if not (found and prompt):
        return None
    chosen = choose(prompt, catalog, declaration, report, further)
    inputs = draft_inputs(prompt, catalog, chosen, report)
    outputs = draft_outputs(prompt, catalog, declaration, report)
    partners = tell_partners(prompt, catalog, report)
    if report.refused:
        return None
    return Draft(
        engine=NAME,
        runtime=RUNTIME,
        base_class="ComfyUIWorkflow",
        title=prompt.title or _in_words(report.file),
        description="\n\n".join(filter(None, (chosen.rule, partners))),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        references=tuple(_expanding(prompt, inputs)),
        batches=(),
        node_types=used_node_types(prompt, catalog, inputs),
        named=named_things(prompt, catalog),
        source_digest=json_sha256(found[1]),
        workflow_id=None,
        values=prompt_values(prompt),
        edges=prompt_edges(prompt),
        graph=prompt.kept,
        workflow=prompt.stored,
    )


def choosable(data: bytes, catalog: Catalog, report: Report, declaration: Declaration | None) -> Choosable | None:
    """Return all of an export that can be declared public, or None when the report refuses it."""
    found = read_export(data, report)
    prompt = found and prompt_in(found, catalog, report, by_name=_by_name(declaration))
    return choosable_in(prompt, catalog) if prompt else None


def prompt_in(found: Found, catalog: Catalog, report: Report, *, by_name: bool = False) -> Prompt | None:
    """Return what the editor would post for what a file holds, or None when the report refuses it; see `convert`."""
    kind, document, root = found
    if kind == "workflow":
        refuse_group_nodes(document, report, root)
        refuse_large_nodes(document, report, root)
        prompt = None if report.refused else convert(document, catalog, report, root, by_name=by_name)
    else:
        prompt = read_api(document, catalog, report, root)
    if prompt is not None:
        check_runs(prompt, catalog, report)
    return None if report.refused else prompt


def _expanding(prompt: Prompt, inputs: Iterable[DraftInput]) -> Iterator[Slot]:
    """Yield the slots of texts that the editor makes anew at each run, but that are no inputs."""
    public = {place for d in inputs for place in ((d.input.node_id, d.input.field_name), *d.input.also)}
    for widget in prompt.widgets:
        for place in widget.targets:
            if widget.expands and (place.node_id, place.name) not in public:
                yield Slot(None, place.node_id, place.name, widget.expands)


def _by_name(declaration: Declaration | None) -> bool:
    return declaration is not None and declaration.by_name


def _in_words(source: str) -> str:
    """Return what a workflow is called by the name of its file: the editor saves no other."""
    words = PurePosixPath(source).stem.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
