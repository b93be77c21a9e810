"""ComfyUI, as the tests of both families see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from flowbind.workflow import Workflow

from .. import both_clients
from ..comfyui.fake_comfyui import PICTURE, FakeComfyUI
from ..comfyui.files import TROUBLE
from ..comfyui.prompts import Prompt, Record
from ..fake_server import HANG_UP, Answer, as_json
from ..local_server import Request
from .collage import PROMPT, Collage
from .family import CANCELED, HOLDS

FAILS, REFUSED = "../../outside", 0x1000000
NAME, COLOUR, IMAGE = ("5", "filename_prefix"), ("1", "color"), ("2", "image")
SOMEBODY = "00000000-0000-4000-8000-000000000000"


class GuidedComfyUI(FakeComfyUI):
    """A stand-in whose prompts go as their text says."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = Event()
        self.is_away = False
        self.course = self._go
        self.validate = self._judge
        self._lay_down_here()

    def _lay_down_here(self) -> None:
        self.files.put("here.png", PICTURE, folder="input")

    # What a test sees, and wants.

    def posts(self) -> int:
        """Return how many runs it was asked to queue."""
        return len(self.sent("POST", "/prompt"))

    def given(self) -> list[dict[str, Any]]:
        """Return what each prompt was given."""
        of = {"text": NAME, "seed": COLOUR, "picture": IMAGE}
        return [{name: p.graph[node]["inputs"][key] for name, (node, key) in of.items()} for p in self.posted]

    def uploads(self) -> list[bytes]:
        """Return the files that came in."""
        return [part.data for part in self.files.uploads]

    def downloads(self) -> int:
        """Return how often it was asked for a file."""
        return len([request for request in self.sent("GET", "/view") if "range" not in request.headers])

    def about_files(self) -> int:
        """Return how many requests had to do with files."""
        return len([request for request in self.requests if request.path.startswith(("/view", "/upload"))])

    def keep(self, name: str, content: bytes) -> None:
        """Replace an output."""
        self.files.put(name.removesuffix(" [output]"), content)

    def delete_files(self) -> None:
        """Delete all files, but the one that runs are given here where a test does not care."""
        self.files.held.clear()
        self._lay_down_here()

    def break_download(self) -> None:
        """Hang up in the middle of the next."""
        self.instead("GET", "/view", Answer(PICTURE, media_type="image/png", cut=50))

    def break_upload(self) -> None:
        """Hang up at the next."""
        self.instead("POST", "/upload/image", HANG_UP)

    @contextmanager
    def be_busy(self) -> Iterator[None]:
        """Have somebody else's prompt run."""
        graph = {**PROMPT, "5": {"class_type": "SaveImage", "inputs": {"filename_prefix": HOLDS}}}
        others = Prompt(self, -1, SOMEBODY, graph, {"create_time": 0}, [])
        self.work.put(others)
        assert others.begun.wait(10)
        try:
            yield
        finally:
            others.interrupt_asked.set()

    def delete_waiting(self) -> None:
        """Delete what waits, and tell nobody."""
        self.forget()

    def lose_submit(self) -> None:
        """Queue the next, and hang up."""
        self.lose_answer("POST", "/prompt")

    def drop_submit(self) -> None:
        """Hang up at the next."""
        self.instead("POST", "/prompt", HANG_UP)

    def fail_submit(self) -> None:
        """Fail at the next."""
        self.instead("POST", "/prompt", TROUBLE)

    def tell_nobody(self) -> None:
        """Have no websocket."""
        self.refusal = (404, "")

    def stall(self) -> None:
        """Take websockets, and say nothing."""
        self.listeners.silent = True

    def fall_silent(self) -> None:
        """Say nothing more."""
        self.listeners.silent = True

    # What it does.

    def next_answer(self, request: Request) -> Answer:
        """Answer, or hang up."""
        return HANG_UP if self.is_away else super().next_answer(request)

    def _judge(self, asked: Record) -> Answer | Record:
        inputs = {place: asked["prompt"][place[0]]["inputs"][place[1]] for place in (COLOUR, IMAGE)}
        if inputs[COLOUR] == REFUSED:
            return self._refusal(COLOUR, REFUSED, "value_bigger_than_max", "Value is bigger than max")
        name, _, kind = inputs[IMAGE].removesuffix("]").partition(" [")
        folder, _, file = name.rpartition("/")
        if (kind or "input", folder, file) not in self.files.held:
            return self._refusal(IMAGE, name, "custom_validation_failed", "Custom validation failed for node")
        return {}

    @staticmethod
    def _refusal(place: tuple[str, str], value: object, kind: str, message: str) -> Answer:
        node, key = place
        about = {"input_name": key, "received_value": value}
        words = {"message": message, "details": f"{key}: {value}", "extra_info": about}
        class_type = PROMPT[node]["class_type"]
        errors = {node: {"errors": [{"type": kind, **words}], "class_type": class_type}}
        error = {"type": "prompt_outputs_failed_validation", "message": "No", "details": "", "extra_info": {}}
        return as_json({"error": error, "node_errors": errors}, 400)

    def _go(self, prompt: Prompt) -> None:
        text = prompt.graph[NAME[0]]["inputs"][NAME[1]]
        prompt.start()
        for node in prompt.graph:
            prompt.checkpoint()
            prompt.begin(node)
            if node == NAME[0]:
                prompt.progress(1, 2, PICTURE)
                if text == FAILS:
                    prompt.fail("Exception", "Saving image outside the output folder is not allowed.")
                    return
                while text == HOLDS and not (self.go_on.wait(0.005) or prompt.interrupt_asked.is_set()):
                    pass
                prompt.checkpoint()
                if text == CANCELED:
                    prompt.interrupted()
                    return
            prompt.end(self.output_of(prompt, node) if node in prompt.targets else None)
        prompt.succeed()


class _ComfyUIFamily:
    name = "ComfyUI"
    clients = both_clients.COMFYUI
    text, seed, picture = "name", "colour", "image"
    fails, refused, node, here = FAILS, REFUSED, NAME[0], "here.png"

    def stand_in(self) -> GuidedComfyUI:
        return GuidedComfyUI()

    def workflow(self, **values: Any) -> Workflow[Any]:
        return Collage(**values)

    def pictures(self, result: Any) -> list[Any]:
        return [*result.outputs.picture]


COMFYUI = _ComfyUIFamily()
