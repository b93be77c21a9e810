"""The plan of `field_types.py`: a class for each object that an input takes, from its JSON schema."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from flowbind.field_type import FieldType
from flowbind_generator.docs import sentence, wrapped
from flowbind_generator.imports import Imports, imports_of, names_in
from flowbind_generator.modelling import Schema, types_of
from flowbind_generator.names import identifier, members, unreserved
from flowbind_generator.quoting import literal

NAME = "field_types"
IMPORT = "import"
"""The key of a schema that says where the user's own class is: `package.module:Class`."""
CLASS_PATH = re.compile(r"((?:[^\W\d]\w*\.)*[^\W\d]\w*)[:.]([^\W\d]\w*)")
"""Where a class is, as the settings have it; the dot before its name may be a colon."""
ORDER = "order"
"""The key of a schema that keeps the order of its properties, which a sorted manifest would lose."""
# What the base class or annotations in the class body need: an attribute of that name would shadow it.
_TAKEN = frozenset({*members(FieldType), "Annotated", "Field", "FieldType", "JsonValue", "Literal", "tuple"})


@dataclass(frozen=True)
class Attribute:
    """One attribute of a class; `annotation` and `default_code` are Python source."""

    attribute: str
    annotation: str
    default_code: str | None
    doc: str


@dataclass(frozen=True)
class FieldClass:
    """One class."""

    name: str
    doc: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True)
class FieldTypes:
    """The module: its classes, what it imports, and what it exports."""

    classes: tuple[FieldClass, ...]
    imports: Imports

    @property
    def exported(self) -> list[str]:
        """The names of the classes."""
        return [c.name for c in self.classes]


def field_types(schemas: Mapping[str, Schema]) -> FieldTypes:
    """Return the plan for object schemas by class name; those with `import` are the user's own classes."""
    modelled = {name: schema for name, schema in sorted(schemas.items()) if IMPORT not in schema}
    properties = [(name, key) for name, schema in modelled.items() for key in schema[ORDER]]
    types = types_of([modelled[name]["properties"][key] for name, key in properties], schemas)
    of_class: dict[str, dict[str, str]] = {name: {} for name in modelled}
    for (name, key), annotation in zip(properties, types, strict=True):
        of_class[name][key] = annotation
    classes = tuple(
        FieldClass(name, _doc(name, schema), tuple(_attributes(schema, of_class[name], schemas)))
        for name, schema in modelled.items()
    )
    used = names_in(a.annotation for c in classes for a in c.attributes)
    others = {"flowbind.field_type": ["FieldType"]}
    return FieldTypes(classes, imports_of(used, others, own_classes(used, schemas)))


def is_class_schema(schema: object) -> bool:
    """Tell whether a JSON value, such as a manifest holds, can be planned as a class."""
    if not isinstance(schema, Mapping):
        return False
    if IMPORT in schema:
        return isinstance(schema[IMPORT], str) and bool(CLASS_PATH.fullmatch(schema[IMPORT]))
    order, properties = schema.get(ORDER), schema.get("properties")
    if not isinstance(order, list) or not isinstance(properties, Mapping):
        return False
    return all(isinstance(properties.get(key), Mapping) for key in order)


def own_classes(used: Iterable[str], schemas: Mapping[str, Schema]) -> dict[str, list[str]]:
    """Return which of the user's own classes are imported from where; `Curve as Curve_` where the name is taken."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in used:
        origin, _, own = schemas.get(name, {}).get(IMPORT, "").partition(":")
        if origin:
            found[origin].append(own if own == name else f"{own} as {name}")
    return found


def _attributes(schema: Schema, types: Mapping[str, str], classes: Iterable[str]) -> Iterable[Attribute]:
    reserved = {*_TAKEN, *classes}
    taken = {*reserved, *types}
    required = set(schema.get("required") or ())
    for key, annotation in types.items():
        # A value is known by its key and by its attribute: neither may be that of another.
        name = key if _may_be_a_name(key, reserved) else _other_name(key, taken)
        taken.add(name)
        of = schema["properties"][key]
        notes: list[str] = []
        code = None
        if key not in required:
            default = of.get("default")
            code = "None" if default is None or isinstance(default, list | dict) else literal(default)
            if default and code == "None":
                notes.append(f"Unset, the server takes {literal(default)}.")
        optional = f"{annotation} | None" if code == "None" and not _takes_none(annotation) else annotation
        about = str(of.get("description") or "")
        words = [sentence(about or key.replace("_", " ").capitalize()), *notes]
        yield Attribute(name, optional if name == key else _aliased(optional, key), code, wrapped(" ".join(words)))


def _takes_none(annotation: str) -> bool:
    return annotation == "None" or annotation.endswith("| None")


def _may_be_a_name(key: str, reserved: Collection[str]) -> bool:
    """Tell whether Python and the base class allow the property's own name."""
    return _is_plain(key) and unreserved(key, reserved) == key


def _is_plain(key: str) -> bool:
    return key.isascii() and key.isidentifier() and not key.startswith("_")


def _other_name(key: str, taken: Collection[str]) -> str:
    name = base = unreserved(key if _is_plain(key) else identifier(key, "field") or "field", ())
    number = 1
    while name in taken:
        number += 1
        name = f"{base}_" if number == 2 else f"{base}_{number - 1}"
    return name


def _aliased(annotation: str, key: str) -> str:
    alias = f"Field(alias={literal(key)})"
    node = ast.parse(annotation, mode="eval").body
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated":
        return f"{annotation[:-1]}, {alias}]"
    return f"Annotated[{annotation}, {alias}]"


def _doc(name: str, schema: Schema) -> str:
    return wrapped(*(sentence(p) for p in str(schema.get("description") or name).split("\n\n")))
