"""What the editor makes of texts when it posts them: dynamic prompts, and names of nodes and dates in file names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from flowbind.comfyui.schema.shapes import as_read, items

_COMMENTS = re.compile(r"/\*[\s\S]*?\*/|//[^\n\r\u2028\u2029]*")
_ESCAPED = re.compile(r"\\([{}|])")
_MARKED = re.compile(r"%([^%]+)%")
_DEEPEST = 50
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


def dynamic_prompt(text: str, depth: int = 0) -> str | None:
    """Return what a dynamic prompt comes to, None where the editor chooses anew at each run."""
    if "{" not in text and "\\" not in text and "/" not in text:
        return text
    text = _COMMENTS.sub("", text)
    parts: list[str] = []
    place = 0
    while place < len(text):
        char = text[place]
        place += 1
        if char == "\\":
            # At the very end of a text the editor writes out what JavaScript has there.
            parts.append("\\" + (text[place] if place < len(text) else "undefined"))
            place += 1
        elif char == "{":
            only, place = _only_choice(text, place)
            inner = None if only is None or depth > _DEEPEST else dynamic_prompt(only, depth + 1)
            if inner is None:
                return None
            parts.append(inner)
        else:
            parts.append(char)
    return _ESCAPED.sub(r"\1", "".join(parts))


def _only_choice(text: str, place: int) -> tuple[str | None, int]:
    """Return what stands between braces, None where it is several choices, and the place after them."""
    start, depth = place, 0
    while place < len(text):
        char = text[place]
        place += 1
        if char == "\\":
            place += 1
        elif char == "{":
            depth += 1
        elif char == "}":
            if not depth:
                return text[start : place - 1], place
            depth -= 1
        elif char == "|" and not depth:
            return None, place
    return text[start:place], place


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
