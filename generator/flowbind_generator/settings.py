"""`--set attribute=value`: text for text, a path for a picture, JSON for the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from flowbind.errors import InputError
from flowbind.invokeai import BoundingBox, Color, LoRA, ModelRef
from flowbind_generator.ir import Input, Module

_AS_TEXT = frozenset({"StringField", "SavedWorkflowField", "StylePresetField", "SystemPromptField", "BoardField"})


def parse_settings(module: Module, settings: Sequence[str]) -> dict[str, Any]:
    """Return the values of `attribute=value` settings as the class takes them.

    Raises `InputError` for a value that is no JSON where JSON is wanted, `click.UsageError` for no setting at all.
    """
    by_name = {i.attribute: i for i in module.inputs}
    values: dict[str, Any] = {}
    problems: list[str] = []
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set {setting}: write attribute=value.")
        # An unknown name goes on to the class, whose message knows the near ones.
        try:
            values[name] = _value(by_name[name], text, module) if name in by_name else text
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return values


def _value(item: Input, text: str, module: Module) -> Any:
    if text == "null" and item.field_type != "StringField":
        return None
    if item.cardinality == "single" or not text.lstrip().startswith("["):
        return _single(item, text, module)
    parsed = _json(item, text, module)
    return [_from_json(item, value) for value in parsed]


def _single(item: Input, text: str, module: Module) -> Any:
    if item.field_type in _AS_TEXT:
        return text
    if item.choices:
        # Text that is no choice goes on to the class, whose message lists them.
        return next((c for c in item.choices if str(c) == text), text)
    if item.kind == "image":
        return _picture(text)
    if item.kind == "model" and not text.lstrip().startswith("{"):
        return text
    return _from_json(item, _json(item, text, module))


def _from_json(item: Input, value: Any) -> Any:
    if item.kind == "image" and isinstance(value, str):
        return _picture(value)
    if item.field_type == "FloatField" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    makers: dict[str, Any] = {"ColorField": Color, "BoundingBoxField": BoundingBox, "ModelIdentifierField": ModelRef}
    if isinstance(value, dict) and item.field_type in makers:
        return _made(item, makers[item.field_type], value)
    if isinstance(value, dict) and item.kind == "lora":
        model = value.get("model", value.get("lora"))
        ref = _made(item, ModelRef, model) if isinstance(model, dict) else model
        return _made(item, LoRA, {"model": ref, **({"weight": value["weight"]} if "weight" in value else {})})
    return value


def _made(item: Input, maker: Any, value: dict[str, Any]) -> Any:
    try:
        return maker(**value)
    except (TypeError, ValueError) as error:
        raise InputError([f'{item.attribute} ("{item.label}"): {error}.']) from None


def _picture(text: str) -> Path | str:
    """Return a path for a local file; other text is the name of an image on the server."""
    return Path(text) if Path(text).is_file() else text


def _json(item: Input, text: str, module: Module) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        place = f'{module.class_name}.{item.attribute} ("{item.label}")'
        raise InputError([f"{place} is {text!r}, which is no JSON for {item.annotation}."]) from None
