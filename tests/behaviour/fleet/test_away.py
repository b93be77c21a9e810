"""Servers that go away and come back."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from flowbind import Fleet
from flowbind.errors import (
    NoServer,
    ServerUnreachable,
)
from flowbind.families import client_of

from ..both_families.family import HOLDS
from ..installed.watching import wait_until
from .connecting import without_check
from .yards import Yard


def test_a_server_that_is_away_at_first_is_used_when_it_is_there(yard: Yard) -> None:
    yard.servers[1].is_away = True
    with yard.fleet(patience=0.5) as fleet:
        assert not [o for o in fleet.run_many(yard.many(6)) if isinstance(o, Exception)]
        assert yard.servers[1].posts() == 0
        assert [metrics.is_away for metrics in fleet.metrics()] == [False, True, False]
        yard.servers[1].is_away = False
        wait_until(lambda: not any(metrics.is_away for metrics in fleet.metrics()))
        assert not [o for o in fleet.run_many(yard.many(12)) if isinstance(o, Exception)]
        assert yard.servers[1].posts() > 0


def test_a_server_that_goes_away_loses_its_run(yard: Yard) -> None:
    with yard.fleet(patience=0.5) as fleet:
        outcomes = fleet.run_many(yard.made(HOLDS) for _ in range(3))
        heard: list[Any] = []
        waiter = threading.Thread(target=lambda: heard.extend(outcomes))
        waiter.start()
        wait_until(lambda: all(server.posts() for server in yard.servers))
        yard.servers[0].is_away = True
        for server in yard.servers[1:]:
            server.go_on.set()
        waiter.join()
        assert len(heard) == 3
        assert not [outcome for outcome in heard if isinstance(outcome, Exception)]
        assert sum(server.posts() for server in yard.servers) == 4
        # When it is back, what it still has of ours is canceled.
        yard.servers[0].is_away = False
        wait_until(lambda: [m.metrics.queue_depth for m in fleet.metrics() if m.metrics] == [0, 0, 0])
        assert [metrics.losses for metrics in fleet.metrics()] == [1, 0, 0]


def test_a_run_is_taken_up_where_it_was_begun(yard: Yard) -> None:
    server = yard.servers[0]
    with Fleet([server.url], connect=without_check, patience=0.5) as fleet:
        heard: list[Any] = []
        waiter = threading.Thread(target=lambda: heard.append(fleet.run(yard.made(HOLDS))))
        fleet._crew.patience = 60
        waiter.start()
        wait_until(server.posts)
        server.is_away = True
        server.go_on.set()
        wait_until(lambda: fleet.metrics()[0].losses)
        server.is_away = False
        waiter.join()
        assert not isinstance(heard[0], Exception)
        # It had ended well while nobody could ask.
        assert server.posts() == 1


def test_all_away_is_a_failure_of_each_instance(yard: Yard) -> None:
    for server in yard.servers:
        server.is_away = True
    with yard.fleet(patience=0.5) as fleet:
        outcomes = list(fleet.run_many(yard.many(5)))
        assert all(isinstance(outcome, NoServer) for outcome in outcomes)
        assert outcomes[0].reasons.keys() == set(yard.urls)
        with pytest.raises(NoServer):
            fleet.run(yard.made())
    yard.servers[0].is_away = False
    with yard.fleet(patience=0.5) as fleet:
        assert not isinstance(fleet.run(yard.made()), Exception)


def test_what_nothing_answers_for_is_of_no_family() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ServerUnreachable, match="nothing answers as"):
            client_of(f"http://127.0.0.1:{taken.getsockname()[1]}")
