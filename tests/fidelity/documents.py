"""The OpenAPI documents of real releases, as they are: nothing here is read by the generator."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog

from .shared import MISSING, SHARED

Schema = Mapping[str, Any]

needs_documents = pytest.mark.skipif(not (SHARED / "specs").is_dir(), reason=MISSING)

_PREFIX, _SUFFIX = "openapi-", ".json.gz"


@dataclass(frozen=True, eq=False)
class Release:
    """One release of InvokeAI: its document, and flowbind's catalog of that, for what is compared with it."""

    name: str
    document: Schema = field(repr=False)

    @cached_property
    def catalog(self) -> Catalog:
        """What flowbind reads in the document."""
        return Catalog(self.document)

    @cached_property
    def schemas(self) -> Schema:
        """All schemas of the document by name."""
        found: Schema = self.document["components"]["schemas"]
        return found

    @cached_property
    def nodes(self) -> Mapping[str, Schema]:
        """The schemas of the nodes by type."""
        nodes = [s for s in self.schemas.values() if s.get("class") == "invocation"]
        return {str(s["properties"]["type"]["const"]): s for s in nodes}

    def outputs(self, node_type: str) -> Mapping[str, Schema]:
        """Return what a node gives, by field name."""
        output = self.schemas[name_in(self.nodes[node_type]["output"])]
        return {name: schema for name, schema in output["properties"].items() if name != "type"}


def name_in(schema: Schema) -> str:
    """Return the name of the schema that a `$ref` leads to."""
    return str(schema["$ref"]).rpartition("/")[2]


def release_names() -> list[str]:
    """Return the releases whose documents are here, oldest first."""
    files = (SHARED / "specs").glob(f"{_PREFIX}*{_SUFFIX}")
    names = [path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX) for path in files]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


@cache
def release(name: str) -> Release:
    """Return one of the releases that are here."""
    data = (SHARED / "specs" / f"{_PREFIX}{name}{_SUFFIX}").read_bytes()
    return Release(name, json.loads(gzip.decompress(data)))
