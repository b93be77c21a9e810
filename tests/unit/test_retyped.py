"""How the change of an input's type is told: what matters, and no more than can be read."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.drift.retyped import retyping

MANY = [f"choice_{number}" for number in range(20)]
ENTRY: dict[str, Any] = {"node_types": {}}


def item(python_type: str, choices: list[str] | None = None) -> dict[str, Any]:
    """Return an input of a manifest."""
    found = {"python_type": python_type, "field_type": "EnumField", "cardinality": "single", "node_type": "n"}
    return {**found, "field_name": "f", **({} if choices is None else {"choices": choices})}


def literal(choices: list[str]) -> str:
    return f"Literal[{', '.join(map(repr, choices))}]"


@pytest.mark.parametrize("more", ["", " | Unset", " | None"])
def test_a_choice_that_is_gone_is_named_and_nothing_else(more: str) -> None:
    old, new = item(literal(MANY), MANY), item(literal(MANY[1:]) + more, MANY[1:])
    found = retyping(old, new, ENTRY, ENTRY)
    assert found is not None
    assert found.severity == "warning"
    assert len(found.what) < 120
    assert ("choice_0" in found.what) == (more != " | None")


def test_long_types_are_told_short() -> None:
    found = retyping(item("str"), item(literal(MANY), MANY), ENTRY, ENTRY)
    assert found is not None
    assert found.what == "takes Literal of 20 choices now, not str"
    assert found.new == literal(MANY)
