"""Python types of JSON schemas: those that are not simple are read by datamodel-code-generator.

It is given schemas and nothing else: no names, no descriptions, no defaults. These come from strangers, and are written
by the templates.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, TypeAdapter

from flowbind_generator.simple_types import ANYTHING, simple_type

Schema = Mapping[str, Any]

_HOLDER = "flowbind_holder"
_BUILTINS = frozenset({"bool", "dict", "float", "int", "list", "str", "tuple"})
_NAMES = _BUILTINS | {"Annotated", "Field", "JsonValue", "Literal"}
_LIMITS = frozenset({"ge", "gt", "le", "lt", "max_length", "min_length", "multiple_of", "pattern"})
_NODES = (
    ast.BinOp, ast.BitOr, ast.Call, ast.Constant, ast.Load, ast.Name, ast.Subscript, ast.Tuple, ast.UnaryOp, ast.USub,
    ast.keyword,
)  # fmt: skip


def types_of(schemas: Sequence[Schema], classes: Collection[str]) -> list[str]:
    """Return the Python type of each schema as source; a schema that cannot be read is `JsonValue`.

    `classes` are the names that a schema may refer to, as `#/components/schemas/Name`.
    """
    if not schemas:
        return []
    bare = list(map(_bare, schemas))
    found = [simple_type(schema, classes) for schema in bare]
    texts = tuple(json.dumps(b, sort_keys=True) for b, simple in zip(bare, found, strict=True) if simple is None)
    read = iter(_read_all(texts, tuple(sorted(classes))))
    codes = [next(read) if simple is None else simple for simple in found]
    return [_of_size(code, schema) for code, schema in zip(codes, schemas, strict=True)]


def _read_all(texts: tuple[str, ...], classes: tuple[str, ...]) -> Sequence[str]:
    try:
        return _read(texts, classes) if texts else ()
    except _Unreadable:
        # One that cannot be read must not cost the others their types.
        return [_read_alone(text, classes) for text in texts]


def _of_size(code: str, schema: Schema) -> str:
    """Return the type of an object with the limits of how many keys it has, which the library leaves out."""
    limits = [("min_length", schema.get("minProperties")), ("max_length", schema.get("maxProperties"))]
    words = [f"{name}={int(value)}" for name, value in limits if value is not None]
    return f"Annotated[{code}, Field({', '.join(words)})]" if words and schema.get("type") == "object" else code


def _bare(schema: Schema) -> dict[str, Any]:
    """Return a schema without what is said about it."""
    bare = {key: value for key, value in schema.items() if key not in ("default", "description")}
    for key in ("additionalProperties", "items", "propertyNames"):
        if isinstance(bare.get(key), Mapping):
            bare[key] = _bare(bare[key])
    if "patternProperties" in bare:
        bare["patternProperties"] = {pattern: _bare(value) for pattern, value in bare["patternProperties"].items()}
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        if isinstance(bare.get(key), list):
            bare[key] = [_bare(member) if isinstance(member, Mapping) else member for member in bare[key]]
    return bare


class _Unreadable(Exception):
    """A schema of which datamodel-code-generator makes nothing that may stand in generated code."""


def _read_alone(text: str, classes: tuple[str, ...]) -> str:
    try:
        return _read((text,), classes)[0]
    except _Unreadable:
        return ANYTHING


@cache
def _read(texts: tuple[str, ...], classes: tuple[str, ...]) -> tuple[str, ...]:
    values = {f"p{number}": json.loads(text) for number, text in enumerate(texts)}
    holder = {"type": "object", "properties": values, "required": list(values)}
    stubs = {name: {"type": "object", "properties": {}} for name in classes}
    try:
        body = ast.parse(_generated({**stubs, _HOLDER: holder})).body
    except Exception as error:  # whatever a strange schema brings about inside the library
        raise _Unreadable from error
    inlined = _Inlined(body)
    found = next((n for n in body if isinstance(n, ast.ClassDef) and n.name == _HOLDER), None)
    attributes = {} if found is None else dict(map(_attribute, (n for n in found.body if isinstance(n, ast.AnnAssign))))
    if attributes.keys() != values.keys():
        raise _Unreadable
    return tuple(_checked(inlined.visit(attributes[name]), classes) for name in values)


def _generated(schemas: Mapping[str, Schema]) -> str:
    from warnings import catch_warnings, simplefilter

    from datamodel_code_generator import InputFileType, LiteralType, PythonVersion, generate
    from datamodel_code_generator.enums import DataModelType, TargetPydanticVersion
    from datamodel_code_generator.format import Formatter

    document = {"openapi": "3.1.0", "info": {"title": "-", "version": "1"}, "paths": {}, "components": {}}
    with catch_warnings():
        simplefilter("ignore")
        text = generate(
            json.dumps({**document, "components": {"schemas": schemas}}),
            input_file_type=InputFileType.OpenAPI,
            output_model_type=DataModelType.PydanticV2BaseModel,
            target_python_version=PythonVersion.PY_311,
            target_pydantic_version=TargetPydanticVersion.V2,
            formatters=[Formatter.BUILTIN],
            disable_timestamp=True,
            enum_field_as_literal=LiteralType.All,
            custom_class_name_generator=str,
            strict_nullable=True,
            strict_refs=True,
            use_annotated=True,
            use_standard_collections=True,
            # Each limited value inside a list or union becomes an alias, which is put back in place below.
            use_type_alias=True,
            use_union_operator=True,
        )
    return str(text)


def _attribute(statement: ast.AnnAssign) -> tuple[str, ast.expr]:
    """Return a property's name and its type; the library renames an attribute that is called like an alias."""
    name = statement.target.id if isinstance(statement.target, ast.Name) else ""
    for call in (n for n in ast.walk(statement.annotation) if isinstance(n, ast.Call)):
        for keyword in call.keywords:
            if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                name = str(keyword.value.value)
    return name, statement.annotation


class _Inlined(ast.NodeTransformer):
    """Puts what aliases stand for in their place, and gives `Any` the name of what JSON can hold."""

    def __init__(self, body: Sequence[ast.stmt]) -> None:
        self._aliases = {
            n.targets[0].id: n.value.args[1]
            for n in body
            if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name) and isinstance(n.value, ast.Call)
        }
        self._within: set[str] = set()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "Any":
            return ast.Name(ANYTHING, ast.Load())
        if node.id not in self._aliases or node.id in self._within:
            return node
        self._within.add(node.id)
        found: ast.expr = self.visit(self._aliases[node.id])
        self._within.remove(node.id)
        return found

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Keep the limits alone: an alias, a title or a default is of the attribute, not of its type."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "Annotated" and isinstance(node.slice, ast.Tuple):
            kind, *fields = node.slice.elts
            for call in (f for f in fields if isinstance(f, ast.Call)):
                call.keywords = [k for k in call.keywords if k.arg in _LIMITS]
                call.args = []
            if all(isinstance(f, ast.Call) and not f.keywords for f in fields):
                return kind
        return node


def _checked(annotation: ast.expr, classes: Collection[str]) -> str:
    """Return an annotation as source if it holds nothing but types and their limits."""
    for node in ast.walk(annotation):
        if not isinstance(node, _NODES):
            raise _Unreadable
        if isinstance(node, ast.Name) and node.id not in _NAMES and node.id not in classes:
            raise _Unreadable
        if isinstance(node, ast.Call) and ast.unparse(node.func) != "Field":
            raise _Unreadable
    source = ast.unparse(annotation)
    known = {"Annotated": Annotated, "Field": Field, "JsonValue": JsonValue, "Literal": Literal}
    try:
        # A limit of which pydantic makes nothing, such as a pattern that looks ahead, would break the whole class.
        TypeAdapter(eval(source, {**known, **dict.fromkeys(classes, Any)}))
    except Exception as error:
        raise _Unreadable from error
    return source
