"""A GraphQL schema of about thirty types and a hundred queries with typed arguments: what ariadne-codegen reads."""

from __future__ import annotations

from pathlib import Path

ENUMS, TYPES, INPUTS = 6, 18, 6
ARGUMENTS = ("String!", "Int!", "Float!", "Boolean!", "ID!", "String", "Int", "Float")

_SETTINGS = """[tool.ariadne-codegen]
schema_path = "schema.graphql"
queries_path = "queries.graphql"
"""


def write_operations(folder: Path, count: int) -> None:
    """Write a project for ariadne-codegen; a query takes fifteen arguments and gives nested objects."""
    types = [
        *(f"enum Choice{number} {{ {' '.join(f'VALUE_{number}_{n}' for n in range(12))} }}" for number in range(ENUMS)),
        *(f"input Settings{number} {{ {_fields(ARGUMENTS, number)} }}" for number in range(INPUTS)),
        *(
            f"type Made{number} {{ {_fields(ARGUMENTS, number)} next: Made{(number + 1) % TYPES}! }}"
            for number in range(TYPES)
        ),
    ]
    queries = [f"run{number}({_arguments(number)}): Made{number % TYPES}!" for number in range(count)]
    schema = "\n".join([*types, "type Query {", *queries, "}"])
    (folder / "pyproject.toml").write_text(_SETTINGS, encoding="utf-8")
    (folder / "schema.graphql").write_text(schema, encoding="utf-8")
    (folder / "queries.graphql").write_text("\n".join(map(_query, range(count))), encoding="utf-8")


def _fields(types: tuple[str, ...], number: int) -> str:
    fields = [f"field{place}: {kind}" for place, kind in enumerate(types)]
    return " ".join([*fields, f"choice: Choice{number % ENUMS}!"])


def _typed(number: int) -> dict[str, str]:
    """Return fifteen arguments of a query, by name."""
    plain = {f"argument{place}": ARGUMENTS[(number + place) % len(ARGUMENTS)] for place in range(12)}
    choices = {f"choice{place}": f"Choice{(number + place) % ENUMS}!" for place in range(2)}
    return {**plain, **choices, "settings": f"Settings{number % INPUTS}!"}


def _arguments(number: int) -> str:
    return ", ".join(f"{name}: {kind}" for name, kind in _typed(number).items())


def _query(number: int) -> str:
    variables = ", ".join(f"${name}: {kind}" for name, kind in _typed(number).items())
    passed = ", ".join(f"{name}: ${name}" for name in _typed(number))
    fields = " ".join(f"field{place}" for place in range(len(ARGUMENTS)))
    return (
        f"query Run{number}({variables}) {{ run{number}({passed}) {{ {fields} choice next {{ {fields} choice }} }} }}"
    )
