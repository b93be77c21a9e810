"""How long after the server's own finish a wait ends: told by the server, and by asking."""

from __future__ import annotations

import time
from statistics import median
from threading import Timer
from typing import Any

from tests.bench.rows import Row
from tests.performance.budgets import WHOLE

WAITS, RUN = 40, 0.05


def waits() -> list[Row]:
    """How long after the server's own finish a wait ends: told by the server, and by asking."""
    return [_row(kind, told=told) for kind in ("sync", "async") for told in (True, False)]


def _row(kind: str, *, told: bool) -> Row:
    from generated import Poster
    from tests.behaviour.both_clients import carry_out
    from tests.behaviour.fake_server import ITEM, as_json, item
    from tests.behaviour.telling_server import TellingServer

    late: list[float] = []
    intervals: list[float] = []

    async def wait_again_and_again(client: Any) -> None:
        for number in range(WAITS):
            ends: list[float] = []
            asked: list[float] = []

            def end(ends: list[float] = ends) -> None:
                ends.append(time.perf_counter())
                server.status("completed")

            server.answer("GET", ITEM, as_json(item("in_progress")))
            # A little longer each time: questions come at times of their own.
            timer = Timer(RUN * (1 + number / WAITS), end)
            server.story = [timer.start]
            job = await client.submit(Poster())
            await job.wait(progress=lambda _, asked=asked: asked.append(time.perf_counter()))
            late.append(time.perf_counter() - ends[0])
            if not told:
                intervals.append(asked[-1] - asked[-2])

    with TellingServer() as server:
        carry_out(kind, server.url, wait_again_and_again, check="off", events=told)
    how = f"wait over the end of a run, {'told' if told else 'asking'}, {kind}"
    if told:
        return Row(how, median(late), "10 ms", 0.01, WHOLE)
    return Row(how, median(late), "the interval between questions", median(intervals), WHOLE)
