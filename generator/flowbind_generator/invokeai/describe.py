"""What an input's docstring says: it is all that an editor shows of the workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind.invokeai.fields import MODEL_KINDS
from flowbind_generator.docs import random_in_words, sentence, sentences
from flowbind_generator.invokeai.document import Node
from flowbind_generator.invokeai.form import FormField
from flowbind_generator.invokeai.node_types import InputField, NodeType
from flowbind_generator.invokeai.python_types import kind_of
from flowbind_generator.ir import RandomRange
from flowbind_generator.limits import Limits, limits_in_words
from flowbind_generator.quoting import comment, literal


def input_doc(
    label: str,
    field: InputField,
    node: Node,
    node_type: NodeType,
    public: FormField | None,
    random: RandomRange | None = None,
) -> list[str]:
    """Return the paragraphs of an input's docstring: what it is, then where it lives."""
    entry = node.inputs.get(field.name)
    if not comment(label).strip():
        label = field.title or field.name  # an author's label of which nothing can be seen
    summary = sentences([label, entry.description if entry else "", field.description])
    if limits := limits_in_words(field.limits):
        summary.append(sentence(limits[:1].upper() + limits[1:]))
    if unit := field.schema.get("unit"):
        summary.append(f"In {sentence(str(unit))}")
    if field.models and kind_of(field) in MODEL_KINDS:
        summary.append(f"Accepts {field.models}.")
    summary.append(choices_in_words(field))
    if public:
        summary.append(_widget(public, field.limits))
    if random:
        summary.append(random_in_words(random))
    title = f'node "{node.label}" ({node.type})' if node.label else f'node "{node_type.title}" ({node.type})'
    index = f"Input {public.index}" if public else "Not in the form"
    return [" ".join(s for s in summary if s), f"{index}: `{field.name}` of the {title}."]


def choices_in_words(field: InputField) -> str:
    """Return the choices of an input, with what the editor calls them, or ""."""
    told = field.schema.get("ui_choice_labels")
    labels: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    # The document names choices by text, whole numbers too.
    named = [(choice, labels.get(str(choice))) for choice in field.choices or ()]
    words = [f"{literal(choice)} ({name})" if name else literal(choice) for choice, name in named]
    return sentence("One of " + ", ".join(words)) if len(words) > 1 else ""


def generator_in_words(generator: Mapping[str, Any]) -> str:
    """Return what a generator does that only a run can tell, to follow "unset,"."""
    seed = f" with the seed {generator['seed']}" if generator.get("seed") is not None else ""
    match str(generator["type"]).partition("_generator_"):
        case _, _, "images_from_board":
            kind = "images" if generator["category"] == "images" else "assets"
            return f"the {kind} of the board {literal(generator['board_id'])} are taken"
        case _, _, "dynamic_prompts_combinatorial":
            most = generator["maxPrompts"]
            return f"the server expands the dynamic prompt {literal(generator['input'])} to at most {most} prompts"
        case _, _, "dynamic_prompts_random":
            count = generator["count"]
            return f"the server draws {count} prompts from the dynamic prompt {literal(generator['input'])}{seed}"
        case kind, _, _:
            low, high = generator["min"], generator["max"]
            words = "whole numbers" if kind == "integer" else "numbers"
            return f"each submit draws {generator['count']} {words} from {low} to {high}"


def _widget(public: FormField, limits: Limits) -> str:
    low, high = public.settings.get("min"), public.settings.get("max")
    words: list[str] = []
    if (low, high) not in ((None, None), (limits.minimum, limits.maximum)):
        words.append(f"The form offers {_span(low, high)}.")
    if public.options:
        words.append("The form offers a list; the server takes any text.")
    return " ".join(words)


def _span(low: Any, high: Any) -> str:
    if low is None or high is None:
        return f"{high} or less" if low is None else f"{low} or more"
    return f"{low} to {high}"
