"""The values of InvokeAI's inputs and outputs: pictures, models, colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

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

Data = bytes
"""`bytes` for annotations inside classes that have a method of that name."""

Named_contra = TypeVar("Named_contra", contravariant=True)


class _Value:
    """A value that pydantic takes as it is: each class checks itself when it is made."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return core_schema.is_instance_schema(cls)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes


class _Named(_Value):
    """What the server has under a name: whatever else is known of it, the name says which one it is."""

    name: str

    def __getstate__(self) -> dict[str, Any]:
        # A connection cannot be stored: a picture that comes back from a pickle is only its name.
        return {name: None if name == "source" else value for name, value in vars(self).items()}

    def __eq__(self, other: object) -> bool:
        # A listed picture is the one that a run made.
        if isinstance(other, _Named) and (isinstance(other, type(self)) or isinstance(self, type(other))):
            return self.name == other.name
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)


class Downloads(Protocol[Named_contra]):
    """Where pictures or videos are downloaded from: the `images` or `videos` of a client."""

    def save(self, named: Named_contra, path: str | Path, /) -> Path:
        """Download one to a file."""
        ...

    def bytes(self, named: Named_contra, /) -> Data:
        """Download one's bytes."""
        ...


class Pictures(Downloads["Image"], Protocol):
    """Where pictures are downloaded from: the `images` of a client."""

    def open(self, image: Image, /) -> PillowImage:
        """Download one as a picture of Pillow."""
        ...


class AsyncDownloads(Protocol[Named_contra]):
    """The same of an async client."""

    async def save(self, named: Named_contra, path: str | Path, /) -> Path:
        """Download one to a file."""
        ...

    async def bytes(self, named: Named_contra, /) -> Data:
        """Download one's bytes."""
        ...


class AsyncPictures(AsyncDownloads["Image"], Protocol):
    """The same of an async client."""

    async def open(self, image: Image, /) -> PillowImage:
        """Download one as a picture of Pillow."""
        ...


@dataclass(frozen=True, eq=False)
class Image(_Named):
    """A picture on a server: `name` is the server's, `width` and `height` are pixels where they are known."""

    name: str
    width: int | None = None
    height: int | None = None
    source: Pictures | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | Path) -> Path:
        """Download the picture to a file, or into a folder under its own name; return the file's path.

        With an `AsyncInvokeAI` it is awaited; `await server.images.save(image, path)` is the same, and typed so. Raises
        `TypeError` for an image that no client made, and what `server.images.save` raises. Source: `GET
        /api/v1/images/i/{image_name}/full`.
        """
        return self._source().save(self, path)

    def bytes(self) -> Data:
        """Download the picture as the bytes of a PNG file; awaited with an `AsyncInvokeAI`.

        Raises `TypeError` for an image that no client made, and what `server.images.bytes` raises. Source: `GET
        /api/v1/images/i/{image_name}/full`.
        """
        return self._source().bytes(self)

    def open(self) -> PillowImage:
        """Download the picture as one of Pillow (the extra `images`); awaited with an `AsyncInvokeAI`.

        Raises `TypeError` for an image that no client made, and what `server.images.open` raises. Source: `GET
        /api/v1/images/i/{image_name}/full`.
        """
        return self._source().open(self)

    def _source(self) -> Pictures:
        if self.source is None:
            raise TypeError(f"The image {self.name!r} was not made by a client: use `server.images.save(image, path)`.")
        return self.source


@dataclass(frozen=True, eq=False)
class Video(_Named):
    """A video on a server; `name` is the server's."""

    name: str
    source: Downloads[Video] | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | Path) -> Path:
        """Download the video to a file, or into a folder under its own name; return the file's path.

        With an `AsyncInvokeAI` it is awaited; `await server.videos.save(video, path)` is the same, and typed so. Raises
        `TypeError` for a video that no client made, and what `server.videos.save` raises. Source: `GET
        /api/v1/videos/i/{video_name}/full`.
        """
        return self._source().save(self, path)

    def bytes(self) -> Data:
        """Download the video as the bytes of an MP4 file; awaited with an `AsyncInvokeAI`.

        Raises `TypeError` for a video that no client made, and what `server.videos.bytes` raises. Source: `GET
        /api/v1/videos/i/{video_name}/full`.
        """
        return self._source().bytes(self)

    def _source(self) -> Downloads[Video]:
        if self.source is None:
            raise TypeError(f"The video {self.name!r} was not made by a client: use `server.videos.save(video, path)`.")
        return self.source


@dataclass(frozen=True)
class ModelRef(_Value):
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


ImageInput = Image | Path | bytes | str
"""A picture to send: a local file, its bytes, or (as text) the name of one that is on the server."""

VideoInput = Video | Path | bytes | str
"""A video to send: a local file, its bytes, or (as text) the name of one that is on the server."""

ModelInput = ModelRef | str
"""A model, or just its name."""


@dataclass(frozen=True)
class LoRA(_Value):
    """A LoRA and its weight."""

    model: ModelInput
    weight: float = 0.75


@dataclass(frozen=True)
class Color(_Value):
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
class BoundingBox(_Value):
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
    if isinstance(value, Color | BoundingBox):
        return {k: v for k, v in asdict(value).items() if v is not None}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value
