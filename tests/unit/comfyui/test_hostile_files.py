"""Files that strangers made to do harm: each ends in a prompt or a finding, in bounded time and memory."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.comfyui.drawing import Json, node, node_class, subgraph, workflow

from flowbind_generator.comfyui.engine import catalog_of, choosable, draft, shipped_catalog
from flowbind_generator.diagnostics import Report
from flowbind_generator.strict_json import DEEPEST, parse

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="bounds of POSIX"),
    # Endless work ends here; a slow machine has time.
    pytest.mark.timeout(120),
]
IMAGE = "IMAGE"
MANY = 1_500
BIG = {"min": 10**9, "max": 10**12}
Link = list[Any]


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """Let this process have no more than 1 GiB beside what it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 3 << 18
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (1 << 30), hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def codes(document: Any, classes: Json | None = None) -> set[str]:
    """Return the codes of an export's findings: errors only where it is refused."""
    catalog = catalog_of(classes, Report("object_info.json")) if classes else shipped_catalog()
    assert catalog is not None
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    report = Report("a.json")
    assert (draft(data, catalog, report) is None) == report.refused
    choosable(data, catalog, Report("a.json"))
    return {finding.code for finding in report}


def picture(number: int = 1) -> Json:
    return node(number, "EmptyImage", [64, 64, 1, 0])


def save(number: int, link: int) -> Json:
    return node(number, "SaveImage", ["x"], {"images": link})


def chain(type_: str, name: str, **more: Any) -> Json:
    """Return many nodes, each fed by the one before."""
    inner = [node(n, type_, None, {name: n - 1}, **more) for n in range(2, MANY)]
    links: list[Link] = [[n, n, 0, n + 1, 0, IMAGE] for n in range(1, MANY)]
    for made in inner:
        made["outputs"] = [{"name": IMAGE, "type": IMAGE, "links": [made["id"]]}]
    return {"version": 0.4, "nodes": [picture(), *inner, save(MANY, MANY - 1)], "links": links}


def circle() -> Json:
    """Return many reroutes that feed each other, and a node that they feed."""
    nodes = [node(n, "Reroute", None, {"": n}) for n in range(2, MANY)]
    links: list[Link] = [[n, n + 1, 0, n, 0, IMAGE] for n in range(1, MANY)]
    return {"version": 0.4, "nodes": [save(1, 1), *nodes], "links": [*links[:-2], [MANY - 1, 2, 0, MANY - 1, 0, IMAGE]]}


def levels(count: int, times: int, last: str = "PreviewImage") -> Json:
    """Return subgraphs in each other, each used several times by the one above."""
    made = [
        subgraph(
            f"s{n}",
            *[node(k, f"s{n + 1}" if n + 1 < count else last) for k in range(1, times + 1)],
            links=[],
            inputs=[],
        )
        for n in range(count)
    ]
    return workflow(node(1, "s0"), subgraphs=made)


def primitives() -> Json:
    """Return one primitive that sets the width of many nodes."""
    takers = [node(n, "EmptyImage", [64, 64, 1, 0], {"width": n}) for n in range(1, MANY // 4)]
    source = node(MANY, "PrimitiveNode", [5, "fixed"])
    source["outputs"] = [{"name": "INT", "type": "INT", "links": [made["id"] for made in takers]}]
    links: list[Link] = [[made["id"], MANY, 0, made["id"], 0, "INT"] for made in takers]
    return {"version": 0.4, "nodes": [source, *takers, picture(MANY + 1), save(MANY + 2, MANY + 1)], "links": links}


def fed(values: Any, **more: Any) -> Json:
    return workflow(node(1, "EmptyImage", values), save(2, 1), links=[[1, 1, 0, 2, 0, IMAGE]], **more)


EXPORTS: dict[str, tuple[Callable[[], Any], set[str]]] = {
    "a long chain": (lambda: chain("ImageInvert", "image"), set()),
    "a long chain of reroutes": (lambda: chain("Reroute", ""), set()),
    "a long chain of bypassed nodes": (lambda: chain("ImageInvert", "image", mode=4), set()),
    "reroutes in a circle": (circle, {"FB302", "FB308"}),
    "a primitive of many": (primitives, {"FB302", "FB308"}),
    "thousands of levels": (lambda: levels(1500, 1), {"FB104"}),
    "itself": (lambda: levels(1, 1, "s0"), {"FB104"}),
    "itself below": (lambda: levels(9, 2, "s3"), {"FB104"}),
    "one that is used often": (
        lambda: workflow(
            *[node(n, "s") for n in range(MANY // 2)],
            subgraphs=[subgraph("s", node(1, "PreviewImage"), links=[], inputs=[])],
        ),
        {"FB308"},
    ),
    "one id for all": (lambda: workflow(*[node(1, "PreviewImage") for _ in range(MANY)]), {"FB308"}),
    "huge numbers": (lambda: fed([10**300, -(10**300), 10**40, 0]), {"FB204"}),
    "huge ids": (lambda: fed([1, 1, 1, 0], last_node_id=10**300, last_link_id=10**300), set()),
    "no numbers": (lambda: fed([float("nan"), float("inf"), 1, 0]), {"FB204"}),
    "too many values": (lambda: fed([0] * 10**5), {"FB104"}),
    "much chosen for App mode": (
        lambda: fed([1, 1, 1, 0], extra={"linearData": {"inputs": [[n, "x"] for n in range(MANY)], "outputs": [{}]}}),
        {"FB201"},
    ),
    "a prompt of a long chain": (
        lambda: {
            "1": {"class_type": "EmptyImage", "inputs": {"width": 1, "height": 1, "batch_size": 1, "color": 0}},
            **{str(n): {"class_type": "ImageInvert", "inputs": {"image": [str(n - 1), 0]}} for n in range(2, MANY)},
            "x": {"class_type": "PreviewImage", "inputs": {"images": [str(MANY - 1), 0]}},
        },
        set(),
    ),
    "a prompt in a circle": (
        lambda: {
            str(n): {"class_type": "ImageInvert", "inputs": {"image": [str((n + 1) % MANY), 0]}} for n in range(MANY)
        },
        {"FB302", "FB306"},
    ),
    "a key twice": (
        lambda: json.dumps(fed([1, 1, 1, 0])).replace('"version": 0.4', '"version": 0.4, "version": 1').encode(),
        {"FB107"},
    ),
    "deep": (
        lambda: json.dumps(fed([1, 1, 1, 0])).replace("0.4", "[" * DEEPEST + "]" * DEEPEST).encode(),
        {"FB101"},
    ),
    "no UTF-8": (lambda: json.dumps(fed([1, 1, 1, 0])).encode().replace(b"EmptyImage", b"Empty\xff"), {"FB101"}),
}


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_hostile_export(kind: str) -> None:
    made, told = EXPORTS[kind]
    found = codes(made())
    assert found <= told
    assert bool(found) == bool(told)


def dynamic(depth: int) -> Json:
    """Return the inputs of a class with choices that bring choices along."""
    inner: Json = {"x": ["INT", {}]}
    for _ in range(depth):
        inner = {"c": ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "a", "inputs": {"required": inner}}]}]}
    return inner


def deepest() -> Json:
    """Return the deepest class that is read from a file."""
    for depth in range(DEEPEST, 0, -1):
        try:
            return dict(parse(json.dumps(dynamic(depth)).encode()))
        except ValueError:
            continue
    raise AssertionError


CLASSES: dict[str, tuple[Callable[[], Json], Any]] = {
    "a combo of 100,000": (lambda: {"c": [[f"c{n}" for n in range(100_000)], {}]}, ["c5"]),
    "the same combo, newer": (lambda: {"c": ["COMBO", {"options": [f"c{n}" for n in range(100_000)]}]}, ["c5"]),
    "choices in choices": (deepest, ["a"] * DEEPEST),
    "wide choices": (
        lambda: {
            "c": [
                "COMFY_DYNAMICCOMBO_V3",
                {"options": [{"key": f"k{n}", "inputs": {"required": dynamic(3)}} for n in range(3000)]},
            ]
        },
        ["k7", "a"],
    ),
    "inputs that grow to no end": (
        lambda: {
            "c": ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"i": [IMAGE]}}, "prefix": "i", **BIG}}]
        },
        [],
    ),
    "rows to no end": (
        lambda: {"c": ["COMFY_DYNAMICGROUP_V3", {"template": {"required": {"i": ["INT"]}}, **BIG}]},
        [10**9],
    ),
    "limits beyond all": (
        lambda: {"seed": ["INT", {"min": -(10**300), "max": 10**300, "step": 10**299}]},
        [1, "fixed"],
    ),
    "many inputs": (lambda: {f"i{n}": ["INT", {}] for n in range(700)}, list(range(700))),
    "long texts": (lambda: {"c": ["STRING", {"multiline": True, "tooltip": "a b" * 10**5}]}, ["{a|" * 5000]),
}


@pytest.mark.parametrize("kind", CLASSES)
def test_a_hostile_class(kind: str) -> None:
    made, values = CLASSES[kind]
    classes = {"N": node_class(made(), output=[], output_node=True)}
    # Marked, so that all values are inputs with docstrings.
    assert codes(workflow(node(1, "N", values, title="in:")), classes) <= {
        *("FB104", "FB201", "FB204", "FB210", "FB302", "FB308")
    }
