"""What an input's docstring says: it is all that an editor shows of the workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind_generator.docs import sentence
from flowbind_generator.invokeai.catalog import InputField, NodeType
from flowbind_generator.invokeai.document import Node
from flowbind_generator.invokeai.field_types import Limits
from flowbind_generator.invokeai.form import FormField
from flowbind_generator.invokeai.python_types import type_name
from flowbind_generator.quoting import comment, literal


def limits_in_words(limits: Limits) -> str:
    """Return the bounds as a phrase, or ""."""
    low, high = limits.minimum, limits.maximum
    words: list[str] = []
    if low is not None and high is not None:
        words.append(f"{low} to {high}")
    elif low is not None:
        words.append(f"{low} or more")
    elif high is not None:
        words.append(f"{high} or less")
    if limits.exclusive_minimum is not None:
        words.append(f"more than {limits.exclusive_minimum}")
    if limits.exclusive_maximum is not None:
        words.append(f"less than {limits.exclusive_maximum}")
    if limits.multiple_of is not None:
        words.append(f"a multiple of {limits.multiple_of}")
    if limits.min_length is not None:
        words.append(f"at least {limits.min_length} long")
    if limits.max_length is not None:
        words.append(f"at most {limits.max_length} long")
    if limits.min_items is not None:
        words.append("at least one item" if limits.min_items == 1 else f"at least {limits.min_items} items")
    if limits.max_items is not None:
        words.append("at most one item" if limits.max_items == 1 else f"at most {limits.max_items} items")
    return ", ".join(words)


def accepted_models(field: InputField) -> str:
    """Return which models an input accepts, as far as the document says."""
    if type_name(field.type) != "ModelIdentifierField":
        return ""
    bases, types = field.schema.get("ui_model_base") or [], field.schema.get("ui_model_type") or []
    named = f"{' or '.join(types) or 'any'} models" if types or bases else ""
    if bases:
        named += f" of base {' or '.join(bases)}"
    if not named and field.type.original:
        named = field.type.name
    return f"Accepts {named}." if named else ""


def input_doc(label: str, field: InputField, node: Node, node_type: NodeType, public: FormField | None) -> list[str]:
    """Return the paragraphs of an input's docstring: what it is, then where it lives."""
    entry = node.inputs.get(field.name)
    if not comment(label).strip():
        label = field.title or field.name  # an author's label of which nothing can be seen
    about = entry.description if entry and entry.description else field.description
    summary = [sentence(label), sentence(about) if about.strip(". ").lower() != label.strip(". ").lower() else ""]
    if limits := limits_in_words(field.limits):
        summary.append(sentence(limits[:1].upper() + limits[1:]))
    summary.append(accepted_models(field))
    if labels := field.schema.get("ui_choice_labels"):
        summary.append(sentence("Choices: " + "; ".join(f"{literal(k)} is {v}" for k, v in labels.items())))
    if public:
        summary.append(_widget(public, field.limits))
    title = f'node "{node.label}" ({node.type})' if node.label else f'node "{node_type.title}" ({node.type})'
    index = f"Input {public.index}" if public else "Not in the form"
    return [" ".join(s for s in summary if s), f"{index}: `{field.name}` of the {title}."]


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
    if public.shuffles:
        words.append("The form has a button that draws a random number; the server draws none.")
    return " ".join(words)


def _span(low: Any, high: Any) -> str:
    if low is None or high is None:
        return f"{high} or less" if low is None else f"{low} or more"
    return f"{low} to {high}"
