"""The inputs of a workflow, typed by the catalog: those of the form, then what a run needs besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowbind.invokeai.fields import LOOKED_UP
from flowbind_generator.diagnostics import Report
from flowbind_generator.docs import wrapped
from flowbind_generator.draft import DraftInput
from flowbind_generator.invokeai.catalog import Catalog, InputField, NodeType
from flowbind_generator.invokeai.defaults import with_default
from flowbind_generator.invokeai.describe import input_doc
from flowbind_generator.invokeai.document import MISSING, Input, Node
from flowbind_generator.invokeai.form import FormField
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.invokeai.python_types import kind_of, python_type, refusal, type_name
from flowbind_generator.invokeai.values import old_model
from flowbind_generator.ir import Input as IRInput
from flowbind_generator.ir import Slot
from flowbind_generator.names import Candidate
from flowbind_generator.pointers import json_pointer, jsonpath
from flowbind_generator.quoting import literal


@dataclass(frozen=True)
class _Place:
    """One input of one node, with all that is known of it."""

    node: Node
    node_type: NodeType
    field: InputField
    entry: Input
    public: FormField | None

    @property
    def label(self) -> str:
        return self.entry.label.strip() or self.field.title or self.field.name


def draft_inputs(loaded: Loaded, catalog: Catalog, report: Report) -> list[DraftInput]:
    """Return the inputs in form order, then those that a run needs and the form lacks."""
    public = {(f.id.node_id, f.id.field_name): f for f in loaded.fields}
    fed = {(e.target, e.target_field) for e in loaded.edges}
    found: list[DraftInput] = []
    for form_field in loaded.fields:
        node = loaded.workflow.node(form_field.id.node_id)
        place = _place(node, form_field.id.field_name, catalog, form_field) if node else None
        if place is None:
            continue
        if (place.node.id, place.field.name) in fed:
            found.append(_fed_input(place, loaded, report))
        else:
            found.append(_input(place, loaded, report))
    for node in loaded.workflow.nodes:
        node_type = catalog.get(node.type) if node.kind == "invocation" else None
        for name, field in (node_type.inputs if node_type else {}).items():
            key = (node.id, name)
            if (
                key not in public
                and key not in loaded.wired
                and field.required
                and _graph_value(loaded, node, name) is MISSING
            ):
                place = _place(node, name, catalog, None)
                if place and _can_be_given(place, report):
                    found.append(_input(place, loaded, report))
    return found


def references(loaded: Loaded, catalog: Catalog, inputs: list[DraftInput]) -> list[Slot]:
    """Return the models, pictures, videos and boards that the graph names outside its inputs."""
    given = {(d.input.node_id, d.input.field_name) for d in inputs}
    found: list[Slot] = []
    for node_id, values in loaded.graph["nodes"].items():
        node_type = catalog.get(values["type"])
        for name, field in (node_type.inputs if node_type else {}).items():
            kind = kind_of(field)
            if kind in LOOKED_UP and values.get(name) not in (None, []) and (node_id, name) not in given:
                found.append(Slot(None, node_id, name, kind))
    return found


def _place(node: Node, name: str, catalog: Catalog, public: FormField | None) -> _Place | None:
    node_type = catalog.get(node.type)
    field = node_type.inputs.get(name) if node_type else None
    return _Place(node, node_type, field, node.inputs.get(name, Input(name)), public) if node_type and field else None


def _can_be_given(place: _Place, report: Report) -> bool:
    """Tell whether Python can give a missing value; what only an edge can give refuses the workflow."""
    if place.field.connects != "connection" and python_type(place.field).understood:
        return True
    message = f'Nothing feeds the input "{place.field.name}", which a run needs.'
    cure = "Connect it in the editor and export again."
    where = json_pointer(place.node.input_path(place.field.name)[:-1])
    # The editor checks only the inputs that the file lists.
    tell = report.error if place.field.name in place.node.inputs else report.warning
    tell("FB308", message, cure, pointer=where, node_label=place.node.label or place.node_type.title)
    return False


def _graph_value(loaded: Loaded, node: Node, name: str) -> Any:
    return loaded.graph["nodes"][node.id].get(name, MISSING)


def _input(place: _Place, loaded: Loaded, report: Report) -> DraftInput:
    field, public = place.field, place.public
    value = _graph_value(loaded, place.node, field.name)
    options = public.options if public else None
    kind = python_type(field, options)
    place_of = {"pointer": _pointer(place, loaded), "node_label": place.node.label or None}
    if not kind.understood:
        report.warning(
            "FB402",
            f'The type of "{place.label}" ({field.type.name}) is not understood; any JSON value is taken.',
            "Check the value yourself, or take the input out of the form.",
            **place_of,
        )
    notes: list[str] = []
    reason = None if value is MISSING else refusal(field, value)
    if reason:
        report.warning(
            "FB204",
            f'The saved value {literal(value)} of "{place.label}" does not fit its type: {reason}. '
            "It is sent as it is unless you set the attribute.",
            "Set another value in the editor and export again.",
            **place_of,
        )
        notes.append(
            f"The workflow's own value, {literal(value)}, does not fit the type: {reason}. It is sent when unset."
        )
    notes += _lost_value(place, value, report, place_of)
    required = value is MISSING and field.required
    annotation, code = with_default(kind, field, value, fits=not reason, required=required)
    if value is MISSING and not required and field.default is not None:
        notes.append(f"Unset, the server takes {literal(field.default)}.")
    return _drafted(
        place,
        loaded,
        " ".join(notes),
        kind=kind.kind,
        annotation=annotation,
        required=required,
        default=None if value is MISSING else value,
        default_code=code,
        choices=field.choices or options,
        minimum=field.limits.minimum,
        maximum=field.limits.maximum,
        exclusive_minimum=field.limits.exclusive_minimum,
        exclusive_maximum=field.limits.exclusive_maximum,
        multiple_of=field.limits.multiple_of,
    )


def _fed_input(place: _Place, loaded: Loaded, report: Report) -> DraftInput:
    """Return an input that has no effect because an edge feeds it: its index stays, its attribute takes no value."""
    report.warning(
        "FB206",
        f'"{place.label}" stands in the form, but an edge feeds it, so a value has no effect.',
        "Remove the edge, or take the input out of the form.",
        pointer=_pointer(place, loaded),
        node_label=place.node.label or None,
    )
    return _drafted(
        place,
        loaded,
        "Read-only: another node feeds it.",
        kind="fed",
        annotation="Annotated[None, Field(frozen=True)]",
        required=False,
        default=None,
        default_code="None",
    )


def _drafted(place: _Place, loaded: Loaded, note: str, **typed: Any) -> DraftInput:
    """Return an input with what its place alone tells of it, and what was found out about its type."""
    field, public = place.field, place.public
    what, where = input_doc(place.label, field, place.node, place.node_type, public)
    return DraftInput(
        _candidate(place),
        IRInput(
            attribute="",
            index=public.index if public else None,
            label=place.label,
            node_id=place.node.id,
            node_type=place.node.type,
            field_name=field.name,
            field_type=type_name(field.type),
            cardinality=field.type.cardinality,
            doc=wrapped(what, note, where),
            json_pointer=_pointer(place, loaded),
            jsonpath=jsonpath((*loaded.root, *place.node.input_path(field.name))),
            **typed,
        ),
    )


def _lost_value(place: _Place, value: Any, report: Report, place_of: dict[str, Any]) -> list[str]:
    """Report a saved value that the editor does not keep; return what the docstring says of it."""
    saved = place.entry.saved
    if value is not MISSING or saved is MISSING or saved is None or place.field.type.name == "BoardField":
        return []
    if model := old_model(saved):
        name, base = model
        report.warning(
            "FB205",
            f'"{place.label}" holds the model "{name}" in the shape of a release before 4.0.',
            "Give the model when you run the workflow, or pick it in the editor and export again.",
            **place_of,
        )
        return [f'The workflow was saved with the model "{name}" (base {base}): pass its name if your server has it.']
    report.warning(
        "FB207",
        f'The saved value of "{place.label}" is not understood and counts as unset.',
        "Set the value in the editor and export again.",
        **place_of,
    )
    return []


def _candidate(place: _Place) -> Candidate:
    return Candidate(
        key=f"{place.node.id}/{place.field.name}",
        names=(place.entry.label, place.field.title, place.field.name),
        owners=(place.node.label, place.node_type.title),
    )


def _pointer(place: _Place, loaded: Loaded) -> str:
    return json_pointer((*loaded.root, *place.node.input_path(place.field.name)))
