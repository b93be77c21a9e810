"""A fleet of stand-ins in this process: order, laziness, placing, failures as values, and what it leaves behind."""

from __future__ import annotations

import json
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.fidelity.pictures import grey

from flowbind import Fleet, grid, load
from flowbind.errors import (
    ClientClosed,
    DriftError,
    FlowbindError,
    ImageNotFound,
    InputError,
    NoServer,
    RunFailed,
    ServerUnreachable,
)
from flowbind.families import client_of
from flowbind.fleet import carried
from flowbind.fleet.sweep import Sweep

from ..both_clients import carry_out
from ..both_families.collage import Collage
from ..both_families.comfyui_family import COMFYUI
from ..both_families.family import HOLDS, Family
from ..both_families.invokeai_family import INVOKEAI
from ..comfyui.fake_comfyui import FakeComfyUI
from ..comfyui.told import METRICS
from ..fake_server import as_json
from ..installed.watching import wait_until
from .connecting import without_check
from .instant import InstantServer
from .servers import ROOT


class Yard:
    """Some stand-ins of one family, and instances for them."""

    def __init__(self, family: Family, servers: list[Any]) -> None:
        self.family = family
        self.servers = servers

    @property
    def urls(self) -> list[str]:
        """Where they listen."""
        return [server.url for server in self.servers]

    def made(self, text: str = "fine", **more: Any) -> Any:
        """Return an instance."""
        family = self.family
        return family.workflow(**{family.text: text, family.picture: more.pop("picture", family.here), **more})

    def own(self) -> Any:
        """Return an instance of a class that nobody can import."""
        known = self.made()
        kind = type("Own", (type(known),), {"__module__": known.__module__, "__flowbind__": known.__flowbind__})
        return kind(**{name: getattr(known, name) for name in known.model_fields_set})

    def many(self, number: int) -> Iterator[Any]:
        """Yield instances that are known by their texts."""
        return (self.made(f"run-{place}") for place in range(number))

    def texts(self) -> list[list[str]]:
        """Return the texts that each server was given."""
        return [[given["text"] for given in server.given()] for server in self.servers]

    def fleet(self, **options: Any) -> Fleet:
        """Return a fleet of them."""
        return Fleet(self.urls, **{"connect": without_check, "patience": 0.5, **options})


@pytest.fixture(params=[INVOKEAI, COMFYUI], ids=lambda family: family.name)
def yard(request: pytest.FixtureRequest) -> Iterator[Yard]:
    """Three servers of one family."""
    with ExitStack() as stack:
        yield Yard(request.param, [stack.enter_context(request.param.stand_in()) for _ in range(3)])


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


def test_failures_stand_among_the_others(yard: Yard) -> None:
    rows = [yard.made("fine"), yard.made(yard.family.fails), yard.made("good")]
    with yard.fleet() as fleet:
        first, failed, last = fleet.run_many(rows)
        assert isinstance(failed, RunFailed)
        assert failed.node_id == yard.family.node
        assert failed.server in yard.urls
        assert failed.__notes__ == [f"It ran on {failed.server}."]
        assert not isinstance(first, Exception)
        assert not isinstance(last, Exception)
        with pytest.raises(RunFailed):
            fleet.run(rows[1])
        with pytest.raises(TypeError, match=r"workflows\[0\] is a int"):
            list(fleet.run_many([3]))  # type: ignore[list-item]


def test_a_file_that_is_not_there_is_a_failure(yard: Yard, tmp_path: Path) -> None:
    with yard.fleet() as fleet:
        missing, fine = fleet.run_many([yard.made(picture=tmp_path / "none.png"), yard.made()])
    assert isinstance(missing, InputError)
    assert not isinstance(fine, Exception)


def test_an_instance_goes_where_its_picture_is(yard: Yard) -> None:
    there = yard.servers[2]
    if yard.family.name == "InvokeAI":
        there.kept["there.png"] = there.kept["here.png"]
    else:
        there.files.put("there.png", grey(32, 200), folder="input")
    with yard.fleet() as fleet:
        outcomes = list(fleet.run_many(yard.made(f"run-{n}", picture="there.png") for n in range(6)))
        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert [len(texts) for texts in yard.texts()] == [0, 0, 6]
        nowhere = next(fleet.run_many([yard.made(picture="nowhere.png")]))
    assert isinstance(nowhere, NoServer)
    assert nowhere.reasons.keys() == set(yard.urls)
    assert all("nowhere.png" in reason for reason in nowhere.reasons.values())


@pytest.mark.parametrize("client", ["sync", "async"])
def test_a_picture_of_another_server_is_carried_over(yard: Yard, client: str) -> None:
    home, *others = yard.servers

    async def script(server: Any) -> Any:
        return await server.run(yard.made(), timeout=20)

    made = carry_out(client, home.url, script, yard.family.clients, check="off")
    (picture, *_) = yard.family.pictures(made)
    with Fleet([server.url for server in others], connect=without_check) as fleet:
        outcomes = list(fleet.run_many(yard.made(f"run-{n}", picture=picture) for n in range(8)))
    assert not [str(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    # Once to each server, and not by its name, which may be another picture's there.
    assert [len(server.uploads()) for server in others] == [1, 1]
    assert all(given["picture"] != "here.png" for server in others for given in server.given())


def test_a_server_that_is_away_at_first_is_used_when_it_is_there(yard: Yard) -> None:
    yard.servers[1].is_away = True
    with yard.fleet() as fleet:
        assert not [o for o in fleet.run_many(yard.many(6)) if isinstance(o, Exception)]
        assert yard.servers[1].posts() == 0
        assert [metrics.is_away for metrics in fleet.metrics()] == [False, True, False]
        yard.servers[1].is_away = False
        wait_until(lambda: not any(metrics.is_away for metrics in fleet.metrics()))
        assert not [o for o in fleet.run_many(yard.many(12)) if isinstance(o, Exception)]
        assert yard.servers[1].posts() > 0


def test_a_server_that_goes_away_loses_its_run(yard: Yard) -> None:
    with yard.fleet() as fleet:
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
    with yard.fleet() as fleet:
        outcomes = list(fleet.run_many(yard.many(5)))
        assert all(isinstance(outcome, NoServer) for outcome in outcomes)
        assert outcomes[0].reasons.keys() == set(yard.urls)
        with pytest.raises(NoServer):
            fleet.run(yard.made())
    yard.servers[0].is_away = False
    with yard.fleet() as fleet:
        assert not isinstance(fleet.run(yard.made()), Exception)


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


def test_two_families_in_one_fleet() -> None:
    with INVOKEAI.stand_in() as one, COMFYUI.stand_in() as other:
        yards = [Yard(INVOKEAI, [one]), Yard(COMFYUI, [other])]
        with Fleet([one.url, other.url], connect=without_check) as fleet:
            rows = [yard.made(f"run-{n}") for n in range(4) for yard in yards]
            outcomes = list(fleet.run_many(rows))
            assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
            assert [outcome.server for outcome in outcomes] == [one.url, other.url] * 4
            # Whoever is free is tried once, and says why not.
            unfit = {name: reason for server in fleet.metrics() for name, reason in server.unfit.items()}
            assert unfit.keys() <= {type(row).__name__ for row in rows}
            assert all("workflow" in reason for reason in unfit.values())
        assert [sorted(*yard.texts()) for yard in yards] == [[f"run-{n}" for n in range(4)]] * 2


def test_a_class_that_lives_in_this_process_only(yard: Yard) -> None:
    with yard.fleet() as fleet:
        result = fleet.run(yard.own())
    assert yard.family.pictures(result)


def test_one_object_that_is_changed_again_and_again(yard: Yard) -> None:
    def changed() -> Iterator[Any]:
        one = yard.made()
        for number in range(9):
            setattr(one, yard.family.text, f"run-{number}")
            yield one

    with yard.fleet() as fleet:
        assert not [outcome for outcome in fleet.run_many(changed()) if isinstance(outcome, Exception)]
    assert sorted(text for texts in yard.texts() for text in texts) == [f"run-{n}" for n in range(9)]


def test_a_loaded_workflow() -> None:
    loaded = load(ROOT / "workflows" / "comfy_text_to_image.json")
    with ExitStack() as stack:
        servers = [stack.enter_context(FakeComfyUI()) for _ in range(2)]
        fleet = stack.enter_context(Fleet([server.url for server in servers], connect=without_check))
        loaded["KSampler", "denoise"] = 0.5
        assert not [o for o in fleet.run_many(grid(loaded, seed=[1, 2, 3, 4])) if isinstance(o, Exception)]
        posted = [prompt.graph for server in servers for prompt in server.posted]
    samplers = [node["inputs"] for graph in posted for node in graph.values() if node["class_type"] == "KSampler"]
    assert sorted((inputs["seed"], inputs["denoise"]) for inputs in samplers) == [(n, 0.5) for n in range(1, 5)]


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


def test_what_nothing_answers_for_is_of_no_family() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ServerUnreachable, match="nothing answers as"):
            client_of(f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_errors_come_back_from_pickles() -> None:
    failed = RunFailed(
        "it failed",
        workflow="A",
        item_id=7,
        error_type="OSError",
        error_message="disk full",
        traceback="",
        node_id="1",
        node_label=None,
    )
    for error in (failed, InputError(["one", "two"]), DriftError("A", []), NoServer("none", {"http://a": "away"})):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)
    assert issubclass(NoServer, FlowbindError)
    assert not issubclass(ImageNotFound, NoServer)


def test_importing_flowbind_imports_nothing_of_dask() -> None:
    program = "import sys, flowbind; flowbind.Fleet; assert not {'dask', 'distributed', 'tornado'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_no_more_is_kept_than_what_is_on_its_way() -> None:
    urls = [f"http://gpu{number}:9090" for number in range(3)]
    with Fleet(urls, connect=InstantServer) as fleet:
        sweep = Sweep(fleet._crew, (Collage(name=str(number)) for number in range(600)))
        cluster: Any = fleet._crew.client.cluster
        for number, outcome in enumerate(sweep.outcomes()):
            assert outcome.varied == {"name": str(number)}
            # What is let go of Dask hears of a little later.
            wait_until(lambda: len(cluster.scheduler.tasks) <= 4 * 3)
            assert len(sweep._handed_out) + len(sweep._waiting) <= 4 * 3
            assert len(sweep._ended) <= 32 * 3
        wait_until(lambda: not cluster.scheduler.tasks)
        assert not fleet._crew.client.futures


def test_workers_elsewhere_get_neither_secrets_nor_what_they_cannot_import(yard: Yard, tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    picture = tmp_path / "picture.png"
    picture.write_bytes(grey(32, 200))
    with (
        LocalCluster(n_workers=4, processes=False, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        with pytest.raises(TypeError, match="a function of a module"):
            Fleet(yard.urls, client=client, connect=partial(without_check))
        with pytest.raises(TypeError, match="lives in this process only"):
            Fleet(yard.urls, client=client, connect=lambda url: client_of(url, check="off"))
        with pytest.raises(ValueError, match="has a login in it") as caught:
            Fleet(["http://me:secret@127.0.0.1:9"], client=client)
        assert "secret" not in str(caught.value)
        with yard.fleet(client=client) as fleet:
            with pytest.raises(TypeError, match="flowbind generate"):
                fleet.run(yard.own())
            # The contents of local files travel with the instance.
            outcomes = [*fleet.run_many(yard.made(f"run-{n}", picture=picture) for n in range(6))]
            assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
            assert {upload for server in yard.servers for upload in server.uploads()} == {picture.read_bytes()}
            (made, *_) = yard.family.pictures(outcomes[0])
            assert made.bytes()
            told = repr([client.scheduler_info(), cluster.scheduler.tasks, client.get_events()])
            assert "run-3" not in told
            assert cluster.scheduler.task_metadata["flowbind"][fleet._crew.name]
        # A picture of a server travels as where it is: the worker has it from there.
        with Fleet(yard.urls[1:2], client=client, connect=without_check) as fleet:
            first = next(o for o in outcomes if yard.family.pictures(o)[0].source._server.url == yard.urls[0])
            assert not isinstance(fleet.run(yard.made(picture=yard.family.pictures(first)[0])), Exception)
            assert len({*yard.servers[1].uploads()}) == 2
        # The cluster is somebody else's.
        assert client.status == "running"
        assert cluster.scheduler.task_metadata["flowbind"] == {}
        assert {name for worker in cluster.workers.values() for name in worker.plugins if "flowbind" in name} == set()
        left = yard.fleet(client=client)
    left.close()


def test_what_is_too_large_to_travel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(carried, "MOST_BYTES", 10)
    large = tmp_path / "large.png"
    large.write_bytes(bytes(11))
    with pytest.raises(InputError, match="too much to travel"):
        carried.with_contents(Collage(image=large))
    large.write_bytes(bytes(10))
    assert carried.with_contents(Collage(image=large)).image == bytes(10)  # type: ignore[attr-defined]
    untouched = Collage(image="here.png")
    assert carried.with_contents(untouched) is untouched
