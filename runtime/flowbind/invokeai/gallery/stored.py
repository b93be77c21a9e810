"""What the server tells of the pictures and videos that it keeps: inputs for workflows, like those that runs make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar

from flowbind.downloadable import Downloads, Pictures
from flowbind.invokeai.ability import Ability
from flowbind.invokeai.media import Image, Video

if TYPE_CHECKING:
    from flowbind.invokeai._rest import ImageDTO, VideoDTO
    from flowbind.invokeai.runs.recovery import Supports
    from flowbind.transport.steps import Operation

Category = Literal["general", "user", "mask", "control", "other"]
"""What the page shows as pictures (general) and as assets (all others); uploads are of the category user."""

T = TypeVar("T")
StoredT = TypeVar("StoredT", bound="StoredImage | StoredVideo")
NamedT = TypeVar("NamedT", bound="Image | Video")


@dataclass(frozen=True, eq=False, kw_only=True)
class _Kept:
    """What the server tells of both; times are UTC, as the server writes them."""

    category: str
    """general, user, mask, control or other; the page shows all but general as assets."""
    origin: str
    """internal for what a run made, external for what was uploaded."""
    is_intermediate: bool
    """Whether the page hides it, and `delete_intermediates` deletes it."""
    starred: bool
    board_id: str | None
    has_workflow: bool
    created_at: str
    updated_at: str
    session_id: str | None = None
    node_id: str | None = None
    """The node that made it, by its id in the session, which is not the workflow's."""
    record: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """All that the server tells, what flowbind does not know among it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StoredImage(_Kept, Image):
    """A picture that the server keeps, and what it tells of it; an input wherever an `Image` is."""

    @classmethod
    def of(cls, dto: ImageDTO, source: Pictures[Image] | None) -> Self:
        """Return what the server answers as a picture that is downloaded from `source`. Raises nothing."""
        return cls(
            name=dto.image_name,
            width=dto.width,
            height=dto.height,
            source=source,
            category=dto.image_category,
            origin=dto.image_origin,
            **_common(dto),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class StoredVideo(_Kept, Video):
    """A video that the server keeps, and what it tells of it; an input wherever a `Video` is."""

    width: int
    height: int
    duration: float
    """Seconds."""
    fps: float | None = None

    @classmethod
    def of(cls, dto: VideoDTO, source: Downloads[Video] | None) -> Self:
        """Return what the server answers as a video that is downloaded from `source`. Raises nothing."""
        return cls(
            name=dto.video_name,
            source=source,
            width=dto.width,
            height=dto.height,
            duration=dto.duration,
            fps=dto.fps,
            category=dto.video_category,
            origin=dto.video_origin,
            **_common(dto),
        )


def _common(dto: ImageDTO | VideoDTO) -> dict[str, Any]:
    alike = ("is_intermediate", "starred", "board_id", "has_workflow", "created_at", "updated_at")
    return {name: getattr(dto, name) for name in (*alike, "session_id", "node_id")} | {"record": dto.model_dump()}


@dataclass(frozen=True)
class Kind(Generic[StoredT]):
    """One of the two kinds of what a server keeps, and what it calls them."""

    word: str
    one: str
    """The word after its article."""
    dto: str
    """The model of `_rest` that the server's answer is read as."""
    make: Callable[[Any, Any], StoredT]
    taken: str
    """What the server takes for one."""
    by_names: str | None = None
    """The path that tells of many by their names."""
    ability: Ability | None = None
    """What a server can do that has them; None where all have."""

    @property
    def words(self) -> str:
        """The plural."""
        return f"{self.word}s"

    @property
    def path(self) -> str:
        """The resource's path."""
        return f"/api/v1/{self.words}"

    @property
    def names(self) -> str:
        """What requests and answers call a list of names."""
        return f"{self.word}_names"

    def asked(self, asking: Operation[T], supports: Supports) -> Operation[T]:
        """Carry an operation out; raises `NotTheApi` where the server's release has nothing of the kind."""
        return self.ability.tried(asking, supports) if self.ability else asking

    @property
    def lacking(self) -> str:
        """What to say where a server may lack them."""
        return (
            f"{self.words.capitalize()} came with InvokeAI {self.ability.release}: update the server."
            if self.ability
            else ""
        )

    @property
    def key(self) -> str:
        """What the server's answers call a name."""
        return f"{self.word}_name"


IMAGES = Kind(
    "image",
    "an image",
    "ImageDTO",
    StoredImage.of,
    "It takes what Pillow reads.",
    by_names="/api/v1/images/images_by_names",
)
VIDEOS = Kind(
    "video",
    "a video",
    "VideoDTO",
    StoredVideo.of,
    "It takes MP4 files with H.264 of up to 1 GB.",
    # 6.6 to 6.8 have videos of another shape in their document, and none on the server: these names are 6.14's.
    ability=Ability("keep videos", "6.14", "GET", "/api/v1/videos/names"),
)


def name_of(stored: Image | Video | str) -> str:
    """Return the name of what may be given by its name alone."""
    return stored if isinstance(stored, str) else stored.name
