"""Stand-ins in processes of their own, and what they have done."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowbind.workflow import Workflow

from ..both_families.comfyui_family import COMFYUI
from ..both_families.invokeai_family import INVOKEAI
from .recorded import Recorded

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Mortal:
    """A stand-in that can be killed."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def noted(self, word: str) -> Counter[str]:
        """Return the texts of the runs that were queued, or that are done."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return Counter(text for line in lines for found, _, text in [line.partition(" ")] if found == word)


@contextmanager
def mortals(kind: str, number: int, folder: Path, seconds: float) -> Iterator[list[Mortal]]:
    """Run some stand-ins of a kind, whose runs take some seconds each."""
    with ExitStack() as stack:
        yield [stack.enter_context(_mortal(kind, folder / f"{place}.log", seconds)) for place in range(number)]


@contextmanager
def _mortal(kind: str, log: Path, seconds: float) -> Iterator[Mortal]:
    command = [sys.executable, "-m", "tests.behaviour.fleet.serving", kind, str(log), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield Mortal(process.stdout.readline().strip(), process, log)
        finally:
            process.kill()


def instance(kind: str, text: str) -> Workflow[Any]:
    """Return an instance of the class that stand-ins of a kind run, which is known by its text."""
    if kind == "recorded":
        return Recorded(name=text)
    family = {"InvokeAI": INVOKEAI, "ComfyUI": COMFYUI}[kind]
    return family.workflow(**{family.text: text, family.picture: family.here})
