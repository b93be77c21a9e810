"""Every real workflow beside the releases next to its own: what drift says, and what is so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from flowbind.drift import workflow_drift
from flowbind.findings import Finding
from flowbind.invokeai.schema.served import ServedNodes
from flowbind_generator.manifest import entry_of

from .building import build
from .documents import Release, release, release_names
from .drift_made_up import made_up
from .drift_reading import (
    EDGE_REFUSED,
    INPUT_GONE,
    LACKING,
    MAJOR,
    MODEL_REFUSED,
    NODE_GONE,
    OUTPUT_GONE,
    PART_IGNORED,
    RESULT_CHANGED,
    VALUE_REFUSED,
    Broken,
    Posted,
    Reading,
    posted,
)
from .shared import exports, named
from .tables import CHOICES_ON_EDGES, Known

_MEANINGS = {
    "NODE_REMOVED": (NODE_GONE,),
    "NODE_VERSION_MAJOR": (MAJOR,),
    "INPUT_REMOVED": (INPUT_GONE, PART_IGNORED),
    "BECAME_REQUIRED": (LACKING, VALUE_REFUSED),
    "TYPE_CHANGED": (VALUE_REFUSED, EDGE_REFUSED),
    "ENUM_VALUE_REMOVED": (VALUE_REFUSED,),
    "RANGE_NARROWED": (VALUE_REFUSED,),
    "MODEL_FILTER_CHANGED": (MODEL_REFUSED,),
    "OUTPUT_REMOVED": (OUTPUT_GONE,),
    "OUTPUT_TYPE_CHANGED": (EDGE_REFUSED, RESULT_CHANGED),
}
# Between the two, what may be null began to be written in the documents.
MADE_UP_OF = ("5.10.1", "6.14.2")
# What these say is of inputs that a workflow leaves out.
_OF_THE_UNUSED = {"BECAME_REQUIRED", "DEFAULT_CHANGED"}


@dataclass(frozen=True)
class Generated:
    """A real workflow, generated for one release: its manifest entry as the file has it, and what a run sends."""

    name: str
    entry: dict[str, Any] = field(repr=False)
    run: Posted = field(repr=False)


@dataclass(frozen=True)
class Compared:
    """A workflow beside another release: what drift says, and what an independent reading finds broken."""

    name: str
    findings: list[Finding]
    broken: set[Broken]
    places: set[str]
    among_choices: Callable[[str], bool]

    @property
    def errors(self) -> list[Finding]:
        """The findings that are errors."""
        return [one for one in self.findings if one.severity == "error"]


@cache
def generated(name: str) -> tuple[Generated, ...]:
    """Return all real workflows that one release's document takes."""
    found: list[Generated] = []
    for path in exports():
        if made := _generated(path, name):
            found.append(made)
    return tuple(found)


def _generated(path: Path, name: str) -> Generated | None:
    module = build(path.read_bytes(), release(name).catalog, named(path)).module
    if module is None:
        return None
    return Generated(named(path), json.loads(json.dumps(entry_of(module, {}, ""))), posted(module))


def neighbours() -> list[tuple[str, str]]:
    """Return each two releases of which one follows the other, both ways."""
    names = release_names()
    return [*pairwise(names), *pairwise(reversed(names))]


@cache
def compared(old: str, new: str) -> tuple[Compared, ...]:
    """Return all real workflows of one release beside another."""
    return tuple(compared_with(old, release(new)))


def compared_with(old: str, new: Release) -> Iterator[Compared]:
    """Yield all real workflows of one release beside a document."""
    reading, served = Reading(release(old), new), ServedNodes(new.document, new.name)
    for one in generated(old):
        findings = workflow_drift(one.name, one.entry, served)
        yield Compared(
            f"{old} to {new.name}: {one.name}", findings, reading.broken(one.run), one.run.places, reading.among_choices
        )


def all_compared() -> Iterator[Compared]:
    """Yield all real workflows beside the releases next to theirs."""
    for old, new in neighbours():
        yield from compared(old, new)


def is_confirmed(error: Finding, broken: set[Broken]) -> str | None:
    """Tell whether the documents say that something breaks where drift says so."""
    meant = _MEANINGS.get(error.rule, ())
    return None if any(how in meant and _is_at(error, places) for how, places in broken) else f"not so: {error}"


def is_told(one: Broken, case: Compared) -> str | None:
    """Tell whether drift says what the documents say to be broken."""
    how, places = one
    if how == PART_IGNORED and (VALUE_REFUSED, places) in case.broken:
        return None  # what is refused is not looked at further
    if any(how in _MEANINGS.get(error.rule, ()) and _is_at(error, places) for error in case.errors):
        return None
    return CHOICES_ON_EDGES if how == EDGE_REFUSED and case.among_choices(places) else f"missed: {how}, {places}"


def is_beside_the_point(finding: Finding, places: set[str]) -> str | None:
    """Tell whether a finding is of something that the workflow does not use."""
    if finding.place is None or _field_of(finding.place) in places or finding.rule in _OF_THE_UNUSED:
        return None
    return f"not used: {finding}"


def is_right(case: Compared) -> str | None:
    """Compare what drift says of a workflow with what the documents say."""
    said = [is_confirmed(error, case.broken) for error in case.errors]
    said += [is_told(one, case) for one in sorted(case.broken)]
    said += [is_beside_the_point(finding, case.places) for finding in case.findings]
    wrong = [one for one in said if one and one != CHOICES_ON_EDGES]
    return "; ".join(wrong) or (Known(CHOICES_ON_EDGES) if CHOICES_ON_EDGES in said else None)


def outcomes() -> dict[str, str | None]:
    """Return what differs, by workflow and pair of releases."""
    return {case.name: is_right(case) for case in all_compared()}


def made_up_outcomes() -> dict[str, str | None]:
    """Return what differs beside documents in which much breaks at once, by workflow and what is changed."""
    cases = (case for old in MADE_UP_OF for new in made_up(release(old)) for case in compared_with(old, new))
    return {case.name: is_right(case) for case in cases}


def error_outcomes() -> dict[str, str | None]:
    """Return which errors the documents do not confirm, by error."""
    return {
        f"{case.name}, {at}": is_confirmed(error, case.broken)
        for case in all_compared()
        for at, error in enumerate(case.errors)
    }


def totals() -> Counter[tuple[str, str]]:
    """Return how many findings there are, by rule and severity."""
    return Counter((one.rule, one.severity) for case in all_compared() for one in case.findings)


def _is_at(error: Finding, places: str) -> bool:
    """Tell whether an error is about a place; an edge has two."""
    return error.place is not None and _field_of(error.place) in places.split(" ")


def _field_of(place: str) -> str:
    """Return the input in which a place lies."""
    return ".".join(place.replace("[", ".[").split(".")[:2])
