"""A server that plays ComfyUI 0.33: node classes, files, a queue whose prompts take the course that a test gives them.

    with FakeComfyUI() as server:                  # each prompt ends well at once
        ...                                        # a client at server.url
        server.course = by_hand                    # or until_interrupted, or a function of the test
        prompt = server.running()                  # waits for the prompt that was posted
        prompt.start(cached=["4"])
        prompt.begin("3")
        prompt.progress(1, 20, image)
        prompt.end({"images": [server.files.put("a.png", image)]})
        prompt.succeed()                           # or fail(...), interrupted()

`sent(method, path)` are the requests that came in, so that what is posted twice is seen; `posted` the prompts that
were taken, `files.uploads` the files. What a real server cannot be made to do: `instead`, `lose_answer`, `cut`,
`listeners.silent`, `refusal`, `forget`, `restart`. A recording is played by `replaying.replay(server, recording)`.
"""

from __future__ import annotations

from threading import Thread
from types import TracebackType
from typing import Self

from tests.fidelity.pictures import grey
from websockets.http11 import Request as Handshake
from websockets.http11 import Response
from websockets.sync.server import ServerConnection

from ..fake_server import HANG_UP, Answer
from ..local_server import Request
from ..sockets import Sockets, refused
from .answering import AnsweringComfyUI
from .files import nothing
from .listeners import Frame, Listeners, message
from .prompts import Course, Gone, Interrupted, Prompt, Record, succeed

PICTURE = grey(64, 128)


class FakeComfyUI(AnsweringComfyUI):
    """Plays a whole server.

    `refusal` is what a websocket is answered with instead: a status, and a place. `yields` is what nodes show, by their
    ids, instead of a picture.
    """

    def __init__(
        self, *, prefix: str = "", has_jobs: bool = True, has_cancel: bool = True, takes_ids: bool = True
    ) -> None:
        super().__init__(prefix=prefix, has_jobs=has_jobs, has_cancel=has_cancel, takes_ids=takes_ids)
        self.course: Course = succeed
        self.yields: dict[str, Record] = {}
        self.posted: list[Prompt] = []
        self.refusal: tuple[int, str] | None = None
        self.listeners = Listeners(self._greeting, lambda: self.features)
        self._sockets = Sockets(self._http.socket, self.listeners.talk, self._handshake)
        self._instead: dict[tuple[str, str], list[Answer | None]] = {}

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._sockets.url

    def running(self, seconds: float = 10) -> Prompt:
        """Return the prompt that runs, or wait for one."""
        assert self.work.wait_for(lambda: self.work.running, seconds), "nothing was posted"
        assert self.work.running is not None
        return self.work.running

    # What goes wrong.

    def instead(self, method: str, path: str, *answers: Answer) -> None:
        """Give the next requests of a method to a path these answers, and do nothing of what they ask for."""
        self._instead.setdefault((method, path), []).extend(answers)

    def lose_answer(self, method: str, path: str) -> None:
        """Do what the next such request asks for, and hang up without an answer."""
        self._instead.setdefault((method, path), []).append(None)

    def cut(self) -> None:
        """Break all websockets, without a word."""
        self.listeners.forget()
        self._sockets.cut()

    def forget(self, *prompt_ids: str) -> None:
        """Take prompts off the queue, or all, as somebody else may, without even a word that the queue is shorter."""
        self.work.delete(prompt_ids or None, quietly=True)

    def restart(self) -> None:
        """Lose the queue, the history and all websockets."""
        self.cut()
        self.work.lose()

    # What prompts need.

    def tell(self, frame: Frame, to: str | None) -> None:
        """Tell one client, or all."""
        self.listeners.tell(frame, to)

    def knows_metadata(self, client_id: str | None) -> bool:
        """Tell whether a client takes previews that say whose they are."""
        return client_id is not None and self.listeners.flag(client_id, "supports_preview_metadata")

    def output_of(self, prompt: Prompt, node: str) -> Record:
        """Return what a node shows: a picture of its own, if nothing else was said."""
        if node in self.yields:
            return self.yields[node]
        about = prompt.graph[node]
        saved = about.get("class_type") == "SaveImage"
        stem, folder = (about["inputs"]["filename_prefix"], "output") if saved else ("ComfyUI_temp_fakes", "temp")
        subfolder, _, stem = stem.rpartition("/")
        number = 1 + sum(key[:2] == (folder, subfolder) for key in self.files.held)
        return {"images": [self.files.put(f"{stem}_{number:05}_.png", PICTURE, subfolder=subfolder, folder=folder)]}

    def finish(self, prompt: Prompt) -> None:
        """Write a prompt into the history."""
        self.work.finish(prompt)

    # What it answers.

    def next_answer(self, request: Request) -> Answer:
        """Return what to say to a request, which is kept."""
        self.requests.append(request)
        if not request.path.startswith(self.prefix):
            return nothing(404)
        planned = self._instead.get((request.method, self.place(request.path)))
        if not planned:
            return self.answer(request)
        answer = planned.pop(0)
        if answer is None:
            self.answer(request)
            return HANG_UP
        return answer

    def put(self, number: float, prompt_id: str, graph: Record, extra_data: Record, targets: list[str]) -> None:
        """Take a prompt."""
        prompt = Prompt(self, number, prompt_id, graph, extra_data, targets)
        self.posted.append(prompt)
        self.work.put(prompt)

    def _greeting(self, client_id: str) -> list[Frame]:
        greeting: list[Frame] = [message("status", {"status": self.remaining(), "sid": client_id})]
        running = self.work.running
        if running is not None and running.client_id == client_id and running.at is not None:
            greeting.append(message("executing", {"node": running.at}))
        return greeting

    def changed(self) -> None:
        """Tell everybody how many prompts there are."""
        self.listeners.tell(message("status", {"status": self.remaining()}))

    def _handshake(self, _: ServerConnection, request: Handshake) -> Response | None:
        if self.place(request.path).partition("?")[0] != "/ws":
            return refused(404)
        return None if self.refusal is None else refused(*self.refusal)

    def _run(self) -> None:
        while (prompt := self.work.take()) is not None:
            try:
                self.course(prompt)
                prompt.ended.wait()
            except Interrupted:
                prompt.interrupted()
            except Gone:
                pass

    def __enter__(self) -> Self:
        super().__enter__()
        self._sockets.__enter__()
        self.listeners.start()
        Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.work.close()
        self.cut()
        self.listeners.stop()
        self._sockets.__exit__(kind, error, trace)
        super().__exit__(kind, error, trace)
