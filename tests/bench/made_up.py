"""Exports as large as a row wants them, and the classes that flowbind generates from them in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

from tests.bench.measuring import ROOT

PACKAGE = "made_up"
"""What the generated package is called: it has to stand beside the project's own `generated`."""

Export = dict[str, Any]


def export(nodes: int, inputs: int) -> Export:
    """Return an export: the nodes of a picture made with a model, then those of posters; its form shows some inputs."""
    first, poster = (_shipped(name) for name in ("text_to_image_sd15", "poster"))
    copies = chain([_copy(first, 0)], (_copy(poster, number) for number in count(1)))
    whole: list[Export] = []
    while sum(len(copy["nodes"]) for copy in whole) < nodes:
        whole.append(next(copies))
    # Each export lists a node after those that feed it, so what is cut off feeds nothing that is left.
    kept = [*islice(chain.from_iterable(copy["nodes"] for copy in whole), nodes)]
    ids = {node["id"] for node in kept}
    edges = [edge for copy in whole for edge in copy["edges"] if {edge["source"], edge["target"]} <= ids]
    shown = [field for copy in whole for field in _shown(copy) if field["nodeId"] in ids][:inputs]
    assert (len(kept), len(shown)) == (nodes, inputs)
    return first | {"name": f"{nodes} nodes", "nodes": kept, "edges": edges, "form": None, "exposedFields": shown}


def generate(project: Path, exports: Mapping[str, Export]) -> None:
    """Generate the package of some exports, by the names of their files, in a folder."""
    (project / "workflows").mkdir()
    (project / "pyproject.toml").write_text(f"[tool.flowbind]\noutput = '{PACKAGE}'\n", encoding="utf-8")
    for name, made in exports.items():
        (project / "workflows" / f"{name}.json").write_text(json.dumps(made, indent=2), encoding="utf-8")
    command = [sys.executable, "-m", "flowbind", "generate"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)


def _shipped(name: str) -> Export:
    made: Export = json.loads((ROOT / "workflows" / f"{name}.json").read_text(encoding="utf-8"))
    return made


def _copy(made: Export, number: int) -> Export:
    """Return an export with ids of its own."""
    text = json.dumps(made)
    for node in made["nodes"]:
        text = text.replace(node["id"], f"{node['id'][:-5]}{number:05}")
    copy: Export = json.loads(text)
    return copy


def _shown(made: Export) -> list[dict[str, str]]:
    """Return the inputs that the form of an export shows, in the order of their nodes."""
    order = {node["id"]: place for place, node in enumerate(made["nodes"])}
    fields = [e["data"]["fieldIdentifier"] for e in made["form"]["elements"].values() if e["type"] == "node-field"]
    return sorted(fields, key=lambda field: order[field["nodeId"]])
