"""What a fleet has: Dask's client, who serves which server, and what is known of the servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from flowbind.errors import ClientClosed, FlowbindError
from flowbind.fleet.tally import Tally
from flowbind.fleet.told import Connect
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from distributed import Client

    from flowbind.fleet.roster import Roster
    from flowbind.fleet.sweep import Sweep


@dataclass
class Crew:
    """Shared by all that goes through a fleet."""

    name: str
    client: Client
    roster: Roster
    connect: Connect
    patience: float
    stays_here: bool
    """Whether the workers are in this process."""
    tally: Tally = field(default_factory=Tally)
    unfit: dict[type[Workflow[Any]], dict[str, str]] = field(default_factory=dict[type[Workflow[Any]], dict[str, str]])
    """By class and server, why the server cannot run the class."""
    sweeps: WeakSet[Sweep] = field(default_factory=WeakSet["Sweep"])
    """What goes on."""
    is_closed: bool = False
    _servers: dict[str, Any] = field(default_factory=dict[str, Any])
    _connecting: Lock = field(default_factory=Lock)

    def server(self, url: str) -> Any:
        """Return this process's own client of a server, which the files of results are downloaded with.

        None where none can be made: a result is there even when its server has died since.
        """
        with self._connecting:
            if url not in self._servers:
                try:
                    self._servers[url] = self.connect(url)
                except FlowbindError:
                    return None
            return self._servers[url]

    def check_open(self) -> None:
        """Raise `ClientClosed` where the fleet is closed, or Dask's client."""
        if self.is_closed:
            raise ClientClosed("The fleet was closed: make another one.")
        if self.client.status != "running":
            raise ClientClosed("The Dask client of the fleet was closed while this was under way.")

    def close(self) -> None:
        """Cancel what goes on, have no worker serve the fleet any more, and close the clients.

        These open again for what is downloaded.
        """
        self.is_closed = True
        for sweep in [*self.sweeps]:
            sweep.cancel()
        self.roster.close()
        for server in self._servers.values():
            server.close()
