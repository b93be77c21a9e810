"""The node classes of one server, read from its `/object_info`, as the catalog of the core."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flowbind.comfyui.schema.node_classes import NodeClasses
from flowbind.digest import json_sha256


class Catalog(NodeClasses):
    """The node classes of a server by name.

    `app_version` is the server's release, where it is known: the document does not say. `file_digest` is that of the
    bytes of the document.
    """

    def __init__(
        self, document: Mapping[str, Any], *, app_version: str | None = None, file_digest: str | None = None
    ) -> None:
        super().__init__(document)
        self.app_version = app_version
        self.file_digest = file_digest
        self.schema_names: frozenset[str] = frozenset()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what the server tells of all classes."""
        return json_sha256(self.told)
