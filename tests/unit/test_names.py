"""Names: valid Python in any language, told apart by what the author wrote, stable once given."""

from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind import invokeai
from flowbind.invokeai import InvokeAIWorkflow
from flowbind_generator.building import class_name_of
from flowbind_generator.names import Candidate, attribute_names, identifier, pascal_case, snake_case, unreserved


def named(*candidates: Candidate, pinned: dict[str, str] | None = None, reserved: tuple[str, ...] = ()) -> list[str]:
    """Return the names of candidates in their order."""
    names = attribute_names(candidates, reserved=reserved, pinned=pinned or {}, prefix="input")
    return [names[c.key] for c in candidates]


def candidate(key: str, *names: str, node: str = "", title: str = "") -> Candidate:
    return Candidate(key, names, (node, title))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Positive Prompt", "positive_prompt"),
        ("  CFG-Scale (guidance) ", "cfg_scale_guidance"),
        ("__private__", "private"),
        ("Ｓｔｅｐｓ", "steps"),  # full-width letters
        ("ﬁne", "fine"),  # a ligature
        ("Größe", "größe"),
        ("提示词", "提示词"),
        ("プロンプト 2", "プロンプト_2"),
        ("x²", "x2"),
        ("🎨 ✨", ""),
        ("❤️ Strength", "strength"),  # a heart and a selector that nobody sees
        ("1️⃣ Prompt", "1_prompt"),
        ("葛\U000e0100城", "葛城"),
        ("ㅤ", ""),  # a letter that is blank
        ("\u202eevil\u202c", "evil"),
        ("", ""),
    ],
)
def test_a_label_becomes_snake_case(text: str, name: str) -> None:
    assert snake_case(text) == name


@pytest.mark.parametrize(("text", "name"), [("3D strength", "input_3d_strength"), ("7", "input_7"), ("🎨", "")])
def test_a_name_that_may_not_start_an_identifier_gets_a_prefix(text: str, name: str) -> None:
    assert identifier(text, "input") == name


@given(st.text())
def test_any_text_gives_an_identifier_or_nothing(text: str) -> None:
    name = identifier(text, "input")
    assert not name or name.isidentifier()
    assert unicodedata.normalize("NFKC", name) == name
    assert not name.startswith("_")


@given(st.text())
def test_any_text_gives_a_class_name(text: str) -> None:
    name = class_name_of(unreserved(identifier(text, "workflow") or "workflow", ()), [])
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert unicodedata.normalize("NFKC", name) == name


@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=3)), max_size=8))
def test_every_input_gets_a_name_of_its_own(texts: list[tuple[str, str]]) -> None:
    names = named(*(candidate(str(i), label, "Field", node=node) for i, (label, node) in enumerate(texts)))
    assert len(set(names)) == len(names)
    assert all(n.isidentifier() and not keyword.iskeyword(n) for n in names)


@given(st.text(st.sampled_from("a1 ️ㅤ葛\U000e0100͏ﾠ❤")))
def test_every_letter_of_a_name_can_be_seen(text: str) -> None:
    hidden = {0x034F, 0x3164, 0x1160, 0xFE0F, 0xFFA0, 0xE0100}
    assert not hidden & set(map(ord, identifier(text, "input")))


def test_namesakes_of_reserved_words_are_counted_without_another_underscore() -> None:
    twice = candidate("1", "class"), candidate("2", "class"), candidate("3", "dict"), candidate("4", "Dict")
    assert named(*twice) == ["class_", "class_2", "dict_", "dict_2"]


def test_thousands_of_namesakes_are_told_apart_at_once() -> None:
    found = named(*(candidate(str(i), "Weight", node=f"n{i % 2}") for i in range(5000)))
    assert (found[0], found[-1]) == ("weight", "weight_5000")
    assert len(set(found)) == 5000


@pytest.mark.parametrize("name", ["class", "from", "int", "list", "str", "float", "bool", "dict", "bytes"])
def test_keywords_and_builtins_of_annotations_get_an_underscore(name: str) -> None:
    assert named(candidate("k", name)) == [f"{name}_"]


@pytest.mark.parametrize("label", ["copy", "json", "Model Fields", "model_dump", "validate", "model_config"])
def test_members_of_the_base_class_get_an_underscore(label: str) -> None:
    assert named(candidate("k", label), reserved=tuple(dir(InvokeAIWorkflow))) == [f"{snake_case(label)}_"]


def test_names_that_clients_use_are_free() -> None:
    assert named(candidate("k", "run"), reserved=tuple(dir(InvokeAIWorkflow))) == ["run"]


def test_the_first_usable_text_wins() -> None:
    assert named(candidate("k", "🎨", "", "field_name")) == ["field_name"]
    assert named(candidate("k", "🎨", "✨")) == ["input"]


def test_namesakes_are_told_apart_by_the_label_of_their_node() -> None:
    first, second = candidate("1", "Prompt", node="Positive"), candidate("2", "Prompt", node="Negative")
    assert named(first, second) == ["positive_prompt", "negative_prompt"]


def test_a_node_label_that_says_the_name_already_stands_alone() -> None:
    first, second = candidate("1", "Prompt", node="Positive Prompt"), candidate("2", "Prompt", node="Prompt")
    assert named(first, second) == ["positive_prompt", "prompt"]


def test_else_by_the_title_of_their_node() -> None:
    first, second = candidate("1", "Width", title="Noise"), candidate("2", "Width", title="Resize Image")
    assert named(first, second) == ["noise_width", "resize_image_width"]


def test_else_by_ordinals() -> None:
    same = [candidate(str(i), "Weight", node="LoRA", title="Apply LoRA") for i in range(3)]
    assert named(*same) == ["weight", "weight_2", "weight_3"]


def test_an_ordinal_never_takes_the_name_of_another_input() -> None:
    labels = ["Weight", "Weight", "Weight 2"]
    names = named(*(candidate(str(i), label) for i, label in enumerate(labels)))
    assert len(set(names)) == 3
    assert names[0] == "weight"


def test_a_pinned_name_is_kept_and_kept_free() -> None:
    old, new = candidate("old", "New label"), candidate("new", "Prompt")
    assert named(new, old, pinned={"old": "prompt"}) == ["prompt_2", "prompt"]


def test_a_new_input_never_renames_a_pinned_one() -> None:
    first, second = candidate("1", "Prompt", node="Positive"), candidate("2", "Prompt", node="Negative")
    assert named(first, second, pinned={"1": "prompt"}) == ["prompt", "negative_prompt"]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("text_to_image_sdxl", "TextToImageSdxl"),
        ("提示词", "提示词"),
        ("ΐσος", "Ϊ́σος"),
        ("image", "ImageWorkflow"),
        ("literal", "LiteralWorkflow"),
        ("none", "NoneWorkflow"),
        ("true", "TrueWorkflow"),
        ("attribute_error", "AttributeErrorWorkflow"),
    ],
)
def test_a_class_is_named_after_its_module_and_shadows_nothing(module: str, name: str) -> None:
    assert class_name_of(module, ["Image", "Outputs"]) == name


def test_what_surrounds_runs_takes_no_name_from_a_class() -> None:
    assert [class_name_of(name, invokeai.RESERVED) for name in ("board", "library", "queue_item", "stored_image")] == [
        "Board",
        "Library",
        "QueueItem",
        "StoredImage",
    ]
    assert [class_name_of(name, invokeai.RESERVED) for name in ("image", "job", "slot")] == [
        "ImageWorkflow",
        "JobWorkflow",
        "SlotWorkflow",
    ]


def test_pascal_case_keeps_capitals() -> None:
    assert pascal_case("sd15_img2img") == "Sd15Img2img"
