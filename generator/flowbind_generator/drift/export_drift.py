"""What a new export changes for users of the class: its manifest entry compared with the one that was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flowbind.drift_words import shown
from flowbind.findings import Finding, finding
from flowbind.layout_drift import SAVE_ANEW, shifted_values
from flowbind.rules import (
    BECAME_REQUIRED,
    DEFAULT_CHANGED,
    WIDGETS_SHIFTED,
    Rule,
    Severity,
)
from flowbind_generator.checked import Change, InputChange
from flowbind_generator.drift.input_pairs import input_pairs
from flowbind_generator.drift.model_drift import hidden_models, model_of, repicked
from flowbind_generator.drift.output_drift import output_drift
from flowbind_generator.drift.retyped import retyping
from flowbind_generator.export_rules import (
    CLASS_RENAMED,
    GRAPH_CHANGED,
    INPUT_CONNECTED,
    INPUT_DISCONNECTED,
    INPUT_MISSING,
    INPUT_MOVED,
    INPUT_NEW,
    INPUT_RELABELLED,
    INPUT_RENAMED,
    INPUT_RETARGETED,
    INPUT_RETYPED,
    RUNS_CHANGED,
)
from flowbind_generator.ir import Module
from flowbind_generator.manifest import entry_of, graph_digest

Entry = Mapping[str, Any]
Item = Mapping[str, Any]
_GENERATE = "Run `flowbind generate`, and see what type checkers say of your code."
_NOTHING = "Nothing needs to be done."
_WORDS: Mapping[str, Change] = {
    INPUT_MOVED.__name__: "moved",
    INPUT_RELABELLED.__name__: "relabelled",
    INPUT_RENAMED.__name__: "renamed",
    INPUT_RETARGETED.__name__: "retargeted",
    INPUT_RETYPED.__name__: "retyped",
    INPUT_CONNECTED.__name__: "connected",
    INPUT_DISCONNECTED.__name__: "disconnected",
}


class ExportDrift:
    """One workflow's entry in the manifest beside the module of a new export."""

    def __init__(self, source: str, old: Entry, module: Module) -> None:
        self._source = source
        self._where = {"source": source, "class_name": old["class_name"]}
        self._old = old
        # As it would be read again: lists, not tuples.
        self._new: Entry = json.loads(json.dumps(entry_of(module, {}, "")))
        self._graph = graph_digest(module, old["inputs"])
        pairs = input_pairs(old["inputs"], self._new["inputs"])
        self._inputs = [(was, now, list(self._input(was, now))) for was, now in pairs]

    def findings(self) -> list[Finding]:
        """Return all that the new export changes."""
        found = [one for _, _, findings in self._inputs for one in findings]
        old, new = self._old, self._new
        outputs = output_drift(old["outputs"], new["outputs"], self._where)
        models = hidden_models(old["named"], new["named"], new["inputs"], self._where)
        return [*self._of_class(), *found, *outputs, *models]

    def inputs(self) -> list[InputChange]:
        """Return what becomes of each input, those of the new export first."""
        found: list[InputChange] = []
        for old, new, findings in self._inputs:
            item = new or old or {}
            words: list[Change] = ["new"] if old is None else ["missing"] if new is None else []
            if old and new:
                words = [_WORDS[one.rule] for one in findings if one.rule in _WORDS]
            changes = tuple(words) or ("unchanged",)
            found.append(InputChange(self._source, item["attribute"], item.get("index"), item["label"], changes))
        return found

    def _of_class(self) -> Iterator[Finding]:
        old, new = self._old["class_name"], self._new["class_name"]
        if old != new:
            yield self._finding(CLASS_RENAMED, f"The class is called {new} now.", "Change your imports.", old, new)
        old, new = self._old["base_class"], self._new["base_class"]
        if old != new:
            many = "a list of results" if "Batch" in new else "one result"
            yield self._finding(
                RUNS_CHANGED, f"A run gives {many} now.", "Change the code that uses the result.", old, new
            )
        yield from self._shifted()
        if self._old["graph"] != self._graph:
            yield self._finding(
                GRAPH_CHANGED,
                "Nodes, edges or values that are not among the inputs are different.",
                "Run `flowbind generate`; compare results if they matter to you.",
            )

    def _shifted(self) -> Iterator[Finding]:
        """Yield the findings about values of an unchanged file that another document gives to other inputs."""
        if self._old["digest"] != self._new["digest"]:
            return
        for node_type, used in self._new["node_types"].items():
            before = self._old["node_types"].get(node_type, {}).get("order", ())
            if said := shifted_values(node_type, before, used.get("order", ())):
                cause = f"The document has {said}. So does the class now, unless it is declared to take values by name."
                yield finding(WIDGETS_SHIFTED, None, cause, SAVE_ANEW, **self._where, **said.about)

    def _input(self, old: Item | None, new: Item | None) -> Iterator[Finding]:
        if old is None and new is not None:
            required = new["required"]
            yield self._of_input(
                INPUT_NEW,
                new,
                f'The input "{new["label"]}" is new{" and must be set" if required else ""}.',
                "Run `flowbind generate`, and set it." if required else "Run `flowbind generate` to use it.",
                new=new["python_type"],
                severity="error" if required else "info",
            )
        elif new is None and old is not None:
            yield self._of_input(
                INPUT_MISSING,
                old,
                f'The input "{old["label"]}" is gone.',
                "Put it back into the form and export again, or take it out of your code.",
                old=old["python_type"],
            )
        elif old and new:
            yield from self._identity(old, new)
            yield from self._use(old, new)

    def _identity(self, old: Item, new: Item) -> Iterator[Finding]:
        if old["attribute"] != new["attribute"]:
            cause = f"The input `{old['attribute']}` is called `{new['attribute']}` now."
            cure = "Change your code to the new name."
            yield self._of_input(INPUT_RENAMED, old, cause, cure, old=old["attribute"], new=new["attribute"])
        if old.get("index") != new.get("index"):
            cause = f"It stands at {_index(new)} now, not at {_index(old)}."
            yield self._of_input(INPUT_MOVED, new, cause, _NOTHING, old=old.get("index"), new=new.get("index"))
        if old["label"] != new["label"]:
            cause = f'"{old["label"]}" is labelled "{new["label"]}" now; the attribute keeps its name.'
            cure = "Nothing needs to be done, or run `flowbind generate --rename` to name it after the new label."
            yield self._of_input(INPUT_RELABELLED, new, cause, cure, old=old["label"], new=new["label"])
        if old["node_id"] != new["node_id"] or old["node_type"] != new["node_type"]:
            was, now = (f"{item['node_type']}.{item['field_name']}" for item in (old, new))
            other = "another node of the same type now" if was == now else f"{now} now, not to {was}"
            cause = f'"{new["label"]}" belongs to {other}.'
            cure = "Check that the new node does what your code expects; then run `flowbind generate`."
            was, now = (was, now) if was != now else (f"{was} of {old['node_id']}", f"{now} of {new['node_id']}")
            yield self._of_input(INPUT_RETARGETED, new, cause, cure, old=was, new=now)

    def _use(self, old: Item, new: Item) -> Iterator[Finding]:
        if old["connected"] != new["connected"]:
            if new["connected"]:
                cause = f'Another node feeds "{new["label"]}" now: the class takes no value for it.'
                cure = "Remove the edge in the editor and export again, or take it out of your code."
                yield self._of_input(INPUT_CONNECTED, new, cause, cure)
            else:
                cause = f'No other node feeds "{new["label"]}" any more: it takes a value now.'
                yield self._of_input(INPUT_DISCONNECTED, new, cause, "Run `flowbind generate` to set it.")
            return
        if change := retyping(old, new, self._old, self._new):
            cause = f'"{new["label"]}" {change.what}.'
            cure = _NOTHING if change.severity == "info" else _GENERATE
            yield self._of_input(
                INPUT_RETYPED, new, cause, cure, old=change.old, new=change.new, severity=change.severity
            )
        if new["required"] and not old["required"]:
            cause = f'"{new["label"]}" has no value in the export any more: each run must be given one.'
            yield self._of_input(BECAME_REQUIRED, new, cause, "Set it, or save a value in the editor.", new="required")
        elif old.get("default") != new.get("default"):
            yield self._default(old, new)

    def _default(self, old: Item, new: Item) -> Finding:
        was, now = old.get("default"), new.get("default")
        models = model_of(old, self._old["named"]), model_of(new, self._new["named"])
        if models[0] and models[1]:
            return repicked(models[0], models[1], new, self._where)
        if now is None:
            said = f"has no saved value any more, which was {shown(was)}: runs that do not set it take the server's own"
        elif was is None:
            said = f"is saved as {shown(now)} now, and had no value: runs that do not set it change"
        else:
            said = f"is saved as {shown(now)} now, not {shown(was)}: runs that do not set it change"
        cause = f'"{new["label"]}" {said}.'
        return self._of_input(DEFAULT_CHANGED, new, cause, _NOTHING, old=was, new=now, severity="info")

    def _of_input(
        self,
        rule: type[Rule],
        item: Item,
        cause: str,
        cure: str,
        *,
        old: Any = None,
        new: Any = None,
        severity: Severity | None = None,
    ) -> Finding:
        place = f"{item['node_type']}.{item['field_name']}"
        return self._finding(rule, cause, cure, old, new, item["attribute"], place, severity)

    def _finding(
        self,
        rule: type[Rule],
        cause: str,
        cure: str,
        old: Any = None,
        new: Any = None,
        attribute: str | None = None,
        place: str | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        where = {**self._where, "attribute": attribute, "place": place}
        return finding(rule, severity, cause, cure, **where, old=old, new=new)


def _index(item: Item) -> str:
    return f"index {item['index']}" if "index" in item else "no place"
