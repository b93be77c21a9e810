"""`manifest.json`: what the generated modules were made from."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowbind.digest import json_sha256, text_sha256
from flowbind_generator.class_schemas import NAME as FIELD_TYPES
from flowbind_generator.class_schemas import is_class_schema
from flowbind_generator.diagnostics import Diagnostic, Refused, Report
from flowbind_generator.engines import FIRST, engines
from flowbind_generator.entry_shape import ENTRY, MANIFEST, OLD_ENTRY, Shape, misfit
from flowbind_generator.readable_json import readable
from flowbind_generator.reading import MOST_OWN_BYTES, read_file
from flowbind_generator.seals import UNSEALED, is_sealed, sealed
from flowbind_generator.strict_json import parse

if TYPE_CHECKING:
    from flowbind_generator.ir import Module, Output

NAME = "manifest.json"
PACKAGE_FILES = frozenset({"__init__.py", f"{FIELD_TYPES}.py", "py.typed"})
"""The generated files that are of no workflow."""
VERSION = 4
# The version since which a manifest says of each engine what it says of a document.
_OF_ENGINES = 4
# The keys of a schema, of a workflow's entry and so on down to where values begin: a line for each.
_OPEN_LEVELS = 4
# Of a warning: what its place in the manifest says.
_NOT_KEPT = {"severity": None, "file": None}


@dataclass(frozen=True)
class Manifest:
    """The manifest of an output folder.

    `workflows` maps a source file to its entry, `field_types` the classes of objects that inputs take to their schemas.
    `spec` says for each engine in use which document its types come from, `generator` and `options` what else decided
    the bytes of the files.
    `sealed` tells whether its file says of the workflows what this flowbind wrote there.
    """

    workflows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    package_files: Mapping[str, str] = field(default_factory=dict[str, str])
    field_types: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    spec: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict[str, Mapping[str, str | None]])
    generator: Mapping[str, str] = field(default_factory=dict[str, str])
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sealed: bool = field(default=False, compare=False)

    @property
    def files(self) -> dict[str, str]:
        """The SHA-256 of every file that belongs to flowbind, by name."""
        found = dict(self.package_files)
        for entry in self.workflows.values():
            found |= entry["files"]
        return found

    def pinned(self, source: str) -> dict[str, str]:
        """Return the attribute of each input of a workflow, by "node id/field name"."""
        return self._of_inputs(source, "attribute")

    def labels(self, source: str) -> dict[str, str]:
        """Return the label of each input of a workflow, by "node id/field name"."""
        return self._of_inputs(source, "label")

    def without_names(self) -> Manifest:
        """Return the manifest with no attribute pinned; modules and files stay known."""
        return replace(self, workflows={s: {**entry, "inputs": []} for s, entry in self.workflows.items()})

    def text(self) -> str:
        """Return the manifest as its file has it: sorted, without times, hosts or absolute paths."""
        parts = {part.name: getattr(self, part.name) for part in fields(self) if part.compare}
        document = {"manifest_version": VERSION, **parts}
        return sealed(readable(document, open_levels=_OPEN_LEVELS) + "\n")

    def _of_inputs(self, source: str, key: str) -> dict[str, str]:
        entry = self.workflows.get(source)
        return {f"{i['node_id']}/{i['field_name']}": i[key] for i in entry["inputs"]} if entry else {}


def engine_of_entry(entry: Mapping[str, Any]) -> str:
    """Return the name of the engine that an entry's workflow is of."""
    return str(entry.get("engine", FIRST))


def is_comparable(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry says what drift needs; one from before manifest version 3 does not."""
    # All of them, or the entry is a damaged one.
    return not {"base_class", "file_digest", "graph", "named"}.isdisjoint(entry)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an output folder, empty where there is none; raises `Refused` for a damaged one."""
    path = folder / NAME
    if not path.is_file():
        return Manifest()
    data = read_file(path, MOST_OWN_BYTES)
    try:
        text = data.decode()
        document = parse(text, most=math.inf)
        version = document["manifest_version"]
        if version not in range(1, VERSION + 1):
            raise ValueError(f"its version is {version}, this flowbind reads 1 to {VERSION}")
        # The first version knew no objects, the second no options, the third no second engine.
        if version < _OF_ENGINES:
            document["spec"] = {FIRST: document["spec"]}
        _hold(document, MANIFEST, "the manifest")
        manifest = Manifest(
            document["workflows"],
            document["package_files"],
            document.get("field_types", {}),
            document["spec"],
            document["generator"],
            document.get("options", {}),
            version == VERSION and is_sealed(text.replace("\r\n", "\n"), len(document["workflows"])),
        )
        for source, entry in manifest.workflows.items():
            if engine_of_entry(entry) not in manifest.spec:
                raise ValueError(f"it does not say which document {source} was generated from")
            if not manifest.sealed:
                _hold(entry, ENTRY if is_comparable(entry) else OLD_ENTRY, source)
            names = [
                entry["module"],
                entry["class_name"],
                *(item["attribute"] for item in entry["inputs"]),
                *entry.get("field_types", ()),
            ]
            if not all(_is_name(name) for name in names):
                raise ValueError(f"it gives names to {source} that are none in Python")
            if not entry["files"].keys() <= files_of(entry["module"]):
                raise ValueError(f"it lists files of {source} that are not of its module")
            if "\0" in source:
                raise ValueError(f"{source!r} is no name of a file")
        if unknown := manifest.spec.keys() - {known.NAME for known in engines()}:
            raise ValueError(f"it is of {', '.join(sorted(unknown))}, which this flowbind does not know")
        for name, schema in manifest.field_types.items():
            if not (_is_name(name) and is_class_schema(schema)):
                raise ValueError(f"what it says of {name} is no class")
        if not manifest.package_files.keys() <= PACKAGE_FILES:
            raise ValueError("it lists files that flowbind never writes")
    except KeyError as error:
        raise _damaged(folder, f"{error} is missing") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise _damaged(folder, str(error)) from None
    return manifest


def files_of(module: str) -> set[str]:
    """Return the names of the files of a module."""
    return {f"{module}.py", f"{module}.graph.json", f"{module}.workflow.json"}


def entry_of(
    module: Module, files: Mapping[str, bytes], file_digest: str, report: Iterable[Diagnostic] = ()
) -> dict[str, Any]:
    """Return a workflow's entry; `files` are its generated files by name, `file_digest` that of the export's bytes.

    What is not there (a bound, a default) has no key. `report` is what was found in the export.
    """
    inputs = [_given(i.as_json()) for i in module.inputs]
    entry = {
        "engine": module.engine,
        "digest": module.source_digest,
        "file_digest": file_digest,
        "module": module.name,
        "class_name": module.class_name,
        "base_class": module.base_class,
        "files": {name: text_sha256(data) for name, data in files.items()},
        "graph": graph_digest(module, inputs),
        "inputs": inputs,
        "outputs": [_output(o) for o in module.outputs],
        "node_types": dict(module.node_types),
        "node_packs": sorted({used["node_pack"] for used in module.node_types.values()}),
        "named": list(module.named),
        "field_types": sorted(module.field_types),
        "workflow_id": module.workflow_id,
        "declaration": module.declaration,
        "seal": UNSEALED,
        "warnings": [_given({**vars(d), **_NOT_KEPT}) for d in report if d.severity == "warning"] or None,
    }
    return _given(entry)


def warnings_of(source: str, entry: Mapping[str, Any]) -> list[Diagnostic]:
    """Return the warnings that an entry keeps: what generating it again would tell."""
    return [Diagnostic(severity="warning", file=source, **told) for told in entry.get("warnings", ())]


def graph_digest(module: Module, inputs: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of what a graph holds besides the values of inputs, and models: those are told of by name.

    A new graph is compared with an old one by the old inputs: what only enters or leaves the form is no change.
    """
    slots = {tuple(place) for i in inputs for place in ((i["node_id"], i["field_name"]), *i.get("also", ()))}
    models = {
        (named["node_id"], named["field_name"])
        for named in module.named
        if named["kind"] == "model"
        and module.values.get(named["node_id"], {}).get(named["field_name"]) == named["value"]
    }
    kept = {
        node_id: {name: value for name, value in values.items() if (node_id, name) not in slots | models}
        for node_id, values in module.values.items()
    }
    batches = sorted(
        ([b.node_id, None if b.group_attribute else b.group, sorted(b.targets), b.generator] for b in module.batches),
        key=json.dumps,
    )
    return json_sha256([kept, sorted(module.edges, key=json.dumps), *batches])


def _hold(value: Any, shape: Shape, what: str) -> None:
    """Raise ValueError where a part of the manifest has not the shape that it should have."""
    if place := misfit(value, shape):
        raise ValueError(f"{place} of {what} is missing or damaged")


def _damaged(folder: Path, why: str) -> Refused:
    report = Report(f"{folder.name}/{NAME}")
    report.error("FB502", f"The manifest cannot be read: {why}.", "Restore it from version control, or delete it.")
    return Refused(report)


def _output(output: Output) -> dict[str, Any]:
    more = {"field_name": output.field_name, "key": output.key, "python_type": output.annotation}
    return _given({**output.as_json(), **more})


def _given(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value is not None}


def _is_name(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name) and unicodedata.is_normalized("NFKC", name)
