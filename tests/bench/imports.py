"""What a program pays before its first run."""

from __future__ import annotations

from statistics import median

from tests.bench.measuring import import_seconds
from tests.bench.rows import Row
from tests.performance.budgets import IMPORT

_IMPORTS = 40


def imports() -> list[Row]:
    """What a program pays before its first run."""
    cases = {
        "flowbind": ("", "import flowbind.invokeai"),
        "module": ("import flowbind.invokeai", "from generated import TextToImageSd15"),
        "instance": ("from generated import TextToImageSd15", "TextToImageSd15(steps=8)"),
        "others": ("", "from pydantic import BaseModel, Field\nimport httpx"),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(_IMPORTS):
        for name, (before, timed) in cases.items():
            times[name].append(import_seconds(before, timed))
    seconds = {name: median(values) for name, values in times.items()}
    others = ("import pydantic and httpx", seconds["others"])
    return [
        Row("import flowbind.invokeai", seconds["flowbind"], *others),
        Row("then import one generated module", seconds["module"], *others, IMPORT),
        Row("then make its first instance", seconds["instance"], *others),
    ]
