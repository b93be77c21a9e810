"""Which models an input accepts, read from the raw document; before 6.8 the name of its type says that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from .documents import Release, Schema, release

Filter = Mapping[str, list[str]]

_WORDS = {
    "bases": "ui_model_base",
    "types": "ui_model_type",
    "variants": "ui_model_variant",
    "formats": "ui_model_format",
    "providers": "ui_model_provider_id",
}
# The last release of the one kind, and the next of the other whose document is here.
NAMED, FILTERED = "6.5.1", "6.8.1"


def accepted_models(schema: Schema) -> Filter | None:
    """Return the models that an input accepts by what is known of them; None where it accepts any, or takes none."""
    return _filter(schema) or meanings().get(schema.get("ui_type", ""))


def as_filter(told: Any) -> Filter | None:
    """Return what flowbind tells of models in the same shape; a filter that lets everything through is none."""
    return {word: sorted(told[word]) for word in _WORDS if told.get(word)} or None if told else None


@cache
def meanings() -> Mapping[str, Filter]:
    """Return what the old names of types mean: what 6.8.1 says of all inputs that had the name in 6.5.1.

    A name that one release gave to inputs for different bases says nothing of the base.
    """
    found: dict[str, Filter] = {}
    for name, told in _renamed(release(NAMED), release(FILTERED)):
        known = found.setdefault(name, told)
        found[name] = {word: names for word, names in known.items() if told.get(word) == names}
    return found


def _renamed(before: Release, after: Release) -> Iterator[tuple[str, Filter]]:
    for node_type, node in before.nodes.items():
        for name, schema in node["properties"].items():
            now = after.nodes.get(node_type, {"properties": {}})["properties"].get(name, {})
            if "ui_type" in schema and (told := _filter(now)):
                yield schema["ui_type"], told


def _filter(schema: Schema) -> Filter | None:
    return {name: sorted(schema[word]) for name, word in _WORDS.items() if schema.get(word)} or None
