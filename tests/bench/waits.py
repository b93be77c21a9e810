"""How long after the server's own finish a wait ends: told by the server, and by asking."""

from __future__ import annotations

import time
from statistics import median
from threading import Timer

from tests.bench.rows import Row
from tests.performance.budgets import WHOLE

WAITS, RUN = 40, 0.05


def waits() -> list[Row]:
    """How long after the server's own finish a wait ends: told by the server, and by asking."""
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
                rows.append(Row("wait over the end of a run, told", median(late), "10 ms", 0.01, WHOLE))
            else:
                interval = ("the interval between questions", median(intervals))
                rows.append(Row("wait over the end of a run, asking", median(late), *interval, WHOLE))
    return rows
