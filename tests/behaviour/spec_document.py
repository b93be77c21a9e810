"""An OpenAPI document as a server needs it: which path is meant, is a request as described, is a reply."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from tests.fidelity.documents import release

Schema = Mapping[str, Any]
REF = "#/components/schemas/"
KEPT = Path(__file__).parent / "openapi-5.15.0.json.gz"
PRUNED = "5.15.0, pruned"


@dataclass(frozen=True)
class Operation:
    """One method of a path, and the values that stand in the path."""

    described: Schema
    in_path: Mapping[str, str]

    @property
    def name(self) -> str:
        """What the document calls it."""
        return str(self.described["operationId"])

    @property
    def body(self) -> Schema | None:
        """The schema of a JSON body."""
        found: Schema | None = self.described.get("requestBody", {}).get("content", {}).get("application/json")
        return found and found["schema"]

    def reply(self, status: int) -> Schema | None:
        """Return the schema of a JSON reply."""
        found: Schema | None = self.described["responses"][str(status)].get("content", {}).get("application/json")
        return found and found["schema"]


class Misfit(Exception):
    """A request that the document does not allow, as FastAPI tells it."""

    def __init__(self, loc: list[str | int], kind: str, said: str) -> None:
        super().__init__(said)
        self.detail = [{"type": kind, "loc": loc, "msg": said, "input": None}]


def _required(validator: Any, names: list[str], instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """Let members be missing that no real answer has, though every document requires them of the outputs of nodes."""
    known = [name for name in names if name in schema.get("properties", {}) or name != "output_meta"]
    yield from Draft202012Validator.VALIDATORS["required"](validator, known, instance, schema)


class SpecDocument:
    """The document of one release."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.whole = document
        self.schemas: Mapping[str, Schema] = document["components"]["schemas"]
        resource: Resource[Any] = Resource(contents=document, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("document:", resource)
        self._validator = extend(Draft202012Validator, {"oneOf": self._one_of, "required": _required})
        self._by_type: dict[int, dict[str, str]] = {}
        self.nodes: dict[str, Schema] = {
            s["properties"]["type"]["const"]: s for s in self.schemas.values() if s.get("class") == "invocation"
        }

    def operation(self, method: str, path: str) -> Operation | None:
        """Return what a request means, None where the document does not have it."""
        for template, methods in self.whole["paths"].items():
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
            if (match := re.fullmatch(pattern, path)) and method.lower() in methods:
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                return Operation(methods[method.lower()], values)
        return None

    def has(self, path: str, method: str) -> bool:
        """Tell whether the document has a method of a path."""
        return method in self.whole["paths"].get(path, {})

    def problem(self, schema: Schema, value: Any) -> ValidationError | None:
        """Return the first thing by which a value does not fit a schema of the document."""
        return next(self._validator(_absolute(schema), registry=self._registry).iter_errors(value), None)

    def _one_of(
        self, validator: Any, options: list[Schema], instance: Any, schema: Schema
    ) -> Iterator[ValidationError]:
        """Let the `type` choose among the hundreds of nodes or outputs, as the server does: trying all takes long."""
        if id(options) not in self._by_type:
            self._by_type[id(options)] = (
                {self._type_of(o): o["$ref"] for o in options} if self._are_nodes(options) else {}
            )
        refs = self._by_type[id(options)]
        if not refs or not isinstance(instance, dict):
            yield from Draft202012Validator.VALIDATORS["oneOf"](validator, options, instance, schema)
        elif instance.get("type") in refs:
            yield from validator.descend(instance, {"$ref": f"document:{refs[instance['type']]}"})
        else:
            yield ValidationError(f"Input tag {instance.get('type')!r} does not match any of the expected tags")

    def _are_nodes(self, options: list[Schema]) -> bool:
        refs = [str(option.get("$ref", "")).removeprefix(REF) for option in options]
        return all(self.schemas.get(ref, {}).get("class") in ("invocation", "output") for ref in refs)

    def _type_of(self, option: Schema) -> str:
        return str(self.schemas[option["$ref"].removeprefix(REF)]["properties"]["type"]["const"])

    def parameters(self, operation: Operation, query: str) -> dict[str, Any]:
        """Return the parameters of a request by name; raises `Misfit` for what is missing or of another type.

        A parameter that is not in the document raises `LookupError`: the server would ignore it without a word.
        """
        given = parse_qs(query)
        found: dict[str, Any] = {}
        for parameter in operation.described.get("parameters", ()):
            name, schema = parameter["name"], parameter["schema"]
            texts = given.pop(name, None) if parameter["in"] == "query" else [operation.in_path[name]]
            if texts is None:
                if parameter.get("required"):
                    raise Misfit(["query", name], "missing", "Field required")
                found[name] = schema.get("default")
                continue
            values = [self._read(schema, text) for text in texts]
            fitting = [v for v in (values, values[-1]) if self.problem(schema, v) is None]
            if not fitting:
                raise Misfit([parameter["in"], name], "invalid", f"{texts} does not fit")
            found[name] = fitting[0]
        if given:
            raise LookupError(f"{operation.name} has no parameters {sorted(given)}")
        return found

    def _read(self, schema: Schema, text: str) -> Any:
        readings: list[Any] = [{"true": True, "false": False}.get(text), text]
        if re.fullmatch(r"-?\d+", text):
            readings.insert(0, int(text))
        item = {"anyOf": [schema, {"type": "array"}]}
        return next((r for r in readings if r is not None and self.problem(item, r) is None), text)

    def fitted(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of some values that a schema has, as the server of that release would answer."""
        known = self.schemas[name]["properties"]
        return {key: value for key, value in values.items() if key in known}

    def sample(self, schema: Schema, text: str) -> Any:
        """Return a value that fits a schema; all its texts are `text`."""
        if "$ref" in schema:
            return self.sample(self.schemas[schema["$ref"].removeprefix(REF)], text)
        for key in ("const", "default"):
            if key in schema:
                return schema[key]
        if options := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            return self.sample(options[0], text)
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object":
                wanted = set(schema.get("required", ())) | {"type"}
                properties = schema.get("properties", {})
                return {name: self.sample(s, text) for name, s in properties.items() if name in wanted}
            case "array":
                return []
            case kind:
                return {"string": text, "integer": 8, "number": 8, "boolean": False}.get(str(kind))


def _absolute(node: Any) -> Any:
    """Return a schema of the document as one beside it."""
    if isinstance(node, Mapping):
        return {k: f"document:{v}" if k == "$ref" else _absolute(v) for k, v in node.items()}
    return [_absolute(item) for item in node] if isinstance(node, list) else node


@cache
def document_of(name: str) -> SpecDocument:
    """Return the document of a release, or the one that is kept beside these tests."""
    return SpecDocument(json.loads(gzip.decompress(KEPT.read_bytes())) if name == PRUNED else release(name).document)
