"""The node whose choices its author writes into it: the editor posts the place of the choice along, and so do runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAME = "CustomCombo"
CHOICE, INDEX, OPTION = "choice", "index", "option"


def index_of(inputs: Mapping[str, Any], choice: Any) -> int:
    """Return the place of a choice among the options that are posted for the node, -1 for one that is none."""
    numbers = sorted(
        int(name[len(OPTION) :]) for name in inputs if name.startswith(OPTION) and name[len(OPTION) :].isdecimal()
    )
    options = [inputs[f"{OPTION}{number}"] for number in numbers]
    return options.index(choice) if choice in options else -1
