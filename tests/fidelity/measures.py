"""What is measured: rows of the table that `make corpus` prints, and the cases of the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flowbind_generator.invokeai.catalog import Catalog

from . import checks
from .described import is_typed_as_read
from .documents import release
from .dumps import DUMPS, posts_the_graph_that_ran
from .media import gives_what_it_saves, media_nodes
from .reading import Exposed, exposed
from .shared import Record, exports, named, records, records_with

Check = Callable[[Any, Catalog], str | None]


@dataclass(frozen=True)
class Measure:
    """A check and its cases; `name` tells what a case is called."""

    title: str
    cases: Sequence[Any]
    check: Check
    name: Callable[[Any], str] = named


def _body_of(case: tuple[Record, str]) -> str:
    return f"{case[0]['name']}:{case[1].removesuffix('_enqueue_body')}"


def _posts_the_same_unchecked(case: tuple[Record, str], catalog: Catalog) -> str | None:
    return checks.posts_what_the_page_posts(case[0], catalog, case[1])


UNCHECKED = ("as_loaded_enqueue_body", "unvalidated_enqueue_body", "unvalidated_patched_enqueue_body")

GENERATED = Measure(
    "exports that generate, or are refused for a reason the contract gives", exports(), checks.is_generated_or_refused
)
POSTED = Measure(
    "graph, batch data and runs equal to the page's, made through the attributes",
    [r for r in records() if r["status"] == "submitted"],
    checks.posts_what_the_page_posts,
)
UNCHECKED_BODIES = Measure(
    "the same as loaded, and with the page's own checks off",
    [(r, body) for body in UNCHECKED for r in records_with(body)],
    _posts_the_same_unchecked,
    _body_of,
)
ORDERED = Measure(
    "public inputs in the page's own order",
    [r for r in records() if "gui_form_fields" in r],
    checks.has_the_order_of_the_page,
)
EXPLAINED = Measure(
    "files that the page blocks or refuses: flowbind gives the same reason",
    [r for r in records() if r["status"] == "load_failed" or r.get("reasons")],
    checks.says_what_the_page_says,
)
RAN = Measure("queue dumps of release 6.3: the graph that ran", DUMPS, posts_the_graph_that_ran)
SAVED = Measure(
    "media nodes of 6.14.2 recognised as outputs, of the right kind", media_nodes(), gives_what_it_saves, str
)

MEASURES = (GENERATED, POSTED, UNCHECKED_BODIES, ORDERED, EXPLAINED, RAN, SAVED)

TYPED = "exposable inputs of 18 releases, typed as an independent reading says"


def typed_in(name: str) -> Measure:
    """Return the measure of one release's document: there are too many inputs to look at them all on import."""
    return Measure(TYPED, list(exposed(release(name))), is_typed_as_read, _input_of)


def _input_of(case: Exposed) -> str:
    return f"{case.release.name} {case.place}"
