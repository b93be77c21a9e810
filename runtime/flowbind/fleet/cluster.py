"""The Dask cluster that a fleet starts where it is given none: in its own process, and reached by nobody else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client

# It takes a level, too, and says that it does not.
_SILENT: Any = logging.CRITICAL
LOCAL_PORT = "127.0.0.1:0"
"""Any free port that this machine alone reaches."""


@contextmanager
def local_client(workers: int, dashboard: str) -> Iterator[Client]:
    """Run a cluster of some workers in this process; what Dask logs of it is of no use to anybody else."""
    from dask import config
    from distributed import Client, Scheduler, SpecCluster, Worker

    # What is on its way when the cluster ends, Dask tells of after it may speak again.
    logging.getLogger("distributed.batched").addFilter(_is_of_others)
    # Dask's LocalCluster is the same, but that it has each worker listen to the whole network.
    scheduler = {"protocol": "inproc://", "host": "", "dashboard": True, "dashboard_address": dashboard}
    worker = {"protocol": "inproc://", "nthreads": 1, "memory_limit": 0, "dashboard": False}
    # Dask's profiler looks at the frames of all threads. Python 3.11 may deadlock where it collects garbage meanwhile,
    # and Dask's own measure of that is called.
    with config.set({"distributed.worker.profile.enabled": False}):
        cluster = SpecCluster(
            {
                number: {"cls": Worker, "options": {**worker, "dashboard_address": LOCAL_PORT}}
                for number in range(workers)
            },
            {"cls": Scheduler, "options": scheduler},
            silence_logs=_SILENT,
        )
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


def _is_of_others(record: logging.LogRecord) -> bool:
    return "inproc://" not in record.getMessage()


def link_of(client: Client, dashboard: str) -> str:
    """Return where the dashboard of a cluster of this process is; Dask takes it to be where its workers are."""
    link = str(client.dashboard_link)
    host = dashboard.rpartition(":")[0]
    port = client.scheduler_info(n_workers=0)["services"]["dashboard"]
    return f"http://{host}:{port}/status" if host else link
