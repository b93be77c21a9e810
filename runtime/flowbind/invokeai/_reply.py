"""The two base classes of the REST models in `_rest`: what the server answers, and what it is asked."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Reply(BaseModel):
    """An answer of the server: fields that this release does not know are kept, in `model_extra`, never an error."""

    # A session uses a handful of the models: each builds its validator when it first meets a reply, not on import.
    model_config = ConfigDict(extra="allow", defer_build=True)


class Request(BaseModel):
    """A body sent to the server, which drops misspelt fields in silence: refused here instead."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
