"""What goes to workers and comes back: neither secrets nor more than is on its way."""

from __future__ import annotations

import pickle
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.fidelity.pictures import grey

from flowbind import Fleet
from flowbind.errors import (
    DriftError,
    FlowbindError,
    ImageNotFound,
    InputError,
    NoServer,
    RunFailed,
)
from flowbind.families import client_of
from flowbind.fleet import carried
from flowbind.fleet.sweep import Sweep

from ..both_families.collage import Collage
from ..installed.watching import wait_until
from .connecting import without_check
from .instant import InstantServer
from .yards import Yard


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
