"""Servers and workers that die in the middle: each instance has its outcome, in order, and was not run for nothing."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from flowbind import Fleet

from .connecting import impatient, without_check
from .servers import Mortal, instance, mortals

NUMBER = 60
KINDS = ("InvokeAI", "ComfyUI", "recorded")


def check(outcomes: list[Any], servers: list[Mortal], killed: Mortal) -> None:
    """Check what came of the texts "0" to "59"."""
    assert [str(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert len(outcomes) == NUMBER
    done = sum((server.noted("done") for server in servers), Counter[str]())
    assert done.keys() == {f"run-{number}" for number in range(NUMBER)}
    # No server has run anything twice, and elsewhere only that was run again which the dead one had not told of yet.
    assert all(server.noted("queued").most_common(1)[0][1] == 1 for server in servers)
    again = [text for text, times in done.items() if times > 1]
    assert len(again) <= 1
    assert set(again) <= killed.noted("done").keys()


def kill_worker(fleet: Fleet, cluster: Any, server: Mortal) -> None:
    """Kill the worker of a server while it waits for a run whose ticket is noted."""
    worker = str(fleet._crew.roster.entries[server.url].worker)
    pids: dict[str, int] = cluster.run(os.getpid, workers=[worker])

    def waits() -> bool:
        queued, done = (sum(server.noted(word).values()) for word in ("queued", "done"))
        ledger = cluster.run_on_scheduler(lambda dask_scheduler: dask_scheduler.task_metadata["flowbind"])
        noted = [url for url, *_ in ledger[fleet._crew.name].values()]
        return queued > done and noted.count(server.url) == queued

    deadline = time.monotonic() + 60
    while not waits():
        assert time.monotonic() < deadline
    os.kill(pids[worker], signal.SIGKILL)
    server.log.with_suffix(".killed").touch()


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_killed(kind: str, tmp_path: Path) -> None:
    with (
        mortals(kind, 3, tmp_path, 0.1) as servers,
        Fleet([server.url for server in servers], connect=without_check, patience=1) as fleet,
    ):
        assert [metrics.problem for metrics in fleet.metrics()] == [None] * 3
        instances = (instance(kind, f"run-{number}") for number in range(NUMBER))
        outcomes = []
        for outcome in fleet.run_many(instances):
            outcomes.append(outcome)
            if len(outcomes) == NUMBER // 3:
                os.kill(servers[1].process.pid, signal.SIGKILL)
        check(outcomes, servers, servers[1])
        assert [metrics.is_away for metrics in fleet.metrics()] == [False, True, False]
    assert all(server.process.poll() is not None for server in servers)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_and_a_worker_that_are_killed(kind: str, tmp_path: Path, cluster: Any) -> None:
    with (
        mortals(kind, 3, tmp_path, 0.3) as servers,
        Fleet([server.url for server in servers], client=cluster, connect=impatient, patience=1) as fleet,
    ):
        assert [metrics.problem for metrics in fleet.metrics()] == [None] * 3
        instances = (instance(kind, f"run-{number}") for number in range(NUMBER))
        outcomes = []
        for outcome in fleet.run_many(instances):
            outcomes.append(outcome)
            if len(outcomes) == NUMBER // 3:
                os.kill(servers[1].process.pid, signal.SIGKILL)
            elif len(outcomes) == NUMBER // 3 + 3:
                # Beside: work goes on as long as outcomes are wanted.
                killing = Thread(target=kill_worker, args=(fleet, cluster, servers[2]))
                killing.start()
        killing.join()
        assert servers[2].log.with_suffix(".killed").exists()
        check(outcomes, servers, servers[1])
