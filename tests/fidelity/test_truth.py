"""Against the truth: what InvokeAI's own page posts for a file, shows of it, and says against it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog

from . import measures, tables
from .measures import Measure
from .shared import needs_shared, parameters, records

pytestmark = needs_shared


def cases(measure: Measure) -> list[Any]:
    return parameters(measure.cases, measure.name)


def assert_holds(outcome: str | None) -> None:
    assert outcome is None or isinstance(outcome, tables.Known), outcome


@pytest.mark.parametrize("record", cases(measures.POSTED))
def test_the_batch_is_the_one_that_the_page_posts(record: Any, catalog: Catalog) -> None:
    assert_holds(measures.POSTED.check(record, catalog))


@pytest.mark.parametrize("case", cases(measures.UNCHECKED_BODIES))
def test_what_the_page_posts_without_its_checks_follows_the_same_rules(case: Any, catalog: Catalog) -> None:
    assert_holds(measures.UNCHECKED_BODIES.check(case, catalog))


@pytest.mark.parametrize("record", cases(measures.ORDERED))
def test_inputs_have_the_order_of_the_page(record: Any, catalog: Catalog) -> None:
    assert_holds(measures.ORDERED.check(record, catalog))


@pytest.mark.parametrize("record", cases(measures.EXPLAINED))
def test_what_the_page_says_against_a_file_flowbind_says_too(record: Any, catalog: Catalog) -> None:
    assert_holds(measures.EXPLAINED.check(record, catalog))


@pytest.mark.parametrize("dump", cases(measures.RAN))
def test_the_graph_is_the_one_that_ran(dump: Any, catalog: Catalog) -> None:
    assert_holds(measures.RAN.check(dump, catalog))


def test_the_measures_have_their_cases() -> None:
    sizes = {m.title: len(m.cases) for m in measures.MEASURES}
    assert sizes == {
        measures.GENERATED.title: 186,
        measures.POSTED.title: 190,
        measures.UNCHECKED_BODIES.title: 228,
        measures.ORDERED.title: 130,
        measures.EXPLAINED.title: 170,
        measures.RAN.title: 9,
        measures.SAVED.title: 99,
    }


def test_the_tables_name_records_that_there_are() -> None:
    names = {r["name"] for r in records()}
    listed = {
        *tables.REFUSED,
        *tables.DIFFERENT,
        *tables.THROUGH_CONNECTORS,
        *tables.RESET_BY_THE_PAGE,
        *tables.LENIENT,
    }
    assert listed <= names


def record_named(name: str) -> Any:
    return copy.deepcopy(next(r for r in records() if r["name"] == name))


def test_a_difference_in_a_graph_is_found(catalog: Catalog) -> None:
    record = record_named("runs5")
    graph = record["enqueue_body"]["batch"]["graph"]
    node_id, node = next(iter(graph["nodes"].items()))
    node["use_cache"] = not node["use_cache"]
    graph["edges"].append({"source": {"node_id": "x", "field": "y"}, "destination": {"node_id": "z", "field": "y"}})
    record["enqueue_body"]["batch"] |= {"runs": 4, "data": [[{"node_path": "a", "field_name": "a", "items": [1]}]]}
    outcome = measures.POSTED.check(record, catalog)
    assert outcome is not None
    assert not isinstance(outcome, tables.Known)
    for part in (f"{node_id}.use_cache is", "the edge x.y -> z.y is missing", "runs is 5", "batch.data is []"):
        assert part in outcome


def test_another_order_and_another_reason_are_found(catalog: Catalog) -> None:
    record = next(r for r in records() if len(r.get("gui_form_fields", ())) > 1 and r["status"] == "submitted")
    turned = record | {"gui_form_fields": record["gui_form_fields"][::-1]}
    assert "the page's are" in str(measures.ORDERED.check(turned, catalog))
    blocked = record_named("unknown_node_only")
    assert measures.EXPLAINED.check(blocked, catalog) is None
    assert "the page does not" in str(measures.EXPLAINED.check(blocked | {"reasons": ["No nodes in graph"]}, catalog))
