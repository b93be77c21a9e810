"""What the editor makes of texts when it posts them: dynamic prompts, and names of nodes and dates in file names."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from flowbind.comfyui.dynamic_text import dynamic, is_dynamic
from flowbind.comfyui.schema.shapes import as_read, items

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

_T = TypeVar("_T")
_MARKED = re.compile(r"%([^%]+)%")
_DEEPEST = 50
"""So many times as long as a text may all choices in it be, taken together: it bounds how deep they are nested."""
_UNSAFE = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')

SAVING = frozenset(
    {
        "SaveImage",
        "SaveImageAdvanced",
        "SaveSVGNode",
        "SaveVideo",
        "SaveAnimatedWEBP",
        "SaveWEBM",
        "SaveAudio",
        "SaveAudioMP3",
        "SaveAudioOpus",
        "SaveAudioAdvanced",
        "SaveGLB",
        "Save3DAdvanced",
        "SaveGaussianSplat",
        "SavePointCloud",
        "SaveAnimatedPNG",
        "CLIPSave",
        "VAESave",
        "ModelSave",
        "LoraSave",
        "SaveLatent",
    }
)
"""The classes in whose `filename_prefix` the editor puts dates and values of other nodes."""


def dynamic_prompt(text: str) -> str | None:
    """Return what a dynamic prompt comes to, None where the editor chooses anew at each run."""
    if not is_dynamic(text):
        return text
    try:
        return dynamic(text, source=_NoChance(_DEEPEST * len(text)))
    except _Undecided:
        return None


class _Undecided(Exception):
    """What a text comes to is not known before it is posted."""


class _NoChance(random.Random):
    """Takes what is the only choice, of so many characters in all; what is more is left to the run."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self._left = longest

    def choice(self, seq: SupportsLenAndGetItem[_T]) -> _T:
        only = seq[0]
        self._left -= len(only) if isinstance(only, str) else 0
        if len(seq) > 1 or self._left < 0:
            raise _Undecided
        return only


def replaced(text: str, find: Callable[[str, str], Any]) -> tuple[str, bool]:
    """Return a file name with the values that it names, and whether it has such names or dates.

    `find` returns the value of a control by the names of node and control, None where there is none.
    """
    named = False

    def value(match: re.Match[str]) -> str:
        nonlocal named
        node, dot, control = match[1].partition(".")
        if not dot or "." in control:
            named = named or node.startswith("date:")
            return match[0]
        found = find(node, control)
        if found is None:
            return match[0]
        named = True
        return _UNSAFE.sub("_", found if isinstance(found, str) else spelled(found))

    return _MARKED.sub(value, text), named


def spelled(value: Any) -> str:
    """Return a value as JavaScript makes a text of it; nothing at all is an empty one."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            number = as_read(value)
            return "" if number is None else _spelled_number(number)
        case list():
            return ",".join(map(spelled, items(value)))
        case Mapping():
            return "[object Object]"
        case _:
            return str(value)


def _spelled_number(value: float) -> str:
    exact = Decimal(repr(float(value)))
    if not exact or 1e-6 <= abs(value) < 1e21:
        return str(int(exact)) if exact == exact.to_integral_value() else format(exact, "f")
    mantissa, _, exponent = f"{exact.normalize():e}".partition("e")
    return f"{mantissa}e{int(exponent):+d}"
