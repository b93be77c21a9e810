"""`manifest.json`: what the generated modules were made from."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from pathlib import Path
from typing import Any

from flowbind import digest
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.field_classes import is_class_schema
from flowbind_generator.ir import Module

NAME = "manifest.json"
VERSION = 2


@dataclass(frozen=True)
class Manifest:
    """The manifest of an output folder.

    `workflows` maps a source file to its entry, `field_types` the classes of objects that inputs take to their schemas.
    """

    workflows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    package_files: Mapping[str, str] = field(default_factory=dict[str, str])
    field_types: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

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

    def _of_inputs(self, source: str, key: str) -> dict[str, str]:
        entry = self.workflows.get(source)
        return {f"{i['node_id']}/{i['field_name']}": i[key] for i in entry["inputs"]} if entry else {}


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an output folder, empty where there is none; raises `Refused` for a damaged one."""
    path = folder / NAME
    if not path.is_file():
        return Manifest()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["manifest_version"] not in range(1, VERSION + 1):
            raise ValueError(f"its version is {document['manifest_version']}, this flowbind reads 1 to {VERSION}")
        # The first version knew no objects.
        manifest = Manifest(document["workflows"], document["package_files"], document.get("field_types", {}))
        for source, entry in manifest.workflows.items():
            names = [
                entry["module"],
                entry["class_name"],
                *manifest.pinned(source).values(),
                *entry.get("field_types", ()),
            ]
            if not all(_is_name(name) for name in names):
                raise ValueError(f"it gives names to {source} that are none in Python")
        for name, schema in manifest.field_types.items():
            if not (_is_name(name) and is_class_schema(schema)):
                raise ValueError(f"what it says of {name} is no class")
        if not all(_is_plain(name) for name in manifest.files):
            raise ValueError("it lists files outside the folder")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        report = Report(f"{folder.name}/{NAME}")
        report.error(
            "FB502", f"The manifest cannot be read: {error}.", "Restore it from version control, or delete it."
        )
        raise Refused(report) from None
    return manifest


def entry_of(module: Module, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return a workflow's entry; `files` are its generated files by name."""
    return {
        "engine": module.engine,
        "digest": module.source_digest,
        "module": module.name,
        "class_name": module.class_name,
        "files": {name: sha256(data) for name, data in files.items()},
        "inputs": [i.as_json() for i in module.inputs],
        "outputs": [o.as_json() for o in module.outputs],
        "node_types": dict(module.node_types),
        "field_types": sorted(module.field_types),
    }


def manifest_text(manifest: Manifest, *, generator: Mapping[str, str], spec: Mapping[str, str | None]) -> str:
    """Return the manifest as text: sorted, without times, hosts or absolute paths."""
    document = {
        "manifest_version": VERSION,
        "generator": dict(generator),
        "spec": dict(spec),
        "package_files": dict(manifest.package_files),
        "field_types": dict(manifest.field_types),
        "workflows": dict(manifest.workflows),
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def sha256(data: bytes) -> str:
    """Return the SHA-256 of a generated file; line ends that version control changed do not count."""
    return digest.sha256(data.replace(b"\r\n", b"\n"))


def _is_name(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name) and unicodedata.normalize("NFKC", name) == name


def _is_plain(name: str) -> bool:
    return name not in {"", ".", ".."} and not set(name) & {"/", "\\", ":", "\0"}
