"""Versions 1.0.0 and 2.0.0 of the format type each input in the file itself, and the editor reads values by that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowbind_generator.invokeai.document import MISSING
from flowbind_generator.invokeai.values import old_model, read_color, trimmed
from flowbind_generator.numbers import is_integer, is_number

# Version 1.0.0 writes types as words: "integer", "IntegerPolymorphic", "ImageCollection", "MainModelField".
_SUFFIX = re.compile(r"(Polymorphic|Collection|Field)\Z")
# Space-separated, so that they can be compared with the editor's own list at a glance.
_ALONE = "Any boolean Collection CollectionItem enum float integer Scheduler string"
_FIELDS = (
    "Board Clip Color Conditioning Control ControlNetModel DenoiseMask IPAdapter IPAdapterModel Image Latents LoRAModel"
    " MainModel Metadata MetadataItem SDXLMainModel SDXLRefinerModel T2IAdapter T2IAdapterModel UNet Vae VaeModel"
)
_ONE_OR_MANY = "Boolean Color Conditioning Control Float Image Integer IPAdapter Latents MetadataItem String T2IAdapter"
_WORDS = frozenset(
    [
        *_ALONE.split(),
        *(f"{name}Field" for name in _FIELDS.split()),
        *(f"{name}Collection" for name in f"{_ONE_OR_MANY} Metadata".split()),
        *(f"{name}Polymorphic" for name in _ONE_OR_MANY.split()),
    ]
)
# Of these the editor keeps one value, never a list.
_ONE = frozenset({"Integer", "Float", "String", "Boolean", "Image"})
# What only an edge gives: a value, if there is one, is an object.
_OBJECTS = "Clip Conditioning Control DenoiseMask IPAdapter Latents Metadata MetadataItem T2IAdapter UNet Vae"
_BASES = frozenset({"any", "sd-1", "sd-2", "sdxl", "sdxl-refiner"})
_OLD_SCHEDULERS = frozenset(
    [
        "euler",
        "deis",
        "ddim",
        "ddpm",
        "dpmpp_2s",
        "dpmpp_2m",
        "dpmpp_2m_sde",
        "dpmpp_sde",
        "heun",
        "kdpm_2",
        "lms",
        "pndm",
        "unipc",
        "euler_k",
        "dpmpp_2s_k",
        "dpmpp_2m_k",
        "dpmpp_2m_sde_k",
        "dpmpp_sde_k",
        "heun_k",
        "lms_k",
        "euler_a",
        "kdpm_2_a",
        "lcm",
    ]
)


def is_word(word: str) -> bool:
    """Tell whether a word is a type of version 1.0.0."""
    return word in _WORDS


def name_of_word(word: str) -> str:
    """Return the type that version 2.0.0 has for a word of version 1.0.0."""
    base = _SUFFIX.sub("", word)
    return f"{base[:1].upper()}{base[1:]}Field"


def fits_word(saved: Any, word: str) -> bool:
    """Tell whether a value is one of its word's type: the editor refuses a file of version 1.0.0 where one is not."""
    if word in ("Any", "CollectionItem"):
        return True
    if word == "Collection":
        return isinstance(saved, list)
    name = name_of_word(word)
    if word.endswith("Collection"):
        return isinstance(saved, list) and all(_fits_one(item, name) for item in saved)
    if isinstance(saved, list) and word.endswith("Polymorphic") and name.removesuffix("Field") not in _ONE:
        return all(_fits_one(item, name) for item in saved)
    return _fits_one(saved, name)


def _fits_one(saved: Any, name: str) -> bool:
    if name.endswith("ModelField"):
        model = old_model(saved)
        is_main = name in ("MainModelField", "SDXLMainModelField", "SDXLRefinerModelField")
        known = model is not None and model[1] in _BASES
        return known and (not is_main or saved.get("model_type") in ("main", "onnx"))
    if name.removesuffix("Field") in _OBJECTS.split():
        return isinstance(saved, Mapping)
    return fits_old_type(saved, name)


def fits_old_type(saved: Any, type_name: str) -> bool:
    """Tell whether a value passes the stage that types values by the file's own type (versions 1.0.0 and 2.0.0)."""
    match type_name:
        case "IntegerField":
            return is_integer(saved)
        case "FloatField":
            return is_number(saved)
        case "StringField" | "EnumField":
            return isinstance(saved, str)
        case "BooleanField":
            return isinstance(saved, bool)
        case "ImageField" | "BoardField":
            key = "image_name" if type_name == "ImageField" else "board_id"
            return isinstance(saved, Mapping) and trimmed(saved.get(key)) is not None
        case "ColorField":
            return isinstance(saved, Mapping) and read_color(saved) is not MISSING
        case "SchedulerField":
            return isinstance(saved, str) and saved in _OLD_SCHEDULERS
        case _ if type_name.endswith("ModelField"):
            return (model := old_model(saved)) is not None and len(model[0]) >= 3
        case _:
            return False
