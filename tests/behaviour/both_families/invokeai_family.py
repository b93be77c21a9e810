"""InvokeAI, as the tests of both families see it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

from generated import ImageToImageSd15
from tests.fidelity.pictures import grey

from flowbind.invokeai.events.hearing import COMPLETE, PROGRESS, STARTED, STATUS
from flowbind.run_status import FINAL
from flowbind.workflow import Workflow

from .. import both_clients
from ..comfyui.files import parts_of
from ..fake_queue import FakeQueue, Item
from ..fake_server import ENQUEUE, HANG_UP, QUEUE, Answer, as_json
from ..local_server import Request
from ..telling_server import TellingServer, say_nothing
from ..test_images import UPLOAD, picture, png
from .family import CANCELED, HOLDS

TEXT, SEED, PICTURE = "positive_prompt", "seed", "source_image"
FAILS, REFUSED = "it fails", 4294967294
BATCHES = f"{QUEUE}/cancel_by_batch_ids"
IMAGES = "/api/v1/images/i/"
SLOTS = {slot.attribute: slot for slot in ImageToImageSd15.__flowbind__.slots}
(END,) = (slot.node for slot in ImageToImageSd15.__flowbind__.outputs)
SHOWN = grey(64, 128)


class Run(Item):
    """A queued run of the class; where it fails, it fails at its last node."""

    graph: Mapping[str, Any]

    def given(self, name: str) -> Any:
        """Return what the run was given for an input."""
        slot = SLOTS[name]
        of_run = [v["value"] for v in self.values if (v["node_path"], v["field_name"]) == (slot.node, slot.field)]
        return of_run[0] if of_run else self.graph["nodes"][slot.node][slot.field]

    @property
    def document(self) -> dict[str, Any]:
        """The item as the server tells it."""
        told = super().document
        session = told["session"]
        session["graph"] = self.graph
        session["source_prepared_mapping"] = {END: ["x"]}
        session["prepared_source_mapping"] = {"x": END}
        if self.status == "failed":
            session["errors"] = {"x": "OSError: disk full"}
        return told


class FakeInvokeAI(FakeQueue, TellingServer):
    """Takes one run after the other, and tells what happens to it."""

    item_class = Run

    def __init__(self) -> None:
        super().__init__(pace=0)
        self.go_on = Event()
        self.is_away = False
        self.kept: dict[str, bytes] = {"here.png": SHOWN}
        self.files: list[bytes] = []
        self._enqueuing = Lock()
        self._is_free = Event()
        self._is_free.set()
        self._queued: SimpleQueue[Run | None] = SimpleQueue()
        self._fault = False
        self.answer("GET", "/api/v1/app/version", as_json({"version": "6.14.2"}))
        self._breaks: list[str] = []

    # What a test sees, and wants.

    def posts(self) -> int:
        """Return how many runs it was asked to queue."""
        return sum(self.posted())

    def given(self) -> list[dict[str, Any]]:
        """Return what each run was given."""
        return [{"text": r.given(TEXT), "seed": r.given(SEED), "picture": r.given(PICTURE)["image_name"]} for r in self]

    def uploads(self) -> list[bytes]:
        """Return the files that came in."""
        return self.files

    def downloads(self) -> int:
        """Return how often it was asked for a file."""
        return len([request for request in self.sent("GET", IMAGES) if request.path.endswith("/full")])

    def about_files(self) -> int:
        """Return how many requests had to do with pictures."""
        return len([request for request in self.requests if request.path.startswith("/api/v1/images")])

    def keep(self, name: str, content: bytes) -> None:
        """Have a picture."""
        self.kept[name] = content

    def delete_files(self) -> None:
        """Delete all pictures."""
        self.kept.clear()

    def break_download(self) -> None:
        """Hang up in the middle of the next."""
        self._breaks.append("/full")

    def break_upload(self) -> None:
        """Hang up at the next."""
        self._breaks.append(UPLOAD)

    @contextmanager
    def be_busy(self) -> Iterator[None]:
        """Have others wait."""
        self._is_free.clear()
        try:
            yield
        finally:
            self._is_free.set()

    def delete_waiting(self) -> None:
        """Have nothing of what waits, and say so of each."""
        for run in self:
            if run.status == "pending":
                self.trouble.gone.add(run.item_id)

    def lose_submit(self) -> None:
        """Queue the next, and hang up."""
        self.trouble.lost.add(1 + len(self.sent("POST", ENQUEUE)))

    def drop_submit(self) -> None:
        """Hang up at the next."""
        self.trouble.dropped.add(1 + len(self.sent("POST", ENQUEUE)))

    def fail_submit(self) -> None:
        """Fail at the next."""
        self._fault = True

    def tell_nobody(self) -> None:
        """Have no websocket."""
        self.refusal = (404, "")

    def stall(self) -> None:
        """Open conversations, and say nothing."""
        self.talks = [say_nothing]

    def fall_silent(self) -> None:
        """Say nothing more."""
        self.subscribers.clear()

    # What it does.

    def next_answer(self, request: Request) -> Answer:
        """Answer for runs and pictures, and for anything else as programmed."""
        if (request.method, request.path) != ("POST", ENQUEUE):
            return self._planned(request) or super().next_answer(request)
        with self._enqueuing:
            known = len(self.items)
            answer = self._planned(request) or super().next_answer(request)
            for run in [*self][known:]:
                run.graph = request.json["batch"]["graph"]
                self._queued.put(run)
        return answer

    def _planned(self, request: Request) -> Answer | None:
        verb, path = request.method, request.path
        answer: Answer | None = None
        if self.is_away:
            answer = HANG_UP
        elif self._breaks and path.endswith(self._breaks[0]):
            answer = png(SHOWN, cut=50) if self._breaks.pop() == "/full" else HANG_UP
        elif (verb, path) == ("POST", ENQUEUE):
            answer = self._refusal(request.json["batch"])
        elif verb == "PUT" and path.startswith(QUEUE):
            answer = self._cancel(path, request)
        elif (verb, path) == ("POST", UPLOAD):
            self.files.append(next(part.data for part in parts_of(request) if part.name == "file"))
            self.kept[f"{len(self.files)}-new.png"] = self.files[-1]
            answer = as_json(picture(f"{len(self.files)}-new.png"), 201)
        elif path.startswith(IMAGES):
            name, _, whole = path.removeprefix(IMAGES).partition("/")
            if name in self.kept:
                answer = png(self.kept[name]) if whole else as_json(picture(name))
        if answer is not None:
            self.requests.append(request)
        return answer

    def _refusal(self, batch: Any) -> Answer | None:
        if self._fault:
            self._fault = False
            return as_json({"detail": "Unexpected error while enqueuing batch: disk full"}, 500)
        slot = SLOTS[SEED]
        if batch["graph"]["nodes"][slot.node].get(slot.field) != REFUSED:
            return None
        where = ["body", "batch", "graph", "nodes", slot.node, "rand_int", slot.field]
        return as_json({"detail": [{"type": "less_than_equal", "loc": where, "msg": "It is too large"}]}, 422)

    def _cancel(self, path: str, request: Request) -> Answer:
        batches = request.json["batch_ids"] if path == BATCHES else ()
        for run in self:
            if (run.batch_id in batches or path == f"{QUEUE}/i/{run.item_id}/cancel") and run.status not in FINAL:
                self._follow(run, "canceled")
        return as_json({"canceled": 1} if batches else self.items[int(path.split("/")[-2]) - 1].document)

    def _work_on(self, run: Run) -> None:
        self._is_free.wait()
        if run.status != "pending":
            return
        self._follow(run, "in_progress")
        self._tell(run, STARTED, END)
        preview = {"width": 64, "height": 64, "dataURL": "data:image/png;base64," + base64.b64encode(SHOWN).decode()}
        self._tell(run, PROGRESS, END, message="half", percentage=0.5, image=preview)
        text = run.given(TEXT)
        if text in (FAILS, CANCELED):
            self._follow(run, "failed" if text == FAILS else "canceled")
            return
        while text == HOLDS and run.status not in FINAL and not self.go_on.wait(0.005):
            pass
        if run.status in FINAL:
            return
        self.kept[f"{run.item_id}.png"] = SHOWN
        output = {"type": "image_output", "image": {"image_name": f"{run.item_id}.png"}, "width": 64, "height": 64}
        self._tell(run, COMPLETE, END, result=output)
        self._follow(run, "completed")

    def _follow(self, run: Run, status: str) -> None:
        run.status = status
        self._tell(run, STATUS, status=status)

    def _tell(self, run: Run, name: str, node: str | None = None, **about: Any) -> None:
        of_node: dict[str, Any] = {}
        if node is not None:
            of_node = {"invocation": {"id": "x", "type": "l2i"}, "invocation_source_id": node}
        self.tell(name, item_id=run.item_id, batch_id=run.batch_id, **of_node, **about)

    def _run(self) -> None:
        while (run := self._queued.get()) is not None:
            self._work_on(run)

    def __iter__(self) -> Iterator[Run]:
        return (run for run in self.items if isinstance(run, Run))

    def __enter__(self) -> Self:
        super().__enter__()
        Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_free.set()
        self.go_on.set()
        self._queued.put(None)
        super().__exit__(kind, error, trace)


class _InvokeAIFamily:
    name = "InvokeAI"
    clients = both_clients.INVOKEAI
    text, seed, picture = TEXT, SEED, PICTURE
    fails, refused, node, here = FAILS, REFUSED, END, "here.png"

    def stand_in(self) -> FakeInvokeAI:
        return FakeInvokeAI()

    def workflow(self, **values: Any) -> Workflow[Any]:
        return ImageToImageSd15(model="Tiny", **values)

    def pictures(self, result: Any) -> list[Any]:
        return [result.outputs.image]


INVOKEAI = _InvokeAIFamily()
