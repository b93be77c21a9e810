"""What a program pays before its first run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from tests.bench import made_up
from tests.bench.measuring import import_seconds
from tests.bench.rows import Row
from tests.performance.budgets import IMPORT

_IMPORTS, _MODULES = 15, 100
_LIBRARIES = "from pydantic import BaseModel, Field"
_CLASS = "import flowbind.invokeai\nfrom generated import TextToImageSd15"
_CLIENT = "from flowbind.invokeai import InvokeAI\nInvokeAI('http://127.0.0.1:9')"


def imports() -> list[Row]:
    """What a program pays before its first run."""
    with tempfile.TemporaryDirectory() as folder:
        alone, among = (_installed(Path(folder) / str(count), count) for count in (1, _MODULES))
        seconds = _seconds(
            {
                "class": ("", _CLASS),
                "others": ("", f"{_LIBRARIES}\nimport httpx"),
                "flowbind": ("", "import flowbind.invokeai"),
                "client": ("", _CLIENT),
                "instance": (_CLASS, "TextToImageSd15(steps=8)"),
                # The first validator of a process has pydantic look for plugins, whoever makes it.
                "model": (_LIBRARIES, "class Model(BaseModel):\n    steps: int\nModel(steps=8)"),
                "alone": (alone, f"from {made_up.PACKAGE} import Workflow0"),
                "among": (among, f"from {made_up.PACKAGE} import Workflow0"),
            }
        )
    others = ("import pydantic and httpx", seconds["others"])
    return [
        Row("import flowbind.invokeai and one class", seconds["class"], *others, IMPORT),
        Row("import flowbind.invokeai", seconds["flowbind"], *others),
        Row("import the client and make one", seconds["client"], *others),
        Row(f"import one of {_MODULES} classes", seconds["among"], "import the only one", seconds["alone"]),
        Row("make the first instance", seconds["instance"], "pydantic's first model", seconds["model"]),
    ]


def _installed(folder: Path, count: int) -> str:
    """Generate a package of some modules; return the statements that let it be imported."""
    folder.mkdir()
    made_up.generate(folder, {f"workflow{number}": made_up.export(12, 9) for number in range(count)})
    return f"import sys\nsys.path.insert(0, {str(folder)!r})"


def _seconds(cases: dict[str, tuple[str, str]]) -> dict[str, float]:
    """Return the median of each case, measured in turn."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(_IMPORTS):
        for name, (before, timed) in cases.items():
            times[name].append(import_seconds(before, timed))
    return {name: median(values) for name, values in times.items()}
