"""Three real ComfyUIs, one of which is killed in the middle: three servers, or three ways to the one of COMFYUI_URL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.behaviour.fleet.connecting import without_check
from tests.behaviour.installed.watching import processes_of
from tests.real_comfyui import real_comfyui

from flowbind import Fleet, grid
from flowbind.comfyui import Binding, ComfyUIWorkflow, Image, Outputs, OutputSlot, Result, Slot

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("own_records")]

FORWARDER = Path(__file__).with_name("forwarder.py")
NUMBER = 60
FIRST = 1024
"""The width of the first picture; each is wider by one than the one before. So large, one takes a moment."""


GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": FIRST, "height": 1024, "batch_size": 1, "color": 0xFF8800}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "study"}},
}


class StudyOutputs(Outputs):
    """What one run of `Study` leaves behind."""

    picture: list[Image]


class Study(ComfyUIWorkflow[StudyOutputs]):
    """A picture of one colour; it needs no model."""

    width: int = FIRST
    name: str = "study"

    __flowbind__ = Binding(
        interface=3,
        source="study.json",
        graph=("study.graph.json", ""),
        workflow=None,
        slots=(
            Slot("width", "1", "width", "value", 0, "Width"),
            Slot("name", "2", "filename_prefix", "value", 1, "Name"),
        ),
        outputs_class=StudyOutputs,
        outputs=(OutputSlot("picture", "2", "images", "image", many=True),),
        loaded={"study.graph.json": json.dumps(GRAPH).encode()},
    )


@pytest.fixture
def study() -> list[Study]:
    """Runs under a name that no other run of their server has; they differ in width, so that none is another's copy."""
    return grid(Study(name=f"study-{uuid.uuid4().hex}"), width=range(FIRST, FIRST + NUMBER))


def completed(url: str, study: Sequence[Study]) -> Counter[int]:
    """Return how often a server has run each one to its end, by their places."""
    history = httpx.get(f"{url}/history", timeout=60).json().values()
    done = [item["prompt"][2] for item in history if item["status"]["status_str"] == "success"]
    ours = [graph for graph in done if graph["2"]["inputs"]["filename_prefix"] == study[0].name]
    return Counter(graph["1"]["inputs"]["width"] - FIRST for graph in ours)


def killed_in_the_middle(study: list[Study], urls: list[str], kill: Callable[[], None]) -> list[str]:
    """Run the study while the second server is killed; return by which server each result was made."""
    with Fleet(urls, connect=without_check, patience=5) as fleet:
        outcomes = []
        for outcome in fleet.run_many(study):
            outcomes.append(outcome)
            if len(outcomes) == NUMBER // 3:
                kill()
        assert [str(outcome) for outcome in outcomes if not isinstance(outcome, Result)] == []
        assert len(outcomes) == NUMBER
        assert [metrics.is_away for metrics in fleet.metrics()] == [False, True, False]
        made_by = []
        for place, outcome in enumerate(outcomes):
            (picture,) = outcome.outputs.picture
            url = picture.source._server.url
            if url != urls[1]:
                # Each result is that of its instance.
                assert picture.open().width == FIRST + place
            made_by.append(url)
    assert set(made_by) == set(urls)
    return made_by


def test_sixty_runs_while_one_of_three_servers_is_killed(study: list[Study], tmp_path: Path) -> None:
    made = [
        real_comfyui(tmp_path / "base", input_directory=tmp_path / "in", output_directory=tmp_path / f"out {number}")
        for number in range(3)
    ]
    with ExitStack() as stack:
        servers = [stack.enter_context(local) for local in made]
        urls = [local.url for local in servers]
        made_by = killed_in_the_middle(study, urls, lambda: os.kill(servers[1].pid, signal.SIGKILL))
        first, third = (completed(url, study) for url in (urls[0], urls[2]))
    # Neither has run anything twice, or what the other one had finished. Missing is what the killed one had told of.
    assert set((first + third).values()) == {1}
    missing = set(range(NUMBER)) - first.keys() - third.keys()
    assert missing == {place for place, url in enumerate(made_by) if url == urls[1]}
    assert processes_of(tmp_path) == []


@contextmanager
def forwarded(url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Pass on to a server in a process of its own; tell under which address."""
    parts = urlsplit(url)
    command = [
        sys.executable,
        str(FORWARDER),
        str(parts.hostname),
        str(parts.port or 80),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            login, mark, _ = parts.netloc.rpartition("@")
            here = f"{login}{mark}127.0.0.1:{process.stdout.readline().strip()}"
            yield parts._replace(netloc=here).geturl(), process
        finally:
            process.kill()


def test_sixty_runs_while_one_of_three_ways_to_a_server_is_cut_off(study: list[Study]) -> None:
    if "COMFYUI_URL" not in os.environ:
        pytest.skip("COMFYUI_URL names no server")
    url = os.environ["COMFYUI_URL"].rstrip("/")
    if not url.startswith("http://"):
        pytest.skip("COMFYUI_URL has to begin with http:// here: a certificate is not for the addresses of others")
    with ExitStack() as stack:
        ways = [stack.enter_context(forwarded(url)) for _ in range(3)]

        def kill() -> None:
            ways[1][1].kill()
            ways[1][1].wait()

        killed_in_the_middle(study, [way for way, _ in ways], kill)
    runs = completed(url, study)
    assert runs.keys() == set(range(NUMBER))
    # What was on the way that was cut off has gone on behind it, and was run again on another way.
    assert sum(runs.values()) <= NUMBER + 1
