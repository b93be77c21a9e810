"""What both clients of ComfyUI are made of, apart from how they wait for the server."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack

from flowbind.comfyui.events.hearing import PromptChannels
from flowbind.comfyui.known import Known
from flowbind.comfyui.schema.asking import AskedClasses
from flowbind.comfyui.transfers.index import FileIndex
from flowbind.drift_check import CheckMode, DriftCheck
from flowbind.transport.client import Client
from flowbind.transport.connection import Connection
from flowbind.transport.secret import Secret
from flowbind.transport.tls import Certificate, Verify

if TYPE_CHECKING:
    from flowbind.comfyui.runs.sending import Plan, Sending
    from flowbind.comfyui.runs.submitting import Submitted
    from flowbind.listening.listener import Line
    from flowbind.transport.steps import Operation
    from flowbind.workflow import Workflow

DEFAULT_URL = "http://127.0.0.1:8188"
URL, CA_FILE, API_KEY = "COMFYUI_URL", "COMFYUI_CA_FILE", "COMFYUI_API_KEY"
Previews = Literal["none", "auto", "latent2rgb", "taesd"]
"""How the server makes previews, as its option `--preview-method` has it."""


class Options(TypedDict, total=False):
    """The options of both clients, see `ComfyUI`."""

    url: str
    verify: Verify
    cert: Certificate
    timeout: float
    check: CheckMode
    events: bool
    previews: Previews | None
    api_key: str | None


class ComfyUIClient(Client):
    """Who asks the server, and what is known of it."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        verify: Verify = True,
        cert: Certificate | None = None,
        timeout: float = 60.0,
        check: CheckMode = "warn",
        events: bool = True,
        previews: Previews | None = None,
        api_key: str | None = None,
    ) -> None:
        self._prompts = PromptChannels()
        super().__init__(
            Connection.of("ComfyUI", url, timeout, verify, cert, DEFAULT_URL), self._prompts, events=events
        )
        drift, files = DriftCheck(check, AskedClasses().of), FileIndex(self._connection.home)
        self._known = Known(drift, files, previews, Secret(api_key) if api_key else None)

    @classmethod
    def from_env(cls, **options: Unpack[Options]) -> Self:
        """Make a client with what the environment says; options given here take its place.

        COMFYUI_URL is the address (else the default), COMFYUI_CA_FILE is a file of authorities to trust (`verify`),
        COMFYUI_API_KEY pays for nodes that run at partners of ComfyUI (`api_key`). Raises `ValueError` for what is no
        address.
        """
        given: dict[str, Any] = {
            name: os.environ[variable]
            for name, variable in (("url", URL), ("verify", CA_FILE), ("api_key", API_KEY))
            if os.environ.get(variable)
        }
        return cls(**{**given, **options})

    def _line(self) -> Line:
        from flowbind.comfyui.events.frames import Conversation
        from flowbind.listening.listener import Line

        # Nothing here may hold the client: one that nobody holds any more is not listened for.
        url, channels = self.url, self._prompts
        return Line(lambda: Conversation(url, channels.known_as), pings=20.0)

    # What follows is loaded by those who submit, and what is for many instances by those who have them.
    def _submission(self, workflow: Workflow[Any], front: bool, only: Sequence[str]) -> Operation[Submitted]:
        from flowbind.comfyui.runs.submitting import Wishes, check, made_ready, queued

        check(workflow)
        ready = yield from made_ready(workflow, self._known, Wishes(front, only))
        return (yield from queued(ready, self._known, self._prompts))

    def _plan(self, workflows: Iterable[Workflow[Any]]) -> Operation[Plan]:
        from flowbind.comfyui.runs.sending import planned

        return planned(workflows, self._known)

    def _sending(self, plan: Plan) -> Sending:
        from flowbind.comfyui.runs.sending import Sending

        return Sending(plan, self._known, self._prompts)
