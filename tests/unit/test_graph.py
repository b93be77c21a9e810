"""The graph: what the editor posts for a workflow."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog

from .exports import codes, edge, form, loaded, node, only, picture, refused, resolved, workflow


def graph(document: Any, catalog: Catalog) -> Any:
    return loaded(document, catalog)[0].graph


def test_a_node_has_its_values_and_what_runs_it(catalog: Catalog) -> None:
    made = graph(workflow(node("p", "blank_image", {"width": 64}, visible=True, use_cache=False)), catalog)
    assert made == {
        "nodes": {
            "p": {"width": 64, "id": "p", "type": "blank_image", "use_cache": False, "is_intermediate": False},
        },
        "edges": [],
    }


def test_an_input_cannot_overwrite_what_runs_its_node(catalog: Catalog) -> None:
    odd = {"id": "x", "type": "y", "use_cache": 1, "is_intermediate": 1}
    made = graph(workflow(picture(**odd), node("m", "core_metadata", odd)), catalog)
    assert made["nodes"]["p"]["type"] == "blank_image"
    assert made["nodes"]["m"] == {"id": "m", "type": "core_metadata", "use_cache": True, "is_intermediate": True}


def test_an_edge_takes_the_place_of_the_literal(catalog: Catalog) -> None:
    made = graph(
        workflow(picture(width=1, height=2), node("i", "integer", {"value": 3}), edges=[edge("i.value", "p.width")]),
        catalog,
    )
    assert "width" not in made["nodes"]["p"]
    assert made["nodes"]["p"]["height"] == 2
    assert made["edges"] == [
        {"source": {"node_id": "i", "field": "value"}, "destination": {"node_id": "p", "field": "width"}}
    ]


def test_a_board_that_is_none_is_sent_with_a_warning(catalog: Catalog) -> None:
    module, report = resolved(workflow(picture(board=""), form=form("p.board")), catalog)
    assert module.graph["nodes"]["p"]["board"] == ""
    assert "it has no board_id" in only(report, "FB204").message


@pytest.mark.parametrize("board", ["auto", "none", None])
def test_boards_of_the_page_are_left_out(board: Any, catalog: Catalog) -> None:
    assert "board" not in graph(workflow(picture(board=board)), catalog)["nodes"]["p"]


def test_a_board_is_sent(catalog: Catalog) -> None:
    made = graph(workflow(picture(board={"board_id": "b", "board_name": "Mine"})), catalog)
    assert made["nodes"]["p"]["board"] == {"board_id": "b"}


def test_auto_is_a_word_elsewhere(catalog: Catalog) -> None:
    made = graph(workflow(picture(), node("s", "string", {"value": "auto"})), catalog)
    assert made["nodes"]["s"]["value"] == "auto"


def test_a_literal_of_an_input_for_edges_is_sent(catalog: Catalog) -> None:
    made = graph(workflow(picture(), node("k", "collect", {"collection": [], "item": 5})), catalog)
    assert (made["nodes"]["k"]["collection"], made["nodes"]["k"]["item"]) == ([], 5)


def test_inputs_of_a_called_workflow_are_gathered(catalog: Catalog) -> None:
    inputs = {"workflow_id": "w", "saved_workflow_input::n::f": 4}
    made = graph(workflow(picture(), node("q", "call_saved_workflow", inputs)), catalog)
    assert made["nodes"]["q"]["workflow_id"] == "w"
    assert made["nodes"]["q"]["workflow_inputs"] == {"saved_workflow_input::n::f": 4}
    assert "saved_workflow_input::n::f" not in made["nodes"]["q"]


def test_an_unknown_node_is_refused_with_the_cure(catalog: Catalog) -> None:
    document = workflow(picture(), node("x", "canny_image_processor", label="Edges"), node("y", "mine", pack="my_pack"))
    own, custom = (d for d in refused(document, catalog) if d.code == "FB301")
    assert (own.pointer, own.node_label) == ("/nodes/1/data/type", "Edges")
    assert 'no node type "canny_image_processor"' in own.message
    assert "Replace the node" in own.cure
    assert 'node pack "my_pack"' in custom.cure


def test_nodes_that_the_editor_hides_are_unknown(catalog: Catalog) -> None:
    assert codes(refused(workflow(picture(), node("g", "graph")), catalog)) == ["FB301"]
