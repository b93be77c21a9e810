"""Three real servers on one machine, one of which is killed in the middle."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from generated import Poster
from tests.behaviour.installed.watching import processes_of

from flowbind import Fleet, LocalServer, grid
from flowbind.invokeai import Result
from real_invokeai import real_invokeai

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("own_records")]

NUMBER = 60


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[LocalServer]]:
    """Three servers with a root each, of one installation; nothing of them is left at the end."""
    made = [real_invokeai(tmp_path / f"root-{number}") for number in range(3)]
    with ExitStack() as stack:
        yield [stack.enter_context(server) for server in made]
    assert processes_of(tmp_path) == []


def completed(url: str) -> Counter[float]:
    """Return how often a server has run each grain to its end."""
    queue = f"{url}/api/v1/queue/default"
    items = [httpx.get(f"{queue}/i/{n}").json() for n in httpx.get(f"{queue}/item_ids").json()["item_ids"]]
    (grain,) = (slot for slot in Poster.__flowbind__.slots if slot.attribute == "grain_seed")
    return Counter(
        item["session"]["graph"]["nodes"][grain.node][grain.field] for item in items if item["status"] == "completed"
    )


def test_sixty_runs_while_one_of_three_servers_is_killed(three: list[LocalServer]) -> None:
    urls = [server.url for server in three]
    killed = three[1]
    with Fleet(urls, patience=5) as fleet:
        instances = grid(Poster(width=64, height=64), grain_seed=range(NUMBER))
        outcomes = []
        for outcome in fleet.run_many(instances):
            outcomes.append(outcome)
            if len(outcomes) == NUMBER // 3:
                os.kill(killed.pid, signal.SIGKILL)
        results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
        assert len(results) == NUMBER
        assert [metrics.is_away for metrics in fleet.metrics()] == [False, True, False]
    assert not killed.is_running()
    ours = Counter[str | None](result.server for result in results)
    assert min(ours.values()) > 0
    # On a server that had finished it, nothing was run again.
    alive = [completed(url) for url in urls if url != killed.url]
    assert all(times == 1 for runs in alive for times in runs.values())
    assert not alive[0].keys() & alive[1].keys()
    missing = set(range(NUMBER)) - alive[0].keys() - alive[1].keys()
    assert len(missing) == ours[killed.url]
    # Each result is that of its instance: the server keeps what it was given.
    (slot,) = (slot for slot in Poster.__flowbind__.slots if slot.attribute == "grain_seed")
    for place, result in enumerate(results):
        url = result.server
        if url != killed.url:
            item = httpx.get(f"{url}/api/v1/queue/default/i/{result.item_id}").json()
            assert item["session"]["graph"]["nodes"][slot.node][slot.field] == place
