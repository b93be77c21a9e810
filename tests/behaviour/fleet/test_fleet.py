"""A fleet of stand-ins in this process: order, laziness, and how it ends."""

from __future__ import annotations

import logging
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dask import config

from flowbind import Fleet
from flowbind.errors import (
    ClientClosed,
)

from ..both_families.family import HOLDS
from ..installed.watching import wait_until
from .instant import InstantServer
from .servers import ROOT
from .yards import Yard


def test_outcomes_come_in_order_from_all_servers(yard: Yard) -> None:
    with yard.fleet() as fleet:
        outcomes = list(fleet.run_many(yard.many(30)))
    given = dict(zip(yard.urls, yard.texts(), strict=True))
    assert sorted(text for texts in given.values() for text in texts) == sorted(f"run-{n}" for n in range(30))
    assert all(given.values())
    for number, outcome in enumerate(outcomes):
        (picture, *_) = yard.family.pictures(outcome)
        url = picture.source._server.url
        assert outcome.server == url
        # What an item was given, its own server knows.
        own = yard.servers[yard.urls.index(url)]
        texts = (
            {str(run.item_id): run.given(yard.family.text) for run in own}
            if hasattr(own, "items")
            else {prompt.prompt_id: prompt.graph["5"]["inputs"]["filename_prefix"] for prompt in own.posted}
        )
        assert texts[str(outcome.item_id)] == f"run-{number}"


def test_files_are_downloaded_from_the_server_that_made_them(yard: Yard, tmp_path: Path) -> None:
    with yard.fleet() as fleet:
        for number, outcome in enumerate(fleet.run_many(yard.many(6))):
            (picture, *_) = yard.family.pictures(outcome)
            assert picture.bytes() == picture.save(tmp_path / f"{number}.png").read_bytes()
            assert outcome.node(yard.family.node) is not None
            # What comes back from a pickle has no connection.
            again = pickle.loads(pickle.dumps(outcome))
            assert yard.family.pictures(again) == yard.family.pictures(outcome)
            assert yard.family.pictures(again)[0].source is None


def test_one_run_at_a_time_on_each_server(yard: Yard) -> None:
    with yard.fleet() as fleet:
        outcomes = fleet.run_many(yard.made(HOLDS) for _ in range(12))
        waiter = threading.Thread(target=lambda: next(outcomes))
        waiter.start()
        wait_until(lambda: all(server.posts() for server in yard.servers))
        time.sleep(0.5)
        assert [server.posts() for server in yard.servers] == [1, 1, 1]
        for server in yard.servers:
            server.go_on.set()
        waiter.join()
        assert len(list(outcomes)) == 11


def test_instances_are_taken_as_they_are_wanted(yard: Yard) -> None:
    taken = 0

    def instances() -> Iterator[Any]:
        nonlocal taken
        for instance in yard.many(100_000):
            taken += 1
            yield instance

    with yard.fleet() as fleet:
        outcomes = fleet.run_many(instances())
        assert taken == 0
        for _ in range(5):
            next(outcomes)
        assert taken <= 5 + 32 * 3
        outcomes.close()  # type: ignore[attr-defined]


def test_leaving_early_cancels_what_goes_on(yard: Yard) -> None:
    with yard.fleet() as fleet:
        outcomes = fleet.run_many(yard.made("fine" if n == 0 else HOLDS) for n in range(30))
        next(outcomes)
        wait_until(lambda: all(metrics.metrics and metrics.metrics.queue_depth for metrics in fleet.metrics()))
        outcomes.close()  # type: ignore[attr-defined]
        wait_until(lambda: all(metrics.metrics.queue_depth == 0 for metrics in fleet.metrics() if metrics.metrics))
        posts = [server.posts() for server in yard.servers]
        time.sleep(0.5)
        assert [server.posts() for server in yard.servers] == posts
        assert isinstance(fleet.run(yard.made()), object)


def test_closing_cancels_what_goes_on(yard: Yard) -> None:
    with yard.fleet() as fleet:
        outcomes = fleet.run_many(yard.made("fine" if n == 0 else HOLDS) for n in range(30))
        next(outcomes)
        wait_until(lambda: all(metrics.metrics and metrics.metrics.queue_depth for metrics in fleet.metrics()))
    posts = [server.posts() for server in yard.servers]
    with yard.fleet() as again:
        assert [metrics.metrics and metrics.metrics.queue_depth for metrics in again.metrics()] == [0, 0, 0]
    assert [server.posts() for server in yard.servers] == posts
    with pytest.raises(ClientClosed, match="make another one"):
        next(outcomes)
    with pytest.raises(ClientClosed):
        fleet.metrics()


def test_a_program_that_closes_nothing_ends() -> None:
    program = """
from tests.behaviour.both_families.collage import Collage
from tests.behaviour.fleet.instant import unhurried
from flowbind import Fleet, grid, load

fleet = Fleet(["http://gpu:9090"], connect=unhurried)
outcomes = fleet.run_many(Collage() for _ in range(100))
print(next(outcomes).item_id)
"""
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("0\n", "", 0)


def test_nobody_looks_at_the_frames_of_threads(yard: Yard) -> None:
    # Dask's profiler does, and Python may deadlock then.
    with config.set({"distributed.worker.profile.enabled": True}), yard.fleet() as fleet:
        found = fleet._crew.client.run(lambda dask_worker: [*dask_worker.periodic_callbacks])
    assert len(found) == 3
    assert not [names for names in found.values() if "profile" in names]


def test_nothing_is_logged_of_what_ends_with_a_fleet(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), Fleet(["http://gpu:9090"], connect=InstantServer) as fleet:
        fleet.metrics()
        for address in ("inproc://10.0.0.1/7/1", "tcp://10.0.0.1:8786"):
            logging.getLogger("distributed.batched").critical("Batched Comm Closed <%s>", address)
    told = [message for message in caplog.messages if message.startswith("Batched Comm Closed")]
    assert told == ["Batched Comm Closed <tcp://10.0.0.1:8786>"]


def test_addresses_are_looked_at() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Fleet([])
    with pytest.raises(TypeError, match="one address"):
        Fleet("http://127.0.0.1:9090")
    with pytest.raises(ValueError, match="no address"):
        Fleet(["127.0.0.1:9090"])


def test_no_port_is_left_open(yard: Yard) -> None:
    with yard.fleet() as fleet:
        port = int(fleet.dashboard_link.rpartition(":")[2].partition("/")[0])
        list(fleet.run_many(yard.many(3)))
    fleet.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_importing_flowbind_imports_nothing_of_dask() -> None:
    program = "import sys, flowbind; flowbind.Fleet; assert not {'dask', 'distributed', 'tornado'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", program], check=True)
