"""From many instances to the one request that queues them, and on to what the server's answer says."""

from __future__ import annotations

import json
from typing import TypeVar

from tests.bench.measuring import in_turn
from tests.bench.rows import Row
from tests.performance.budgets import MANY

T = TypeVar("T")
INSTANCES = 10_000


def many() -> list[Row]:
    """From many instances to the one request that queues them, and on to what the server's answer says."""
    from generated import Poster

    from flowbind.invokeai._steps import Call, Operation, Reply
    from flowbind.invokeai.document import ServerDocument
    from flowbind.invokeai.events.channel import Channels
    from flowbind.invokeai.runs.drift_check import DriftCheck
    from flowbind.invokeai.runs.grouping import Plan
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.planning import planned
    from flowbind.invokeai.runs.sending import Sending

    rows = [Poster(sun_size=number, softness=number / 7) for number in range(INSTANCES)]
    bodies: list[bytes] = []
    answer = b""

    def carried_out(operation: Operation[T]) -> T:
        """Carry out an operation with a server that takes everything."""
        try:
            step = next(operation)
            while True:
                if isinstance(step, Call):
                    assert step.path.endswith("/enqueue_batch")
                    bodies[:] = [step.content or b""]
                    step = operation.send(Reply(step.method, step.path, 200, "application/json", answer))
                else:
                    step = operation.send(None)
        except StopIteration as end:
            value: T = end.value
            return value

    served = ServerDocument(with_nodes=False)

    def plan() -> Plan:
        return carried_out(planned(rows, Lookup(), DriftCheck("off", served)))

    def submit() -> None:
        sending = Sending(plan(), Channels(), served.supports)
        carried_out(sending.finish())
        assert sending.total == INSTANCES

    (whole,) = plan().requests
    document = json.loads(whole.content("the batch"))
    made = {"enqueued": INSTANCES, "requested": INSTANCES, "batch": document["batch"]}
    answer = json.dumps(made | {"item_ids": list(range(INSTANCES, 0, -1))}).encode()
    ours, planning, other = in_turn(
        submit,
        plan,
        lambda: json.dumps(document).encode(),
        times=10,
        calls=3,
    )
    assert len(bodies[0]) > 100_000
    beside = ("json.dumps of the same body", other)
    size = f"{len(bodies[0]) / 1000:.0f} kB"
    return [
        Row(f"submit {INSTANCES} instances, {size}, one request", ours, *beside, MANY),
        Row("of that: check and group them", planning, *beside),
    ]
