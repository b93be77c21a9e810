"""What a server would run of a prompt: all, a part, nothing; and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flowbind_generator.comfyui.api_format import read_api
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.documents import shipped_catalog
from flowbind_generator.comfyui.prompt import Prompt, PromptNode
from flowbind_generator.comfyui.run_checks import check_runs
from flowbind_generator.diagnostics import Diagnostic, Report

from .files import FILE, PROMPT, api_node, empty_image, only

CATALOG = shipped_catalog()


def checked(nodes: Mapping[str, Any], *, catalog: Catalog = CATALOG, root: tuple[str, ...] = ()) -> Report:
    report = Report(FILE)
    prompt = read_api(nodes, catalog, report, root)
    assert prompt is not None, list(map(str, report))
    check_runs(prompt, catalog, report)
    return report


def save(*link: Any) -> dict[str, Any]:
    return api_node("SaveImage", "Out", images=[*link], filename_prefix="a")


def invert(*link: Any) -> dict[str, Any]:
    return api_node("ImageInvert", "Inverted", image=[*link])


def test_a_prompt_that_runs() -> None:
    assert not list(checked(PROMPT))


def test_a_prompt_without_nodes() -> None:
    assert only(checked({}), "FB306").severity == "error"


def test_a_prompt_without_results() -> None:
    found = only(checked({"1": empty_image(), "2": invert("1", 0)}), "FB306")
    assert found.severity == "error"
    assert "saves or shows a result" in found.message


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an input that nothing feeds": ({"8": api_node("ImageInvert"), "9": save("8", 0)}, "FB308", 'the input "image"'),
    "a literal that is missing": (
        {"8": api_node("EmptyImage", width=1, height=1, batch_size=1), "9": save("8", 0)},
        "FB308",
        'the input "color"',
    ),
    "a node that is missing": ({"8": invert("77", 0), "9": save("8", 0)}, "FB302", "node 77, which is not there"),
    "an output that is missing": (
        {"7": empty_image(), "8": invert("7", 1), "9": save("8", 0)},
        "FB302",
        'output 1 of "Empty Image", which has 1',
    ),
    "a list that is no link": ({"8": invert("1", 0, 1), "9": save("8", 0)}, "FB302", "neither value nor link"),
    "a link by a number": ({"8": invert(1, 0), "9": save("8", 0)}, "FB302", "neither value nor link"),
    "a circle": (
        {"8": invert("88", 0), "88": invert("8", 0), "9": save("8", 0)},
        "FB302",
        'its own result: "Inverted" (8) -> "Inverted" (88) -> "Inverted" (8)',
    ),
    "a node that feeds itself": ({"8": invert("8", 0), "9": save("8", 0)}, "FB302", '"Inverted" (8) -> "Inverted" (8)'),
}


@pytest.mark.parametrize(("nodes", "code", "says"), FAULTS.values(), ids=FAULTS)
def test_a_fault_before_the_only_result(nodes: dict[str, Any], code: str, says: str) -> None:
    found = only(checked(nodes), code)
    # What only lacks something is unfinished: the editor posts it all the same.
    assert found.severity == ("warning" if code == "FB308" else "error")
    assert ("runs nothing" in found.message) == (code == "FB308")
    assert says in found.message
    assert found.pointer == "/8"


@pytest.mark.parametrize(("nodes", "code", "says"), FAULTS.values(), ids=FAULTS)
def test_a_fault_before_one_of_two_results(nodes: dict[str, Any], code: str, says: str) -> None:
    found = only(checked({**nodes, **PROMPT}), code)
    assert found.severity == "warning"
    assert says in found.message
    assert "leaves out" in found.message


@pytest.mark.parametrize("nodes", [nodes for nodes, *_ in FAULTS.values()], ids=FAULTS)
def test_a_fault_that_no_result_needs(nodes: dict[str, Any]) -> None:
    assert not list(checked({**{key: node for key, node in nodes.items() if key != "9"}, **PROMPT}))


def test_two_results_with_faults() -> None:
    report = checked({"1": save("7", 0), "2": save("8", 0)})
    assert [found.severity for found in report] == ["error", "error"]


def test_two_circles_leave_nothing_to_run() -> None:
    nodes = {"1": save("7", 0), "7": invert("7", 0), "2": save("8", 0), "8": invert("8", 0)}
    assert only(checked(nodes), "FB302").severity == "error"


def test_a_place_starts_at_the_file() -> None:
    assert only(checked({"8": save("7", 0)}, root=("prompt",)), "FB302").pointer == "/prompt/8"


@pytest.mark.parametrize(
    ("inputs", "missing"),
    [
        ({}, ["resize_type"]),
        ({"resize_type": "scale by multiplier"}, ["resize_type.multiplier"]),
        ({"resize_type": "scale by multiplier", "resize_type.multiplier": 2.0}, []),
        ({"resize_type": "no such option"}, []),
    ],
)
def test_what_a_chosen_option_needs(inputs: dict[str, Any], missing: list[str]) -> None:
    node = api_node("ResizeImageMaskNode", input=["1", 0], scale_method="area", **inputs)
    report = checked({"1": empty_image(), "3": node, "4": save("3", 0)})
    assert [found.message for found in report] == [
        f'Nothing feeds the input "{m}", which a run needs; as it is, the server runs nothing.' for m in missing
    ]


def test_what_a_group_that_grows_needs() -> None:
    nodes = {"1": empty_image(), "4": save("3", 0)}
    full = api_node("BatchImagesNode", **{"images.image0": ["1", 0], "images.image7": ["1", 0]})
    assert not list(checked({**nodes, "3": full}))
    assert '"images.image0"' in only(checked({**nodes, "3": api_node("BatchImagesNode")}), "FB308").message


def test_a_long_chain_is_no_matter() -> None:
    chain = {str(n): invert(str(n + 1), 0) for n in range(1, 5000)}
    assert not list(checked({**chain, "0": save("1", 0), "5000": empty_image()}))
    found = only(checked({**chain, "0": save("1", 0), "5000": invert("1", 0)}), "FB302")
    assert found.severity == "error"
    assert found.message.count("->") == 8


def test_a_node_that_the_editor_does_not_show() -> None:
    node = PromptNode("1", "1", "SaveImage", "", {})
    report = Report(FILE)
    check_runs(Prompt({"1": node}, [], []), CATALOG, report)
    found: list[Diagnostic] = list(report)
    assert {d.code for d in found} == {"FB308"}
    assert all(d.node_label is None for d in found)
