"""A prompt of the stand-in: each step of its course tells what a real server tells, in its order and its shapes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

from .listeners import Frame, message, plain_preview, text_frame, told_preview

Record = dict[str, Any]
Course = Callable[["Prompt"], None]
# The others are told nothing of a prompt that was posted without a client id.
BROADCAST = ("progress_state", "execution_interrupted")
TRACEBACK = ['  File "execution.py", line 545, in execute\n', '  File "nodes.py", line 1765, in load_image\n']


class Interrupted(Exception):
    """The prompt was interrupted, and has come to a checkpoint."""


class Gone(Exception):
    """The server has lost the prompt: it was started anew."""


class Server(Protocol):
    """What a prompt needs of its server."""

    def tell(self, frame: Frame, to: str | None) -> None: ...
    def knows_metadata(self, client_id: str | None) -> bool: ...
    def output_of(self, prompt: Prompt, node: str) -> Record: ...
    def finish(self, prompt: Prompt) -> None: ...


def now() -> int:
    """Return the time in milliseconds."""
    return int(time.time() * 1000)


@dataclass(eq=False)
class Prompt:
    """What was posted, and what has become of it.

    A course is made of steps: `start`, then `begin`, `progress`, `preview`, `text` and `end` for each node, and as the
    last one `succeed`, `fail` or `interrupted`.
    """

    server: Server
    number: float
    prompt_id: str
    graph: Record
    extra_data: Record
    targets: list[str]
    """The nodes whose outputs are wanted."""
    messages: list[tuple[str, Record]] = field(default_factory=list[tuple[str, Record]])
    outputs: Record = field(default_factory=dict[str, Any])
    meta: Record = field(default_factory=dict[str, Any])
    nodes: Record = field(default_factory=dict[str, Any])
    executed: list[str] = field(default_factory=list[str])
    at: str | None = None
    """The node that is at work."""
    succeeded: bool = False
    lost: bool = False
    begun: Event = field(default_factory=Event)
    interrupt_asked: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)

    @property
    def client_id(self) -> str | None:
        """Who is told of it."""
        return self.extra_data.get("client_id")

    @property
    def item(self) -> list[Any]:
        """The prompt as the queue and the history show it."""
        return [self.number, self.prompt_id, self.graph, self.extra_data, self.targets]

    def checkpoint(self) -> None:
        """Stop here if somebody has asked to. Raises `Interrupted`, and `Gone` where the server knows it no more."""
        if self.lost:
            raise Gone
        if self.interrupt_asked.is_set():
            raise Interrupted

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell an event of this prompt, and note what it means for the history."""
        told: Record = {**data, "prompt_id": self.prompt_id}
        if kind.startswith("execution_"):
            told["timestamp"] = now()
            self.messages.append((kind, told))
        elif kind == "executing":
            self.at = told["node"]
        elif kind == "executed":
            node, shown = told["node"], told["display_node"]
            self.outputs[node] = told["output"]
            self.meta[node] = {"node_id": node, "display_node": shown, "parent_node": None, "real_node_id": node}
        self.say(message(kind, told), to_all=kind in BROADCAST)

    def say(self, frame: Frame, *, to_all: bool = False) -> None:
        """Send a frame to the client that posted the prompt."""
        if not self.lost and (self.client_id is not None or to_all):
            self.server.tell(frame, self.client_id)

    def start(self, cached: Sequence[str] = ()) -> None:
        """Say that it begins, and which nodes have been done before."""
        self.tell("execution_start", {})
        self.tell("execution_cached", {"nodes": [*cached]})

    def begin(self, node: str) -> None:
        """Begin a node."""
        self._state(node, "running", 0.0, 1.0)
        self.tell("executing", {"node": node, "display_node": node})

    def progress(self, value: int, most: int, image: bytes | None = None) -> None:
        """Say how far the node at work has come, with a preview in the form that the client knows."""
        node = self._working()
        self._state(node, "running", value, most)
        known = self.server.knows_metadata(self.client_id)
        if image is not None and known:
            self.preview(image)
        self.tell("progress", {"value": value, "max": most, "node": node})
        if image is not None and not known:
            self.say(plain_preview(image))

    def preview(self, image: bytes) -> None:
        """Send a preview that says whose it is."""
        node = self._working()
        kind = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
        names = {"node_id": node, "prompt_id": self.prompt_id, "display_node_id": node}
        self.say(told_preview(image, {**names, "parent_node_id": None, "real_node_id": node, "image_type": kind}))

    def text(self, text: str) -> None:
        """Send what the node at work says."""
        self.say(text_frame(self._working(), text))

    def end(self, output: Mapping[str, Any] | None = None) -> None:
        """End the node at work; `output` is what it shows, such as `{"images": [...]}`."""
        node = self._working()
        if output is not None:
            self.tell("executed", {"node": node, "display_node": node, "output": dict(output)})
        self.executed.append(node)
        most = self.nodes[node]["max"]
        self._state(node, "finished", most, most)

    def succeed(self) -> None:
        """End well."""
        self.tell("execution_success", {})
        self.close(succeeded=True)

    def fail(self, kind: str = "ValueError", text: str = "It did not work", **more: Any) -> None:
        """End at the node at work, with an exception; `more` are further members of the event, or other values."""
        about = {"exception_message": f"{text}\n", "exception_type": kind, "traceback": TRACEBACK}
        self.tell(
            "execution_error",
            {**self._ended_at(), **about, "current_inputs": {}, "current_outputs": [*self.graph], **more},
        )
        self.close(succeeded=False)

    def interrupted(self) -> None:
        """End at the node at work, because somebody asked to."""
        self.tell("execution_interrupted", self._ended_at())
        self.close(succeeded=False)

    def close(self, *, succeeded: bool) -> None:
        """Write the history, and say that nothing of it is at work any more."""
        self.succeeded = succeeded
        if not self.lost:
            self.server.finish(self)
            self.say(message("executing", {"node": None, "prompt_id": self.prompt_id}))
        self.ended.set()

    def _working(self) -> str:
        assert self.at is not None, "no node was begun"
        return self.at

    def _ended_at(self) -> Record:
        node = self.at or next(iter(self.graph))
        return {"node_id": node, "node_type": self.graph[node].get("class_type"), "executed": [*self.executed]}

    def _state(self, node: str, word: str, value: float, most: float) -> None:
        names = {"node_id": node, "prompt_id": self.prompt_id, "display_node_id": node}
        state = {"value": value, "max": most, "state": word, **names, "parent_node_id": None, "real_node_id": node}
        self.nodes = {**self.nodes, node: state}
        self.tell("progress_state", {"nodes": self.nodes})


def succeed(prompt: Prompt) -> None:
    """The course that ends well: one node after the other, and those that are wanted show something."""
    prompt.start()
    for node in prompt.graph:
        prompt.checkpoint()
        prompt.begin(node)
        prompt.end(prompt.server.output_of(prompt, node) if node in prompt.targets else None)
    prompt.succeed()


def by_hand(_: Prompt) -> None:
    """The course that a test takes step by step: `server.running()` is the prompt."""


def until_interrupted(prompt: Prompt) -> None:
    """The course that only an interrupt ends, at the first node."""
    prompt.start()
    prompt.begin(next(iter(prompt.graph)))
    prompt.interrupt_asked.wait()
    prompt.checkpoint()
