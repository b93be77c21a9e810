"""ComfyUI's workflows of this repository: what they post is what a server of the shipped document takes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import generated
import pytest

from flowbind.comfyui import ComfyUIWorkflow
from flowbind_generator.comfyui.shipped import shipped_document

GRAPHS = {
    kind.__name__: Path(generated.__file__).parent / kind.__flowbind__.graph[0]
    for kind in (getattr(generated, name) for name in generated.__all__)
    if issubclass(kind, ComfyUIWorkflow)
}
SERVER: dict[str, Any] = json.loads(gzip.decompress(shipped_document()))
PLAIN: dict[str, type | tuple[type, ...]] = {"INT": int, "FLOAT": (int, float), "STRING": str, "BOOLEAN": bool}
NEEDED = {"ComfyTextToImage", "ComfyImageToImage", "ComfyInpaint", "ComfyCannyEdit"}

Prompt = dict[str, dict[str, Any]]


def prompt(name: str) -> Prompt:
    """Return what the workflow of a class posts."""
    posted: Prompt = json.loads(GRAPHS[name].read_text(encoding="utf-8"))
    return posted


def faults(posted: Prompt) -> Iterator[str]:
    """Yield what a server would refuse, by the rules of its validation."""
    for node_id, node in posted.items():
        if node["class_type"] not in SERVER:
            yield f"{node_id}: no such class"
            continue
        told = SERVER[node["class_type"]]["input"]
        known = {**told.get("required", {}), **told.get("optional", {})}
        yield from (f"{node_id}.{name}: required" for name in told.get("required", {}) if name not in node["inputs"])
        for name, value in node["inputs"].items():
            reason = refusal(posted, *known[name], value=value) if name in known else "unknown"
            if reason:
                yield f"{node_id}.{name}: {reason}"
    if not any(SERVER.get(node["class_type"], {}).get("output_node") for node in posted.values()):
        yield "no outputs"


def refusal(posted: Prompt, kind: Any, options: Any = None, *, value: Any) -> str:
    """Return what is wrong with the value of an input; an empty list of choices is a server's own files."""
    options = options or {}
    choices = kind if isinstance(kind, list) else options.get("options", []) if kind == "COMBO" else None
    if isinstance(value, list):
        return wrong_link(posted, kind, value)
    if choices is not None:
        return "not in the list" if choices and value not in choices else ""
    if kind not in PLAIN:
        return "wants a link"
    if not isinstance(value, PLAIN[kind]) or (isinstance(value, bool) and kind != "BOOLEAN"):
        return "of another type"
    outside = kind in ("INT", "FLOAT") and not options.get("min", value) <= value <= options.get("max", value)
    return "out of bounds" if outside else ""


def wrong_link(posted: Prompt, kind: Any, link: list[Any]) -> str:
    """Return what is wrong with a link to an input of a type."""
    source, slot = link
    gives = SERVER.get(posted.get(source, {}).get("class_type", ""), {}).get("output", [])
    return "" if slot < len(gives) and gives[slot] == kind else "a wrong link"


def test_there_are_workflows_for_the_usual_work() -> None:
    assert set(GRAPHS) >= NEEDED


@pytest.mark.parametrize("name", GRAPHS)
def test_a_server_takes_what_is_posted(name: str) -> None:
    assert list(faults(prompt(name))) == []


@pytest.mark.parametrize(
    ("node", "changed", "fault"),
    [
        ("9", {"denoise": 1.5}, "9.denoise: out of bounds"),
        ("9", {"steps": "28"}, "9.steps: of another type"),
        ("9", {"sampler_name": "none"}, "9.sampler_name: not in the list"),
        ("9", {"denoised": 1}, "9.denoised: unknown"),
        ("9", {"model": 1}, "9.model: wants a link"),
        ("8", {"mask": ["2", 0]}, "8.mask: a wrong link"),
        ("8", {"mask": ["2", 2]}, "8.mask: a wrong link"),
        ("8", {"mask": ["99", 0]}, "8.mask: a wrong link"),
    ],
)
def test_what_is_wrong_is_found(node: str, changed: dict[str, Any], fault: str) -> None:
    posted = prompt("ComfyInpaint")
    posted[node]["inputs"] |= changed
    assert list(faults(posted)) == [fault]


def test_what_is_missing_is_found() -> None:
    posted = prompt("ComfyInpaint")
    del posted["8"]["inputs"]["mask"], posted["12"]
    posted["1"]["class_type"] = "Gone"
    assert {"8.mask: required", "1: no such class", "no outputs"} <= set(faults(posted))
