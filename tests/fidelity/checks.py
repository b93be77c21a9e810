"""One function for each measure: None when a case holds, else a sentence that says what differs.

A sentence that is `Known` stands in a table of `tables.py`: it is shown, and no failure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from flowbind import inputs
from flowbind.errors import InputError
from flowbind.invokeai.runs.preview import preview
from flowbind_generator.invokeai.catalog import Catalog

from . import tables
from .building import Built, build, build_record
from .compare import Place, data_difference, edge_differences, junk, node_differences
from .posting import Posted, Unsettable, posted_like, without_connectors
from .reasons import cannot_run_as_a_batch, unlike_the_page
from .refusals import unfounded
from .shared import Record, named
from .tables import Aside, Known

NO_RUN = "with its checks off the page posts a batch that cannot run; flowbind refuses it, or asks for its list"


def is_generated_or_refused(path: Path, catalog: Catalog) -> str | None:
    """Look whether a file gives a class that works, or a reason that the contract gives."""
    data = path.read_bytes()
    built = build(data, catalog, named(path))
    if built.module is None:
        return unfounded(data, built.errors, catalog)
    made, module = built.made, built.module
    if [i.attribute for i in inputs(made)] != [i.attribute for i in module.inputs]:
        return "the class has other inputs than the plan"
    if required := [i.attribute for i in module.inputs if i.required]:
        try:
            made()
        except InputError as error:
            unsaid = [a for a in required if not any(f".{a} " in problem for problem in error.problems)]
            return f"the error does not name the required {', '.join(unsaid)}" if unsaid else None
        return f"an instance is made without {', '.join(required)}"
    posted = json.loads(preview(made())[0])["batch"]["graph"]
    nodes = node_differences(posted["nodes"], module.graph["nodes"])
    return "; ".join([*nodes.values(), *edge_differences(posted, module.graph)]) or None


def posts_what_the_page_posts(record: Record, catalog: Catalog, body: str = "enqueue_body") -> str | None:
    """Compare graph, batch data and runs, made through the attributes, with a body of the page."""
    name = record["name"]
    built = build_record(record, catalog)
    if built.module is None:
        return _refused(name, body, built)
    if name in tables.REFUSED:
        return f"it is not refused, but the table says so: {tables.REFUSED[name][0]}"
    reset = tables.RESET_BY_THE_PAGE.get(name, tables.Difference())
    try:
        posted = posted_like(record, body, built, catalog, reset.places)
    except InputError as error:
        return Known(NO_RUN) if body.startswith("unvalidated") and cannot_run_as_a_batch(record) else str(error)
    except Unsettable as error:
        return str(error)
    if name in tables.THROUGH_CONNECTORS:
        posted.theirs["data"] = without_connectors(posted.theirs["data"], record["workflow"])
    expected = tables.DIFFERENT.get(name, reset)
    if wrong := list(_differences(posted, expected.places)):
        return "; ".join(wrong)
    return _explained(record, body, expected, posted.unset)


def _differences(posted: Posted, expected: frozenset[Place]) -> Iterator[str]:
    mine, theirs = posted.mine, posted.theirs
    yield from posted.wrong
    nodes = node_differences(mine["graph"]["nodes"], theirs["graph"]["nodes"])
    yield from (sentence for place, sentence in nodes.items() if place not in expected)
    yield from (f"{'.'.join(p)} is equal, but the table says that it differs" for p in expected - nodes.keys())
    yield from edge_differences(mine["graph"], theirs["graph"])
    if difference := data_difference(mine.get("data"), theirs.get("data")):
        yield difference
    if mine["runs"] != theirs["runs"]:
        yield f"runs is {mine['runs']}, the page's is {theirs['runs']}"


def _explained(record: Record, body: str, expected: tables.Difference, unset: Sequence[Place]) -> Known | None:
    """Return what was left out of a comparison that holds."""
    places = set(junk(record[body]["batch"]["graph"])) - expected.places
    reasons = [expected.why] if expected.why else []
    if record["name"] in tables.THROUGH_CONNECTORS:
        reasons.append(tables.THROUGH_CONNECTORS[record["name"]])
    if places:
        reasons.append("the page makes junk of an object that it does not understand; here it is unset (contract, C1)")
    if cannot_run_as_a_batch(record) and body.startswith("unvalidated"):
        reasons.append(NO_RUN)
    elif set(unset) - places:
        reasons.append("the page sends the graph without an input that a run needs; flowbind asks for it")
    return Known("\n".join(reasons)) if reasons else None


def _refused(name: str, body: str, built: Built) -> str:
    code, why = tables.REFUSED.get(name, ("", ""))
    if {d.code for d in built.errors} == {code}:
        return Known(why)
    # What the page posts without its own checks is compared for files that flowbind does not refuse; why it refuses
    # the others is measured by itself.
    return Aside("flowbind refuses the file") if body.startswith("unvalidated") else built.refusal


def says_what_the_page_says(record: Record, catalog: Catalog) -> str | None:
    """Compare why the page blocks or refuses a file with what flowbind says of it."""
    built = build_record(record, catalog)
    if reset := tables.RESET_BY_THE_PAGE.get(record["name"]):
        return Known(reset.why)
    return "; ".join(unlike_the_page(record, built, catalog)) or None


def has_the_order_of_the_page(record: Record, catalog: Catalog) -> str | None:
    """Compare the public inputs with those that the page shows, in order, the second of two equal ones left out."""
    built = build_record(record, catalog)
    if built.module is None:
        return Aside("flowbind refuses the file")
    public = [i for i in built.module.inputs if i.index is not None]
    indices = [i.index for i in public if i.index is not None]
    if indices != sorted(set(indices)):
        return f"the indices are {indices}"
    mine = [(i.node_id, i.field_name) for i in public]
    theirs = list(dict.fromkeys((node_id, name) for node_id, name in record["gui_form_fields"]))
    return None if mine == theirs else f"the inputs are {mine}, the page's are {theirs}"
