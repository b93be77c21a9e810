"""The plan of `field_types.py`: a class for each object that an input takes, from its JSON schema."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from unicodedata import normalize

from flowbind.field_type import FieldType
from flowbind_generator.class_schemas import IMPORT, OPEN
from flowbind_generator.docs import sentence, visible, wrapped
from flowbind_generator.imports import Imports, imports_of, name_order, names_in
from flowbind_generator.modelling import Schema, types_of
from flowbind_generator.names import identifier, members, unreserved
from flowbind_generator.quoting import literal
from flowbind_generator.simple_types import ANYTHING

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
    """One class; an open one takes attributes besides its own."""

    name: str
    doc: str
    attributes: tuple[Attribute, ...]
    is_open: bool

    @property
    def bases(self) -> str:
        """What stands in the brackets of the class statement."""
        return 'FieldType, extra="allow"' if self.is_open else "FieldType"


@dataclass(frozen=True)
class FieldTypes:
    """The module: its classes, what it imports, and what it exports."""

    classes: tuple[FieldClass, ...]
    imports: Imports

    @property
    def exported(self) -> list[str]:
        """The names of the classes."""
        return sorted((c.name for c in self.classes), key=name_order)


def field_types(schemas: Mapping[str, Schema]) -> FieldTypes:
    """Return the plan for object schemas by class name; those with `import` are the user's own classes."""
    types = _types(schemas)
    own = schemas.keys() - types.keys()
    classes = tuple(
        FieldClass(
            name, _doc(name, schemas[name]), tuple(_attributes(schemas[name], of, own)), bool(schemas[name].get(OPEN))
        )
        for name, of in types.items()
    )
    used = names_in(a.annotation for c in classes for a in c.attributes)
    others = {"flowbind.field_type": ["FieldType"]}
    return FieldTypes(classes, imports_of(used, others, own_classes(used, schemas)))


def unread(schemas: Mapping[str, Schema]) -> list[str]:
    """Return the properties of objects whose schema says something of which no type can be made, as `Curve.points`."""
    return [
        f"{name}.{key}"
        for name, of in _types(schemas).items()
        for key, annotation in of.items()
        if annotation == ANYTHING and schemas[name]["properties"][key].keys() - {"default", "description"}
    ]


def _types(schemas: Mapping[str, Schema]) -> dict[str, dict[str, str]]:
    """Return the type of each property by class; all are read at once."""
    modelled = sorted(name for name, schema in schemas.items() if IMPORT not in schema)
    properties = [(name, key) for name in modelled for key in sorted(schemas[name]["properties"])]
    types = types_of([schemas[name]["properties"][key] for name, key in properties], schemas)
    found: dict[str, dict[str, str]] = {name: {} for name in modelled}
    for (name, key), annotation in zip(properties, types, strict=True):
        found[name][key] = annotation
    return found


def own_classes(used: Iterable[str], schemas: Mapping[str, Schema]) -> dict[str, list[str]]:
    """Return which of the user's own classes are imported from where; `Curve as Curve_` where the name is taken."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in used:
        origin, _, own = schemas.get(name, {}).get(IMPORT, "").partition(":")
        if origin:
            found[origin].append(own if own == name else f"{own} as {name}")
    return found


def _attributes(schema: Schema, types: Mapping[str, str], own: Collection[str]) -> Iterable[Attribute]:
    """Yield the attributes of an object; of the user's `own` classes nobody here can make a default."""
    # An attribute that is called like a class would shadow it where annotations are read.
    names = _attribute_names(types, {*_TAKEN, *names_in(types.values())})
    required = set(schema.get("required") or ())
    for key, annotation in types.items():
        name = names[key]
        of = schema["properties"][key]
        notes: list[str] = []
        code = None
        if key not in required:
            default = of.get("default")
            is_plain = not isinstance(default, list | dict) and names_in([annotation]).isdisjoint(own)
            code = literal(default) if is_plain else "None"
            if default and code == "None":
                notes.append(f"Unset, the server takes {literal(default)}.")
        optional = f"{annotation} | None" if code == "None" and not _takes_none(annotation) else annotation
        about = visible(str(of.get("description") or ""))
        words = [sentence(about or visible(key.replace("_", " ")).strip().capitalize() or name), *notes]
        yield Attribute(name, optional if name == key else _aliased(optional, key), code, wrapped(" ".join(words)))


def _attribute_names(keys: Collection[str], reserved: Collection[str]) -> dict[str, str]:
    """Return the attribute of each property: its own name where Python and the base class allow it."""
    names: dict[str, str] = {}
    # A value is known by its key and by its attribute: neither may be that of another.
    taken = {*reserved, *keys}
    # Those that are nearly names first: it is theirs that need the smallest change.
    for key in sorted(keys, key=lambda k: not _is_plain(k)):
        fits = _is_plain(key) and unreserved(key, reserved) == key
        names[key] = key if fits else _other_name(key, taken)
        taken.add(names[key])
    return names


def _is_plain(key: str) -> bool:
    return key.isidentifier() and not key.startswith("_") and normalize("NFKC", key) == key and key.isprintable()


def _other_name(key: str, taken: Collection[str]) -> str:
    base = unreserved(key if _is_plain(key) else identifier(key, "field") or "field", ())
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_" if number == 2 else f"{base}_{number - 1}"
    return name


def _takes_none(annotation: str) -> bool:
    return annotation == "None" or annotation.endswith("| None")


def _aliased(annotation: str, key: str) -> str:
    alias = f"Field(alias={literal(key)})"
    node = ast.parse(annotation, mode="eval").body
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated":
        return f"{annotation[:-1]}, {alias}]"
    return f"Annotated[{annotation}, {alias}]"


def _doc(name: str, schema: Schema) -> str:
    return wrapped(*(sentence(p) for p in (visible(str(schema.get("description") or "")) or name).split("\n\n")))
