"""What `--set attribute=text` means for InvokeAI's inputs: text for text, a path for a picture, JSON for the rest."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from flowbind.errors import InputError
from flowbind.invokeai import RANDOM, BoundingBox, Color, LoRA, ModelRef
from flowbind.invokeai.fields import REFERENCE_KEYS
from flowbind.invokeai.runs.batch import ITEM_KINDS
from flowbind_generator.ir import Input

_TEXTS = frozenset({"StringField", "SavedWorkflowField"})
_NAMED = frozenset({"model", *REFERENCE_KEYS})
_REFERENCED = _NAMED | {"images"}
_MAKERS: dict[str, Any] = {"ColorField": Color, "BoundingBoxField": BoundingBox, "ModelIdentifierField": ModelRef}


def parse_setting(item: Input, text: str) -> Any:
    """Return the value that a text gives an input; raises `InputError`.

    That is for an object that makes no model, colour or box, and for a list that is no JSON list.
    """
    if item.kind in ITEM_KINDS:
        return [_from_json(item, v) for v in _list(item, text)]
    is_list = item.cardinality != "single" and text.lstrip().startswith("[")
    if item.field_type in _TEXTS and not is_list:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        if item.random and text.lower() == "random":
            return RANDOM
        value = text  # a name, or what the class will refuse with its own message
    if item.choices:
        return next((c for c in item.choices if c == value or str(c) == text), value)
    if item.kind in _NAMED and not isinstance(value, str | dict | list | None):
        return text  # a name that happens to be a number
    return [_from_json(item, v) for v in value] if isinstance(value, list) else _from_json(item, value)


def _list(item: Input, text: str) -> list[Any]:
    """Return the items of a batch; raises `InputError` with a list that would do."""
    value = _parsed(text)
    if isinstance(value, list):
        return value
    place = f'{item.attribute} ("{item.label}") takes a list'
    if text.lstrip().startswith("["):
        raise InputError([f"{place} in JSON, which this is not: {text}."])
    meant = _parsed(f"[{text}]")
    is_of_texts = item.kind == "images" or item.field_type.startswith("String")
    if not isinstance(meant, list) or (is_of_texts and not all(isinstance(v, str) for v in meant)):
        meant = [text]
    setting = shlex.quote(f"{item.attribute}={json.dumps(meant, ensure_ascii=False)}")
    raise InputError([f"{place}: write --set {setting}."])


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _from_json(item: Input, value: Any) -> Any:
    """Return a JSON value as the class takes it; models, colours and references may have the graph's own shape."""
    if item.kind in ("image", "images", "video") and isinstance(value, str):
        return Path(value) if Path(value).is_file() else value
    if item.field_type == "FloatField" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, dict):
        return value
    if item.kind in _REFERENCED and len(value) == 1 and next(iter(value)).endswith(("_name", "_id")):
        return next(iter(value.values()))
    if item.kind == "lora":
        model = value.get("model", value.get("lora"))
        ref = _made(item, ModelRef, model) if isinstance(model, dict) else model
        return _made(item, LoRA, {"model": ref, **({"weight": value["weight"]} if "weight" in value else {})})
    maker = _MAKERS.get(item.field_type)
    return _made(item, maker, value) if maker else value


def _made(item: Input, maker: Any, value: dict[str, Any]) -> Any:
    try:
        return maker(**value)
    except (TypeError, ValueError) as error:
        raise InputError([f'{item.attribute} ("{item.label}"): {error}.']) from None
