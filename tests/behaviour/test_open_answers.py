"""Words, fields and gaps that no release has yet never make an answer raise: recorded answers, changed on their way."""

from __future__ import annotations

import re
from typing import Any

_WORD = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_NAMES = re.compile(r"(^|_)(id|ids|name|names|key|hash|path|source|url|workflow|title|label)$")
_MAPS = {"loaded_model_sizes", "nodes", "inputs", "results", "errors", "source_prepared_mapping"}
"""Objects whose keys are names or ids, so that one more is no field."""


def with_new_words(value: Any, key: str = "") -> Any:
    """Return an answer in which states, bases, types and the like are unheard of."""
    if isinstance(value, dict):
        return {name: with_new_words(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [with_new_words(item, key) for item in value]
    is_word = isinstance(value, str) and _WORD.fullmatch(value) and not _NAMES.search(key)
    return "unheard_of" if is_word else value


def with_new_fields(value: Any, key: str = "") -> Any:
    """Return an answer with a field more in each object."""
    if isinstance(value, dict):
        more = {} if key in _MAPS else {"brand_new": {"deep": [1, None, "x"]}}
        return {name: with_new_fields(item, name) for name, item in value.items()} | more
    return [with_new_fields(item, key) for item in value] if isinstance(value, list) else value


def without_nulls(value: Any) -> Any:
    """Return an answer without the keys that have no value, as the server itself leaves them out at times."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
