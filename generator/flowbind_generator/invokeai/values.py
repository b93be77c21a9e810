"""How the editor reads a saved value: it knows the value's shape, not yet the type of the input."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flowbind.invokeai.fields import REFERENCE_KEYS
from flowbind_generator.invokeai.document import MISSING
from flowbind_generator.invokeai.generator_parameters import read_generator
from flowbind_generator.numbers import is_integer, is_number

_MODEL_KEYS = ("key", "hash", "name", "base", "type")


class ValueReader:
    """Reads saved values for one server release, whose model bases and types it must know."""

    def __init__(
        self, model_bases: Collection[str], model_types: Collection[str], submodel_types: Collection[str] = ()
    ) -> None:
        self._bases = model_bases
        self._types = model_types
        self._submodel_types = submodel_types

    def read(self, saved: Any) -> Any:
        """Return the value as the editor keeps it, without what it strips; MISSING where it keeps nothing."""
        if isinstance(saved, bool | str) or is_number(saved):
            return saved
        if isinstance(saved, list):
            return self._read_list(saved)
        if isinstance(saved, Mapping):
            return self._read_object(saved)
        return MISSING

    def _read_list(self, saved: list[Any]) -> Any:
        if all(is_number(v) for v in saved) or all(isinstance(v, str) for v in saved):
            return saved
        for read_item in (_image, self._lora):
            items = [read_item(v) for v in saved]
            if MISSING not in items:
                return items
        return MISSING

    def _read_object(self, saved: Mapping[str, Any]) -> Any:
        # Only what says that it is a generator is one: the editor takes any object without a conflicting `type` for a
        # generator of numbers (contract, C1). Nor does it come last: the editor would keep a board's id alone (C2).
        if (generator := read_generator(saved)) is not MISSING:
            return generator
        for key in REFERENCE_KEYS.values():
            if (name := trimmed(saved.get(key))) is not None:
                return {key: name}
        for read in (self._model, read_color):
            if (value := read(saved)) is not MISSING:
                return value
        return MISSING

    def _model(self, saved: Any) -> Any:
        if not isinstance(saved, Mapping) or not all(isinstance(saved.get(k), str) and saved[k] for k in _MODEL_KEYS):
            return MISSING
        if (self._bases and saved["base"] not in self._bases) or (self._types and saved["type"] not in self._types):
            return MISSING
        part = saved.get("submodel_type")
        if part is not None and not (isinstance(part, str) and part in (self._submodel_types or (part,))):
            return MISSING
        submodel = {"submodel_type": part} if "submodel_type" in saved else {}
        return {k: saved[k] for k in _MODEL_KEYS} | submodel

    def _lora(self, saved: Any) -> Any:
        if not isinstance(saved, Mapping) or not is_number(saved.get("weight")):
            return MISSING
        model = self._model(saved.get("lora"))
        return MISSING if model is MISSING else {"lora": model, "weight": saved["weight"]}


def old_model(saved: Any) -> tuple[str, str] | None:
    """Return (name, base) of a model as releases before 4.0 wrote it, or None for anything else."""
    if not isinstance(saved, Mapping):
        return None
    name, base = saved.get("model_name"), saved.get("base_model")
    return (name, base) if isinstance(name, str) and name and isinstance(base, str) else None


def trimmed(value: Any) -> str | None:
    """Return a text without space around it, or None for anything else and for one without letters."""
    return (value.strip() or None) if isinstance(value, str) else None


def _image(saved: Any) -> Any:
    name = trimmed(saved.get("image_name")) if isinstance(saved, Mapping) else None
    return MISSING if name is None else {"image_name": name}


def read_color(saved: Mapping[str, Any]) -> Any:
    """Return the channels of a colour; MISSING where one is none."""
    channels: dict[str, Any] = {c: saved.get(c) for c in "rgba"}
    return channels if all(is_integer(v) and 0 <= v <= 255 for v in channels.values()) else MISSING
