"""The inputs of a workflow, typed by the catalog: those of the form, then what a run needs besides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flowbind.invokeai.fields import LOOKED_UP, holds_models
from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import DraftInput
from flowbind_generator.invokeai.batch_inputs import BatchInputs
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.defaults import with_default
from flowbind_generator.invokeai.document import MISSING, Node
from flowbind_generator.invokeai.form import FormField
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.invokeai.lost import tell_lost
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.invokeai.places import Place, place_of
from flowbind_generator.invokeai.python_types import kind_of, python_type
from flowbind_generator.invokeai.refusals import refusal
from flowbind_generator.invokeai.shuffle import random_range
from flowbind_generator.ir import Slot
from flowbind_generator.pointers import json_pointer
from flowbind_generator.quoting import literal


def draft_inputs(loaded: Loaded, catalog: Catalog, batches: BatchInputs, report: Report) -> list[DraftInput]:
    """Return the inputs in form order, then those that a run needs and the form lacks."""
    public = {(f.id.node_id, f.id.field_name) for f in loaded.fields}
    fed = {(e.target, e.target_field) for e in loaded.edges}
    given = fed | loaded.batched
    found: list[DraftInput] = []
    for form_field in loaded.fields:
        node = loaded.workflow.node(form_field.id.node_id)
        place = place_of(loaded, node, form_field.id.field_name, catalog, form_field) if node else None
        if place is None:
            _tell_callee_input(form_field, loaded, report)
            continue
        if place.key in batches:
            found.append(batches.drafted(place))
        elif why := "another node feeds it" if place.key in fed else batches.why_read_only(place):
            found.append(_fed_input(place, why, report))
        else:
            found.append(value_input(place, value_of(loaded, place.node, place.field.name), report))
    for node in loaded.workflow.nodes:
        node_type = catalog.get(node.type) if node.kind == "invocation" else None
        for name, field in (node_type.all_inputs if node_type else {}).items():
            key = (node.id, name)
            if key in public or not (key in batches or (key not in given and _is_lacking(loaded, node, field))):
                continue
            place = place_of(loaded, node, name, catalog, None)
            if place and key in batches:
                found.append(batches.drafted(place))
            elif place and _can_be_given(place, loaded, report):
                found.append(value_input(place, MISSING, report))
    return found


def references(loaded: Loaded, catalog: Catalog, inputs: list[DraftInput]) -> list[Slot]:
    """Return the models, pictures, videos and boards that the graph names outside its inputs."""
    given = {(d.input.node_id, d.input.field_name) for d in inputs}
    # The value beneath a batch is posted, but no run sees it.
    given |= loaded.batched
    found: list[Slot] = []
    for node_id, values in loaded.graph["nodes"].items():
        node_type = catalog.get(values["type"])
        for name, field in (node_type.all_inputs if node_type else {}).items():
            kind = kind_of(field)
            named = kind in LOOKED_UP or (kind == "object" and holds_models(values.get(name)))
            if named and values.get(name) not in (None, []) and (node_id, name) not in given:
                found.append(Slot(None, node_id, name, kind))
    return found


def _is_lacking(loaded: Loaded, node: Node, field: InputField) -> bool:
    """Tell whether a run needs an input that has no value."""
    return node.runs and field.required and value_of(loaded, node, field.name) is MISSING


def _tell_callee_input(public: FormField, loaded: Loaded, report: Report) -> None:
    """Report an input of the form that only the called workflow knows: its saved value is sent."""
    node = loaded.workflow.node(public.id.node_id)
    report.warning(
        "FB402",
        f'"{public.id.field_name}" is an input of the called workflow, whose type is not known here: it gets no '
        "attribute, and its saved value is sent.",
        "Feed it from a node whose input stands in the form.",
        pointer=json_pointer((*loaded.root, *public.path)),
        node_label=(node.label or None) if node else None,
    )


def _can_be_given(place: Place, loaded: Loaded, report: Report) -> bool:
    """Tell whether Python can give a missing value; what only an edge can give refuses the workflow."""
    where = json_pointer((*loaded.root, *place.node.input_path(place.field.name)[:-1]))
    cure = "Connect it in the editor and export again."
    whose = place.node.label or place.node_type.title
    if place.key in loaded.wired:
        message = f'Only a connector that nothing feeds is tied to the input "{place.field.name}", which a run needs.'
        report.warning("FB308", message, cure, pointer=where, node_label=whose)
        return False
    # What flowbind has no class of its own for, the editor has no control for: it is there for an edge.
    if place.field.connects != "connection" and kind_of(place.field) != "object":
        return True
    message = f'Nothing feeds the input "{place.field.name}", which a run needs.'
    # The editor checks only the inputs that the file lists.
    tell = report.error if place.field.name in place.node.inputs else report.warning
    tell("FB308", message, cure, pointer=where, node_label=whose)
    return False


def value_of(loaded: Loaded, node: Node, name: str) -> Any:
    """Return the value that is posted; of a node that the server does not run, the one that the editor holds."""
    if node.runs:
        return loaded.graph["nodes"][node.id].get(name, MISSING)
    return node.value(name)


def value_input(place: Place, value: Any, report: Report) -> DraftInput:
    """Return the input of a place that takes a value, `MISSING` where it has none."""
    field = place.field
    options = place.public.options if place.public else None
    kind = python_type(field, options)
    if not kind.understood:
        report.warning(
            "FB402",
            f'The type of "{place.label}" ({field.type.name}) is not understood; any JSON value is taken.',
            "Check the value yourself, or take the input out of the form.",
            **place.whereabouts,
        )
    for part in kind.unread:
        report.warning(
            "FB402",
            f'The type of {part}, in "{place.label}", is not understood; any JSON value is taken.',
            "Check the value yourself, or name a type of your own under [tool.flowbind.field_types].",
            **place.whereabouts,
        )
    random = random_range(field, place.public)
    if random:
        kind = replace(kind, annotation=f"{kind.annotation} | Random")
    notes: list[str] = []
    reason = None if value is MISSING else refusal(field, value)
    if reason:
        report.warning(
            "FB204",
            f'The saved value {literal(value)} of "{place.label}" does not fit its type: {reason}. '
            "It is sent as it is unless you set the attribute.",
            "Set another value in the editor and export again.",
            **place.whereabouts,
        )
        notes.append(
            f"The workflow's own value, {literal(value)}, does not fit the type: {reason}. It is sent when unset."
        )
    lost = tell_lost(place, report)
    notes += lost
    required = value is MISSING and field.required
    if required and not lost:
        report.info(
            "FB209",
            f'"{place.label}" has no value in the workflow.',
            "Give the attribute one for every run, or set it in the editor and export again.",
            **place.whereabouts,
        )
    annotation, code = with_default(kind, field, value, fits=not reason, required=required)
    if value is MISSING and not required and field.default is not None:
        notes.append(f"Unset, the server takes {literal(field.default)}.")
    return place.drafted(
        " ".join(notes),
        kind=kind.kind,
        annotation=annotation,
        required=required,
        default=None if value is MISSING else value,
        default_code=code,
        choices=field.choices or options,
        limits=field.limits,
        random=random,
        classes=kind.classes,
    )


def _fed_input(place: Place, how: str, report: Report) -> DraftInput:
    """Return an input that has no effect because something else feeds it: its index stays, it takes no value."""
    report.warning(
        "FB206",
        f'"{place.label}" stands in the form, but {how}, so a value has no effect.',
        "Remove the edge, or take the input out of the form.",
        **place.whereabouts,
    )
    return place.drafted(
        f"Read-only: {how}.",
        kind="fed",
        annotation="Annotated[None, Field(frozen=True)]",
        required=False,
        default=None,
        default_code="None",
    )
