"""Where a file is not of the structure that the editor wants: it loads no such file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from flowbind_generator.invokeai.formats import VERSIONS, Part

Path = tuple[str | int, ...]


def unknown_kinds(saved: Mapping[str, Any], version: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield each node and edge of a kind that the version does not have, with its place."""
    _, nodes, edges = VERSIONS[version]
    for key, known in (("nodes", nodes), ("edges", edges)):
        for i, raw in _listed(saved, key):
            if isinstance(raw, Mapping) and not (isinstance(kind := raw.get("type"), str) and kind in known):
                yield (key, i), raw


def problems(saved: Mapping[str, Any], version: str) -> Iterator[tuple[Path, str]]:
    """Yield each place where the structure is not that of the version, and the rule that it breaks."""
    whole, nodes, edges = VERSIONS[version]
    yield from _problems(whole, saved, ())
    for key, kinds in (("nodes", nodes), ("edges", edges)):
        for i, raw in _listed(saved, key):
            if not isinstance(raw, Mapping):
                yield (key, i), "this is an object"
            elif isinstance(kind := raw.get("type"), str) and kind in kinds:
                yield from _problems(kinds[kind], raw, (key, i))


def _listed(saved: Mapping[str, Any], key: str) -> list[tuple[int, Any]]:
    return list(enumerate(saved[key])) if isinstance(saved.get(key), list) else []


def _problems(kind: type[Part], raw: Any, at: Path) -> Iterator[tuple[Path, str]]:
    try:
        _adapter(kind).validate_python(raw)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            place = (*at, *found["loc"])
            yield place, _rule(place, found["type"], str(found["msg"]))


@cache
def _adapter(kind: type[Part]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


_RULES = {
    "missing": "is missing",
    "string_type": "is text",
    "bool_type": "is true or false",
    "list_type": "is a list",
    "dict_type": "is an object",
    "model_type": "is an object",
    "float_type": "is a number",
    "string_too_short": "is not empty",
}


def _rule(place: Path, kind: str, message: str) -> str:
    if kind == "value_error":
        said = message.removeprefix("Value error, ")
        return said if said.startswith('"') else f'"{place[-1]}" {said}'
    rule = _RULES.get(kind) or message[:1].lower() + message[1:]
    return f'"{place[-1]}" {rule}'
