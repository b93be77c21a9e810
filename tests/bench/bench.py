"""Measures what flowbind costs beside what a user pays anyway, and prints one table. Nothing is asserted.

    python tests/bench/bench.py

Times are medians of CPU time, save for waits, which are by the clock; both sides of a row are measured in turn, so that
a busy machine slows both.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Timer
from typing import TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
IMPORTS, REQUESTS, GENERATIONS, CORPORA, CHECKS, WORKFLOWS = 40, 200, 15, 5, 7, 100
INSTANCES = 10_000
WAITS, RUN = 40, 0.05

# Prints the CPU seconds that a statement costs after another one; startup of the interpreter is not in it.
IMPORT = """
import time
{before}
start = time.process_time()
{timed}
print(time.process_time() - start)
"""


@dataclass(frozen=True)
class Row:
    """Seconds of ours and of what it is compared with."""

    ours: str
    seconds: float
    other: str
    other_seconds: float
    aim: str = ""


def main() -> None:
    """Measure all rows and print them."""
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs")
    table([*imports(), *request(), *many(), *waits(), generation(), *checks(), *corpus()])


def imports() -> list[Row]:
    """What a program pays before its first run."""
    cases = {
        "flowbind": ("", "import flowbind.invokeai"),
        "module": ("import flowbind.invokeai", "from generated import TextToImageSd15"),
        "instance": ("from generated import TextToImageSd15", "TextToImageSd15(steps=8)"),
        "others": ("", "from pydantic import BaseModel, Field\nimport httpx"),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(IMPORTS):
        for name, (before, timed) in cases.items():
            times[name].append(import_seconds(before, timed))
    seconds = {name: median(values) for name, values in times.items()}
    others = ("import pydantic and httpx", seconds["others"])
    return [
        Row("import flowbind.invokeai", seconds["flowbind"], *others),
        Row("then import one generated module", seconds["module"], *others, aim="5 ms"),
        Row("then make its first instance", seconds["instance"], *others),
    ]


def import_seconds(before: str, timed: str) -> float:
    """Run a statement in a fresh interpreter."""
    code = IMPORT.format(before=before, timed=timed)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def request() -> list[Row]:
    """From an instance to the bytes of its request, without a server."""
    sys.path.insert(0, str(ROOT))
    from generated import TextToImageSd15

    from flowbind.invokeai.runs.body import BATCH_ID, body_of
    from flowbind.invokeai.runs.lookup import given, to_json
    from flowbind.invokeai.runs.preview import preview
    from flowbind.payload import encode
    from flowbind.workflow import UNSET

    workflow = TextToImageSd15(
        positive_prompt="a lighthouse at dusk",
        negative_prompt="fog",
        width=640,
        height=448,
        steps=8,
        cfg_scale=5.5,
        scheduler="euler",
        seed=7,
        model="Tiny SD 1.5",
        board="Lighthouses",
    )
    body = body_of(TextToImageSd15)
    document = json.loads(preview(workflow)[0])
    # What a server would answer for the two inputs that are looked up.
    model = {"key": str(uuid.uuid4()), "hash": "blake3:0", "name": "Tiny SD 1.5", "base": "sd-1", "type": "main"}
    found = {"model": model, "board": {"board_id": str(uuid.uuid4())}}

    def join() -> bytes:
        """What a submit does once the server has been asked for models and boards."""
        values: dict[Hashable, bytes | None] = {BATCH_ID: encode("2f0c3b8e-6f0d-4d2c-9c53-2b5f3b8c8a11")}
        for number, slot in enumerate(TextToImageSd15.__flowbind__.slots):
            value = given(workflow, slot)
            if value is not UNSET:
                values[number] = encode(found[slot.kind] if slot.kind in found else to_json(slot.kind, value))
        return body.pieces.join(values)

    def dump() -> bytes:
        return json.dumps(document).encode()

    assert json.loads(join()).keys() == document.keys()
    ours, other = in_turn(join, dump)
    size = f"{len(join()) / 1000:.0f} kB"
    return [Row(f"request of 10 set inputs, {size}", ours, "json.dumps of the same body", other)]


def many() -> list[Row]:
    """From many instances to the one request that queues them, and on to what the server's answer says."""
    from generated import Poster

    from flowbind.invokeai._steps import Call, Operation, Reply
    from flowbind.invokeai.document import ServerDocument
    from flowbind.invokeai.events.channel import Channels
    from flowbind.invokeai.runs.drift_check import DriftCheck
    from flowbind.invokeai.runs.grouping import Plan
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.planning import planned
    from flowbind.invokeai.runs.sending import Sending

    rows = [Poster(sun_size=number, softness=number / 7) for number in range(INSTANCES)]
    bodies: list[bytes] = []
    answer = b""

    def carried_out(operation: Operation[T]) -> T:
        """Carry out an operation with a server that takes everything."""
        try:
            step = next(operation)
            while True:
                if isinstance(step, Call):
                    assert step.path.endswith("/enqueue_batch")
                    bodies[:] = [step.content or b""]
                    step = operation.send(Reply(step.method, step.path, 200, "application/json", answer))
                else:
                    step = operation.send(None)
        except StopIteration as end:
            value: T = end.value
            return value

    served = ServerDocument(with_nodes=False)

    def plan() -> Plan:
        return carried_out(planned(rows, Lookup(), DriftCheck("off", served)))

    def submit() -> None:
        sending = Sending(plan(), Channels(), served.supports)
        carried_out(sending.finish())
        assert sending.total == INSTANCES

    (whole,) = plan().requests
    document = json.loads(whole.content("the batch"))
    made = {"enqueued": INSTANCES, "requested": INSTANCES, "batch": document["batch"]}
    answer = json.dumps(made | {"item_ids": list(range(INSTANCES, 0, -1))}).encode()
    ours, planning, other = in_turn(
        submit,
        plan,
        lambda: json.dumps(document).encode(),
        times=10,
        calls=3,
    )
    assert len(bodies[0]) > 100_000
    beside = ("json.dumps of the same body", other)
    size = f"{len(bodies[0]) / 1000:.0f} kB"
    return [
        Row(f"submit {INSTANCES} instances, {size}, one request", ours, *beside, aim="1 s"),
        Row("of that: check and group them", planning, *beside),
    ]


def waits() -> list[Row]:
    """How long after the server's own finish a wait ends: told by the server, and by asking."""
    sys.path.insert(0, str(ROOT))
    from generated import Poster
    from tests.behaviour.fake_server import ITEM, as_json, item
    from tests.behaviour.telling_server import TellingServer

    from flowbind.invokeai import InvokeAI

    rows: list[Row] = []
    with TellingServer() as server:
        for told in (True, False):
            late, intervals = [], []
            with InvokeAI(server.url, check="off", events=told) as client:
                for number in range(WAITS):
                    ends: list[float] = []

                    def end(ends: list[float] = ends) -> None:
                        ends.append(time.perf_counter())
                        server.status("completed")

                    server.answer("GET", ITEM, as_json(item("in_progress")))
                    # A little longer each time: questions come at times of their own.
                    timer = Timer(RUN * (1 + number / WAITS), end)
                    server.story = [timer.start]
                    job = client.submit(Poster())
                    asked: list[float] = []
                    job.wait(progress=lambda _, asked=asked: asked.append(time.perf_counter()))
                    late.append(time.perf_counter() - ends[0])
                    intervals.append(asked[-1] - asked[-2])
            if told:
                rows.append(Row("wait over the end of a run, told", median(late), "the run", 1.5 * RUN, aim="10 ms"))
            else:
                interval = ("the interval between questions", median(intervals))
                rows.append(Row("wait over the end of a run, asking", median(late), *interval, aim="ratio 1.2"))
    return rows


def in_turn(*functions: Callable[[], object], times: int = REQUESTS, calls: int = 20) -> list[float]:
    """Median CPU seconds of a call of each function."""
    found: list[list[float]] = [[] for _ in functions]
    for _ in range(times):
        for function, measured in zip(functions, found, strict=True):
            start = time.process_time()
            for _ in range(calls):
                function()
            measured.append((time.process_time() - start) / calls)
    return [median(measured) for measured in found]


def generation() -> Row:
    """The whole process `flowbind generate`, in a copy of the project."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copy(ROOT / "pyproject.toml", copy)
        for part in ("workflows", "generated"):
            shutil.copytree(ROOT / part, copy / part)
        command = [sys.executable, "-m", "flowbind", "generate"]
        process_seconds(command, copy)
        ours, other = [], []
        for _ in range(GENERATIONS):
            ours.append(process_seconds(command, copy))
            other.append(process_seconds([sys.executable, "-c", "pass"], copy))
        workflows = sum(1 for p in copy.glob("workflows/*.json") if p.name != "openapi.json")
    return Row(f"flowbind generate, {workflows} workflows, nothing new", median(ours), "python -c pass", median(other))


def checks() -> list[Row]:
    """The whole process `flowbind check`, with all shipped exports copied under many names."""
    shipped = sorted(p for p in (ROOT / "workflows").glob("*.json") if p.name != "openapi.json")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "workflows").mkdir()
        (project / "pyproject.toml").write_text("[tool.flowbind]\n", encoding="utf-8")
        for number in range(WORKFLOWS):
            export = shipped[number % len(shipped)]
            shutil.copy(export, project / "workflows" / f"{export.stem}_{number}.json")
        process_seconds([sys.executable, "-m", "flowbind", "generate"], project)
        slow, fast, other = [], [], []
        for _ in range(CHECKS):
            slow.append(process_seconds([sys.executable, "-m", "flowbind", "check"], project))
            fast.append(process_seconds([sys.executable, "-m", "flowbind", "check", "--fast"], project))
            other.append(process_seconds([sys.executable, "-c", "pass"], project))
    start = ("python -c pass", median(other))
    return [
        Row(f"flowbind check, {WORKFLOWS} workflows", median(slow), *start, aim="1 s"),
        Row(f"flowbind check --fast, {WORKFLOWS} workflows", median(fast), *start, aim="150 ms"),
    ]


def corpus() -> list[Row]:
    """The whole process `flowbind generate` for all real files, where they are here: see tests/fidelity."""
    sys.path.insert(0, str(ROOT))
    from tests.fidelity.shared import exports
    from tests.fidelity.written import copy_corpus

    if not exports():
        return []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        files = list(copy_corpus(project))
        read = "import json, sys; [json.load(open(name, encoding='utf-8-sig')) for name in sys.argv[1:]]"
        ours, other = [], []
        for _ in range(CORPORA):
            # Some files are refused: exit code 1, and the others are written.
            ours.append(process_seconds([sys.executable, "-m", "flowbind", "generate"], project, code=1))
            other.append(process_seconds([sys.executable, "-c", read, *files], project))
            modules = sum(1 for _ in project.glob("generated/*.graph.json"))
            shutil.rmtree(project / "generated")
    name = f"flowbind generate, {modules} modules of {len(files)} real files"
    return [Row(name, median(ours), "json.load of the same files", median(other), aim="10 s")]


def process_seconds(command: list[str], cwd: Path, code: int = 0) -> float:
    """CPU seconds of a process and its children, which has to end with an exit code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    assert done.returncode == code, command
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(rows: list[Row]) -> None:
    """Print the rows, aligned."""
    lines = [("what", "time", "beside", "time", "ratio", "aim")]
    lines += [
        (r.ours, shown(r.seconds), r.other, shown(r.other_seconds), f"{r.seconds / r.other_seconds:.2f}", r.aim)
        for r in rows
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        what, ours, beside, other, ratio, aim = (
            cell.rjust(width) if number in {1, 3, 4} else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print(f"{what}  {ours}  {beside}  {other}  {ratio}  {aim}".rstrip())


def shown(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds < 0.1 else f"{seconds * 1e3:.0f} ms"


if __name__ == "__main__":
    main()
