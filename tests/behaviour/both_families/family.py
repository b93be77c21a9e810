"""What the tests of both families need of one: its clients, a class, and a server whose runs a test can guide.

What a run does, its text says: all texts but these end well. So it goes the same way on a real server, as far as that
can be made to.

Where the families differ on purpose:

* InvokeAI takes many runs in one request, ComfyUI each in one of its own: what is counted is runs, not requests.
* An item is a number on InvokeAI and a prompt's id on ComfyUI, whose result has no batch.
* InvokeAI looks pictures up by their names before a run, ComfyUI refuses the run of a name that it does not have.
* The websocket of InvokeAI has to be subscribed to, so that one which is silent is known at once; that of ComfyUI tells
  by itself, and is only asked beside.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from tests.fidelity.pictures import grey

from flowbind.workflow import Random, Workflow

from ..both_clients import Clients, Script, carry_out
from ..local_server import Request

HOLDS = "it goes on until somebody has it go on or cancels it"
CANCELED = "somebody else cancels it"


class StandIn(Protocol):
    """A server that does what a test wants."""

    url: str
    requests: list[Request]
    go_on: Event
    """When it is set, runs that hold go on."""
    is_away: bool
    """Whether it hangs up on whoever asks."""

    def posts(self) -> int:
        """Return how many runs it was asked to queue."""
        ...

    def given(self) -> Sequence[Mapping[str, Any]]:
        """Return the text, seed and picture of each run that it queued, in their order."""
        ...

    def uploads(self) -> Sequence[bytes]:
        """Return the files that were uploaded."""
        ...

    def downloads(self) -> int:
        """Return how often it was asked for a file."""
        ...

    def about_files(self) -> int:
        """Return how many requests had to do with files in any way."""
        ...

    def keep(self, name: str, content: bytes) -> None:
        """Have another file of the name that it gives to what a run leaves."""
        ...

    def delete_files(self) -> None:
        """Delete all files, as somebody else may."""
        ...

    def break_download(self) -> None:
        """Hang up in the middle of the file that it is asked for next."""
        ...

    def break_upload(self) -> None:
        """Hang up on whoever uploads next."""
        ...

    def be_busy(self) -> AbstractContextManager[None]:
        """Have somebody else's run go on as long as this lasts: others wait."""
        ...

    def delete_waiting(self) -> None:
        """Delete all runs that wait, as somebody else may."""
        ...

    def lose_submit(self) -> None:
        """Queue what is submitted next, and hang up."""
        ...

    def drop_submit(self) -> None:
        """Queue nothing of what is submitted next, and hang up."""
        ...

    def fail_submit(self) -> None:
        """Queue nothing of what is submitted next, and say that this is the server's fault."""
        ...

    def tell_nobody(self) -> None:
        """Have no websocket from now on."""
        ...

    def stall(self) -> None:
        """Take websockets and say nothing."""
        ...

    def fall_silent(self) -> None:
        """Say nothing more to those who listen, who do not notice."""
        ...

    def cut(self) -> None:
        """Break the websockets."""
        ...


@dataclass(frozen=True)
class Served:
    """A server that runs; `stand_in` is none where it is a real one, which goes its own way."""

    url: str
    stand_in: StandIn | None = None


class Family(Protocol):
    """One family."""

    name: str
    clients: Clients
    text: str
    """What the input is called, as `seed` and `picture`."""
    seed: str
    picture: str
    fails: str
    """The text of runs that fail at the node `node`."""
    refused: int
    """A seed that the class takes and the server does not."""
    node: str
    here: str
    """The name of a picture that the server has."""

    def stand_in(self) -> AbstractContextManager[StandIn]:
        """Return a server of this family."""
        ...

    def workflow(self, **values: Any) -> Workflow[Any]:
        """Return an instance; inputs are called by the names that they have in their family."""
        ...

    def pictures(self, result: Any) -> list[Any]:
        """Return the pictures of a result."""
        ...


@dataclass(frozen=True)
class Side:
    """One client of one family on one server: what a test is given."""

    family: Family
    kind: str
    served: Served

    def use(self, script: Script, **options: Any) -> Any:
        """Carry out a script with a client; return what it returns."""
        # Drift has tests of its own.
        return carry_out(self.kind, self.served.url, script, self.family.clients, check="off", **options)

    def made(
        self, text: str = "fine", seed: int | Random = 7, picture: Path | bytes | str | None = None
    ) -> Workflow[Any]:
        """Return an instance."""
        family = self.family
        # What is on a real server, nobody knows.
        here: str | bytes = grey(32, 200) if self.served.stand_in is None else family.here
        shown = here if picture is None else picture
        return family.workflow(**{family.text: text, family.seed: seed, family.picture: shown})

    @property
    def fresh(self) -> int:
        """A seed that hardly any run has had before."""
        return random.randrange(0xFFFFFF)

    @property
    def stand_in(self) -> StandIn:
        """The server, where it can be told what to do."""
        assert self.served.stand_in is not None
        return self.served.stand_in


async def settled(given: Any) -> Any:
    """Return what a file gives that a client has made: with the async one it is awaited."""
    return await given if asyncio.iscoroutine(given) else given
