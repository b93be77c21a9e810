"""`--set attribute=value`: each engine says what a text means for its kinds of inputs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from flowbind.errors import InputError
from flowbind.workflow import Workflow, complete, named
from flowbind_generator.engines import engine
from flowbind_generator.ir import Module


def parse_settings(module: Module, made: type[Workflow[Any]], settings: Sequence[str]) -> dict[str, Any]:
    """Return the values of `attribute=value` settings as the class, `made` of the module, takes them.

    What the type refuses is left to the class and its messages. Raises `InputError` for an object that makes no
    model, colour or box, and for a list that is no JSON list; `click.UsageError` for a setting without a value.
    """
    by_name = {i.attribute: i for i in module.inputs}
    values: dict[str, Any] = {}
    problems: list[str] = []
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set {setting}: write attribute=value.")
        # An unknown name goes on to the class, whose message knows the near ones.
        try:
            item = by_name.get(name)
            if item and item.kind == "object":
                values[name] = _object(made, name, text)
            else:
                values[name] = engine(module.engine).parse_setting(item, text) if item else text
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return values


def _object(made: type[Workflow[Any]], name: str, text: str) -> Any:
    """Return JSON as the objects of an input's own type, text that is none as a text."""
    complete(made)
    field = made.model_fields[name]
    adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    try:
        json.loads(text)
    except ValueError:
        text = json.dumps(text)
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False)
        said = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" if e["loc"] else str(e["msg"]) for e in found]
        raise InputError([f"{named(made, name)} is {text}: {'; or '.join(said)}."]) from None
