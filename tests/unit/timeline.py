"""A server without a network: what happens, and is told or lost, in a given order; jobs listen and ask in its time."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from flowbind.errors import RunCanceled, RunError, WaitTimeout
from flowbind.events import Event
from flowbind.invokeai._rest import QueueItem
from flowbind.invokeai.events import story
from flowbind.invokeai.events.hearing import COMPLETE, ERROR, STARTED, STATUS, BatchChannels
from flowbind.invokeai.events.story import Story
from flowbind.invokeai.queue.blockade import Lookout
from flowbind.invokeai.result import Result
from flowbind.invokeai.runs import waiting
from flowbind.invokeai.runs.body import Body
from flowbind.invokeai.runs.given_back import Media
from flowbind.invokeai.runs.waiting import Question
from flowbind.listening import pauses, telling, watching
from flowbind.listening.channel import Channel
from flowbind.listening.telling import Telling
from flowbind.payload import Pieces
from flowbind.result import NodeOutputs
from flowbind.transport.steps import Call, Emit, Listen, Reply
from flowbind.workflow import Outputs

Line = Mapping[str, Any]
"""See `tests.recorded.events`; besides `live`, whether the server tells from now on, and `lost`, for an event."""
TICK = 0.03
"""Seconds between two lines."""


class Clock:
    """Stands for the module `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Return the time of the timeline."""
        return self.now


class Timeline:
    """Plays lines; `live` tells whether the server tells at the beginning."""

    def __init__(self, lines: Sequence[Line], *, live: bool = True) -> None:
        self.clock = Clock()
        self.channels = BatchChannels()
        self.channels.set_live(live)
        self.asked: list[int] = []
        self._lines = [*lines]
        self._items: dict[int, dict[str, Any]] = {}
        self._deleted: set[int] = set()
        for line in lines:
            if "data" in line and "item_id" in line["data"]:
                self._item(line["data"])

    def patch(self, set_attribute: Callable[[object, str, object], None]) -> None:
        """Put the timeline's clock into the modules that look at one."""
        for module in (pauses, story, telling, waiting, watching):
            set_attribute(module, "time", self.clock)

    def results(self, item_id: int) -> dict[str, str]:
        """Return the nodes of the workflow that an item has results of, by the prepared ones."""
        session = self._items[item_id]["session"]
        return {prepared: session["prepared_source_mapping"][prepared] for prepared in session["results"]}

    def ended(self, item_id: int) -> str | None:
        """Return the status of an item; None where it was deleted."""
        return None if item_id in self._deleted else str(self._items[item_id]["status"])

    def started(self, item_id: int) -> bool:
        """Tell whether an item has been worked on."""
        return "started_at" in self._items[item_id]

    def go_on(self) -> bool:
        """Let the next thing happen; return False where there is none."""
        if not self._lines:
            return False
        line = self._lines.pop(0)
        self.clock.now += TICK
        if "live" in line:
            self.channels.set_live(line["live"])
        elif "deleted" in line:
            self._deleted.add(line["deleted"])
        elif line.get("answer"):
            self._items[line["item_id"]] |= line["answer"]
        elif "event" in line:
            self._happen(line["event"], line["data"])
            if self.channels.live and not line.get("lost"):
                self.channels.hear(line["event"], json.loads(json.dumps(line["data"])))
        return True

    def answer(self, call: Call) -> Reply:
        """Return what the server says when it is asked for an item."""
        item_id = int(call.path.rpartition("/")[2])
        self.asked.append(item_id)
        self.clock.now += 0.002
        if item_id in self._deleted:
            return Reply("GET", call.path, 404, "application/json", b'{"detail": "not found"}')
        return Reply("GET", call.path, 200, "application/json", json.dumps(self._items[item_id]).encode())

    def _item(self, data: Mapping[str, Any]) -> dict[str, Any]:
        fixed = {"status": "pending", "priority": 0, "created_at": "x", "updated_at": "x", "session_id": "s"}
        session: dict[str, Any] = {"results": {}, "errors": {}, "prepared_source_mapping": {}}
        about = {"item_id": data["item_id"], "batch_id": data["batch_id"], "queue_id": "default", "session": session}
        return self._items.setdefault(data["item_id"], {**fixed, **about})

    def _happen(self, name: str, data: Mapping[str, Any]) -> None:
        if "item_id" not in data:
            return
        item = self._item(data)
        session = item["session"]
        if name == STATUS:
            item["status"] = data["status"]
            item |= {key: data[key] for key in ("started_at", "error_type", "error_message") if data.get(key)}
            if data["status"] == "failed":
                session["errors"] = dict.fromkeys(session["prepared_source_mapping"].keys() - session["results"], "x")
            return
        prepared = data["invocation"]["id"]
        session["prepared_source_mapping"][prepared] = data["invocation_source_id"]
        if name == COMPLETE:
            session["results"][prepared] = data["result"]


class Reader:
    """Somebody who reads the events of some items of a batch, as far as they can."""

    def __init__(self, timeline: Timeline, batch_id: str, item_ids: Sequence[int], **more: Any) -> None:
        self.events: list[Event[Any]] = []
        self.statuses: list[tuple[int, str]] = []
        self.channel = timeline.channels.of(batch_id)
        self.listening: Listen | None = None
        self.until = 0.0
        self._timeline = timeline
        self._operation = told(self.channel, item_ids, lambda run, status: self.statuses.append((run, status)), **more)
        self.ended = False
        self.error: WaitTimeout | None = None

    def read(self) -> None:
        """Read until there is nothing to do but to listen."""
        if self.listening is not None:
            if len(self.channel.heard) <= self.listening.known and self._timeline.clock.now < self.until:
                return
            self.listening = None
        answer = None
        while not self.ended:
            try:
                step = self._operation.send(answer)
            except StopIteration:
                self.ended = True
                return
            except WaitTimeout as error:
                self.ended, self.error = True, error
                return
            answer = None
            match step:
                case Emit():
                    self.events.append(step.value)
                case Call():
                    answer = self._timeline.answer(step)
                case Listen():
                    if len(self.channel.heard) <= step.known:
                        self.listening, self.until = step, self._timeline.clock.now + step.seconds
                        return


def told(
    channel: Channel, item_ids: Sequence[int], notice: Callable[[int, str], None], timeout: float | None = None
) -> Generator[Any, Any, None]:
    """Return the events of items; nodes are called after their ids."""
    body = Body(Pieces(), (), {}, {})
    lookout = Lookout("Poster")
    stories = [
        (Story(item_id, run, body, Media()), Question(item_id, "Poster", lookout=lookout))
        for run, item_id in enumerate(item_ids, start=1)
    ]
    return Telling(stories, "Poster", channel, notice, finished).events(timeout)


def finished(item: QueueItem) -> Result[Any]:
    """Return a result without outputs, or raise why there is none."""
    if item.status != "completed":
        kind = RunCanceled if item.status == "canceled" else RunError
        raise kind(item.status, workflow="Poster", item_id=item.item_id)
    return Result(Outputs(), item.item_id, item.batch_id, {}, {}, lambda _: NodeOutputs())


def play(timeline: Timeline, *readers: Reader) -> None:
    """Let everything happen, and time go by, until each reader has come to an end."""
    for _ in range(100_000):
        for reader in readers:
            reader.read()
        if all(reader.ended for reader in readers):
            return
        if not timeline.go_on():
            timeline.clock.now = min(reader.until for reader in readers if not reader.ended)
    raise AssertionError("somebody reads for ever")


def run_lines(
    item_id: int, batch_id: str, nodes: Sequence[tuple[str, str]], end: str, late: bool = False
) -> list[Line]:
    """Return what happens to one run: its nodes (prepared and own id), then its end.

    A run that fails does so in the last node. One that is canceled is so while the last node runs, and `late` lets that
    node finish all the same.
    """
    about = {"item_id": item_id, "batch_id": batch_id}

    def status(word: str, **more: Any) -> Line:
        return {"event": STATUS, "data": {**about, "status": word, **more}}

    def of_node(name: str, prepared: str, node: str, **more: Any) -> Line:
        invocation = {"id": prepared, "type": "x"}
        return {"event": name, "data": {**about, "invocation": invocation, "invocation_source_id": node, **more}}

    lines = [status("in_progress", started_at="x")]
    for prepared, node in nodes:
        lines.append(of_node(STARTED, prepared, node))
        if end == "completed" or (prepared, node) != nodes[-1]:
            lines.append(of_node(COMPLETE, prepared, node, result={"type": "x_output", "value": prepared}))
    lines.append(status(end))
    if end == "failed" and nodes:
        lines.append(of_node(ERROR, *nodes[-1], error_type="x"))
    if end == "canceled" and late and nodes:
        lines.append(of_node(COMPLETE, *nodes[-1], result={"type": "x_output", "value": nodes[-1][0]}))
    return lines
