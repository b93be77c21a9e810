"""Generators: what the editor keeps of a saved one, and the values that it gives."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.invokeai.document import MISSING
from flowbind_generator.invokeai.generator_parameters import fresh_generator, read_generator
from flowbind_generator.invokeai.generators import TooManyItems, check_count, left_to_run, values_of

DEFAULTS: dict[str, dict[str, Any]] = {
    "float_generator_arithmetic_sequence": {"start": 0, "step": 0.1, "count": 10},
    "float_generator_linear_distribution": {"start": 0, "end": 1, "count": 10},
    "float_generator_random_distribution_uniform": {"min": 0, "max": 1, "count": 10},
    "float_generator_parse_string": {"input": "0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1", "splitOn": ","},
    "integer_generator_arithmetic_sequence": {"start": 0, "step": 1, "count": 10},
    "integer_generator_linear_distribution": {"start": 0, "end": 10, "count": 10},
    "integer_generator_random_distribution_uniform": {"min": 0, "max": 10, "count": 10},
    "integer_generator_parse_string": {"input": "1,2,3,4,5,6,7,8,9,10", "splitOn": ","},
    "string_generator_parse_string": {"input": "foo,bar,baz,qux", "splitOn": ","},
    "string_generator_dynamic_prompts_combinatorial": {"input": "a super {cute|ferocious} {dog|cat}", "maxPrompts": 10},
    "string_generator_dynamic_prompts_random": {"input": "a super {cute|ferocious} {dog|cat}", "count": 10},
    "image_generator_images_from_board": {"category": "images"},
}
# The first words of the reference implementation after init_genrand(5489).
WORDS = [3499211612, 581869302, 3890346734, 3586334585, 545404204]


def values(kind: str, **parameters: Any) -> list[Any]:
    """Return what a generator gives; the rest of its parameters is the editor's."""
    read = read_generator({"type": kind, **parameters})
    assert read is not MISSING
    return values_of(read)


def sequence(kind: str, *numbers: float, **more: Any) -> list[Any]:
    """Return the values of start, step and count."""
    return values(
        f"{kind}_generator_arithmetic_sequence", **dict(zip(("start", "step", "count"), numbers, strict=True)), **more
    )


def linear(kind: str, *numbers: float) -> list[Any]:
    """Return the values of start, end and count."""
    return values(f"{kind}_generator_linear_distribution", **dict(zip(("start", "end", "count"), numbers, strict=True)))


@pytest.mark.parametrize("kind", DEFAULTS)
def test_what_is_missing_is_filled_in_and_what_is_unknown_dropped(kind: str) -> None:
    assert read_generator({"type": kind, "unknown": 1}) == {"type": kind, **DEFAULTS[kind]}


@pytest.mark.parametrize("kind", DEFAULTS)
def test_parameters_are_kept(kind: str) -> None:
    numbers = {"start": 2, "step": 3, "end": 4, "min": 5, "max": 6, "count": 7, "seed": 8, "maxPrompts": 9}
    texts = {"input": "x", "splitOn": "y", "board_id": " z ", "category": "assets"}
    read = read_generator({"type": kind, **numbers, **texts})
    allowed = numbers | texts | {"board_id": "z"}
    assert read == {"type": kind} | {k: allowed[k] for k in read if k != "type"}
    assert set(read) >= {"type", *DEFAULTS[kind]}


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("integer_generator_arithmetic_sequence", {"start": 0.5}),
        ("integer_generator_arithmetic_sequence", {"count": "3"}),
        ("integer_generator_arithmetic_sequence", {"step": None}),
        ("integer_generator_arithmetic_sequence", {"count": 2**53}),
        ("integer_generator_linear_distribution", {"end": True}),
        ("integer_generator_random_distribution_uniform", {"seed": "1"}),
        ("integer_generator_random_distribution_uniform", {"seed": 0.5}),
        ("float_generator_arithmetic_sequence", {"start": "0"}),
        ("float_generator_linear_distribution", {"count": 1.5}),
        ("float_generator_parse_string", {"input": 5}),
        ("float_generator_parse_string", {"splitOn": None}),
        ("float_generator_parse_string", {"values": ["1"]}),
        ("float_generator_arithmetic_sequence", {"values": "1"}),
        ("string_generator_parse_string", {"input": None}),
        ("string_generator_dynamic_prompts_combinatorial", {"maxPrompts": 0}),
        ("string_generator_dynamic_prompts_random", {"count": -1}),
        ("image_generator_images_from_board", {"board_id": " "}),
        ("image_generator_images_from_board", {"board_id": 5}),
        ("image_generator_images_from_board", {"category": "videos"}),
    ],
)
def test_a_bad_parameter_leaves_nothing_of_it(kind: str, parameters: dict[str, Any]) -> None:
    assert read_generator({"type": kind, **parameters}) is MISSING


@pytest.mark.parametrize("kind", [None, 5, "", "float_generator", "integer_generator_cubic", [], {}])
def test_what_has_no_known_type_is_no_generator(kind: Any) -> None:
    assert read_generator({"type": kind}) is MISSING
    assert read_generator({"start": 0, "step": 1, "count": 1}) is MISSING


def test_whole_numbers_may_be_written_with_a_point() -> None:
    read = read_generator({"type": "integer_generator_arithmetic_sequence", "start": 5.0, "count": 2.0})
    assert values_of(read) == [5, 6]
    assert all(isinstance(v, int) for v in values_of(read))


@pytest.mark.parametrize(
    ("field_type", "kind"),
    [
        ("FloatGeneratorField", "float_generator_arithmetic_sequence"),
        ("IntegerGeneratorField", "integer_generator_arithmetic_sequence"),
        ("StringGeneratorField", "string_generator_parse_string"),
        ("ImageGeneratorField", "image_generator_images_from_board"),
    ],
)
def test_a_new_node_has_a_generator(field_type: str, kind: str) -> None:
    assert fresh_generator(field_type) == {"type": kind, **DEFAULTS[kind]}
    assert fresh_generator("IntegerField") is MISSING


def test_sequences() -> None:
    assert sequence("integer", 5, 3, 4) == [5, 8, 11, 14]
    assert sequence("integer", 5, -3, 4) == [5, 2, -1, -4]
    assert sequence("float", 1, 0.25, 3) == [1, 1.25, 1.5]
    assert sequence("float", 0, 0.1, 4)[-1] == 0.1 * 3  # not added up


@pytest.mark.parametrize("kind", ["integer", "float"])
def test_counts_of_none_and_one(kind: str) -> None:
    for count in (0, -1):
        assert sequence(kind, 5, 1, count) == linear(kind, 5, 9, count) == []
        assert values(f"{kind}_generator_random_distribution_uniform", count=count, seed=1) == []
    assert sequence(kind, 5, 1, 1) == linear(kind, 5, 9, 1) == [5]


@pytest.mark.parametrize("count", [-1, 0, 1, 7, 20_000])
def test_a_step_of_zero_is_one_value(count: int) -> None:
    assert sequence("integer", 5, 0, count) == [5]
    assert sequence("float", 0.5, 0, count) == [0.5]


def test_linear_integers_round_halves_up() -> None:
    assert linear("integer", 0, 5, 3) == [0, 3, 5]
    assert linear("integer", 0, -5, 3) == [0, -2, -5]
    assert linear("integer", 0, 1, 3) == [0, 1, 1]
    assert linear("integer", 10, 0, 5) == [10, 8, 5, 3, 0]
    assert linear("integer", 3, 3, 3) == [3, 3, 3]


def test_linear_floats() -> None:
    assert linear("float", 1, 0, 5) == [1, 0.75, 0.5, 0.25, 0]
    assert linear("float", -1, 1, 3) == [-1, 0, 1]


def test_a_seed_draws_what_the_editor_draws() -> None:
    fractions = [word / 2**32 for word in WORDS]
    drawn = values("float_generator_random_distribution_uniform", min=0, max=1, count=5, seed=5489)
    assert drawn == fractions
    drawn = values("float_generator_random_distribution_uniform", min=-2, max=2, count=5, seed=5489)
    assert drawn == [f * 4 - 2 for f in fractions]
    drawn = values("integer_generator_random_distribution_uniform", min=1, max=6, count=5, seed=5489)
    assert drawn == [int(f * 6) + 1 for f in fractions] == [5, 1, 6, 6, 1]


@pytest.mark.parametrize("seed", [5489 + 2**32, 5489 - 2**32])
def test_a_seed_counts_by_its_last_32_bits(seed: int) -> None:
    name = "integer_generator_random_distribution_uniform"
    assert values(name, count=50, seed=seed) == values(name, count=50, seed=5489)


def test_kept_values_count_for_floats_only() -> None:
    assert sequence("float", 0, 1, 3, values=[7, 0.5]) == [7, 0.5]
    assert values("float_generator_random_distribution_uniform", values=[0.5]) == [0.5]
    assert values("float_generator_parse_string", input="1,2", values=[9]) == [9]
    assert sequence("float", 0, 1, 3, values=[]) == []
    assert sequence("float", 0, 1, 3, values=None) == [0, 1, 2]
    assert sequence("integer", 0, 1, 3, values=[7]) == [0, 1, 2]


def test_values_beyond_all_numbers_are_none() -> None:
    assert sequence("float", 1e308, 1e308, 3) == []
    assert linear("float", -1.7e308, 1.7e308, 3) == []


@pytest.mark.parametrize("count", [10_000, 10_001])
def test_a_queue_takes_ten_thousand(count: int) -> None:
    makers = [
        lambda: sequence("integer", 0, 1, count),
        lambda: linear("float", 0, 1, count),
        lambda: values("float_generator_random_distribution_uniform", seed=1, count=count),
        lambda: values("string_generator_parse_string", input="a" + ",a" * (count - 1), splitOn=","),
        lambda: sequence("float", 0, 1, 1, values=[0] * count),
    ]
    for make in makers:
        if count == 10_000:
            assert len(make()) == count
            continue
        with pytest.raises(TooManyItems) as caught:
            make()
        assert caught.value.count == count


def test_a_huge_count_takes_no_memory() -> None:
    with pytest.raises(TooManyItems, match="9,007,199,254,740,991 values"):
        sequence("integer", 0, 1, 2**53 - 1)


@pytest.mark.parametrize(
    ("kind", "parameters", "left"),
    [
        ("integer_generator_random_distribution_uniform", {}, True),
        ("integer_generator_random_distribution_uniform", {"seed": None}, True),
        ("integer_generator_random_distribution_uniform", {"seed": 0}, False),
        ("integer_generator_random_distribution_uniform", {"count": 0}, False),
        ("integer_generator_random_distribution_uniform", {"values": [1]}, True),
        ("float_generator_random_distribution_uniform", {}, True),
        ("float_generator_random_distribution_uniform", {"values": [1]}, False),
        ("float_generator_random_distribution_uniform", {"values": []}, False),
        ("float_generator_random_distribution_uniform", {"seed": 1}, False),
        ("string_generator_dynamic_prompts_combinatorial", {}, True),
        ("string_generator_dynamic_prompts_random", {"seed": 1}, True),
        ("image_generator_images_from_board", {}, False),
        ("image_generator_images_from_board", {"board_id": "x"}, True),
        ("integer_generator_arithmetic_sequence", {}, False),
        ("float_generator_parse_string", {}, False),
        ("string_generator_parse_string", {}, False),
    ],
)
def test_what_is_left_to_the_run(kind: str, parameters: dict[str, Any], left: bool) -> None:
    read = read_generator({"type": kind, **parameters})
    assert left_to_run(read) is left
    if not left:
        assert isinstance(values_of(read), list)


def test_what_is_left_to_the_run_counts_too() -> None:
    counted = {
        "integer_generator_random_distribution_uniform": "count",
        "string_generator_dynamic_prompts_random": "count",
        "string_generator_dynamic_prompts_combinatorial": "maxPrompts",
    }
    for kind, name in counted.items():
        check_count(read_generator({"type": kind, name: 10_000}))
        with pytest.raises(TooManyItems):
            check_count(read_generator({"type": kind, name: 10_001}))
