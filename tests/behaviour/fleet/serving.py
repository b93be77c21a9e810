"""A stand-in in a process of its own, so that it can be killed; what it has done is in a file that outlives it.

    python -m tests.behaviour.fleet.serving KIND LOG SECONDS

prints its address. The log has a line for each run that was queued, and for each that has ended well: the word, and the
text that the run was given.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from threading import Event, Lock
from typing import Any

from ..both_families.comfyui_family import NAME, GuidedComfyUI
from ..both_families.invokeai_family import TEXT, FakeInvokeAI, Run
from ..comfyui.fake_comfyui import FakeComfyUI
from ..comfyui.prompts import Prompt
from ..comfyui.replaying import replay
from .recorded import LINES, name_in


class Log:
    """Writes line by line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._writing = Lock()

    def note(self, word: str, text: str) -> None:
        """Write a line."""
        with self._writing:
            self._file.write(f"{word} {text}\n")


class LoggingComfyUI(GuidedComfyUI):
    """Takes its time for each prompt."""

    def __init__(self, log: Log, seconds: float) -> None:
        super().__init__()
        self._log = log
        self._guide()
        guided = self.course

        def course(prompt: Prompt) -> None:
            time.sleep(seconds)
            guided(prompt)

        self.course = course

    def _guide(self) -> None:
        """Set the course of prompts."""

    def put(self, number: float, prompt_id: str, graph: Any, extra_data: Any, targets: list[str]) -> None:
        """Note what is queued."""
        self._log.note("queued", self.text_in(graph))
        super().put(number, prompt_id, graph, extra_data, targets)

    def finish(self, prompt: Prompt) -> None:
        """Note what has ended."""
        if prompt.succeeded:
            self._log.note("done", self.text_in(prompt.graph))
        super().finish(prompt)

    @staticmethod
    def text_in(graph: Any) -> str:
        """Return the text of a prompt."""
        return str(graph[NAME[0]]["inputs"][NAME[1]])


class ReplayingComfyUI(LoggingComfyUI):
    """Replays a recording for each prompt."""

    def _guide(self) -> None:
        replay(self, LINES, speed=1000)

    @staticmethod
    def text_in(graph: Any) -> str:
        """Return the text of a prompt."""
        return name_in(graph)


class LoggingInvokeAI(FakeInvokeAI):
    """Takes its time for each run."""

    def __init__(self, log: Log, seconds: float) -> None:
        super().__init__()
        self._log = log
        self._seconds = seconds

    def _work_on(self, run: Run) -> None:
        self._log.note("queued", run.given(TEXT))
        time.sleep(self._seconds)
        super()._work_on(run)

    def _follow(self, run: Run, status: str) -> None:
        if status == "completed":
            self._log.note("done", run.given(TEXT))
        super()._follow(run, status)


KINDS: dict[str, Any] = {"InvokeAI": LoggingInvokeAI, "ComfyUI": LoggingComfyUI, "recorded": ReplayingComfyUI}


def serving(kind: str, log: Path, seconds: float) -> FakeComfyUI | FakeInvokeAI:
    """Return a stand-in that writes a log."""
    made: FakeComfyUI | FakeInvokeAI = KINDS[kind](Log(log), seconds)
    return made


if __name__ == "__main__":
    with serving(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])) as server:
        print(server.url, flush=True)
        Event().wait()
