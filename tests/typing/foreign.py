"""A workflow that is not written in English, generated as a user would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.unit.exports import edge, form, given, node, workflow, write

NAME = "Größe"
PACKAGE = "translated"
# Another node feeds the height, so nobody can set it.
EXPORT = workflow(
    node(
        "papier",
        "blank_image",
        {
            "width": given(96, label="画像の幅", description="Länge einer Seite, in Pixeln 📐"),
            "height": given(64, label="Höhe"),
            "mode": given("RGB", label="色のモード"),
        },
        label="Бумага",
        visible=True,
    ),
    node("zahl", "integer", {"value": 64}),
    edges=[edge("zahl.value", "papier.height")],
    form=form("papier.width", "papier.height", "papier.mode"),
    name=NAME,
)


def generate(folder: Path) -> None:
    """Make the folder a project, and generate the package of the workflow in it."""
    write(folder, f'[tool.flowbind]\noutput = "{PACKAGE}"\n'.encode(), "pyproject.toml")
    write(folder / "workflows", EXPORT, f"{NAME.lower()}.json")
    subprocess.run([sys.executable, "-m", "flowbind", "generate"], cwd=folder, check=True)
