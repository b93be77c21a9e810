"""Exports and server documents with hostile texts in their places, renamed so that most of them still make sense."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.fidelity.shared import CORPUS
from tests.unit import test_batch_injection, test_injection

from flowbind_generator.diagnostics import Report
from flowbind_generator.engines import VERSION_KEY
from flowbind_generator.invokeai import engine
from flowbind_generator.invokeai.shipped import SNAPSHOT, shipped_document

ROOT = Path(__file__).resolve().parents[2]
PACKS = ROOT / "tests/packs"
# Real files are as good when they are small, and there are enough of those.
MOST_BYTES = 24_000
# Words that say how to read what is beside them: a hostile one is a broken file, and other tests have those.
_EXPORT_WORDS = frozenset({
    "type", "component", "layout", "fieldKind", "category", "base", "submodel_type", "id", "parentId", "rootElementId",
    "nodeId", "fieldName", "source", "target", "sourceHandle", "targetHandle", "node_id", "field", "batch_group_id",
})  # fmt: skip
_SCHEMA_WORDS = frozenset({
    "class", "type", "format", "input", "field_kind", "ui_type", "pattern", "version", "propertyName", "openapi",
})  # fmt: skip
# What the editor or the server gives a meaning of its own.
_MEANT = frozenset({"id", "type", "is_intermediate", "use_cache", "metadata", "board", "class"})
Text = Callable[[], str]


@dataclass(frozen=True)
class Names:
    """What the hostile document calls the things of the made-up pack."""

    schemas: dict[str, str] = field(default_factory=dict[str, str])
    properties: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Chance:
    """Puts texts into places: into `share` of them."""

    texts: Sequence[str]
    random: Random
    share: float

    def text(self, old: str) -> str:
        """Return what stands in a place where any text may."""
        if self.random.random() > self.share:
            return old
        new = self.random.choice(self.texts)
        return self.random.choice((new, new, old + new, new + old))

    def once(self, old: str, taken: Collection[str]) -> str:
        """Return a name that no other has; blank ones are none."""
        new = self.text(old)
        number = 0
        while not new.strip() or new.strip() in taken:
            number += 1
            new = f"{new}{number}"
        return new

    def seldom(self) -> bool:
        """Tell whether to break what other places rely on."""
        return self.random.random() < 0.02


@cache
def bases() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return exports by name: made up for the tests, of a made-up pack, shipped, and of the corpus where it is."""
    found = {
        "small": test_injection.hostile(["text"]),
        "batches": test_batch_injection.hostile(["text"]),
        **{path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(PACKS.glob("*.json"))},
        **{path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(ROOT.glob("workflows/*.json"))},
    }
    if CORPUS.is_dir():
        small = [path for path in sorted(CORPUS.rglob("*.json")) if path.stat().st_size <= MOST_BYTES]
        found |= {f"corpus {n}": json.loads(path.read_text(encoding="utf-8-sig")) for n, path in enumerate(small)}
    catalog = engine.catalog_of(_whole_document(), Report("openapi.json"))
    assert catalog is not None
    return tuple(
        (name, document)
        for name, document in found.items()
        if name != "nothing_set" and engine.draft(json.dumps(document).encode(), catalog, Report(name))
    )


@cache
def _whole_document() -> dict[str, Any]:
    shipped = json.loads(gzip.decompress(shipped_document()))
    pack = json.loads(gzip.decompress((PACKS / "openapi.json.gz").read_bytes()))
    schemas = {**pack["components"]["schemas"], **shipped["components"]["schemas"]}
    info = {"title": "InvokeAI", "version": "1.0.0", VERSION_KEY: SNAPSHOT}
    return {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}


@cache
def _pack_schemas() -> frozenset[str]:
    pack = json.loads(gzip.decompress((PACKS / "openapi.json.gz").read_bytes()))["components"]["schemas"]
    shipped = json.loads(gzip.decompress(shipped_document()))["components"]["schemas"]
    return frozenset(pack.keys() - shipped.keys())


@cache
def _shipped_properties() -> frozenset[str]:
    shipped = json.loads(gzip.decompress(shipped_document()))["components"]["schemas"]
    return frozenset(name for schema in shipped.values() for name in schema.get("properties", ()))


@cache
def listed_values() -> frozenset[str]:
    """All values that some schema lists."""
    return frozenset(_listed(_whole_document()["components"]["schemas"]))


def _listed(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("enum", "const"):
                yield from (v for v in (inner if isinstance(inner, list) else [inner]) if isinstance(v, str))
            yield from _listed(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _listed(inner)


def small_document(exports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a server's document with what the nodes of some exports need, and nothing else."""
    whole = _whole_document()
    schemas: dict[str, Any] = whole["components"]["schemas"]
    types = {node["data"].get("type") for export in map(_workflow, exports) for node in export["nodes"]}
    todo = [name for name, kind in _node_types().items() if kind in types or kind in ("blank_image", "string")]
    kept: dict[str, Any] = {name: schemas[name] for name in ("BaseModelType", "ModelType", "SubModelType")}
    while todo:
        name = todo.pop()
        if name not in kept and name in schemas:
            kept[name] = schemas[name]
            todo += _references(schemas[name])
    return {**whole, "components": {"schemas": kept}}


def _workflow(export: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the workflow of an export, which may be embedded in another document."""
    found: Any = export
    while "nodes" not in found:
        found = found.get("workflow") or found["batch"]
        found = json.loads(found) if isinstance(found, str) else found
    return dict(found)


@cache
def _node_types() -> dict[str, str]:
    schemas = _whole_document()["components"]["schemas"]
    return {name: s["properties"]["type"]["const"] for name, s in schemas.items() if s.get("class") == "invocation"}


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.rsplit("/", 1)[-1]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def hostile_names(document: Mapping[str, Any], chance: Chance) -> Names:
    """Return new names for the schemas, properties, choices and node types of the made-up pack."""
    names = Names()
    schemas = document["components"]["schemas"]
    for name in sorted(schemas.keys() & _pack_schemas()):
        if "class" not in schemas[name]:
            # A reference ends at its last slash.
            new = chance.once(name, {*schemas, *names.schemas.values()}).rpartition("/")[2]
            if new and new not in names.schemas.values():
                names.schemas[name] = new
        for key in schemas[name].get("properties", ()):
            if key not in _MEANT | _shipped_properties() | names.properties.keys():
                names.properties[key] = chance.once(key, {*_MEANT, *names.properties.values()})
        for value in _listed(schemas[name]):
            if value not in names.values and value not in ("invocation", "invocation_output"):
                names.values[value] = chance.once(value, names.values.values())
    return names


def hostile_server(value: Any, names: Names, chance: Chance, key: str = "") -> Any:
    """Return a server's document, or a schema in it, with hostile texts; nodes stay nodes."""
    if isinstance(value, list):
        if key == "required":
            return [names.properties.get(v, v) for v in value]
        if key in ("enum", "examples"):
            return [_data(v, names, chance) for v in value]
        return [hostile_server(v, names, chance, key) for v in value]
    if isinstance(value, str):
        if key == "$ref":
            start, _, name = value.rpartition("/")
            return f"{start}/{names.schemas.get(name, name)}"
        if key in ("const", "default", "orig_default", "enum"):
            return _data(value, names, chance)
        return value if key in _SCHEMA_WORDS and not chance.seldom() else chance.text(value)
    if not isinstance(value, dict):
        return value
    if key in ("default", "orig_default"):
        return _data(value, names, chance)
    renamed: Mapping[str, str] = {
        "properties": names.properties, "schemas": names.schemas, "ui_choice_labels": names.values,
    }.get(key, {})  # fmt: skip
    inside = "" if key in ("properties", "schemas") else None
    return {
        renamed.get(k, k): hostile_server(v, names, chance, k if inside is None else inside) for k, v in value.items()
    }


def _data(value: Any, names: Names, chance: Chance) -> Any:
    """Return a JSON value with hostile texts in it; choices stay choices."""
    if isinstance(value, dict):
        known = _shipped_properties()
        return {
            names.properties.get(k) or (k if k in known else chance.text(k)): (
                v if k in _EXPORT_WORDS else _data(v, names, chance)
            )
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [_data(v, names, chance) for v in value]
    if not isinstance(value, str):
        return value
    if value in names.values:
        return names.values[value]
    return value if value in listed_values() and not chance.seldom() else chance.text(value)


def hostile_export(document: Mapping[str, Any], names: Names, chance: Chance) -> dict[str, Any]:
    """Return an export with hostile texts; a node or an element of the form has one new id wherever it is named."""
    if "nodes" not in document:
        key = "workflow" if "workflow" in document else "batch"
        inner = document[key]
        made = hostile_export(json.loads(inner) if isinstance(inner, str) else inner, names, chance)
        return {**document, key: json.dumps(made) if isinstance(inner, str) else made}
    ids: dict[str, str] = {}
    elements: dict[str, str] = {}
    form = document.get("form") or {}
    for node in document["nodes"]:
        ids[node["id"]] = chance.once(node["id"], {i.strip() for i in ids.values()})
    for element in form.get("elements") or {}:
        elements[element] = chance.once(element, elements.values())
    made: dict[str, Any] = _texts(document, chance)
    for node in made["nodes"]:
        _rename(node, ("id",), ids)
        data = node["data"]
        _rename(data, ("id",), ids)
        if "type" in data:
            data["type"] = names.values.get(data["type"], data["type"])
        if "inputs" in data:
            data["inputs"] = {
                names.properties.get(name, name): _entry(entry, names, chance) for name, entry in data["inputs"].items()
            }
    for edge in made.get("edges") or ():
        _rename(edge, ("source", "target"), ids)
        _rename(edge, ("sourceHandle", "targetHandle"), names.properties)
        if chance.seldom():
            edge[chance.random.choice(("sourceHandle", "targetHandle", "source", "type"))] = chance.text("x")
    fields = list(made.get("exposedFields") or ())
    if form:
        _rename(made["form"], ("rootElementId",), elements)
        made["form"]["elements"] = {elements[key]: e for key, e in made["form"]["elements"].items()}
        for element in made["form"]["elements"].values():
            _rename(element, ("id", "parentId"), elements)
            data = element.get("data") or {}
            if "children" in data:
                data["children"] = [elements.get(child, child) for child in data["children"]]
            fields += [data["fieldIdentifier"]] if "fieldIdentifier" in data else []
    for where in fields:
        _rename(where, ("nodeId",), ids)
        _rename(where, ("fieldName",), names.properties)
    made[chance.text("extra")] = chance.text("extra")
    # The text that took the place of one of these may have been anything.
    return {**made, **{key: made[key] for key in ("nodes", "edges", "form", "exposedFields", "meta") if key in made}}


def _texts(value: Any, chance: Chance, key: str = "") -> Any:
    """Return a part of an export with hostile texts wherever any text may stand; values of inputs are left."""
    if isinstance(value, dict):
        kept = ("inputs", "meta", "fieldIdentifier", "children", "version", "nodePack")
        return {
            k: _copy(v) if k in kept and (k != "version" or key) else _texts(v, chance, k) for k, v in value.items()
        }
    if isinstance(value, list):
        return [_texts(v, chance, key) for v in value]
    return chance.text(value) if isinstance(value, str) and key not in _EXPORT_WORDS else value


def _entry(entry: dict[str, Any], names: Names, chance: Chance) -> dict[str, Any]:
    """Return an input of a node with hostile texts."""
    made = dict(entry)
    for key in ("label", "description"):
        if isinstance(made.get(key), str):
            made[key] = chance.text(made[key])
    if isinstance(made.get("name"), str):
        made["name"] = names.properties.get(made["name"], made["name"])
    if "value" in made:
        made["value"] = _data(made["value"], names, chance)
    return made


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _rename(item: dict[str, Any], keys: Sequence[str], names: Mapping[str, str]) -> None:
    for key in keys:
        if isinstance(item.get(key), str):
            item[key] = names.get(item[key], item[key])


def as_png(text: bytes, name: bytes) -> bytes:
    """Return a picture with an export in it under a name; texts that are not ASCII go into another chunk."""
    chunk, packed = (b"tEXt", text) if text.isascii() else (b"iTXt", b"\0\0\0\0" + text)
    body = name + b"\0" + packed
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((chunk, body), (b"IEND", b"")):
        made += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return made
