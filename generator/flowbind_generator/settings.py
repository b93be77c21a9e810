"""`--set` and `--sweep attribute=...`: each engine says what a text means for its kinds of inputs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from flowbind.errors import InputError
from flowbind.workflow import Workflow, complete, named
from flowbind_generator.engines import engine
from flowbind_generator.ir import Module


def read_settings(
    module: Module, made: type[Workflow[Any]], settings: Sequence[str], problems: list[str]
) -> dict[str, Any]:
    """Return the values of `attribute=value` settings as the class, `made` of the module, takes them.

    What the type refuses is left to the class and its messages. Adds to the problems an object that makes no model,
    colour or box, and a list that is no JSON list. Raises `click.UsageError` for a setting without a value.
    """
    values: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set {setting}: write attribute=value.")
        values.update((name, value) for value in _values(module, made, name, [text], problems))
    return values


def read_sweeps(
    module: Module, made: type[Workflow[Any]], sweeps: Sequence[str], problems: list[str]
) -> dict[str, list[Any]]:
    """Return the lists of `attribute=value,value` sweeps, with each value as `--set` takes it.

    Adds to the problems, beside what `read_settings` does, a list that cannot be read, that is empty, or that is not
    the only one for its input. Raises `click.UsageError` for a sweep without values.
    """
    lists: dict[str, list[Any]] = {}
    for sweep in sweeps:
        name, equals, text = sweep.partition("=")
        if not equals:
            raise click.UsageError(f"--sweep {sweep}: write attribute=value,value.")
        if name in lists:
            problems.append(f"--sweep {name}: it is swept already: write all values in one list.")
            continue
        try:
            texts = split_values(text)
        except ValueError as error:
            texts = []
            problems.append(f"--sweep {name}: {error}")
        lists[name] = list(_values(module, made, name, texts, problems))
    return lists


def split_values(text: str) -> list[str]:
    """Return the values of a list, each as `--set` takes it: the items of a JSON list, else those of a line of CSV.

    Raises `ValueError` for a list that is neither, or that is empty.
    """
    try:
        items = json.loads(text) if text.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        # A text may begin like a list.
        items = None
    if isinstance(items, list):
        values = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items]
    else:
        try:
            lines = list(csv.reader(StringIO(text, newline=""), skipinitialspace=True, strict=True))
        except csv.Error as error:
            raise ValueError(f"{text} is no list as in CSV ({error}): write values, or a list in JSON.") from None
        if len(lines) > 1:
            raise ValueError("there is a line break between values: put a value that has one into double quotes.")
        values = lines[0] if lines else []
    if not values:
        raise ValueError("the list is empty: write attribute=value,value.")
    return values


def _values(
    module: Module, made: type[Workflow[Any]], name: str, texts: Sequence[str], problems: list[str]
) -> Iterator[Any]:
    """Yield what texts mean for an input, as far as they mean something."""
    item = next((i for i in module.inputs if i.attribute == name), None)
    for text in texts:
        try:
            # An unknown name goes on to the class, whose message knows the near ones.
            if item and item.kind == "object":
                yield _object(made, name, text)
            else:
                yield engine(module.engine).parse_setting(item, text) if item else text
        except InputError as error:
            problems += error.problems


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
