"""Batches: one request for all runs, every item checked before it, results in the order of the runs."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from generated import GrainStudy

from flowbind import inputs
from flowbind.errors import InputError, Refused, SubmitUncertain
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.invokeai.runs.batch import laid_out

from .batches import SIX, golden, items, posted, previewed, take
from .conftest import Runner
from .fake_server import ENQUEUE, HANG_UP, QUEUE, FakeServer, as_json, enqueued

GRAIN, SOFTENING = "d23f0824-128b-4f33-8c5c-7fd0a6a3a450", "9531985d-5d9d-49f8-9818-e811892f902b"
CANCEL = f"{QUEUE}/cancel_by_batch_ids"


def stored_seeds(batch: Any) -> list[int]:
    """Return the list of seeds in the workflow that is stored with the pictures."""
    (node,) = (n for n in batch["workflow"]["nodes"] if "integers" in n["data"]["inputs"])
    seeds: list[int] = node["data"]["inputs"]["integers"]["value"]
    return seeds


def test_all_runs_are_one_request(server: FakeServer, runner: Runner) -> None:
    take(server)
    item_ids, batch_id = runner.submit_batch(GrainStudy(amounts=[0.1, 0.2], seeds=[7, 8, 9]))
    assert item_ids == (7, 8, 9, 10, 11, 12)
    assert [r.method for r in server.requests] == ["POST"]
    batch = posted(server)
    assert (batch["batch_id"], batch["runs"]) == (batch_id, 1)
    assert batch["data"] == [
        [{"node_path": GRAIN, "field_name": "amount", "items": [0.1, 0.2]}],
        [
            {"node_path": GRAIN, "field_name": "seed", "items": [7, 8, 9]},
            {"node_path": SOFTENING, "field_name": "radius", "items": [0.0, 1.5, 4.0]},
        ],
    ]


def test_an_unset_batch_posts_the_files_own_lists(server: FakeServer, runner: Runner) -> None:
    take(server)
    runner.submit_batch(GrainStudy())
    assert items(posted(server)) == [[[0.05, 0.3]], [[1, 2, 3], [0.0, 1.5, 4.0]]]


def test_a_whole_number_among_floats_is_a_float(server: FakeServer) -> None:
    # The server refuses a list of mixed types.
    take(server)
    with InvokeAI(server.url, check="off") as client:
        client.submit(GrainStudy(amounts=[0, 1, 0.5]))
    (request,) = server.sent("POST", ENQUEUE)
    assert b'"items":[0.0,1.0,0.5]' in request.body


def test_the_stored_workflow_has_the_lists_that_were_set(server: FakeServer) -> None:
    take(server)
    with InvokeAI(server.url, check="off") as client:
        client.submit(GrainStudy(seeds=[7, 8, 9]))
    assert stored_seeds(posted(server)) == [7, 8, 9]


def test_unequal_lengths_name_both_inputs(server: FakeServer, runner: Runner) -> None:
    with pytest.raises(InputError) as caught:
        runner.submit_batch(GrainStudy(seeds=[1, 2], amounts=[0.5]))
    assert str(caught.value) == (
        'The lists of "Group 1" advance together and must have one length: GrainStudy.seeds ("Seeds") has 2, '
        'GrainStudy.softness ("Softness") has 3.'
    )
    assert server.requests == []


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("amounts", [0.1, 1.5], "1.5"),
        ("amounts", [], "at least 1 item"),
        ("amounts", [float("nan")], "finite"),
        ("amounts", 0.5, "valid list"),
        ("seeds", [1, -1], "-1"),
        ("seeds", [1.5], "1.5"),
        ("seeds", [True], "True"),
        ("seeds", ["1"], "'1'"),
        ("softness", [None], "None"),
    ],
)
def test_a_bad_item_is_refused_when_it_is_set(attribute: str, value: object, said: str) -> None:
    label = attribute.capitalize()
    study = GrainStudy()
    for refuse in (lambda: GrainStudy(**{attribute: value}), lambda: setattr(study, attribute, value)):
        with pytest.raises(InputError) as caught:
            refuse()
        assert f'GrainStudy.{attribute} ("{label}")' in str(caught.value)
        assert said in str(caught.value)


def test_a_list_that_was_changed_is_checked_before_it_is_sent(server: FakeServer, runner: Runner) -> None:
    study = GrainStudy(seeds=[1, 2, 3])
    study.seeds[1] = -5
    with pytest.raises(InputError, match=r"GrainStudy\.seeds .*-5"):
        runner.submit_batch(study)
    assert server.requests == []


def test_a_default_that_was_changed_is_checked_too(server: FakeServer, runner: Runner) -> None:
    study = GrainStudy()
    study.seeds[0] = -5
    with pytest.raises(InputError, match=r"GrainStudy\.seeds .*-5"):
        runner.submit_batch(study)
    assert server.requests == []


def test_a_default_that_was_changed_is_sent_and_stored(server: FakeServer) -> None:
    take(server)
    study = GrainStudy()
    study.seeds[0] = 5
    with InvokeAI(server.url, check="off") as client:
        client.submit(study)
    assert items(posted(server))[1][0] == [5, 2, 3]
    assert stored_seeds(posted(server)) == [5, 2, 3]


def test_each_instance_has_lists_of_its_own() -> None:
    one, other = GrainStudy(), GrainStudy()
    one.seeds.append(4)
    assert other.seeds == [1, 2, 3]


def test_a_queue_that_takes_fewer_is_freed_again(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, enqueued([9, 8, 7], requested=6))
    server.answer("PUT", CANCEL, as_json({"canceled": 3}))
    with pytest.raises(Refused, match="took 3 of 6 items, which were canceled"):
        runner.submit_batch(GrainStudy())
    (freed,) = server.sent("PUT")
    assert freed.path == CANCEL
    assert freed.json == {"batch_ids": [posted(server)["batch_id"]]}


def test_a_queue_that_takes_nothing_has_nothing_to_cancel(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, enqueued([], requested=6))
    with pytest.raises(Refused, match=r"took 0 of 6 items\. Its queue may be full"):
        runner.submit_batch(GrainStudy())
    assert server.sent("PUT") == []


def test_a_queue_that_cannot_be_freed_says_what_is_left(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, enqueued([9, 8, 7], requested=6))
    server.answer("PUT", CANCEL, HANG_UP)
    with pytest.raises(Refused, match="took 3 of 6 items") as caught:
        runner.submit_batch(GrainStudy())
    assert posted(server)["batch_id"] in str(caught.value)


def test_a_lost_reply_leaves_it_uncertain(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, HANG_UP)
    with pytest.raises(SubmitUncertain) as caught:
        runner.submit_batch(GrainStudy())
    assert caught.value.batch_id == posted(server)["batch_id"]


def test_a_job_shows_its_runs(server: FakeServer) -> None:
    take(server)
    with InvokeAI(server.url, check="off") as client:
        job = client.submit(GrainStudy())
    assert repr(job) == "<BatchJob GrainStudy, 6 items: pending>"
    assert (len(job), job.item_ids) == (6, tuple(sorted(SIX)))


def test_inputs_list_batches() -> None:
    listed = inputs(GrainStudy)
    assert [(i.index, i.attribute) for i in listed][3:] == [
        (3, "amounts"),
        (4, "softness"),
        (5, "board"),
        (None, "seeds"),
    ]
    study = GrainStudy()
    inputs(study).set(3, [0.5])
    assert inputs(study).get("amounts") == study.amounts == [0.5]
    with pytest.raises(InputError, match=r"GrainStudy\.amounts"):
        inputs(study).set("amounts", [7.0])


@pytest.mark.parametrize("study", [GrainStudy(), GrainStudy(amounts=[0.5], seeds=[4, 5, 6])])
def test_instances_can_be_copied_and_stored(study: GrainStudy) -> None:
    for again in (copy.deepcopy(study), study.model_copy(deep=True), pickle.loads(pickle.dumps(study))):
        assert again == study
        assert again.model_fields_set == study.model_fields_set
        assert previewed(again)["data"] == previewed(study)["data"]
        again.seeds.append(9)
        assert again.seeds != study.seeds


def test_lists_are_laid_out_without_a_server() -> None:
    own = golden("own_lists")
    data = laid_out(own(widths=[1], batch_group="Group 1", names=["x"], heights=[2]), [[2], [1], ["x"]])
    assert [[d["items"] for d in inner] for inner in data] == [[[2], [1], [1], ["x"]]]


def test_a_refused_list_names_its_input(server: FakeServer) -> None:
    # As a server of another release may: one list of mixed types.
    found = {"type": "value_error", "loc": ["body", "batch", "data"], "msg": "Value error, All items must be alike"}
    server.answer("POST", ENQUEUE, as_json({"detail": [found]}, 422))
    with InvokeAI(server.url, check="off") as client, pytest.raises(Refused, match="All items must be alike"):
        client.submit(GrainStudy())


def test_the_async_client_gives_an_async_job(server: FakeServer) -> None:
    import asyncio

    take(server)

    async def submit() -> str:
        async with AsyncInvokeAI(server.url, check="off") as client:
            return repr(await client.submit(GrainStudy()))

    assert asyncio.run(submit()) == "<AsyncBatchJob GrainStudy, 6 items: pending>"
