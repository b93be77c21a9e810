"""The two base classes of the REST models in `_rest`: what the server answers, and what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

_UNTOLD = frozenset({"source", "source_url", "config_in", "config_out", "download_parts", "error", "error_traceback"})
"""What a repr leaves out: of models, it tells the address that they were installed from, perhaps with a token in it."""


class Reply(BaseModel):
    """An answer of the server: fields that this release does not know are kept, in `model_extra`, never an error."""

    # A session uses a handful of the models: each builds its validator when it first meets a reply, not on import.
    model_config = ConfigDict(extra="allow", defer_build=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        return ((name, value) for name, value in super().__repr_args__() if name not in _UNTOLD)


class Request(BaseModel):
    """A body sent to the server, which drops misspelt fields in silence: refused here instead."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
