"""What a server's document changes for a workflow: its manifest entry compared with the node types that are served.

`flowbind check` and the clients use the same comparison. It needs neither the document that the classes were generated
from nor the generator: the entry holds what the workflow uses of each node type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbind.drift_words import in_backticks
from flowbind.edge_drift import EdgeDrift
from flowbind.findings import Finding, finding
from flowbind.input_drift import InputDrift
from flowbind.layout_drift import LayoutDrift
from flowbind.plain_schemas import accepts
from flowbind.rules import (
    APP_VERSION_CHANGED,
    BECAME_REQUIRED,
    ENDPOINT_REMOVED,
    NODE_DEPRECATED,
    NODE_PACK_CHANGED,
    NODE_PACK_MISSING,
    NODE_REMOVED,
    NODE_VERSION_MAJOR,
    Rule,
    Severity,
)
from flowbind.served import Served

Entry = Mapping[str, Any]


def server_drift(spec: Mapping[str, Any], served: Served, source: str) -> list[Finding]:
    """Return what a server changes for all workflows; `spec` is the manifest's, `source` the file that it stands in."""
    found: list[Finding] = []
    before = spec.get("app_version")
    if served.app_version and before and served.app_version != before:
        found.append(
            finding(
                APP_VERSION_CHANGED,
                None,
                f"The classes were generated from the document of {before}; {served.name} is another release.",
                "Nothing needs to be done as long as there is no other finding.",
                source=source,
                old=before,
                new=served.app_version,
            )
        )
    found += [
        finding(
            ENDPOINT_REMOVED,
            None,
            f"{served.name} has no {path}, which every run needs.",
            "Check the address, or use a flowbind release that supports this server.",
            source=source,
            old=path,
        )
        for path in served.missing_paths
    ]
    return found


def workflow_drift(source: str, entry: Entry, served: Served) -> list[Finding]:
    """Return what a server's node types change for one workflow, by its manifest entry."""
    return list(_Comparison(source, entry, served).findings())


class _Comparison:
    """One workflow beside one server."""

    def __init__(self, source: str, entry: Entry, served: Served) -> None:
        self._where = {"source": source, "class_name": entry["class_name"]}
        self._entry = entry
        self._served = served
        self._types: Mapping[str, Any] = entry["node_types"]
        self._inputs = InputDrift(self._where, entry, served)
        self._edges = EdgeDrift(self._where, entry, served)

    def findings(self) -> Iterator[Finding]:
        missing_packs = {
            used["node_pack"] for used in self._types.values() if self._served.lacks_pack(used["node_pack"])
        }
        for pack in sorted(missing_packs):
            yield self._missing_pack(pack)
        for node_type, used in self._types.items():
            if node_type in self._served:
                yield from self._node(node_type, used)
            elif used["node_pack"] not in missing_packs:
                yield self._removed(node_type, used)

    def _node(self, node_type: str, used: Mapping[str, Any]) -> Iterator[Finding]:
        about = self._served.about(node_type)
        yield from self._about(node_type, used, about)
        for name, was in used["inputs"].items():
            now = self._input(node_type, name, was, takes_values="schema" in was)
            if now is not None or not self._is_choice_gone(node_type, was):
                yield from self._inputs.changes(f"{node_type}.{name}", was, now)
        given = {name: self._inputs.values(f"{node_type}.{name}", was) for name, was in used["inputs"].items()}
        for name in self._served.required(node_type, given):
            if name not in used["inputs"] and used.get("runs", True):
                yield self._newly_required(node_type, name)
        layout = self._served.layout(node_type, given)
        places = layout and LayoutDrift(self._where, node_type, used, layout)
        for name, was in used["outputs"].items():
            if moved := places and places.moved(name):
                yield moved
            else:
                yield from self._edges.of_output(node_type, name, was)
        if places:
            yield from places.shows([o["attribute"] for o in self._entry["outputs"] if o["node_type"] == node_type])
            yield from places.values(self._served.name)

    def _input(
        self, node_type: str, name: str, was: Mapping[str, Any], *, takes_values: bool
    ) -> Mapping[str, Any] | None:
        return self._served.input(node_type, name, takes_values=takes_values, under=was.get("under", {}))

    def _is_choice_gone(self, node_type: str, was: Mapping[str, Any]) -> bool:
        """Tell whether the server lacks a choice that brought an input: that is a finding of its own."""
        under = was.get("under", {})
        outer = ((self._served.input(node_type, name, takes_values=True, under=under), under[name]) for name in under)
        return any(now is None or not accepts(now["schema"], choice) for now, choice in outer)

    def _about(self, node_type: str, used: Mapping[str, Any], about: Mapping[str, str]) -> Iterator[Finding]:
        was, now = used["version"], about["version"]
        if was.partition(".")[0] != now.partition(".")[0]:
            yield self._finding(
                NODE_VERSION_MAJOR,
                f'The node type "{node_type}" has the major version {now}; the workflow was made for {was}.',
                "Update the node in the editor, look at its inputs, and export again.",
                node_type,
                was,
                now,
            )
        was, now = used["node_pack"], about["node_pack"]
        if was != now:
            yield self._finding(
                NODE_PACK_CHANGED,
                f'"{node_type}" now comes from the node pack "{now}".',
                "Look at what that node does; if it is what you want, generate again from the server's document.",
                node_type,
                was,
                now,
            )
        was, now = used.get("classification", "stable"), about["classification"]
        if now == "deprecated" != was:
            yield self._finding(
                NODE_DEPRECATED,
                f'"{node_type}" is deprecated: it still runs, but a later release will not have it.',
                "Replace the node in the editor and export again.",
                node_type,
                was,
                now,
            )

    def _missing_pack(self, pack: str) -> Finding:
        nodes = sorted(node_type for node_type, used in self._types.items() if used["node_pack"] == pack)
        return self._finding(
            NODE_PACK_MISSING,
            f'{self._served.name} has no node of the pack "{pack}"; the workflow uses {in_backticks(nodes)}.',
            f'Install the node pack "{pack}" on the server.',
            None,
            pack,
            None,
        )

    def _removed(self, node_type: str, used: Mapping[str, Any]) -> Finding:
        attributes = [i["attribute"] for i in self._entry["inputs"] if i["node_type"] == node_type]
        holds = f" It holds {in_backticks(attributes)}." if attributes else ""
        runs = used.get("runs", True)
        effect = (
            "so it refuses the workflow" if runs else "so its editor cannot open the workflow; runs go on as before"
        )
        return self._finding(
            NODE_REMOVED,
            f'{self._served.name} has no node type "{node_type}", {effect}.{holds}',
            "Replace the node in the editor and export again, or see whether the server's settings deny it.",
            node_type,
            used["version"],
            None,
            severity="error" if runs else "warning",
        )

    def _newly_required(self, node_type: str, name: str) -> Finding:
        return self._finding(
            BECAME_REQUIRED,
            f'"{node_type}" needs a value for its input "{name}", and the workflow has none.',
            "Give the input a value or an edge in the editor and export again.",
            f"{node_type}.{name}",
            None,
            "required",
        )

    def _finding(
        self,
        rule: type[Rule],
        cause: str,
        cure: str,
        place: str | None,
        old: Any,
        new: Any,
        *,
        severity: Severity | None = None,
    ) -> Finding:
        return finding(rule, severity, cause, cure, **self._where, place=place, old=old, new=new)
