"""A client's work beside invokeai-py-client: the same workflows, values and server, each in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from threading import Timer

from tests.bench.environments import INVOKEAI_PY_CLIENT, Unavailable
from tests.bench.exports import made_export, new_values
from tests.bench.fast_server import PICTURE_BYTES, fast_server
from tests.bench.measuring import ROOT, USUAL
from tests.bench.rows import Absent, Row
from tests.bench.workers import PROGRAMS, Worker, seconds_in_turn

SIZES = {"nodes_12": (12, 9), "nodes_37": (37, 26), "nodes_1000": (1000, 100)}
IMPORTS, RUN, PARALLEL = 7, 0.05, 32


def clients() -> list[Row | Absent]:
    """Return what a client does, beside invokeai-py-client."""
    try:
        peer = INVOKEAI_PY_CLIENT.python()
    except Unavailable as why:
        return [Absent("what a client does", INVOKEAI_PY_CLIENT.title, str(why))]
    rows: list[Row | Absent] = [*_imports(peer)]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _project(folder)
        with fast_server() as url:
            with _both(peer, url, folder) as both:
                rows += _requests(both)
            # Programs that have needed little memory so far.
            with _both(peer, url, folder) as both:
                rows += _downloads(both)
        rows.append(_wait(peer, folder))
    return rows


def _project(folder: Path) -> None:
    """Make the exports, the values to set, and the package."""
    (folder / "workflows").mkdir()
    (folder / "pyproject.toml").write_text("[tool.flowbind]\n", encoding="utf-8")
    for name, size in SIZES.items():
        (folder / "workflows" / f"{name}.json").write_text(json.dumps(made_export(*size)), encoding="utf-8")
    values = {name: new_values(inputs) for name, (_, inputs) in SIZES.items()}
    (folder / "values.json").write_text(json.dumps(values), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "flowbind", "generate"], cwd=folder, check=True, capture_output=True)


@contextmanager
def _both(peer: Path, url: str, folder: Path) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(Worker(python, program, url, folder))
            for python, program in ((sys.executable, "flowbind_client.py"), (peer, "invokeai_client.py"))
        ]


def _row(what: str, costs: list[float], unit: str = "s") -> Row:
    ours, other = costs
    return Row(what, ours, INVOKEAI_PY_CLIENT.title, other, unit=unit)


# Prints the CPU seconds that an import costs, how many modules it loads, and the memory that the process needs then.
_IMPORT = """
import json, sys, time
sys.path.insert(0, {programs!r})
from serving import peak
modules, start = len(sys.modules), time.process_time()
{statement}
print(json.dumps([time.process_time() - start, len(sys.modules) - modules, peak()]))
"""


def _imports(peer: Path) -> list[Row]:
    sides = ((sys.executable, "from flowbind.invokeai import InvokeAI"), (peer, "import invokeai_py_client"))
    found: list[list[list[float]]] = [[], []]
    for number in range(IMPORTS + 1):
        for (python, statement), measured in zip(sides, found, strict=True):
            code = _IMPORT.format(programs=str(PROGRAMS), statement=statement)
            done = subprocess.run(
                [str(python), "-c", code], cwd=ROOT, env=USUAL, capture_output=True, text=True, check=True
            )
            if number:
                measured.append(json.loads(done.stdout))
    seconds, modules, memory = ([median(column) for column in side] for side in zip(*map(_columns, found), strict=True))
    return [
        _row("import of the client", seconds),
        _row("modules that it loads", modules, "modules"),
        _row("memory of the process then", memory, "MB"),
    ]


def _columns(lines: list[list[float]]) -> list[tuple[float, ...]]:
    return [*zip(*lines, strict=True)]


def _requests(both: list[Worker]) -> Iterator[Row]:
    for name, (nodes, inputs) in SIZES.items():
        calls = max(1, 400 // nodes)
        size = f"{nodes} nodes, {inputs} inputs set"
        yield _row(f"request of {size}", seconds_in_turn(both, f"build {name}", times=15, calls=calls))
        yield _row(f"submit of {size}", seconds_in_turn(both, f"submit {name}", times=9, calls=calls))
    costs = seconds_in_turn(both, "submit at once", times=9, calls=1)
    yield _row(f"submit of 12 nodes, {PARALLEL} at once", [cost / PARALLEL for cost in costs])


def _downloads(both: list[Worker]) -> Iterator[Row]:
    measured = [worker.cost("download") for worker in both]
    size = f"{PICTURE_BYTES // 1_000_000} MB"
    yield _row(f"memory that a download of {size} to a file adds", [more for _, more in measured], "MB")
    yield _row(f"download of {size} to a file", seconds_in_turn(both, "download", times=3, calls=1))


def _wait(peer: Path, folder: Path) -> Row:
    from tests.behaviour.fake_server import ENQUEUE, ITEM, Answer, as_json, enqueued, item
    from tests.behaviour.local_server import Request
    from tests.behaviour.telling_server import TellingServer

    class Server(TellingServer):
        """Takes the batches of a client, too, that leaves their ids to the server; each run takes its time."""

        def next_answer(self, request: Request) -> Answer:
            if (request.method, request.path) == ("POST", ENQUEUE):
                self.answer("GET", ITEM, as_json(item("in_progress")))
                if "batch_id" not in request.json["batch"]:
                    request = replace(request, body=b'{"batch":{"batch_id":"batch"}}')
                Timer(RUN, self.status, ["completed"]).start()
            return super().next_answer(request)

    with Server() as server:
        server.answer("POST", ENQUEUE, enqueued(batch={"batch_id": "batch"}))
        with _both(peer, server.url, folder) as both:
            whole = seconds_in_turn(both, "run", times=9, calls=1, clock="wall")
    return _row(f"what submit and wait add to a run of {RUN * 1000:.0f} ms, wall", [cost - RUN for cost in whole])
