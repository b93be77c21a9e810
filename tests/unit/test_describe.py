"""What docstrings say of an input: the author's words and the schema's, each once, and what a value may be."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.limits import Limits, limits_in_words
from flowbind_generator.live_module import class_of

from .exports import form, given, input_of, node, resolved, workflow
from .objects import NULL, catalog_with, drawn_class, field, ref


def doc(schema: dict[str, Any], entry: Any = None, *, settings: Any = None, **words: Any) -> str:
    """Return the docstring of an input with such a schema, on one line."""
    catalog = catalog_with({"key": field({**schema, **words})})
    shown = "n.key" if settings is None else ("n.key", settings)
    export = workflow(node("n", "draw", {"key": entry or given()}, visible=True), form=form(shown))
    return " ".join(input_of(resolved(export, catalog)[0], "key").doc.split())


NUMBER = {"type": "integer", "default": 5}


def test_the_authors_words_and_the_documents() -> None:
    found = doc(NUMBER, given(5, label="Steps", description="Fewer is faster"), description="How many steps")
    assert found.startswith("Steps. Fewer is faster. How many steps. Input 0:")


@pytest.mark.parametrize(
    ("label", "said", "known", "start"),
    [
        ("Steps", "", "", "Steps. Input 0"),
        ("Steps", "", "Steps", "Steps. Input 0"),
        ("Steps", "steps.", "STEPS", "Steps. Input 0"),
        ("Steps", "How many", "How many.", "Steps. How many. Input 0"),
        ("", "", "The key", "key. The key. Input 0"),
        ("\u200b", "", "", "key. Input 0"),
        ("Really?", "Yes!", "", "Really? Yes! Input 0"),
        ("  Steps  ", " a \n b ", "", "Steps. a b. Input 0"),
    ],
)
def test_nothing_is_said_twice(label: str, said: str, known: str, start: str) -> None:
    assert doc(NUMBER, given(5, label=label, description=said), description=known).startswith(start)


def test_choices_in_words() -> None:
    plain = doc({"enum": ["a", "b"]}, given("a"))
    assert "One of 'a', 'b'." in plain
    named = doc({"enum": ["a", "b", "c"]}, given("a"), ui_choice_labels={"a": "First", "c": "Last", "gone": "x"})
    assert "One of 'a' (First), 'b', 'c' (Last)." in named
    numbers = doc({"enum": [256, 512]}, given(256), ui_choice_labels={"256": "Small"})
    assert "One of 256 (Small), 512." in numbers
    assert "One of" not in doc({"const": "a"}, given("a"))
    assert "One of" not in doc({"enum": ["a"]}, given("a"))
    optional = doc({"anyOf": [{"enum": ["a", "b"]}, NULL], "default": None})
    assert "One of 'a', 'b'." in optional
    many = doc({"type": "array", "items": {"enum": ["a", "b"]}})
    assert "One of 'a', 'b'." in many


@pytest.mark.parametrize("labels", [None, {}, {"a": ""}, {"a": None}])
def test_choices_without_labels(labels: Any) -> None:
    assert "One of 'a', 'b'." in doc({"enum": ["a", "b"]}, given("a"), ui_choice_labels=labels)


def test_unit_and_limits() -> None:
    found = doc({"type": "number", "minimum": 0, "maximum": 8, "default": 1}, given(1), unit="px")
    assert "0 to 8. In px." in found
    assert "In " not in doc(NUMBER, unit="")
    assert "In a px." in doc(NUMBER, unit="a  px")


def test_what_the_form_offers_is_said_where_it_differs() -> None:
    schema = {"type": "integer", "minimum": 1, "maximum": 9, "default": 5}
    config = {"type": "integer-field-config", "component": "slider"}
    assert "The form offers 2 to 5." in doc(schema, settings={**config, "min": 2, "max": 5})
    assert "The form offers" not in doc(schema, settings={**config, "min": 1, "max": 9})
    assert "The form offers 2 or more." in doc(schema, settings={**config, "min": 2})


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(), ""),
        (Limits(minimum=1), "1 or more"),
        (Limits(maximum=0), "0 or less"),
        (Limits(minimum=-1, maximum=0), "-1 to 0"),
        (Limits(exclusive_minimum=0, exclusive_maximum=1), "more than 0, less than 1"),
        (Limits(minimum=0, multiple_of=8), "0 or more, a multiple of 8"),
        (Limits(min_length=0, max_length=5), "at least 0 long, at most 5 long"),
        (Limits(min_items=1, max_items=1), "at least one item, at most one item"),
        (Limits(min_items=2, max_items=3), "at least 2 items, at most 3 items"),
    ],
)
def test_limits_in_words(limits: Limits, words: str) -> None:
    assert limits_in_words(limits) == words


def test_accepted_models_are_said_of_models_alone() -> None:
    words = {"ui_model_base": ["sdxl"], "ui_model_type": ["main"]}
    assert "Accepts" not in doc(NUMBER, **words)
    model = {"ModelIdentifierField": {"properties": {"key": {"type": "string"}}}}
    catalog = catalog_with({"key": field(ref("ModelIdentifierField"), **words)}, model)
    export = workflow(node("n", "draw", {"key": given()}, visible=True), form=form("n.key"))
    assert "Accepts main models of base sdxl." in " ".join(input_of(resolved(export, catalog)[0], "key").doc.split())


def test_what_the_server_takes_when_unset() -> None:
    assert "Unset, the server takes 5." in doc(NUMBER)
    assert "the server takes" not in doc(NUMBER, given(5))
    assert "Unset, the server takes {'x': 1}." in doc({**ref("Point"), "default": {"x": 1}})


@pytest.mark.parametrize("text", ['"""', "'''", "\\", '"', "\\N{BULLET}", "{{ x }}", "\u202e\x1b[31m", "a" * 300])
def test_words_of_strangers_stay_words(text: str, catalog: Catalog) -> None:
    entry = given("a", label=text, description=text)
    made = drawn_class(
        catalog_with({
            "key": field({"enum": ["a", text]}, description=text, unit=text, ui_choice_labels={"a": text}, title=text)
        }),
        key=entry,
    )  # fmt: skip
    assert len(made.model_fields) == 1
    labelled = workflow(node("n", "add", {"a": given(5, label=text)}, label=text), form=form("n.a"))
    assert class_of(resolved(labelled, catalog)[0])
