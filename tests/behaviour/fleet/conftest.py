"""Clusters and stand-ins for fleets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from dask import config

from flowbind.fleet import lookout, roster, station
from flowbind.transport import patience

from ..both_families.comfyui_family import COMFYUI
from ..both_families.invokeai_family import INVOKEAI
from ..impatient import shorten_waits
from ..installed.watching import wait_until
from .servers import ROOT
from .yards import Yard


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All waits of this process, shortened."""
    shorten_waits(monkeypatch)
    monkeypatch.setattr(patience, "_AWAY", 1.0)
    monkeypatch.setattr(station, "_LOOK", 0.2)
    monkeypatch.setattr(lookout, "_AGAIN", 0.2)
    monkeypatch.setattr(roster, "_AGAIN", 0.2)
    # With it Python 3.11 may deadlock, in a test's own clusters, too.
    with config.set({"distributed.worker.profile.enabled": False}):
        yield


@pytest.fixture(params=[INVOKEAI, COMFYUI], ids=lambda family: family.name)
def yard(request: pytest.FixtureRequest) -> Iterator[Yard]:
    """Three servers of one family."""
    with ExitStack() as stack:
        yield Yard(request.param, [stack.enter_context(request.param.stand_in()) for _ in range(3)])


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of Dask on three workers that are processes of their own."""
    from distributed import Client, LocalCluster

    # Workers look for modules where this process does, by the names that pytest has given them.
    for folder in (ROOT / "tests", ROOT):
        monkeypatch.syspath_prepend(str(folder))

    with (
        LocalCluster(
            n_workers=3,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as made,
        Client(made, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Nothing of a fleet goes on when it is closed; Dask keeps two threads for the life of a process."""
    before = {thread.ident for thread in threading.enumerate()}
    yield

    def left() -> list[str]:
        names = [thread.name for thread in threading.enumerate() if thread.ident not in before]
        ours = [name for name in names if "flowbind" in name or "Dask" in name or "IO loop" in name]
        return [name for name in ours if not name.startswith(("Dask-Offload", "Dask-Callback"))]

    # Those of a test's own cluster end a little later.
    wait_until(lambda: not left())
