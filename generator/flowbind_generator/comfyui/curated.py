"""Which widgets are public where nothing says it: texts, files, seeds, primitives, sizes and sampling settings."""

from __future__ import annotations

import re

from flowbind.comfyui.schema.server_files import upload_kind
from flowbind_generator.comfyui.knobs import Knob, type_of
from flowbind_generator.comfyui.seeds import is_seed

_NAMED_AS_TEXT = re.compile("prompt|text|caption|lyrics", re.IGNORECASE)
_SIZES_AND_SAMPLING = frozenset({"width", "height", "steps", "cfg", "denoise"})


def is_text_or_file(knob: Knob) -> bool:
    """Tell whether a widget holds what a node is there for: a prompt or its like, or a file that can be uploaded."""
    return _is_text(knob) or is_file(knob)


def is_file(knob: Knob) -> bool:
    """Tell whether a widget names a file that can be uploaded."""
    return upload_kind(knob.node_class, knob.spec) is not None


def is_curated(knob: Knob) -> bool:
    """Tell whether a widget is one that most runs change."""
    if is_text_or_file(knob):
        return True
    if knob.is_primitive:
        return knob.is_at_root  # inside of a subgraph it is a step of its work
    if is_seed(knob.spec):
        return True
    name = knob.spec.name.rpartition(".")[2]
    return name in _SIZES_AND_SAMPLING and type_of(knob.spec) in ("INT", "FLOAT")


def _is_text(knob: Knob) -> bool:
    """Tell whether a text of several lines is one for people: what comes of others, as of formulas, is no text."""
    spec, node_class = knob.spec, knob.node_class
    if type_of(spec) != "STRING" or spec.options.get("multiline") is not True:
        return False
    if node_class.is_api or spec.options.get("dynamicPrompts") is True or _NAMED_AS_TEXT.search(spec.name):
        return True
    return any(output.type in ("STRING", "CONDITIONING") for output in node_class.outputs)
