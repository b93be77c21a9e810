"""Goes into the server's venv: lets a torchvision that was built for CUDA be imported under a CPU build of torch.

For x86-64 Linux the usual index has torchvision only with a compiled part that wants CUDA libraries. Under a CPU torch
that part cannot be loaded, and nothing declares the operators `nms` and `qnms`, which torchvision's Python side looks
up while it is imported: "operator torchvision::nms does not exist". Declaring the two is enough. No kernel is
pretended: calling them still fails, and InvokeAI does not call them (it uses torchvision.transforms only).

A one-line .pth file calls `install()` in every process of the venv; nothing happens until torchvision is looked up.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


class DeclareOperators(MetaPathFinder):
    """Finds no module; being asked for torchvision is its cue to declare the operators, once."""

    def __init__(self) -> None:
        self._declared = False
        # torch withdraws the declarations when this object is collected.
        self._library: Any = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Always None, so that the ordinary finders go on to find torchvision."""
        del path, target
        if fullname == "torchvision" and not self._declared:
            # Set first: importing torch may look for torchvision in turn.
            self._declared = True
            torch: Any = importlib.import_module("torch")
            if torch.version.cuda is None:
                self._library = torch.library.Library("torchvision", "FRAGMENT")
                for operator in OPERATORS:
                    self._library.define(operator)
        return None


def install() -> None:
    """Puts the finder in front. A venv may run its .pth files twice, so a second call does nothing."""
    if not any(isinstance(finder, DeclareOperators) for finder in sys.meta_path):
        sys.meta_path.insert(0, DeclareOperators())
