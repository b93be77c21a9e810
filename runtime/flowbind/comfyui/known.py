"""What a client knows of its server, and what it asks of every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowbind.comfyui.runs.reading import Reader
from flowbind.comfyui.transfers.index import FileIndex
from flowbind.drift_check import DriftCheck
from flowbind.transport.secret import Secret


@dataclass(frozen=True)
class Known:
    """What all jobs and handles of one client share.

    `drift` compares classes with the server before their first run. `previews` is how previews are made, `api_key` pays
    for nodes of partners. `canceled` are the prompts that this client has canceled: the server forgets those that had
    not begun.
    """

    drift: DriftCheck
    files: FileIndex
    previews: str | None = None
    api_key: Secret | None = None
    reader: Reader = field(default_factory=Reader)
    canceled: set[str] = field(default_factory=set[str])

    def extra(self) -> Mapping[str, Any]:
        """Return what goes along with each prompt."""
        extra: dict[str, Any] = {}
        if self.previews is not None:
            extra["preview_method"] = self.previews
        if self.api_key is not None:
            extra["api_key_comfy_org"] = self.api_key.reveal()
        return extra
