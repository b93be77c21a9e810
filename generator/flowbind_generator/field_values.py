"""Saved values of inputs that take objects: checked against their classes, and written as Python."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from flowbind.field_type import FieldType
from flowbind_generator.class_schemas import IMPORT
from flowbind_generator.field_classes import field_types
from flowbind_generator.modelling import Schema
from flowbind_generator.quoting import literal
from flowbind_generator.render import render_field_types


class Unfit(ValueError):
    """A value that its type refuses; the text says why."""


def value_code(annotation: str, value: Any, schemas: Mapping[str, Schema]) -> str | None:
    """Return a saved JSON value as Python source, None where only the user's own class could tell.

    `schemas` are those of all classes that the annotation leads to. Raises `Unfit` for a value that it refuses.
    """
    module = _module(json.dumps(schemas, sort_keys=True))
    try:
        made = TypeAdapter(eval(annotation, vars(module))).validate_json(json.dumps(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"] if not str(part).startswith(("list[", "dict[")))
        raise Unfit(f"{place}: {first['msg']}" if place else str(first["msg"])) from None
    except RecursionError:
        raise Unfit("its type is nested too deeply to be looked at") from None
    return None if any(IMPORT in schema for schema in schemas.values()) else _code(made)


@cache
def _module(schemas: str) -> ModuleType:
    """Return the classes, made in memory; of the user's own classes only the user's program knows what they take."""
    found: dict[str, Schema] = json.loads(schemas)
    own = {name: JsonValue for name, schema in found.items() if IMPORT in schema}
    plan = field_types(found)
    known = {"Annotated": Annotated, "Field": Field, "FieldType": FieldType, "JsonValue": JsonValue, "Literal": Literal}
    module = ModuleType(f"flowbind_values_{abs(hash(schemas))}")
    vars(module).update({**known, **own})
    # Annotations are read when a class is first used: from the module, by its name.
    sys.modules[module.__name__] = module
    source = ast.parse(render_field_types(plan))
    body = [n for n in source.body if not isinstance(n, ast.ImportFrom) or n.module == "__future__"]
    exec(compile(ast.Module(body, []), "<field_types>", "exec", dont_inherit=True), vars(module))
    return module


def _code(value: Any) -> str:
    if isinstance(value, FieldType) and value.model_extra:
        # Type checkers take no names that a class does not declare.
        return f"{type(value).__name__}.model_validate({literal(value.model_dump(mode='json', by_alias=True))})"
    if isinstance(value, FieldType):
        names = [name for name in type(value).model_fields if name in value.model_fields_set]
        return f"{type(value).__name__}({', '.join(f'{name}={_code(getattr(value, name))}' for name in names)})"
    if isinstance(value, list):
        return f"[{', '.join(map(_code, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_code, value))}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {_code(item)}" for key, item in sorted(value.items())) + "}"
    return literal(value)
