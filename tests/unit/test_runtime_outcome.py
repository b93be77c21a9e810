"""From a session to typed outputs: what is nothing, the server leaves out of a result."""

from __future__ import annotations

from typing import Any

from flowbind.invokeai import Result
from flowbind.invokeai._rest import QueueItem
from flowbind.invokeai.runs.given_back import Media
from flowbind.invokeai.runs.outcome import result_of
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .exports import edge, node, resolved, workflow

GIVEN, NOTHING = {"type": "if_output", "value": 5}, {"type": "if_output"}


def result(document: Any, catalog: Catalog, session: dict[str, Any]) -> Result[Any]:
    """Return the result of a run whose session is given."""
    ended = {"item_id": 7, "status": "completed", "batch_id": "b", "session_id": "s", "queue_id": "default"}
    times = {"created_at": "2026-11-21 03:42:45.825", "updated_at": "2026-11-21 03:42:45.864"}
    item = QueueItem.model_validate({**ended, **times, "priority": 0, "user_id": "system", "session": session})
    return result_of(class_of(resolved(document, catalog)[0]), item, Media(), {})


def test_nothing_is_none(catalog: Catalog) -> None:
    document = workflow(node("a", "add"), node("x", "if"), edges=[edge("a.value", "x.true_input")])
    session = {
        "results": {"p": NOTHING},
        "source_prepared_mapping": {"x": ["p"]},
        "prepared_iteration_paths": {"p": []},
    }
    found = result(document, catalog, session)
    assert vars(found.outputs) == vars(found.node("x")) == {"value": None}


def test_nothing_keeps_its_place_among_iterations(catalog: Catalog) -> None:
    document = workflow(
        *(node("r", "range"), node("i", "iterate"), node("a", "add"), node("x", "if")),
        edges=[edge("r.collection", "i.collection"), edge("i.item", "a.a"), edge("a.value", "x.true_input")],
    )
    session = {
        "results": {"p": GIVEN, "q": NOTHING, "r": GIVEN},
        "source_prepared_mapping": {"x": ["r", "q", "p"]},
        "prepared_source_mapping": dict.fromkeys("pqr", "x"),
        "prepared_iteration_paths": {"p": [0], "q": [1], "r": [2]},
    }
    found = result(document, catalog, session)
    assert vars(found.outputs) == vars(found.node("x")) == {"value": [5, None, 5]}


def test_a_returned_value_that_is_nothing(catalog: Catalog) -> None:
    document = workflow(
        *(node("a", "add"), node("x", "if"), node("v", "workflow_return_value", {"key": "n"})),
        node("z", "workflow_return"),
        edges=[edge("a.value", "x.true_input"), edge("x.value", "v.value"), edge("v.value", "z.values")],
    )
    session = {
        "results": {"p": {"type": "workflow_return_output", "values": {}}},
        "source_prepared_mapping": {"z": ["p"]},
        "prepared_iteration_paths": {"p": []},
    }
    assert vars(result(document, catalog, session).outputs) == {"n": None}
