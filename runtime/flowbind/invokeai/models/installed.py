"""What the server tells of the models that it has: inputs for workflows, like any other `ModelRef`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from flowbind.invokeai.fields import ModelRef


@dataclass(frozen=True, eq=False, kw_only=True)
class InstalledModel(ModelRef):
    """A model that the server has, and what it tells of it; an input wherever a `ModelRef` is.

    Words are the server's own, whatever they are; a text that it does not tell is empty.
    """

    name: str = ""
    base: str = ""
    """Such as sd-1, sdxl, flux, any or unknown."""
    type: str = ""
    """Such as main, vae, lora, controlnet or unknown."""
    key: str = ""
    """New at every install."""
    hash: str = ""
    """The same for the same file on servers that count it alike."""
    format: str = ""
    """Such as checkpoint, diffusers, gguf_quantized or unknown."""
    path: str = ""
    """On the server's machine; below its folder of models where it does not begin at the root."""
    source: str | None = field(default=None, repr=False)
    """What it was installed from: a path, the id of a repository, or a URL, perhaps with somebody's token in it."""
    description: str | None = None
    variant: str | None = None
    """Such as normal, inpaint, schnell or large; not every model has one."""
    file_size: int | None = None
    """Bytes."""
    record: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """All that the server tells, what flowbind does not know among it."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Return what the server answers as a model. Raises nothing."""
        size = record.get("file_size")
        return cls(
            **{name: _text(record, name) or "" for name in ("name", "base", "type", "key", "hash", "format", "path")},
            source=_text(record, "source"),
            description=_text(record, "description"),
            variant=_text(record, "variant"),
            file_size=size if isinstance(size, int) else None,
            record=record,
        )


def _text(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) else None
