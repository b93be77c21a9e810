"""What the editor makes of the inputs of a node class: which are sockets, which are controls, which grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flowbind.comfyui.schema.controls import ControlPlan, plans
from flowbind.comfyui.schema.node_classes import AUTOGROW, COMBO, MATCH_TYPE, NodeClass, NodeInput, inputs_in
from flowbind.comfyui.schema.shapes import mapping, text, whole

_MOST_GROWN = 1000
# Classes to which the editor's own extensions give a player, or a view of a model.
_PLAYERS = frozenset({"LoadAudio", "SaveAudio", "PreviewAudio", "SaveAudioMP3", "SaveAudioOpus", "SaveAudioAdvanced"})
_VIEWS = {
    "Preview3D": ("image", "PREVIEW_3D"),
    "SaveGLB": ("image", "PREVIEW_3D"),
    "Load3DAdvanced": ("viewport_state", "LOAD_3D_ADVANCED"),
}
_POINTS = frozenset({"PreviewGaussianSplat", "PreviewPointCloud", "SaveGaussianSplat", "SavePointCloud"})
_VIEWPORT_STATES = _POINTS | {"Preview3DAdvanced", "Save3DAdvanced"}


@dataclass(frozen=True)
class Growth:
    """An input that grows: the editor always shows one socket more than are connected."""

    name: str
    members: tuple[NodeInput, ...]
    names: tuple[str, ...] | None
    prefix: str
    fewest: int
    most: int

    def member_name(self, ordinal: int, key: str) -> str:
        """Return what a member of a round is called in the prompt."""
        if self.names is not None:
            return f"{self.name}.{self.names[ordinal]}"
        return f"{self.name}.{self.prefix if len(self.members) == 1 else key}{ordinal}"


@dataclass(frozen=True)
class Match:
    """A socket that takes one of several types, the same for all of its group."""

    group: str
    allowed: str


@dataclass(frozen=True)
class Shown:
    """An input as the editor shows it: its controls, or None where it only takes a link."""

    input: NodeInput
    controls: tuple[ControlPlan, ...] | None
    growth: Growth | None = None
    match: Match | None = None


def class_inputs(node_class: NodeClass) -> tuple[Shown, ...]:
    """Return the inputs of a class in the editor's order, those of the editor's own extensions last."""
    kept = node_class.kept.get("class_inputs")
    if kept is None:
        made = (*node_class.inputs, *_added(node_class))
        last = {item.name: item for item in made}
        found = [shown(last[name]) for name in last]
        kept = tuple(_with_view(node_class.name, found))
        node_class.kept["class_inputs"] = kept
    return kept


def option_inputs_shown(told: Mapping[str, Any], prefix: str) -> tuple[Shown, ...]:
    """Return what a choice of a dynamic combo brings along."""
    return tuple(map(shown, inputs_in(told, prefix=prefix + ".")))


def shown(item: NodeInput) -> Shown:
    """Return how the editor shows one input."""
    controls = plans(item)
    if controls is None and item.type == AUTOGROW:
        return Shown(item, None, growth=_growth(item))
    if controls is None and item.type == MATCH_TYPE:
        return Shown(item, None, match=_match(item))
    return Shown(item, controls)


def _added(node_class: NodeClass) -> Iterable[NodeInput]:
    required = [item for item in node_class.inputs if item.required]
    if node_class.name in _PLAYERS:
        yield NodeInput("audioUI", "AUDIO_UI", True)
    if node_class.name in _VIEWS:
        yield NodeInput(*_VIEWS[node_class.name], True)
    if any(item.name == "audio" and item.options.get("audio_upload") is True for item in required):
        yield NodeInput("upload", "AUDIOUPLOAD", True)
    elif any(map(_takes_pictures, required)):
        yield NodeInput("upload", "IMAGEUPLOAD", True)


def _takes_pictures(item: NodeInput) -> bool:
    uploads = ("image_upload", "video_upload", "animated_image_upload")
    return item.type == COMBO and any(item.options.get(key) is True for key in uploads)


def _with_view(name: str, found: list[Shown]) -> Iterable[Shown]:
    has_file = False
    for one in found:
        has_file = has_file or one.input.name == "model_file"
        if one.input.type != "LOAD_3D":
            yield one
            continue
        view = ControlPlan("viewport_state" if name in _VIEWPORT_STATES else "image", "other", "", input=one.input)
        buttons = (
            ControlPlan("upload 3d model", "button", "upload3dmodel"),
            ControlPlan("upload extra resources", "button", "uploadExtraResources"),
            ControlPlan("clear", "button", "clear"),
        )
        yield Shown(one.input, (*(buttons if has_file else ()), view))


def _growth(item: NodeInput) -> Growth:
    template = mapping(item.options.get("template"))
    names = template.get("names")
    listed = tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else None
    fewest, most = whole(template.get("min")), whole(template.get("max"))
    bound = len(listed) if listed else 100 if most is None else most
    return Growth(
        name=item.name,
        members=inputs_in(mapping(template.get("input"))),
        names=listed,
        prefix=text(template.get("prefix")),
        fewest=1 if fewest is None else max(fewest, 0),
        most=min(bound, len(listed) if listed is not None else bound, _MOST_GROWN),
    )


def _match(item: NodeInput) -> Match:
    template = mapping(item.options.get("template"))
    return Match(text(template.get("template_id")), text(template.get("allowed_types")) or "*")
