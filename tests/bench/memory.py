"""How much memory a client needs above its own for the runs that it waits for; the server is another process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.measuring import ROOT
from tests.bench.rows import Row
from tests.performance.budgets import WHOLE

_BATCH, _TASKS = 10_000, 2_000
_ALLOWED = 50 / 10_000
"""MB for each run."""

# Each prints the MB above those of a client that has submitted one run.
_START = """
import asyncio, gc, sys
from flowbind.errors import WaitTimeout
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from generated import Poster
url, count = sys.argv[1], int(sys.argv[2])

def used():
    gc.collect()
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1024
"""
_BATCH_WAITED = """
with InvokeAI(url, check="off") as server:
    server.submit(Poster())
    before = used()
    job = server.submit_many([Poster(sun_size=number, softness=number / 7) for number in range(count)])
    try:
        next(job.results(timeout=2))
    except WaitTimeout:
        print(used() - before)
"""
_JOBS_WAITED = """
with InvokeAI(url, check="off") as server:
    server.submit(Poster())
    before = used()
    jobs = [server.submit(Poster(sun_size=number)) for number in range(count)]
    try:
        jobs[0].wait(timeout=2)
    except WaitTimeout:
        print(used() - before)
"""
_TASKS_WAITED = """
async def main():
    async with AsyncInvokeAI(url, check="off") as server:
        await server.submit(Poster())
        before = used()
        jobs = [await server.submit(Poster(sun_size=number)) for number in range(count)]
        tasks = [asyncio.create_task(job.wait()) for job in jobs]
        await asyncio.sleep(15)
        print(used() - before)
        for task in tasks:
            task.cancel()

asyncio.run(main())
"""


def memory() -> list[Row]:
    """What runs cost that are waited for: of one batch, of jobs in a list, and of as many tasks."""
    rows: list[Row] = []
    for what, count, script in (
        ("runs of one batch", _BATCH, _BATCH_WAITED),
        ("jobs, of which one is waited for", _TASKS, _JOBS_WAITED),
        ("jobs, each waited for by a task", _TASKS, _TASKS_WAITED),
    ):
        with _server() as url:
            command = [sys.executable, "-c", _START + script, url, str(count)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        allowed = ("50 MB for 10,000", count * _ALLOWED)
        reason = "what a task, its coroutines and its timer hold" if script == _TASKS_WAITED else ""
        row = Row(f"memory of {count} {what}", float(done.stdout), *allowed, WHOLE, unit="MB", reason=reason)
        rows.append(row)
    return rows


@contextmanager
def _server() -> Iterator[str]:
    """Start a server whose runs do not end; give its address."""
    command = [sys.executable, "-m", "tests.bench.waiting_server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.stdin.close()
