"""From many instances to the one request that queues them, and on to what the server's answer says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.behaviour.fake_server import MODEL
from tests.bench.carrying import carried_out
from tests.bench.measuring import in_turn
from tests.bench.rows import Row
from tests.performance.budgets import MANY, Budget

if TYPE_CHECKING:
    from flowbind.invokeai import InvokeAIWorkflow

INSTANCES = 10_000


def many() -> list[Row]:
    """From many instances to the one request that queues them, and on to what the server's answer says."""
    from generated import Poster, TextToImageSd15

    from flowbind import RANDOM

    numbers = range(INSTANCES)
    prompted = {"model": MODEL["name"], "steps": 20}
    choices = ("Normal", "Hue", "Screen", "Color")
    return [
        *_rows("two numbers", [Poster(sun_size=n, softness=n / 7) for n in numbers], MANY),
        *_rows("prompt, seed", [TextToImageSd15(positive_prompt=f"a cat, {n}", seed=n, **prompted) for n in numbers]),
        *_rows("a choice", [Poster(blend_mode=choices[n % len(choices)]) for n in numbers]),
        *_rows("RANDOM", [Poster(grain_seed=RANDOM) for _ in numbers]),
    ]


def _rows(what: str, instances: Sequence[InvokeAIWorkflow[Any]], budget: Budget | None = None) -> list[Row]:
    """Return what it costs to submit instances that differ in something."""
    from flowbind.drift_check import DriftCheck
    from flowbind.invokeai.document import ServerDocument
    from flowbind.invokeai.events.hearing import BatchChannels
    from flowbind.invokeai.runs.grouping import Plan
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.planning import planned
    from flowbind.invokeai.runs.sending import Sending

    lookup, served = Lookup(), ServerDocument(with_nodes=False)
    drift = DriftCheck("off", served)
    bodies: list[bytes] = []
    answer = b""

    def queue(content: bytes) -> bytes:
        bodies[:] = [content]
        return answer

    def plan() -> Plan:
        return carried_out(planned(instances, lookup, drift), queue)

    def submit() -> None:
        sending = Sending(plan(), BatchChannels(), served.supports)
        carried_out(sending.finish(), queue)
        assert sending.total == INSTANCES

    (whole,) = plan().requests
    document = json.loads(whole.content("the batch"))
    made = {"enqueued": INSTANCES, "requested": INSTANCES, "batch": document["batch"]}
    answer = json.dumps(made | {"item_ids": list(range(INSTANCES, 0, -1))}).encode()
    ours, planning, other = in_turn(submit, plan, lambda: json.dumps(document).encode(), times=10, calls=3)
    beside = ("json.dumps of the same body", other)
    size = f"{len(bodies[0]) / 1000:.0f} kB"
    return [
        Row(f"submit {INSTANCES} instances ({what}), {size}, one request", ours, *beside, budget),
        Row("of that: check and group them", planning, *beside),
    ]
