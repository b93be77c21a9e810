"""What a fleet tells of its servers: as plain data, and on the dashboard."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

from flowbind import Fleet

from ..both_families.comfyui_family import COMFYUI
from ..comfyui.told import METRICS
from ..fake_server import as_json
from ..installed.watching import wait_until
from .connecting import without_check
from .yards import Yard


def test_metrics_are_plain_data(yard: Yard) -> None:
    with yard.fleet() as fleet:
        list(fleet.run_many([*yard.many(9), yard.made(yard.family.fails)]))
        metrics = fleet.metrics()
    told = [json.loads(one.model_dump_json()) for one in metrics]
    assert [one["url"] for one in told] == yard.urls
    (name,) = {name for one in told for name in one["workflows"]}
    assert sum(one["workflows"][name]["runs"] for one in told) == 9
    assert sum(one["workflows"][name]["failures"] for one in told) == 1
    seconds = [one.workflows[name].seconds_per_run for one in metrics if one.workflows[name].runs]
    assert all(second is not None and 0 < second < 20 for second in seconds)
    assert seconds == [one["workflows"][name]["seconds_per_run"] for one in told if one["workflows"][name]["runs"]]
    assert [one["metrics"]["queue_depth"] for one in told] == [0, 0, 0]


def test_the_dashboard_has_the_servers(yard: Yard) -> None:
    import httpx

    with yard.fleet() as fleet:
        assert fleet.dashboard_link.startswith("http://127.0.0.1:")
        assert httpx.get(fleet.dashboard_link).status_code == 200
        list(fleet.run_many(yard.many(9)))
        fleet.metrics()
        name = type(yard.made()).__name__

        def shown(column: str) -> dict[str, Any]:
            found = [worker["metrics"] for worker in fleet._crew.client.scheduler_info()["workers"].values()]
            return {one.get("server"): one.get(column) for one in found}

        wait_until(lambda: shown("server_queue_depth") == dict.fromkeys(yard.urls, 0))
        wait_until(lambda: all(text.startswith(f"{name} ") for text in shown("server_seconds_per_run").values()))
        (prefix,) = fleet._crew.client.run_on_scheduler(lambda dask_scheduler: [*dask_scheduler.task_prefixes])
        # Its pages of times and progress go by this.
        assert prefix == name


def test_the_load_of_machines_is_told_where_it_is_known() -> None:
    card = METRICS["gpus"][0]
    with ExitStack() as stack:
        plain, fine = (stack.enter_context(COMFYUI.stand_in()) for _ in range(2))
        gpus = [card, {**card, "index": 1, "torch_index": None, "load_percent": 99}]
        fine.answers["/flowbind/metrics"] = as_json({**METRICS, "gpus": gpus})
        fleet = stack.enter_context(Fleet([plain.url, fine.url], connect=without_check))
        without, told = (one.metrics for one in fleet.metrics())
        assert without
        assert without.machine is None
        assert told
        assert told.machine
        assert told.machine.gpus
        assert [gpu.load_percent for gpu in told.machine.gpus] == [97, 99]

        def shown() -> dict[str, Any]:
            found = [worker["metrics"] for worker in fleet._crew.client.scheduler_info()["workers"].values()]
            names = ("server_cpu_percent", "server_gpu_percent", "server_gpu_celsius")
            return {one.get("server"): tuple(one.get(name) for name in names) for one in found}

        # Of the card that the server computes on.
        wait_until(lambda: shown() == {plain.url: (None, None, None), fine.url: (12.5, 97, 67)})
