"""The values of InvokeAI's inputs and outputs: models, LoRAs, colours, boxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flowbind.value import Value

REFERENCE_KEYS = {
    "image": "image_name",
    "video": "video_name",
    "board": "board_id",
    "style_preset": "style_preset_id",
    "system_prompt": "system_prompt_id",
}
"""The kinds of slots whose value is a name: the graph has an object with this one key."""

MODEL_KINDS = frozenset({"model", "lora"})
"""The kinds of slots whose values are models."""

LOOKED_UP = frozenset({"model", "lora", "image", "video", "board"})
"""The kinds of slots whose values are looked up on the server before a run."""


@dataclass(frozen=True)
class ModelRef(Value):
    """A model, by what is known of it: looked up on the server by key, then hash, then name, base and type."""

    name: str | None = None
    base: str | None = None
    type: str | None = None
    key: str | None = None
    hash: str | None = None
    submodel_type: str | None = None

    def known(self) -> dict[str, str]:
        """Return what says which model is meant, as a graph has it. Raises nothing."""
        told = ((name, getattr(self, name)) for name in ("name", "base", "type", "key", "hash", "submodel_type"))
        return {name: value for name, value in told if value is not None}

    def __str__(self) -> str:
        about = ", ".join(f"{k} {v}" for k, v in (("base", self.base), ("type", self.type)) if v)
        return f'"{self.name or self.key or self.hash}"' + (f" ({about})" if about else "")


@dataclass(frozen=True)
class ModelFilter:
    """Which models an input accepts; an empty tuple accepts all."""

    bases: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()

    def accepts(self, record: Mapping[str, Any], part: str | None = None) -> bool:
        """Tell whether the input takes a model that the server lists, or a `part` of one (its `submodel_type`).

        The rule is that of the editor's list of models. Raises nothing, whatever the server lists.
        """
        return (
            _is_one_of(record.get("base"), self.bases)
            and (_is_one_of(record.get("type"), self.types) or part in self.types)
            # Not every model has a variant.
            and (not record.get("variant") or _is_one_of(record.get("variant"), self.variants))
            and _is_one_of(record.get("format"), self.formats)
            and _is_one_of(record.get("provider_id"), self.providers)
        )

    def __str__(self) -> str:
        words = f"{_either(self.types) or 'any'} models"
        for phrase, values in (
            ("of base", self.bases),
            ("of variant", self.variants),
            ("in the format", self.formats),
            ("of the provider", self.providers),
        ):
            words += f" {phrase} {_either(values)}" if values else ""
        return words


ModelInput = ModelRef | str
"""A model, or just its name."""


@dataclass(frozen=True)
class LoRA(Value):
    """A LoRA and its weight."""

    model: ModelInput
    weight: float = 0.75


@dataclass(frozen=True)
class Color(Value):
    """A colour; each channel is 0 to 255, `a` is opacity."""

    r: int
    g: int
    b: int
    a: int = 255

    def __post_init__(self) -> None:
        for channel, value in asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:
                raise ValueError(f"Color: {channel} is {value!r}, not a whole number from 0 to 255")


@dataclass(frozen=True)
class BoundingBox(Value):
    """A rectangle in pixels, with the score, from 0 to 1, of what found it."""

    x_min: int
    x_max: int
    y_min: int
    y_max: int
    score: float | None = None

    def __post_init__(self) -> None:
        for low, high in (("x_min", "x_max"), ("y_min", "y_max")):
            least, most = getattr(self, low), getattr(self, high)
            for name, value in ((low, least), (high, most)):
                if isinstance(value, bool) or not isinstance(value, int):
                    raise ValueError(f"BoundingBox: {name} is {value!r}, not a whole number")
            if least > most:
                raise ValueError(f"BoundingBox: {low} ({least}) is greater than {high} ({most})")
        if self.score is not None and not 0 <= self.score <= 1:
            raise ValueError(f"BoundingBox: score is {self.score!r}, not from 0 to 1")


def _is_one_of(value: Any, accepted: tuple[str, ...]) -> bool:
    return not accepted or value in accepted


def _either(values: tuple[str, ...]) -> str:
    *others, last = values or ("",)
    return f"{', '.join(others)} or {last}" if others else last


def is_model(value: Any) -> bool:
    """Tell whether a JSON value identifies a model."""
    keys = ("key", "hash", "name", "base", "type")
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in keys)


def holds_models(value: Any) -> bool:
    """Tell whether a JSON value is a model, or holds one."""
    if isinstance(value, list):
        return any(map(holds_models, value))
    return isinstance(value, dict) and (is_model(value) or any(map(holds_models, value.values())))


def plain(value: Any) -> Any:
    """Return a value as JSON has it: colours and boxes as objects without nulls."""
    if isinstance(value, (Color, BoundingBox)):
        return {k: v for k, v in vars(value).items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value
