"""The model files of a server, by the folders that they are in."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from flowbind.errors import NotFound, UnexpectedReply
from flowbind.outside import one_line
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, list_in, quoted

_MODELS = "/models"
# What the server itself takes for its folders in its settings, but not here.
_NOW_CALLED = {"unet": "diffusion_models", "clip": "text_encoders"}


def folders() -> Operation[list[str]]:
    """Return the names of the folders."""
    return _texts((yield from get(_MODELS)))


def listed(folder: str) -> Operation[list[str]]:
    """Return the files of a folder, as nodes call them; raises `NotFound` naming the nearest ones."""
    try:
        return _texts((yield from get(f"{_MODELS}/{quoted(folder)}")))
    except NotFound:
        known = yield from folders()
    if (now := _NOW_CALLED.get(folder)) in known:
        return _texts((yield from get(f"{_MODELS}/{now}")))
    near = get_close_matches(folder, known, n=3) or known
    told = ", ".join(one_line(name, 60) for name in near[:40])
    raise NotFound(f"The server has no folder of models {one_line(folder, 80)!r}. It has {told}.", status=404)


def embeddings() -> Operation[list[str]]:
    """Return the embeddings, as prompts call them."""
    return _texts((yield from get("/embeddings")))


def _texts(document: Any) -> list[str]:
    texts = list_in(document)
    if not all(isinstance(text, str) for text in texts):
        raise UnexpectedReply("The server's list holds what is no name. Check the address.")
    return texts
