"""Defaults of the inputs that every instance needs its own copy of, as Python source."""

from __future__ import annotations

from flowbind_generator.imports import union_members
from flowbind_generator.simple_types import ANYTHING


def fresh(annotation: str, code: str) -> str:
    """Return the default of an attribute of that type that makes the list or object each time."""
    # pydantic would copy a list or an object, too, but neither readers nor linters can see that.
    return f"fresh({_container(annotation, code)})"


def _container(annotation: str, code: str) -> str:
    """Return what makes a list or an object, with its type where a checker of types would see a narrower one."""
    name = {"[": "list", "{": "dict"}.get(code[0], "")
    members = union_members(annotation)
    fitting = [m for m in members if m.startswith(f"{name}[")] if name else []
    if not fitting and ANYTHING in members and name:
        fitting = ["list[JsonValue]" if name == "list" else "dict[str, JsonValue]"]
    if code == "[]":
        return fitting[0] if fitting else "lambda: []"
    inner = fitting[0].removeprefix(name) if fitting and (len(members) > 1 or ANYTHING in members) else ""
    is_narrower = any(word in inner for word in ("Literal", ANYTHING, "|", "list", "dict"))
    return f"lambda: {fitting[0]}({code})" if is_narrower else f"lambda: {code}"
