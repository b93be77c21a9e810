"""The order of iterations, with and without the paths that servers tell since 6.14."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest

from flowbind.invokeai.runs.iterations import node_results


def nested(*, paths: bool, seed: int) -> dict[str, Any]:
    """Return the session of two loops, one in the other, and of a collector after the inner one."""
    nodes: dict[str, Any] = {}
    edges: list[dict[str, Any]] = []
    known: dict[str, list[int]] = {}
    mapping: dict[str, list[str]] = {"add": [], "collect": [], "after": []}

    def add(name: str, kind: str, path: list[int], *sources: str, **more: Any) -> None:
        nodes[name] = {"id": name, "type": kind, **more}
        known[name] = path
        for source in sources:
            end = {"node_id": name, "field": "x"}
            edges.append({"source": {"node_id": source, "field": "y"}, "destination": end})

    add("range", "range", [])
    for i in range(12):
        add(f"outer-{i}", "iterate", [i], "range", index=i)
        add(f"size-{i}", "range_of_size", [i], f"outer-{i}")
        for j in range(3):
            add(f"inner-{i}-{j}", "iterate", [i, j], f"size-{i}", index=j)
            add(f"add-{i}-{j}", "add", [i, j], f"inner-{i}-{j}", "range")
            mapping["add"].append(f"add-{i}-{j}")
        add(f"collect-{i}", "collect", [i], *(f"add-{i}-{j}" for j in range(3)))
        add(f"after-{i}", "add", [i], f"collect-{i}")
        mapping["collect"].append(f"collect-{i}")
        mapping["after"].append(f"after-{i}")
    chance = random.Random(seed)
    for prepared in mapping.values():
        chance.shuffle(prepared)
    chance.shuffle(edges)
    shuffled = chance.sample([*nodes], len(nodes))
    session: dict[str, Any] = {
        "results": {name: {"value": name} for names in mapping.values() for name in names},
        "source_prepared_mapping": mapping,
        "execution_graph": {"nodes": {name: nodes[name] for name in shuffled}, "edges": edges},
    }
    return session | ({"prepared_iteration_paths": known} if paths else {})


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("paths", [True, False], ids=["since 6.14", "before 6.14"])
def test_loops_in_loops_come_in_order(paths: bool, seed: int) -> None:
    found = node_results(nested(paths=paths, seed=seed))
    order = {node: [result["value"] for result in results] for node, results in found.items()}
    assert order["add"] == [f"add-{i}-{j}" for i, j in product(range(12), range(3))]
    assert order["collect"] == [f"collect-{i}" for i in range(12)]
    assert order["after"] == [f"after-{i}" for i in range(12)]


@pytest.mark.parametrize("session", [{}, {"results": None, "source_prepared_mapping": None}])
def test_a_session_without_results(session: dict[str, Any]) -> None:
    assert node_results(session) == {}


def test_a_graph_in_circles_ends() -> None:
    ends = [("a", "b"), ("b", "a")]
    edges = [{"source": {"node_id": s, "field": "x"}, "destination": {"node_id": d, "field": "y"}} for s, d in ends]
    nodes = {name: {"id": name, "type": "add"} for name in "ab"}
    session = {
        "results": {"a": {"value": 1}},
        "source_prepared_mapping": {"n": ["a", "b", "gone"]},
        "execution_graph": {"nodes": nodes, "edges": edges},
    }
    # A server does not make one, but its answer is not to be trusted with an endless loop.
    assert node_results(session) == {"n": [{"value": 1}]}


@pytest.mark.parametrize("seed", range(3))
def test_loops_side_by_side_come_in_one_order(seed: int) -> None:
    """Before 6.14 only the graph tells which of two loops comes first."""
    nodes: dict[str, Any] = {"range": {"type": "range"}}
    edges: list[dict[str, Any]] = []
    mapping: dict[str, list[str]] = {"tens": [], "ones": [], "add": []}

    def add(owner: str, name: str, kind: str, *sources: str, **more: Any) -> None:
        nodes[name] = {"type": kind, **more}
        mapping[owner].append(name)
        edges.extend({"source": {"node_id": s}, "destination": {"node_id": name, "field": "x"}} for s in sources)

    for i in range(4):
        add("tens", f"tens-{i}", "iterate", "range", index=i)
        add("ones", f"ones-{i}", "iterate", "range", index=i)
    for i, j in product(range(4), range(4)):
        add("add", f"add-{i}-{j}", "add", f"ones-{j}", f"tens-{i}")
    chance = random.Random(seed)
    for names in mapping.values():
        chance.shuffle(names)
    session = {
        "graph": {"nodes": {"range": {}, "tens": {}, "ones": {}, "add": {}}},
        "results": {name: {"value": name} for name in nodes},
        "source_prepared_mapping": mapping,
        "prepared_source_mapping": {name: owner for owner, names in mapping.items() for name in names},
        "execution_graph": {"nodes": nodes, "edges": edges},
    }
    found = [result["value"] for result in node_results(session)["add"]]
    assert found == [f"add-{i}-{j}" for i, j in product(range(4), range(4))]
