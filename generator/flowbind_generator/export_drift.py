"""What a new export changes for users of the class: its manifest entry compared with the one that was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbind.drift_words import shown
from flowbind.findings import Finding, finding
from flowbind.rules import (
    BECAME_REQUIRED,
    DEFAULT_CHANGED,
    OUTPUT_REMOVED,
    OUTPUT_TYPE_CHANGED,
    Rule,
    Severity,
)
from flowbind_generator.checked import Change, InputChange
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
    MODEL_REPICKED,
    OUTPUT_NEW,
    OUTPUT_RENAMED,
    RUNS_CHANGED,
)
from flowbind_generator.input_pairs import input_pairs
from flowbind_generator.retyped import retyping

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
    """One workflow's entry in the manifest beside the one that a new export would have."""

    def __init__(self, source: str, old: Entry, new: Entry) -> None:
        self._source = source
        self._where = {"source": source, "class_name": old["class_name"]}
        self._old = old
        self._new = new
        self._pairs = list(input_pairs(old["inputs"], new["inputs"]))

    def findings(self) -> list[Finding]:
        """Return all that the new export changes."""
        found = [one for old, new in self._pairs for one in self._input(old, new)]
        return [*self._of_class(), *found, *self._outputs(), *self._hidden_models()]

    def inputs(self) -> list[InputChange]:
        """Return what becomes of each input, those of the new export first."""
        found: list[InputChange] = []
        for old, new in self._pairs:
            item = new or old or {}
            words: list[Change] = ["new"] if old is None else ["missing"] if new is None else []
            if old and new:
                words = [_WORDS[one.rule] for one in self._input(old, new) if one.rule in _WORDS]
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
        if self._old["graph"] != self._new["graph"]:
            yield self._finding(
                GRAPH_CHANGED,
                "Nodes, edges or values that are not among the inputs are different.",
                "Run `flowbind generate`; compare results if they matter to you.",
            )

    def _input(self, old: Item | None, new: Item | None) -> Iterator[Finding]:
        if old is None and new is not None:
            required = new["required"]
            yield self._of_input(
                INPUT_NEW,
                new,
                f'The form has the input "{new["label"]}" now{", which must be set" if required else ""}.',
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
            cause = f"The input is called `{new['attribute']}` now."
            cure = "Change your code to the new name."
            yield self._of_input(INPUT_RENAMED, old, cause, cure, old=old["attribute"], new=new["attribute"])
        if old.get("index") != new.get("index"):
            cause = f"It stands at {_index(new)} in the form now, not at {_index(old)}."
            yield self._of_input(INPUT_MOVED, new, cause, _NOTHING, old=old.get("index"), new=new.get("index"))
        if old["label"] != new["label"]:
            cause = f'"{old["label"]}" is labelled "{new["label"]}" now; the attribute keeps its name.'
            cure = "Nothing needs to be done, or run `flowbind generate --rename` to name it after the new label."
            yield self._of_input(INPUT_RELABELLED, new, cause, cure, old=old["label"], new=new["label"])
        if old["node_id"] != new["node_id"] or old["node_type"] != new["node_type"]:
            was, now = (f"{item['node_type']}.{item['field_name']}" for item in (old, new))
            other = "another node of the same type" if was == now else f"{now}, not {was}"
            cause = f'"{new["label"]}" belongs to {other} now.'
            cure = "Check that the new node does what your code expects; then run `flowbind generate`."
            places = [f"{item['node_id']}/{item['node_type']}.{item['field_name']}" for item in (old, new)]
            yield self._of_input(INPUT_RETARGETED, new, cause, cure, old=places[0], new=places[1])

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
            cause = f'"{new["label"]}" takes {change.new} now, not {change.old}.'
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
        if was and now and _is_model(was) and _is_model(now):
            return self._repicked(new, was, now)
        cause = f'"{new["label"]}" is {shown(now)} in the export now, not {shown(was)}; runs use it unless you set one.'
        return self._of_input(DEFAULT_CHANGED, new, cause, _NOTHING, old=was, new=now, severity="info")

    def _repicked(self, item: Item, was: Mapping[str, Any], now: Mapping[str, Any]) -> Finding:
        same = all(was.get(key) == now.get(key) for key in ("name", "base", "type"))
        cause = (
            f'The model "{now.get("name")}" has another key now.'
            if same
            else f'The model is "{now.get("name")}" now, not "{was.get("name")}".'
        )
        cure = _NOTHING if same else "Run `flowbind generate`; set another model if you do not want this one."
        severity: Severity = "info" if same else "warning"
        return self._of_input(MODEL_REPICKED, item, cause, cure, old=dict(was), new=dict(now), severity=severity)

    def _hidden_models(self) -> Iterator[Finding]:
        """Yield the models outside the inputs that the author chose anew."""
        inputs = {(i["node_id"], i["field_name"]) for i in self._new["inputs"]}
        before = {(n["node_id"], n["field_name"]): n["value"] for n in self._old["named"] if n["kind"] == "model"}
        for named in self._new["named"]:
            key = (named["node_id"], named["field_name"])
            was, now = before.get(key), named["value"]
            if key not in inputs and named["kind"] == "model" and was and was != now:
                yield self._repicked({**named, "attribute": None}, was, now)

    def _outputs(self) -> Iterator[Finding]:
        left = {_slot(o): o for o in self._new["outputs"]}
        by_name = {o["attribute"]: o for o in self._new["outputs"]}
        for old in self._old["outputs"]:
            new = by_name.get(old["attribute"]) or left.get(_slot(old))
            attribute, place = old["attribute"], f"{old['node_type']}.{old['field_name']}"
            if new is None:
                cause, cure = f"The output `{attribute}` is gone.", "Change the code that reads it."
                yield self._finding(OUTPUT_REMOVED, cause, cure, old["python_type"], None, attribute, place)
                continue
            left.pop(_slot(new), None)
            if new["attribute"] != attribute:
                cause = f"The output is called `{new['attribute']}` now."
                cure = "Change your code to the new name."
                yield self._finding(OUTPUT_RENAMED, cause, cure, attribute, new["attribute"], attribute, place)
            if new["python_type"] != old["python_type"]:
                cause = f"The output `{new['attribute']}` is {new['python_type']} now, not {old['python_type']}."
                cure = "Change the code that reads it."
                types = (old["python_type"], new["python_type"])
                yield self._finding(OUTPUT_TYPE_CHANGED, cause, cure, *types, attribute, place)
        for new in left.values():
            cause = f"There is an output `{new['attribute']}` now."
            place = f"{new['node_type']}.{new['field_name']}"
            cure = "Run `flowbind generate` to use it."
            yield self._finding(OUTPUT_NEW, cause, cure, None, new["python_type"], new["attribute"], place)

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


def _slot(output: Item) -> tuple[Any, ...]:
    return output["node_id"], output["field_name"], output.get("key")


def _index(item: Item) -> str:
    return f"index {item['index']}" if "index" in item else "no place"


def _is_model(value: Any) -> bool:
    return isinstance(value, Mapping) and {"name", "base", "type"} <= value.keys()
