"""Nodes that no conversion can do without."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.refusals import package_of, refuse_class, refuse_group_nodes, refuse_large_nodes
from flowbind_generator.diagnostics import Report

from .files import FILE, SAVED, only


def group(kind: str = "workflow>Upscale", **more: Any) -> dict[str, Any]:
    return {"id": 3, "type": kind} | more


@pytest.mark.parametrize("kind", ["workflow>Upscale", "workflow/Upscale"])
def test_a_group_node_is_refused_with_its_place(kind: str) -> None:
    report = Report(FILE)
    refuse_group_nodes({**SAVED, "nodes": [*SAVED["nodes"], group(kind, title="Twice as large")]}, report)
    found = only(report, "FB313")
    assert (found.severity, found.pointer, found.node_label) == ("error", "/nodes/2/type", "Twice as large")
    assert '"Upscale"' in found.message
    assert "subgraph" in found.cure


def test_a_group_node_in_a_subgraph_is_refused() -> None:
    report = Report(FILE)
    refuse_group_nodes(
        {**SAVED, "definitions": {"subgraphs": [{"nodes": []}, {"nodes": [group()]}]}}, report, ("workflow",)
    )
    assert only(report, "FB313").pointer == "/workflow/definitions/subgraphs/1/nodes/0/type"


@pytest.mark.parametrize(
    "more",
    [
        {"widgets_values": [0] * 2001},
        {"widgets_values": dict.fromkeys(map(str, range(2001)))},
        {"inputs": [{}] * 2001},
        {"properties": {"proxyWidgets": [["1", "a"]] * 2001}},
    ],
)
def test_a_node_with_more_than_any_has_is_refused(more: dict[str, Any]) -> None:
    report = Report(FILE)
    refuse_large_nodes({**SAVED, "nodes": [*SAVED["nodes"], {"id": 3, "type": "N", **more}]}, report)
    found = only(report, "FB104")
    assert (found.severity, found.pointer) == ("error", "/nodes/2")
    assert "2,001 entries" in found.message


def test_a_group_that_no_node_uses_is_no_matter() -> None:
    report = Report(FILE)
    refuse_group_nodes({**SAVED, "extra": {"groupNodes": {"Upscale": {"nodes": []}}}}, report)
    assert not list(report)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"nodes": 3, "definitions": 3},
        {"nodes": [3, None, {"type": 3}, {"type": None}], "definitions": {"subgraphs": [3, {"nodes": {}}]}},
        {"nodes": [], "definitions": {"subgraphs": {}}},
    ],
)
def test_odd_shapes_are_left_to_others(document: dict[str, Any]) -> None:
    report = Report(FILE)
    refuse_group_nodes(document, report)
    assert not list(report)


def test_a_server_of_no_known_release() -> None:
    report = Report(FILE)
    refuse_class("Gone", "a-pack", Catalog({}), report, ("nodes", 0, "type"), "")
    found = only(report, "FB301")
    assert found.message == 'The server has no node class "Gone" (of the package "a-pack").'
    assert found.node_label is None


def test_the_package_of_a_node() -> None:
    assert package_of({"aux_id": "author/pack", "cnr_id": "pack"}) == "pack"
    assert package_of({"cnr_id": "comfy-core"}) is None
