"""Pairs of a saved ComfyUI workflow and what the real editor posts for it, and the catalog of their server."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache

import pytest

from flowbind_generator.comfyui.catalog import Catalog

from .shared import MISSING, SHARED, Record

TRUTH = SHARED / "truth" / "comfyui"
OBJECT_INFO = SHARED / "specs" / "comfyui-object_info-0.33.0.json.gz"

needs_pairs = pytest.mark.skipif(not (TRUTH.is_dir() and OBJECT_INFO.is_file()), reason=MISSING)


def pairs() -> Iterator[Record]:
    """Yield all pairs: `name`, `ui` as it was saved, `api` as it is posted."""
    for path in sorted(TRUTH.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


@cache
def catalog() -> Catalog:
    """Return the catalog of the server that the pairs are of."""
    return Catalog(json.loads(gzip.decompress(OBJECT_INFO.read_bytes())))
