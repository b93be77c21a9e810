"""The controls that the editor gives an input, by the input's type: what the file keeps, what is posted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from flowbind.comfyui.schema.node_classes import COMBO, DYNAMIC_COMBO, DYNAMIC_GROUP, NodeInput
from flowbind.comfyui.schema.shapes import items, mapping, number, whole

Kind = Literal[
    "number",
    "combo",
    "dynamic",  # a choice brings further inputs along
    "group",  # a number of rows, each with the same inputs
    "toggle",
    "text",
    "area",
    "curve",
    "button",
    "index",  # the place of the choice of a combo that the author fills
    "option",  # one choice of such a combo
    "branches",  # the names of what is connected
    "other",
]


MADE_BY_BROWSER: Final = {"LOAD_3D": "its 3D view", "WEBCAM": "a camera", "AUDIO_RECORD": "a microphone"}
"""The types of inputs whose values the editor makes anew when it posts them, and what of."""


class _Unset:
    """What JavaScript calls undefined: such a value is not posted."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()


@dataclass(frozen=True)
class ControlPlan:
    """A control as the editor makes it.

    `saved` ones take their turn in `widgets_values`, `posted` ones are in the prompt. `governs` is the control whose
    value this one changes after each run. `posts` is what is posted whatever the control holds, UNSET for its value.
    `has_slot` tells whether a link can take its place.
    """

    name: str
    kind: Kind
    default: Any
    saved: bool = True
    posted: bool = True
    input: NodeInput | None = None
    governs: str = ""
    posts: Any = UNSET
    has_slot: bool = True


def plans(item: NodeInput) -> tuple[ControlPlan, ...] | None:
    """Return the controls of an input in the editor's order, None for one that only takes a link."""
    kind = item.options.get("widgetType") or item.type
    maker = _MAKERS.get(kind) if isinstance(kind, str) else None
    if maker is None or item.options.get("forceInput"):
        return None
    return tuple(replace(plan, input=item) if plan.name == item.name else plan for plan in maker(item))


def _default(item: NodeInput, otherwise: Any) -> Any:
    found = item.options.get("default")
    return otherwise if found is None else found


def _plain(kind: Kind, otherwise: Any) -> Callable[[NodeInput], list[ControlPlan]]:
    return lambda item: [ControlPlan(item.name, kind, _default(item, otherwise))]


def _integer(item: NodeInput) -> list[ControlPlan]:
    told = item.options.get("control_after_generate")
    governed = item.name in ("seed", "noise_seed") if told is None else bool(told)
    start = told if isinstance(told, str) and told else "randomize"
    return [ControlPlan(item.name, "number", _default(item, 0)), *([_governing(item, start)] if governed else [])]


def _float(item: NodeInput) -> list[ControlPlan]:
    governed = item.options.get("control_after_generate")
    return [ControlPlan(item.name, "number", _default(item, 0)), *([_governing(item, "fixed")] if governed else [])]


def _governing(item: NodeInput, start: str) -> ControlPlan:
    told, prefix = item.options.get("control_after_generate"), item.options.get("control_prefix")
    name = told if isinstance(told, str) and told else "control_after_generate"
    if prefix and not isinstance(told, str):
        name = f"{prefix} {name}"
    return ControlPlan(name, "combo", start, posted=False, governs=item.name)


def _string(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "area" if item.options.get("multiline") else "text", _default(item, ""))]


def _combo(item: NodeInput) -> list[ControlPlan]:
    if item.options.get("multi_select"):
        return [ControlPlan(item.name, "other", [])]
    remote = item.options.get("remote")
    default: Any = item.options.get("default")
    if not default:
        default = item.choices[0] if item.choices else "Loading..." if remote else UNSET
    made = [ControlPlan(item.name, "combo", default)]
    if remote:
        made.append(ControlPlan("Auto-refresh after generation", "toggle", False, posted=False))
        if mapping(remote).get("refresh_button"):
            made.append(ControlPlan("refresh", "button", "refresh"))
    if told := item.options.get("control_after_generate"):
        made.append(_governing(item, told if isinstance(told, str) else "randomize"))
        made.append(ControlPlan("control_filter_list", "text", "", posted=False))
    return made


def option_inputs(item: NodeInput) -> dict[str, Mapping[str, Any]]:
    """Return what each choice of a dynamic combo brings along: the inputs, as a class has them."""
    return {
        option["key"]: mapping(option.get("inputs"))
        for option in items(item.options.get("options"))
        if isinstance(option, Mapping) and isinstance(option.get("key"), str)
    }


def _dynamic(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "dynamic", next(iter(option_inputs(item)), UNSET))]


def group_rows(item: NodeInput, wanted: Any) -> int:
    """Return how many rows a group has where the file wants so many."""
    told = item.options
    least, most = whole(told.get("min")) or 0, whole(told.get("max"))
    rows = number(wanted)
    return min(max(least, int(rows or 0), 0), _MOST_ROWS if most is None else min(max(most, 0), _MOST_ROWS))


def _group(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "group", group_rows(item, 0), posted=False, has_slot=False)]


def _branches(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "branches", [], has_slot=False)]


def _color(item: NodeInput) -> list[ControlPlan]:
    inner = mapping(item.options.get("options")).get("default")
    return [ControlPlan(item.name, "other", _default(item, "#000000" if inner is None else inner))]


def _box(item: NodeInput) -> list[ControlPlan]:
    default = _default(item, {"x": 0, "y": 0, "width": 512, "height": 512})
    sides = [ControlPlan(n, "number", mapping(default).get(n), posted=False) for n in ("x", "y", "width", "height")]
    return [ControlPlan(item.name, "other", default), *sides]


def _comparison(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "other", ["", ""], saved=False)]


def _upload(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "button", "image", posted=False)]


def _audio_upload(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "button", "", posted=False)]


def _player(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "other", "", saved=False, posted=False)]


def _recorder(item: NodeInput) -> list[ControlPlan]:
    # A recording lives in the browser; there is none after loading.
    return [
        ControlPlan(item.name, "other", "", posts=""),
        ControlPlan(item.name, "button", "", posted=False),
    ]


def _view(item: NodeInput) -> list[ControlPlan]:
    return [ControlPlan(item.name, "other", "", posted=False)]


_MOST_ROWS = 20
_CURVE = {"points": [[0, 0], [1, 1]], "interpolation": "monotone_cubic"}

_MAKERS: dict[str, Callable[[NodeInput], list[ControlPlan]]] = {
    "INT": _integer,
    "FLOAT": _float,
    "BOOLEAN": _plain("toggle", False),
    "STRING": _string,
    "MARKDOWN": _plain("area", ""),
    "TEXTAREA": _plain("area", ""),
    COMBO: _combo,
    DYNAMIC_COMBO: _dynamic,
    DYNAMIC_GROUP: _group,
    "COMFY_BRANCH_INPUT_NAMES": _branches,
    "COMFY_BRANCH_SELECTOR": _plain("text", ""),
    "COLOR": _color,
    "COLORS": _plain("other", []),
    "BOUNDING_BOX": _box,
    "BOUNDING_BOXES": _plain("other", []),
    "CURVE": _plain("curve", _CURVE),
    "RANGE": _plain("other", {"min": 0.0, "max": 1.0}),
    "PAINTER": _plain("other", ""),
    "COMPOSITOR": _plain("other", ""),
    "VIDEO_EDIT": _plain("other", ""),
    "CHART": _plain("other", {}),
    "GALLERIA": _plain("other", []),
    "IMAGECOMPARE": _comparison,
    "IMAGEUPLOAD": _upload,
    "AUDIOUPLOAD": _audio_upload,
    "AUDIO_UI": _player,
    "RESOLUTION_PREVIEW": _player,
    "CAMERA_INFO_STATE": _player,
    "CAMERA_ANGLE_VIEW": _view,
    "LIGHT_INFO_PREVIEW": _plain("other", ""),
    "AUDIO_RECORD": _recorder,
    "LOAD_3D": _plain("other", ""),
    "LOAD_3D_ADVANCED": _plain("other", ""),
    "PREVIEW_3D": _plain("other", ""),
    "WEBCAM": _plain("other", ""),
}
