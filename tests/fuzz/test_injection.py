"""Hostile text in every place of InvokeAI's exports and its server's document, through the real commands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from flowbind import inputs
from flowbind.errors import InputError
from flowbind.invokeai.runs.preview import preview

from .checking import check
from .drawn import Drawn, drawings, path_of
from .hostile_documents import (
    Names,
    as_png,
    bases,
    hostile_export,
    hostile_names,
    hostile_server,
    listed_values,
    small_document,
)
from .projects import HostileProject

BATCH = 10
"""Exports in a project: what a command costs by itself is shared by them."""
EXAMPLES = max(450, settings().max_examples) // BATCH
"""Projects: 450 cases by default, as many as the profile says where it says more."""
counts: Counter[str] = Counter()
"""What was tried, for the table of `make fuzz`."""


class InvokeAIProject(HostileProject):
    """Exports of InvokeAI."""

    def as_png(self, text: bytes) -> bytes:
        """Return a picture with an export in it."""
        return as_png(text, b"invokeai_workflow")

    def assert_values(self, package: ModuleType, source: str, entry: Mapping[str, Any]) -> bool:
        """Check that a class holds what its export says; return whether a request could be built."""
        saved = {str(n["id"]).strip(): n["data"].get("inputs") or {} for n in _workflow(self.exports[source])["nodes"]}
        made = getattr(package, entry["class_name"])
        assert made.__flowbind__.source == f"workflows/{source}"
        graph = json.loads((self.output / f"{entry['module']}.graph.json").read_bytes())
        for node_id, values in graph["nodes"].items():
            _assert_texts(values, saved[node_id])
        for info in inputs(made):
            shown = saved[info.node].get(info.field) or {}
            label = str(shown.get("label") or "").strip()
            assert info.label == label or not label
            default, value = info.default, shown.get("value")
            assert not (isinstance(default, str) and isinstance(value, str)) or default == value
        required = [info for info in inputs(made) if info.required]
        try:
            body, _ = preview(made(**{info.attribute: "a" for info in required}))
        except InputError:
            return False
        posted = json.loads(body)["batch"]
        for info in required:
            del posted["graph"]["nodes"][info.node][info.field]
        assert posted["graph"] == graph
        stored = json.loads((self.output / f"{entry['module']}.workflow.json").read_bytes())
        assert required or (posted.get("workflow") or {}) == stored
        return True

    def relabelled(self, export: Any) -> Any:
        """Return an export in which texts stand in each other's places."""
        for node in export.get("nodes") or ():
            for entry in (node["data"].get("inputs") or {}).values():
                entry["label"], entry["description"] = entry.get("description") or "", entry.get("label") or ""
                if isinstance(entry.get("value"), str):
                    entry["value"] = f"{entry['label']}{entry['value']}"
        return export


def _assert_texts(posted: Mapping[str, Any], saved: Mapping[str, Any]) -> None:
    """Check that the texts of a node that are posted are those of the export."""
    for name, value in posted.items():
        wanted = (saved.get(name) or {}).get("value")
        # The page takes the default for a choice that there is not.
        if isinstance(value, str) and isinstance(wanted, str) and value not in listed_values():
            assert value == wanted, (name, value, wanted)


def _workflow(export: Any) -> Any:
    while "nodes" not in export:
        export = export.get("workflow") or export["batch"]
        export = json.loads(export) if isinstance(export, str) else export
    return export


def project_of(drawn: Drawn) -> InvokeAIProject:
    """Return a project with hostile exports, and where it is its own a hostile document."""
    chance = drawn.chance
    chosen = [chance.random.choice(bases())[1] for _ in range(BATCH)]
    document, names = small_document(chosen), Names()
    if drawn.own_document:
        names = hostile_names(document, chance)
        document = hostile_server(document, names, chance)
    exports: dict[str, dict[str, Any]] = {}
    for number, export in enumerate(chosen):
        exports[path_of(chance, number, exports)] = hostile_export(export, names, chance)
    pictures = frozenset(path for path in exports if path.lower().endswith(".png"))
    return InvokeAIProject(exports, pictures, document)


@settings(max_examples=EXAMPLES, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
@given(drawings())
def test_hostile_texts_stay_texts(drawn: Drawn) -> None:
    with TemporaryDirectory(prefix="flowbind-fuzz-") as folder:
        check(project_of(drawn), Path(folder).resolve(), counts)
