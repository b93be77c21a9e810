"""What a server's document changes for the inputs that a workflow uses: removed, required, retyped, narrowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flowbind.drift_words import change_in_words, cure_of, models_in_words, shown
from flowbind.findings import Finding, finding
from flowbind.plain_schemas import accepts
from flowbind.rules import (
    BECAME_REQUIRED,
    DEFAULT_CHANGED,
    ENUM_VALUE_REMOVED,
    INPUT_KIND_CHANGED,
    INPUT_REMOVED,
    MODEL_FILTER_CHANGED,
    RANGE_NARROWED,
    TYPE_CHANGED,
    Rule,
    Severity,
)
from flowbind.schema_changes import ITEMS, WIDENING, Change, schema_changes
from flowbind.served import Served

Facts = Mapping[str, Any]
_NOTHING = "Nothing needs to be done."
_TAKES = {"any": "values and edges", "connection": "only edges", "direct": "only values"}


@dataclass(frozen=True)
class Site:
    """Where a workflow gives an input values: an attribute, or (None) values that are not among the inputs.

    It is `fixed` where those are all: no others can be sent.
    """

    place: str
    attribute: str | None = None
    label: str = ""
    values: Sequence[Any] = ()
    is_fixed: bool = False

    def __str__(self) -> str:
        return f'"{self.label}" ({self.place})' if self.label else self.place


class InputDrift:
    """Compares what a manifest entry says of inputs with what a server says of them."""

    def __init__(self, where: Mapping[str, str], entry: Mapping[str, Any], served: Served) -> None:
        self._where = where
        self._server = served.name
        self._ignores_edges = served.ignores_edges
        self._by_place: dict[str, list[Site]] = {}
        self._by_slot: dict[str, Site] = {}
        for item in entry["inputs"]:
            if not item["connected"]:
                place = f"{item['node_type']}.{item['field_name']}"
                values = () if item.get("default") is None else (item["default"],)
                site = Site(place, item["attribute"], item["label"], values)
                self._by_place.setdefault(place, []).append(site)
                self._by_slot[f"{item['node_id']}/{item['field_name']}"] = site

    def values(self, place: str, was: Facts) -> list[Any]:
        """Return the values that the workflow has for an input, the defaults of attributes among them."""
        return [value for site in self._sites(place, was) for value in site.values]

    def changes(self, place: str, was: Facts, now: Facts | None) -> Iterator[Finding]:
        """Yield the findings about one input, "node type.field"; `now` is None where the server has no such input."""
        sites = self._sites(place, was)
        if now is None:
            yield from self._removed(place, was, sites)
            return
        yield from self._kind(place, was, now, sites)
        yield from self._required(place, was, now, sites)
        yield from self._default(place, was, now, sites)
        if "schema" in was and not (was.get("files") and now["type"] == was["type"]):
            changes = list(schema_changes(was["schema"], now["schema"]))
            for site in sites:
                # What did not fit before is not the server's doing.
                values = [value for value in site.values if accepts(was["schema"], value)]
                found = [self._changed(change, replace(site, values=values)) for change in changes]
                yield from (one for one in found if not (site.is_fixed and _is_harmless(one)))
            yield from self._models(was, now, sites)

    def _sites(self, place: str, was: Facts) -> list[Site]:
        """Return all sites of one input: its attributes, the batches whose items it takes, and hidden values."""
        found = list(self._by_place.get(place, ()))
        for slot in was.get("items_of", ()):
            batch = self._by_slot.get(slot)
            if batch:
                found.append(Site(place, batch.attribute, batch.label, batch.values[0] if batch.values else ()))
        if "values" in was:
            found.append(Site(place, values=was["values"], is_fixed="longer" not in was))
        return found

    def _removed(self, place: str, was: Facts, sites: Sequence[Site]) -> Iterator[Finding]:
        cure = "Change the workflow in the editor and export again."
        for site in sites:
            only_default = site.is_fixed and all(value == was.get("default") for value in site.values)
            severity: Severity = "warning" if only_default else "error"
            cause = f"{self._server} has no input {site}; it ignores what is sent for it."
            yield self._finding(INPUT_REMOVED, severity, cause, cure, site, was["type"], None)
        if was.get("fed"):
            does = "ignores" if self._ignores_edges else "refuses"
            cause = f"{self._server} has no input {place}, and {does} the edge that leads there."
            yield self._finding(INPUT_REMOVED, "error", cause, cure, Site(place), was["type"], None)

    def _kind(self, place: str, was: Facts, now: Facts, sites: Sequence[Site]) -> Iterator[Finding]:
        before, after = was.get("input", "any"), now.get("input", "any")
        if before == after:
            return
        lost = (after == "connection" and sites) or (after == "direct" and was.get("fed"))
        effect = "; the editor will drop what it no longer takes, runs go on as before." if lost else "."
        cure = "Open the workflow in the editor, see to the input, and export again." if lost else _NOTHING
        for site in sites or [Site(place)]:
            cause = f"{site} takes {_TAKES.get(after, after)} now, not {_TAKES.get(before, before)}{effect}"
            severity: Severity = "warning" if lost else "info"
            yield self._finding(INPUT_KIND_CHANGED, severity, cause, cure, site, before, after)

    def _required(self, place: str, was: Facts, now: Facts, sites: Sequence[Site]) -> Iterator[Finding]:
        if was.get("required") or not now.get("required"):
            return
        lacking = [site for site in sites if site.attribute and not site.values]
        if lacking or was.get("unset"):
            for site in lacking or [Site(place)]:
                cause = f"{site} must be given now, and the workflow has no value for it."
                cure = "Give it a value, and generate again from the server's document."
                yield self._finding(BECAME_REQUIRED, "error", cause, cure, site, None, "required")
        else:
            site = next((s for s in sites if s.attribute), Site(place))
            cause = f"{site} must be given now; the workflow gives it."
            yield self._finding(BECAME_REQUIRED, "info", cause, _NOTHING, site, None, "required")

    def _default(self, place: str, was: Facts, now: Facts, sites: Sequence[Site]) -> Iterator[Finding]:
        before, after = was.get("default"), now.get("default")
        if before == after or now.get("required") or was.get("required"):
            return
        said = f"is {shown(after)} by default now, not {shown(before)}"
        if was.get("unset"):
            site = next((s for s in sites if s.attribute and not s.values), Site(place))
            cause = f"{site} {said}; the workflow leaves it out, so its runs change."
            cure = "Set it explicitly if you depend on the old value."
            yield self._finding(DEFAULT_CHANGED, "warning", cause, cure, site, before, after)
        for site in sites:
            if before is not None and before in site.values:
                cause = f"{site} {said}; the workflow goes on sending {shown(before)}."
                yield self._finding(DEFAULT_CHANGED, "info", cause, _NOTHING, site, before, after)

    def _changed(self, change: Change, site: Site) -> Finding:
        inner = (step if step == ITEMS else f"[{step}]" if step.isdigit() else f".{step}" for step in change.steps)
        at = replace(site, place=site.place + "".join(inner))
        refused = next((value for value in site.values if change.refuses(value)), None)
        severity: Severity = "info" if change.rule in WIDENING else "warning"
        cause = change_in_words(change, str(at))
        if refused is not None:
            severity = "error"
            effect = "holds it" if change.rule is INPUT_REMOVED else "is refused"
            cause += f" The workflow's own value {shown(refused)} {effect}."
        elif change.rule is TYPE_CHANGED and change.disjoint and not change.steps:
            severity = "error"
        fits = site.is_fixed and severity != "error"
        cure = "Nothing needs to be done: the workflow's own value fits." if fits else cure_of(change)
        return self._finding(change.rule, severity, cause, cure, at, change.old, change.new)

    def _models(self, was: Facts, now: Facts, sites: Sequence[Site]) -> Iterator[Finding]:
        before, after = was.get("models") or {}, now.get("models") or {}
        if before == after:
            return
        grave: Severity = "warning" if _is_narrower(before, after) else "info"
        for site in sites:
            own = [model for value in site.values for model in _models_in(value)]
            refused = next((m for m in own if _is_taken(before, m) and not _is_taken(after, m)), None)
            if site.is_fixed and not refused and grave == "warning":
                continue
            effect = f' The workflow\'s own model "{refused.get("name")}" is not among them.' if refused else ""
            yield self._finding(
                MODEL_FILTER_CHANGED,
                "error" if refused else grave,
                f"{site} takes other models now: {models_in_words(after)}, not {models_in_words(before)}.{effect}",
                "Choose a model that it takes, and generate again from the server's document.",
                site,
                dict(before),
                dict(after),
            )

    def _finding(
        self, rule: type[Rule], severity: Severity, cause: str, cure: str, site: Site, old: Any, new: Any
    ) -> Finding:
        where = {**self._where, "attribute": site.attribute, "place": site.place}
        return finding(rule, severity, cause, cure, **where, old=old, new=new)


def _is_harmless(found: Finding) -> bool:
    """Tell whether a warning says nothing to an author whose own value fits; one who sets another should know these."""
    return found.severity == "warning" and found.rule not in (ENUM_VALUE_REMOVED.__name__, RANGE_NARROWED.__name__)


def _is_narrower(before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether some models that a filter took are no longer taken; a key without names takes all."""
    return any(names and (not before.get(key) or not set(before[key]) <= set(names)) for key, names in after.items())


def _models_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the saved models in a value: itself, or those of a list or an object such as a LoRA with its weight."""
    if isinstance(value, Mapping) and "base" in value:
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _models_in(inner)


def _is_taken(models: Mapping[str, Sequence[str]], model: Mapping[str, Any]) -> bool:
    """Tell whether a filter takes a saved model, as far as its base and type say."""
    kinds = (("bases", model.get("base")), ("types", model.get("type")))
    return all(not models.get(key) or said is None or said in models[key] for key, said in kinds)
