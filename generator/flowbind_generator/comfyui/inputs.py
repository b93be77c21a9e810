"""The inputs of a workflow, typed by the catalog: the widgets that are public, in their order."""

from __future__ import annotations

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.chosen import Chosen
from flowbind_generator.comfyui.input_docs import input_doc
from flowbind_generator.comfyui.input_names import authors_words, candidates
from flowbind_generator.comfyui.picks import Pick
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.comfyui.roles import Roles
from flowbind_generator.comfyui.saved_places import saved_places
from flowbind_generator.comfyui.widget_types import WidgetType, widget_type
from flowbind_generator.comfyui.widget_values import default_code, in_words, refusal, unwrapped
from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import DraftInput
from flowbind_generator.ir import Input
from flowbind_generator.names import Candidate
from flowbind_generator.pointers import jsonpath


def draft_inputs(prompt: Prompt, catalog: Catalog, chosen: Chosen, report: Report) -> list[DraftInput]:
    """Return the chosen widgets as inputs, in their order."""
    words = authors_words(chosen.picks)
    names = candidates(chosen.picks, words, Roles(prompt, catalog))
    # Those beside come last, and further ones.
    return [
        _input(pick, None if pick.beside or pick.further else index, words[index], names[index], report)
        for index, pick in enumerate(chosen.picks)
    ]


def _input(pick: Pick, index: int | None, word: str, candidate: Candidate, report: Report) -> DraftInput:
    knob, kind = pick.knob, widget_type(pick.knob)
    value = unwrapped(knob.widget.value)
    notes = _tell_type(pick, kind, report)
    reason = refusal(kind, value) if knob.is_given else None
    required = knob.spec.required and not knob.is_given
    if reason:
        told = in_words(value)
        report.warning(
            "FB204",
            f'The saved value {told} of "{knob.label}" does not fit its type: {reason}. '
            "It is sent as it is unless you set the attribute.",
            "Set another value in the editor and save the workflow again.",
            **knob.whereabouts,
        )
        notes.append(f"The workflow's own value, {told}, does not fit the type: {reason}. It is sent when unset.")
    elif required:
        report.info(
            "FB209",
            f'"{knob.label}" has no value in the workflow.',
            "Give the attribute one for every run, or set it in the editor and save the workflow again.",
            **knob.whereabouts,
        )
    is_unset = not required and (reason is not None or not knob.is_given)
    code = None if required else "UNSET" if is_unset else default_code(kind, value)
    first, *others = knob.targets
    label = word or knob.label
    keys = knob.widget.keys or knob.shown.keys
    return DraftInput(
        candidate,
        Input(
            attribute="",
            index=index,
            label=label,
            node_id=first.node_id,
            node_type=knob.node_class.name,
            field_name=first.name,
            field_type=knob.spec.type,
            cardinality=kind.cardinality,
            kind=kind.kind,
            annotation=f"{kind.annotation} | Unset" if is_unset else kind.annotation,
            required=required,
            default=value if knob.is_given else None,
            default_code=code,
            doc=input_doc(pick, label, kind, index, notes),
            json_pointer=knob.pointer,
            jsonpath=jsonpath(keys),
            choices=kind.choices,
            limits=kind.limits,
            random=kind.random,
            also=tuple((place.node_id, place.name) for place in others),
            saved=saved_places(knob.widget, knob.prompt),
        ),
    )


def _tell_type(pick: Pick, kind: WidgetType, report: Report) -> list[str]:
    """Report what is odd about the type of an input, and return what its docstring says of that."""
    knob = pick.knob
    if not kind.understood:
        report.warning(
            "FB402",
            f'The type of "{knob.label}" ({knob.spec.type or "unknown"}) is not understood; any JSON value is taken.',
            "Check the value yourself, or choose other inputs.",
            **knob.whereabouts,
        )
    if knob.widget.expands == kind.kind:
        report.info(
            "FB210",
            f'The editor expands "{knob.label}" at each run: {{a|b}} to one of them, %date% and its like to a text.',
            "flowbind does the same with the workflow's own text; a text that Python gives is sent as it is.",
            **knob.whereabouts,
        )
        return [
            "The workflow's own text is expanded at each run, as in the editor; a text given here is sent as it is."
        ]
    return []
