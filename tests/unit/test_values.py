"""How the editor reads a saved value (contract, section 12, C2): a fixed order, and junk is no value."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import MISSING
from flowbind_generator.invokeai.old_types import fits_old_type
from flowbind_generator.invokeai.values import ValueReader, old_model
from flowbind_generator.numbers import is_integer, is_number

MODEL = {"key": "k", "hash": "h", "name": "n", "base": "sdxl", "type": "main"}
COLOR = {"r": 1, "g": 2, "b": 3, "a": 255}
OLD_MODEL = {"model_name": "stable", "base_model": "sd-1", "model_type": "main"}


@pytest.fixture(scope="module")
def reader(catalog: Catalog) -> ValueReader:
    return ValueReader(catalog.model_bases, catalog.model_types, catalog.submodel_types)


@pytest.mark.parametrize("value", [0, -1.5, "", " text ", True, False, [], [1, 2.5], ["a", ""], 2**70])
def test_plain_values_are_kept(value: Any, reader: ValueReader) -> None:
    read = reader.read(value)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("saved", "read"),
    [
        ({"image_name": " a.png ", "width": 5}, {"image_name": "a.png"}),
        ({"video_name": "v", "image_name": "a.png"}, {"image_name": "a.png"}),
        ({"video_name": "v", "board_id": "b"}, {"video_name": "v"}),
        ({"board_id": "b", "image_name": "a.png"}, {"image_name": "a.png"}),
        ({"board_id": "b", "style_preset_id": "s"}, {"board_id": "b"}),
        ({"style_preset_id": "s", "system_prompt_id": "p"}, {"style_preset_id": "s"}),
        ({"system_prompt_id": "p"} | MODEL, {"system_prompt_id": "p"}),
        ({"image_name": " ", "board_id": "b"}, {"board_id": "b"}),
        (MODEL | {"extra": 1}, MODEL),
        (MODEL | {"submodel_type": "unet"}, MODEL | {"submodel_type": "unet"}),
        (MODEL | COLOR, MODEL),
        (COLOR | {"extra": 1}, COLOR),
        ([{"image_name": "a", "width": 1}, {"image_name": "b"}], [{"image_name": "a"}, {"image_name": "b"}]),
        ([{"lora": MODEL, "weight": 0.5, "x": 1}], [{"lora": MODEL, "weight": 0.5}]),
    ],
)
def test_objects_are_read_in_a_fixed_order_and_stripped(saved: Any, read: Any, reader: ValueReader) -> None:
    assert reader.read(saved) == read


@pytest.mark.parametrize(
    "saved",
    [
        None,
        {},
        {"image_name": 5},
        {"image_name": ""},
        OLD_MODEL,
        MODEL | {"submodel_type": "soul"},
        MODEL | {"submodel_type": 5},
        MODEL | {"submodel_type": ["vae"]},
        MODEL | {"base": "sd-99"},
        MODEL | {"type": "hologram"},
        {k: v for k, v in MODEL.items() if k != "hash"},
        MODEL | {"key": ""},
        COLOR | {"r": 256},
        COLOR | {"g": 0.5},
        {"r": 1, "g": 2, "b": 3},
        [1, "a"],
        [True, False],
        [[1]],
        [None],
        [{"image_name": "a"}, 1],
        [{"video_name": "v"}],
        [{"lora": MODEL}],
        [{"lora": OLD_MODEL, "weight": 1}],
        {"x_min": 1, "x_max": 2, "y_min": 1, "y_max": 2},
    ],
)
def test_what_fits_nothing_is_no_value(saved: Any, reader: ValueReader) -> None:
    assert reader.read(saved) is MISSING


def test_a_release_without_lists_of_models_takes_any(reader: ValueReader) -> None:
    odd = MODEL | {"base": "sd-99"}
    assert ValueReader((), ()).read(odd) == odd
    assert reader.read(odd) is MISSING


def test_booleans_are_no_numbers() -> None:
    assert not is_number(True)
    assert is_number(0.5)
    assert is_integer(5.0)
    assert not is_integer(5.5)


@pytest.mark.parametrize(
    ("saved", "name_and_base"),
    [(OLD_MODEL, ("stable", "sd-1")), (MODEL, None), ({"model_name": ""}, None), ("stable", None), (None, None)],
)
def test_models_of_old_releases_are_known_by_name(saved: Any, name_and_base: Any) -> None:
    assert old_model(saved) == name_and_base


@pytest.mark.parametrize(
    ("type_name", "good", "bad"),
    [
        ("IntegerField", 5, 5.5),
        ("FloatField", 5.5, "5.5"),
        ("StringField", "", 5),
        ("EnumField", "any", ["any"]),
        ("BooleanField", False, 0),
        ("ImageField", {"image_name": "a"}, {"image_name": " "}),
        ("BoardField", {"board_id": "b"}, "auto"),
        ("ColorField", COLOR, COLOR | {"a": 300}),
        ("SchedulerField", "euler", "er_sde"),
        ("SchedulerField", "lms_k", {"name": "lms_k"}),
        ("SDXLMainModelField", OLD_MODEL, OLD_MODEL | {"model_name": "ab"}),
        ("VAEModelField", OLD_MODEL, MODEL),
    ],
)
def test_old_files_type_their_values(type_name: str, good: Any, bad: Any) -> None:
    assert fits_old_type(good, type_name)
    assert not fits_old_type(bad, type_name)


@pytest.mark.parametrize("type_name", ["UNetField", "Collection", "IntegerCollection", ""])
def test_other_types_of_old_files_keep_no_value(type_name: str) -> None:
    assert not fits_old_type([1], type_name)
