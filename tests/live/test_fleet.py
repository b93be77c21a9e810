"""Three real servers on one machine, one of which is killed in the middle."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from generated import Poster

from flowbind import Fleet, grid
from flowbind.invokeai import Result
from throwaway import ThrowawayServer

pytestmark = pytest.mark.timeout(600)

NUMBER = 60


@pytest.fixture
def three() -> Iterator[list[ThrowawayServer]]:
    """Three servers with a root each, of one install."""
    if os.environ.get("FLOWBIND_NO_LIVE") == "1":
        pytest.skip("FLOWBIND_NO_LIVE=1: the tests on a real InvokeAI were not wanted")
    if os.environ.get("INVOKEAI_URL"):
        pytest.skip("the server of INVOKEAI_URL is not killed for a test")
    with ExitStack() as stack:
        yield [stack.enter_context(ThrowawayServer()) for _ in range(3)]


def completed(url: str) -> Counter[float]:
    """Return how often a server has run each grain to its end."""
    queue = f"{url}/api/v1/queue/default"
    items = [httpx.get(f"{queue}/i/{n}").json() for n in httpx.get(f"{queue}/item_ids").json()["item_ids"]]
    (grain,) = (slot for slot in Poster.__flowbind__.slots if slot.attribute == "grain_seed")
    return Counter(
        item["session"]["graph"]["nodes"][grain.node][grain.field] for item in items if item["status"] == "completed"
    )


def test_sixty_runs_while_one_of_three_servers_is_killed(three: list[ThrowawayServer]) -> None:
    urls = [server.url for server in three]
    killed = three[1]
    process = killed._process
    assert process is not None
    with Fleet(urls, patience=5) as fleet:
        instances = grid(Poster(width=64, height=64), grain_seed=range(NUMBER))
        outcomes = []
        for outcome in fleet.run_many(instances):
            outcomes.append(outcome)
            if len(outcomes) == NUMBER // 3:
                process.kill()
                process.wait()
        results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
        assert len(results) == NUMBER
        assert [metrics.is_away for metrics in fleet.metrics()] == [False, True, False]
    ours = Counter[str](result.outputs.image.source._server.url for result in results)
    assert min(ours.values()) > 0
    # On a server that had finished it, nothing was run again.
    alive = [completed(url) for url in urls if url != urls[1]]
    assert all(times == 1 for runs in alive for times in runs.values())
    assert not alive[0].keys() & alive[1].keys()
    missing = set(range(NUMBER)) - alive[0].keys() - alive[1].keys()
    assert len(missing) == ours[urls[1]]
    # Each result is that of its instance: the server keeps what it was given.
    for place, result in enumerate(results):
        url = result.outputs.image.source._server.url
        if url != urls[1]:
            item = httpx.get(f"{url}/api/v1/queue/default/i/{result.item_id}").json()
            (slot,) = (slot for slot in Poster.__flowbind__.slots if slot.attribute == "grain_seed")
            assert item["session"]["graph"]["nodes"][slot.node][slot.field] == place
