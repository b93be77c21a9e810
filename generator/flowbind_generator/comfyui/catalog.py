"""The node classes of one server, read from its `/object_info`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from flowbind.digest import json_sha256
from flowbind_generator.comfyui.node_classes import NodeClass, node_class


class Catalog(Mapping[str, NodeClass]):
    """The node classes of a server by name, each read on first use.

    `app_version` is the server's release, where it is known: the document does not say. `file_digest` is that of the
    bytes of the document.
    """

    def __init__(
        self, document: Mapping[str, Any], *, app_version: str | None = None, file_digest: str | None = None
    ) -> None:
        self._told = {name: told for name, told in document.items() if is_node_class(told)}
        self._read: dict[str, NodeClass] = {}
        self.app_version = app_version
        self.file_digest = file_digest
        self.schema_names: frozenset[str] = frozenset()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what the server tells of all classes."""
        return json_sha256(self._told)

    def __getitem__(self, name: str) -> NodeClass:
        if name not in self._read:
            self._read[name] = node_class(name, self._told[name])
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._told

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)


def is_node_class(told: Any) -> bool:
    """Tell whether a value is what `/object_info` says of a node class."""
    return isinstance(told, Mapping) and isinstance(told.get("input"), Mapping) and isinstance(told.get("output"), list)
