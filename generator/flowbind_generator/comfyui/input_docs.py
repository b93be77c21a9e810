"""What an input's docstring says: it is all that a reader sees of the workflow."""

from __future__ import annotations

from flowbind.comfyui.schema.node_classes import COMBO, DYNAMIC_COMBO
from flowbind_generator.comfyui.custom_combo import own_choices
from flowbind_generator.comfyui.knobs import Knob, type_of
from flowbind_generator.comfyui.marked import unmarked
from flowbind_generator.comfyui.picks import Pick
from flowbind_generator.comfyui.widget_types import WidgetType
from flowbind_generator.docs import random_in_words, sentence, sentences, wrapped
from flowbind_generator.limits import Limits, limits_in_words
from flowbind_generator.quoting import comment, literal

_FARTHEST = 2**62
_MOST_CHOICES = 12
"""So many choices are told in words; the type lists all."""
_FILES = {
    "image": "A picture",
    "audio": "A sound",
    "video": "A video",
    "model_3d": "A 3D model",
    "file": "A file",
}
_CONTROLS = {
    "randomize": "draws a new one",
    "increment": "counts up",
    "decrement": "counts down",
}


def input_doc(pick: Pick, label: str, kind: WidgetType, index: int | None, notes: list[str]) -> str:
    """Return the docstring of an input: what it is, what is odd about its value, where it lives."""
    knob = pick.knob
    # An author's label of which nothing can be seen is none.
    label = label if comment(label).strip() else knob.spec.name
    told = [text for text in (pick.doc, knob.spec.tooltip) if text.strip()]
    # The attribute and the last line have the widget's own name, too.
    is_own = label in (knob.spec.name, knob.widget.name)
    summary = sentences(told if told and is_own else [label, *told])
    if type_of(knob.spec) == "STRING" and knob.spec.options.get("multiline") is True:
        summary.append("Text of several lines.")
    if limits := limits_in_words(_telling(kind.limits)):
        summary.append(sentence(limits[:1].upper() + limits[1:]))
    summary += [_of_kind(knob, kind), _choices(knob, kind), _random(knob, kind)]
    if len(knob.targets) > 1:
        summary.append(f"{len(knob.targets)} inputs take it.")
    number = "Set by its node" if pick.further else "Beside the subgraphs" if index is None else f"Input {index}"
    where = f"{number}: `{knob.widget.name}` of the {_owner(knob)}."
    return wrapped(" ".join(filter(None, summary)), " ".join(notes), where)


def _telling(limits: Limits) -> Limits:
    """Return the bounds that say something to people: no patterns, none at the end of all numbers."""
    low, high = limits.minimum, limits.maximum
    return Limits(
        None if low is None or abs(low) >= _FARTHEST else low, None if high is None or abs(high) >= _FARTHEST else high
    )


def _owner(knob: Knob) -> str:
    shown, node_class, title = knob.shown, knob.node_class, unmarked(knob.title)
    if shown.is_subgraph:
        return f'subgraph "{title or shown.type}" (node {shown.path})'
    if shown.prompt_id != knob.targets[0].node_id:
        return f'node "{title or shown.type}" ({shown.type})'
    return f'node "{title or node_class.display_name}" ({node_class.name})'


def _of_kind(knob: Knob, kind: WidgetType) -> str:
    if kind.limits.pattern:
        return 'A color as "#rrggbb", or the like with one digit each or with opacity.'
    if kind.base == "int" and knob.spec.options.get("display") == "color":
        return "A color as a number: 0xRRGGBB."
    if kind.kind in _FILES:
        return f"{_FILES[kind.kind]}: a local file or its bytes, or as text the name of one that is on the server."
    if kind.base == "str" and knob.spec.type == COMBO:
        many = "Some" if kind.cardinality == "list" else "One"
        return f"{many} of those that the server lists for {knob.spec.name} of {knob.node_class.name}."
    return ""


def _choices(knob: Knob, kind: WidgetType) -> str:
    choices = kind.choices or ()
    many = "Some" if kind.cardinality == "list" else "One"
    told = sentence(f"{many} of {', '.join(map(literal, choices))}") if 1 < len(choices) <= _MOST_CHOICES else ""
    if own_choices(knob.node_class, knob.spec, knob.given):
        return f"{told} The node's index stays that of the workflow's own choice.".strip()
    if knob.spec.type == DYNAMIC_COMBO:
        return f"{told} Another choice needs other inputs: choose it in the editor.".strip()
    return told


def _random(knob: Knob, kind: WidgetType) -> str:
    if kind.random is None:
        return ""
    drawn = random_in_words(kind.random)
    after = _CONTROLS.get(knob.widget.control or "")
    return f"{drawn} The editor {after} after each run; here it stays." if after else drawn
