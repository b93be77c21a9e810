"""Writes the REST models of the runtime, `flowbind/invokeai/_rest.py`, from the OpenAPI snapshot of InvokeAI.

The document holds some nine hundred schemas, most of them node types that the runtime never parses. It is pruned first
to the replies and bodies of the calls that the runtime makes, then datamodel-code-generator does the rest:

    python tests/maintain/rest_models.py            rewrite the module
    python tests/maintain/rest_models.py --check    exit 1 and show a diff when the module is not fresh
"""

from __future__ import annotations

import argparse
import difflib
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
SERVER_VERSION = "6.14.2"
SNAPSHOT = ROOT / f"generator/flowbind_generator/invokeai/snapshots/openapi-{SERVER_VERSION}.json.gz"
MODULE = ROOT / "runtime/flowbind/invokeai/_rest.py"

HEADER = f'''\
# Made by datamodel-code-generator from a pruned OpenAPI document of InvokeAI {SERVER_VERSION}.
# Do not edit: run `make rest-models`.
"""The replies and request bodies of InvokeAI's REST interface."""'''

# `/api/v1/app/runtime_config` is left out: it alone would bring the hundred settings of the server.
PATHS = (
    "/api/v1/queue/",
    "/api/v1/images/",
    "/api/v1/boards/",
    "/api/v1/board_images/",
    "/api/v1/app/version",
    "/api/v1/videos/",
    "/api/v1/workflows/",
    "/api/v2/models/hf_login",
    "/api/v2/models/i/bulk_delete",
    "/api/v2/models/install",
    "/api/v2/models/scan_folder",
    "/api/v2/models/stats",
)

# What users meet, by a name that says what it is.
PUBLIC = {
    "BoardDTO": "Board",
    "BulkDeleteModelsResponse": "DeletedModels",
    "CacheStats": "ModelCacheStats",
    "DeleteBoardResult": "DeletedBoard",
    "ModelInstallJob": "InstallRecord",
    "SessionProcessorStatus": "ProcessorStatus",
    "SessionQueueAndProcessorStatus": "QueueStatus",
    "SessionQueueCountsByDestination": "DestinationCounts",
    "SessionQueueItem": "QueueItem",
    "SessionQueueItemSummary": "QueueItemSummary",
    "SessionQueueStatus": "QueueCounts",
    "WorkflowRecordListItemWithThumbnailDTO": "LibraryEntry",
    "WorkflowRecordWithThumbnailDTO": "LibraryWorkflow",
}

# Each of these leads to the node schemas or is the customer's own data: read as plain JSON.
STUBS = frozenset({"Graph", "GraphExecutionState", "ModelRecordChanges", "Workflow", "WorkflowWithoutID"})

# A guard for the next snapshot: when a new reference leads to the node schemas, the count jumps by hundreds.
MOST_SCHEMAS = 120

# Required by this server, unknown to older servers of the same major version, which therefore do not send them.
ADDED_LATER: Schema = {
    "added_images": [],
    "affected_boards": [],
    "asset_count": 0,
    "failed_images": [],
    "is_public": False,
    "removed_images": [],
    "tags": "",
    "user_id": "system",
    "waiting": 0,
}

NULL: Schema = {"type": "null"}
REF = "#/components/schemas/"
REPLY_BASE = "flowbind.invokeai._reply.Reply"
REQUEST_BASE = "flowbind.invokeai._reply.Request"

LONGEST_DIFF = 40


def prune(document: Schema) -> Schema:
    """A document with nothing but the schemas of the calls in `PATHS`: open for replies, strict for requests."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    if missing := STUBS - schemas.keys():
        raise ValueError(f"no such schema to stub: {', '.join(sorted(missing))}")
    operations = [
        operation
        for path, methods in document["paths"].items()
        if path.startswith(PATHS)
        for operation in methods.values()
    ]
    answers = [_json(reply) for operation in operations for reply in operation["responses"].values()]
    bodies = [_json(operation.get("requestBody", {})) for operation in operations]
    models: dict[str, Schema] = {}
    # Replies first: what travels both ways, such as the batch that the server repeats, has to be open.
    _add_models(models, answers, schemas, reply=True)
    _add_models(models, bodies, schemas, reply=False)
    if len(models) > MOST_SCHEMAS:
        raise ValueError(f"{len(models)} schemas are left: one of them leads to the nodes and belongs to STUBS")
    return {
        "openapi": document["openapi"],
        "info": {"title": "InvokeAI, pruned", "version": SERVER_VERSION},
        "paths": {},
        "components": {"schemas": dict(sorted((PUBLIC.get(name, name), _renamed(m)) for name, m in models.items()))},
    }


def _renamed(node: Any) -> Any:
    """A schema whose references say the public names."""
    if isinstance(node, list):
        return [_renamed(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(reference := node.get("$ref"), str):
        name = reference.removeprefix(REF)
        return {**node, "$ref": REF + PUBLIC.get(name, name)}
    return {key: _renamed(value) for key, value in node.items()}


def _json(message: Schema) -> Schema:
    """The schema of a request body or a response. Files and pictures are no business of pydantic."""
    schema: Schema = message.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _add_models(models: dict[str, Schema], start: list[Schema], schemas: dict[str, Schema], *, reply: bool) -> None:
    """Prunes the schemas that become classes: those that `start` needs and, in turn, those that they need."""
    todo = [name for schema in start for name in _references(schema)]
    while todo:
        name = todo.pop()
        if name not in models and _is_class(name, schemas):
            models[name] = _model(schemas[name], schemas, reply=reply)
            todo += _references(models[name])


def _is_class(name: str, schemas: dict[str, Schema]) -> bool:
    """Whether a class is made of the schema, instead of a plain type at each place that refers to it."""
    return "properties" in schemas[name] and name not in STUBS


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.removeprefix(REF)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _model(schema: Schema, schemas: dict[str, Schema], *, reply: bool) -> Schema:
    """One schema that becomes a class."""
    properties = {name: _value(value, schemas, reply=reply) for name, value in schema["properties"].items()}
    required = set(schema.get("required", ()))
    if reply:
        # The server leaves keys with null out of some replies, whatever `required` says.
        required -= {name for name, value in properties.items() if _may_be_null(value)}
        for name in ADDED_LATER.keys() & required:
            properties[name]["default"] = ADDED_LATER[name]
            required.remove(name)
    model: Schema = {"type": "object", "properties": properties, "required": sorted(required)}
    if "description" in schema:
        model["description"] = schema["description"]
    if not reply:
        model["customBasePath"] = REQUEST_BASE
        # The one limit worth knowing before the server says so: how many names or ids a call takes.
        for name, value in schema["properties"].items():
            properties[name] |= {key: value[key] for key in ("maxItems",) if key in value}
    return model


def _may_be_null(value: Schema) -> bool:
    """Whether the type admits null, which a value without any type does."""
    return NULL in value.get("anyOf", ()) or not value.keys() & {"$ref", "anyOf", "type"}


def _value(schema: Schema, schemas: dict[str, Schema], *, reply: bool) -> Schema:
    """The type of one value. Titles, examples and formats go: dates stay the text that the server sent."""
    notes: Schema = {key: schema[key] for key in ("description", "default") if key in schema}
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        if name in STUBS:
            return {"type": "object", "additionalProperties": True} | notes
        if _is_class(name, schemas):
            return {"$ref": schema["$ref"]} | notes
        # An enum is told where it is used, since it is closed in a request and open in a reply.
        return _value(schemas[name] | notes, schemas, reply=reply)
    if "enum" in schema:
        if not reply:
            return {"type": schema["type"], "enum": schema["enum"]} | notes
        words = f"Known values: {', '.join(map(str, schema['enum']))}."
        description = notes.get("description", "").rstrip(".")
        return {"type": schema["type"]} | notes | {"description": f"{description}. {words}".removeprefix(". ")}
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        kinds: list[Schema] = []
        for kind in (_value(kind, schemas, reply=reply) for kind in choices):
            if kind not in kinds:
                kinds.append(kind)
        if len(kinds) == 1:
            return kinds[0] | notes
        if reply and len([kind for kind in kinds if kind != NULL]) > 1 and not all(map(_is_scalar, kinds)):
            # Such as a batch value, number or image: the next server adds another kind of object.
            return notes
        return {"anyOf": kinds} | notes
    value: Schema = {key: schema[key] for key in schema if key == "type"}
    for key in ("items", "additionalProperties"):
        if isinstance(inner := schema.get(key), dict):
            value[key] = _value(inner, schemas, reply=reply)
        elif inner is not None:
            value[key] = inner
    return value | notes


def _is_scalar(kind: Schema) -> bool:
    return kind.get("type") in {"boolean", "integer", "null", "number", "string"}


def generate(pruned: Schema) -> str:
    """The text of the module."""
    # Imported here so that a test can import this file and skip itself where the tool is not installed.
    from datamodel_code_generator import InputFileType, LiteralType, PythonVersion
    from datamodel_code_generator import generate as run
    from datamodel_code_generator.enums import DataModelType, TargetPydanticVersion
    from datamodel_code_generator.format import Formatter

    text = run(
        json.dumps(pruned),
        input_file_type=InputFileType.OpenAPI,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        target_pydantic_version=TargetPydanticVersion.V2,
        formatters=[Formatter.BUILTIN],
        builtin_format_line_length=120,
        custom_file_header=HEADER,
        disable_timestamp=True,
        base_class=REPLY_BASE,
        enum_field_as_literal=LiteralType.All,
        # Names as in the document: `Body_star_images_in_list`, `OffsetPaginatedResults_ImageDTO_`.
        custom_class_name_generator=str,
        # Annotations that are objects from the start import a quarter faster than text that pydantic has to read.
        disable_future_imports=True,
        strict_nullable=True,
        strict_refs=True,
        use_annotated=True,
        use_double_quotes=True,
        use_field_description=True,
        use_schema_description=True,
        use_single_line_docstring=True,
        use_standard_collections=True,
        use_union_operator=True,
    )
    if not isinstance(text, str):
        raise TypeError("datamodel-code-generator made more than one module")
    return text


def read_snapshot() -> Schema:
    """The whole document of the server."""
    with gzip.open(SNAPSHOT, "rt", encoding="utf-8") as file:
        document: Schema = json.load(file)
    return document


def fresh_text() -> str:
    """The module as it should be."""
    return generate(prune(read_snapshot()))


def main() -> int:
    """The maintainer's command."""
    parser = argparse.ArgumentParser(description="Rewrite the REST models of the runtime.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the module is not fresh")
    check: bool = parser.parse_args().check
    text = fresh_text()
    old = MODULE.read_text(encoding="utf-8") if MODULE.exists() else ""
    name = MODULE.relative_to(ROOT).as_posix()
    if check:
        difference = list(
            difflib.unified_diff(old.splitlines(), text.splitlines(), name, f"{name}, fresh", n=1, lineterm="")
        )
        print(*difference[:LONGEST_DIFF], sep="\n", end="\n" if difference else "")
        if len(difference) > LONGEST_DIFF:
            print(f"... and {len(difference) - LONGEST_DIFF} more lines")
        return int(text != old)
    MODULE.write_text(text, encoding="utf-8", newline="\n")
    print(f"{name}: {'unchanged' if text == old else 'rewritten'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
