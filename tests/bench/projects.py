"""Projects of as many workflows as a row wants: the shipped exports, each copied under many names."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path

from tests.bench.measuring import ROOT

GENERATE = [sys.executable, "-m", "flowbind", "generate"]
CHECK = [sys.executable, "-m", "flowbind", "check"]


def make_project(folder: Path, workflows: int, *, pinned: bool = False) -> None:
    """Write a project; with a pinned document it reads 3 MB of JSON, as a server serves it, and not the shipped one."""
    (folder / "workflows").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.flowbind]\n", encoding="utf-8")
    shipped = sorted(p for p in (ROOT / "workflows").glob("*.json") if p.name != "openapi.json")
    for number in range(workflows):
        export = shipped[number % len(shipped)]
        shutil.copy(export, folder / "workflows" / f"{export.stem}_{number}.json")
    if pinned:
        (folder / "workflows" / "openapi.json").write_text(openapi_document(), encoding="utf-8")


def openapi_document() -> str:
    """Return InvokeAI's document as text of 3 MB."""
    from flowbind_generator.invokeai.shipped import shipped_document

    return json.dumps(json.loads(gzip.decompress(shipped_document())), indent=2)
