"""How time and memory grow with what there is to do, from 10 to 10,000: as lines for a table and a plot."""

from __future__ import annotations

import gc
import importlib
import json
import shutil
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.carrying import carried_out
from tests.bench.exports import made_export, new_values
from tests.bench.fleets import handed_out
from tests.bench.lines import SIZES, Line
from tests.bench.measuring import repetitions
from tests.bench.processes import Cost, cost, medians
from tests.bench.projects import CHECK, GENERATE, make_project

WORKFLOWS = (10, 30, 100, 300, 1_000)
_LARGE = (*WORKFLOWS, 3_000, 10_000)
Sizes = Sequence[int]


def growth() -> Iterator[Line]:
    """Measure all lines."""
    yield from _commands(WORKFLOWS)
    with tempfile.TemporaryDirectory() as made:
        yield from _both("flowbind generate, one workflow", "nodes", write_projects(Path(made), SIZES))
        yield from of_requests(Path(made), SIZES)
    yield from of_instances(SIZES)
    yield from of_results(SIZES)


def large_growth() -> Iterator[Line]:
    """Measure the commands with up to 10,000 workflows, and fleets with more instances; that takes some minutes."""
    yield from _commands(_LARGE)
    yield from _both("a fleet of instant servers", "instances", handed_out())


def _commands(workflows: Sizes) -> Iterator[Line]:
    found: dict[str, dict[int, Cost]] = {"flowbind generate": {}, "flowbind check": {}}
    for size in workflows:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            make_project(folder, size)
            for name, command in (("flowbind generate", GENERATE), ("flowbind check", CHECK)):
                times = 3 if size < 100 else 1
                found[name][size] = medians([_first(command, folder) for _ in range(times)])
    for name, costs in found.items():
        yield from _both(name, "workflows", costs)


def _first(command: list[str], folder: Path) -> Cost:
    """Measure a command; `generate` has to make everything."""
    if command is GENERATE:
        shutil.rmtree(folder / "generated", ignore_errors=True)
    return cost(command, folder, watched=True)


def write_projects(folder: Path, sizes: Sizes) -> dict[int, Cost]:
    """Generate a class of each number of nodes, a tenth of them with an input; return what each generation cost."""
    found: dict[int, Cost] = {}
    for size in sizes:
        project = folder / str(size)
        (project / "workflows").mkdir(parents=True)
        (project / "pyproject.toml").write_text(f"[tool.flowbind]\noutput = 'nodes_{size}'\n", encoding="utf-8")
        export = json.dumps(made_export(size, size // 10))
        (project / "workflows" / "made.json").write_text(export, encoding="utf-8")
        found[size] = cost(GENERATE, project, watched=True)
    return found


def of_requests(folder: Path, sizes: Sizes) -> Iterator[Line]:
    """Measure the requests of classes that `write_projects` has written."""
    yield from _lines("first request of a class", "nodes", lambda size: _first_request(folder, size), sizes)
    yield from _lines("next request, all inputs new", "nodes", lambda size: _next_request(folder, size), sizes)


def of_instances(sizes: Sizes) -> Iterator[Line]:
    """Measure how many instances become a job."""
    yield from _lines("queue many at once", "instances", _instances, sizes)


def of_results(sizes: Sizes) -> Iterator[Line]:
    """Measure how the server's answers become results."""
    yield from _lines("read results", "results", _results, sizes)
    yield from _lines("read one result", "its pictures", _pictures, sizes)


def _made(folder: Path, size: int) -> type[Any]:
    with _imported_from(folder / str(size)):
        kind: type[Any] = importlib.import_module(f"nodes_{size}").Made
    return kind


def _first_request(folder: Path, size: int) -> Callable[[], object]:
    from flowbind.invokeai.runs.preview import preview

    kind = _made(folder, size)

    def work() -> object:
        kind.__flowbind__.cache.clear()
        return preview(kind())

    return work


def _next_request(folder: Path, size: int) -> Callable[[], object]:
    from flowbind.invokeai.runs.preview import preview

    kind = _made(folder, size)
    values = dict(zip(kind.model_fields, new_values(size // 10), strict=True))
    return lambda: preview(kind(**values))


def _instances(size: int) -> Callable[[], object]:
    from generated import Poster

    from flowbind.drift_check import DriftCheck
    from flowbind.invokeai.document import ServerDocument
    from flowbind.invokeai.events.hearing import BatchChannels
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.planning import planned
    from flowbind.invokeai.runs.sending import Sending

    rows = [Poster(sun_size=number, softness=number / 7) for number in range(size)]
    document = ServerDocument(with_nodes=False)
    answer = json.dumps({"enqueued": size, "requested": size, "item_ids": list(range(size, 0, -1))}).encode()

    def work() -> object:
        plan = carried_out(planned(rows, Lookup(), DriftCheck("off", document)), lambda _: answer)
        sending = Sending(plan, BatchChannels(), document.supports)
        carried_out(sending.finish(), lambda _: answer)
        assert sending.total == size
        return sending

    return work


def _results(size: int) -> Callable[[], object]:
    answers = [_answer(number, 1) for number in range(size)]
    return lambda: [_result(answer) for answer in answers]


def _pictures(size: int) -> Callable[[], object]:
    answer = _answer(7, size)
    return lambda: _result(answer)


def _answer(number: int, pictures: int) -> bytes:
    """Return what the server says of a run of the contact sheet, whose nodes ran so many times."""
    from generated import ContactSheet
    from tests.behaviour.fake_server import item

    (slot,) = ContactSheet.__flowbind__.outputs
    prepared = [f"{slot.node}-{place}" for place in range(pictures)]
    results = {
        p: {"type": "image_output", slot.field: {"image_name": f"{number}-{place}.png"}, "width": 64, "height": 64}
        for place, p in enumerate(prepared)
    }
    mapping = {slot.node: prepared}
    session = {"id": "session", "results": results, "errors": {}, "source_prepared_mapping": mapping}
    session["prepared_source_mapping"] = {p: node for node, several in mapping.items() for p in several}
    session["prepared_iteration_paths"] = {p: [n] for several in mapping.values() for n, p in enumerate(several)}
    return json.dumps(item(session=session)).encode()


def _result(answer: bytes) -> object:
    from generated import ContactSheet

    from flowbind.invokeai._rest import QueueItem
    from flowbind.invokeai.runs.given_back import Media
    from flowbind.invokeai.runs.outcome import result_of
    from flowbind.transport.wire import read

    return result_of(ContactSheet, read(QueueItem, json.loads(answer)), Media(), {})


def _lines(what: str, things: str, made: Callable[[int], Callable[[], object]], sizes: Sizes) -> Iterator[Line]:
    """Measure work in this process: CPU seconds, all sizes in turn, and the memory that Python has for it at most."""
    works = {size: made(size) for size in sizes}
    memory = {size: _memory(work) for size, work in works.items()}
    rounds = [{size: _seconds(work) for size, work in works.items()} for _ in repetitions(7)]
    # The least, not the median: what else the machine does slows small and large unlike.
    yield Line(what, things, "s", {size: min(seconds[size] for seconds in rounds) for size in sizes})
    yield Line(what, things, "MB", memory)


def _memory(work: Callable[[], object]) -> float:
    work()
    tracemalloc.start()
    kept = work()
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    del kept
    return most


def _seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call, of as many as can be told from nothing.

    Without the garbage collector: what it takes depends on all else that the program keeps.
    """
    gc.collect()
    gc.disable()
    calls, start = 0, time.process_time()
    while not calls or time.process_time() - start < 0.01:
        work()
        calls += 1
    seconds = (time.process_time() - start) / calls
    gc.enable()
    return seconds


def _both(what: str, things: str, costs: dict[int, Cost]) -> Iterator[Line]:
    """Return the lines of whole processes; what Python needs by itself is not in them."""
    nothing = medians([cost([sys.executable, "-c", "pass"], Path.cwd(), watched=True) for _ in range(5)])
    yield Line(what, things, "s", {size: one.cpu - nothing.cpu for size, one in costs.items()})
    yield Line(what, things, "MB", {size: one.memory - nothing.memory for size, one in costs.items()})


@contextmanager
def _imported_from(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
