"""`LocalServer`: a server of this machine, started from an installation and stopped again."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from flowbind.errors import LocalServerError, PortTaken
from flowbind.local_server import keeper, processes, records
from flowbind.local_server.installed import Installed, Place, environment_of
from flowbind.local_server.log import Log
from flowbind.local_server.placing import placed
from flowbind.local_server.ports import asked_at
from flowbind.local_server.records import Record
from flowbind.local_server.starting import Kept, until_it_answers

_TRIES = 5
"""Of free ports, where others take them in between."""


class LocalServer:
    """A server that is started from an installation on this machine: `with LocalServer.comfyui(path) as local: ...`.

    It ends at the end of the `with` block, with `stop()`, and with the program that started it, however that ends,
    killed included. A `detached` one outlives the program; `flowbind server list` and `stop` find it.
    """

    def __init__(
        self,
        installed: Installed,
        *,
        port: int | None,
        host: str,
        environment: Mapping[str, str] | None,
        timeout: float,
        detached: bool,
    ) -> None:
        if port is not None and not 0 < port < 65536:
            raise ValueError(f"port must be from 1 to 65535, not {port}")
        self._installed = installed
        self._port = port
        self._host = host
        self._environment = dict(environment or {})
        self._timeout = timeout
        self._detached = detached
        self._starting = threading.Lock()
        self._kept: Kept | None = None
        self._record: Record | None = None
        self._release = ""
        self._starter = os.getpid()

    @classmethod
    def comfyui(
        cls,
        path: str | Path,
        *,
        port: int | None = None,
        host: str = "127.0.0.1",
        input_directory: str | Path | None = None,
        output_directory: str | Path | None = None,
        args: Sequence[str] = (),
        python: str | Path | None = None,
        environment: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        detached: bool = False,
    ) -> Self:
        """Return a ComfyUI of a checkout, not started yet; `path` is the folder that holds its `main.py`.

        Without a `port` it gets a free one. `args` are more options for its command line. It runs under `python`, else
        under that of `path/venv` or `path/.venv`, of the portable package, else under this program's. `environment` is
        added to this program's, `timeout` is how many seconds its start may take. Raises
        `flowbind.errors.LocalServerError` where nothing is installed, `ValueError` for options that are given twice.
        """
        from flowbind.comfyui.installation import installed

        of = installed(Path(path), _path(python), tuple(args), _path(input_directory), _path(output_directory))
        return cls(of, port=port, host=host, environment=environment, timeout=timeout, detached=detached)

    @classmethod
    def invokeai(
        cls,
        venv: str | Path,
        root: str | Path,
        *,
        port: int | None = None,
        host: str = "127.0.0.1",
        environment: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        detached: bool = False,
    ) -> Self:
        """Return the InvokeAI of a virtual environment, not started yet, with a root that no other server uses.

        Without a `port` it gets a free one. `environment` is added to this program's: settings go there, like
        `INVOKEAI_DEVICE`. `timeout` is how many seconds its start may take. Raises
        `flowbind.errors.LocalServerError` where nothing is installed.
        """
        from flowbind.invokeai.installation import installed

        of = installed(Path(venv), Path(root))
        return cls(of, port=port, host=host, environment=environment, timeout=timeout, detached=detached)

    @property
    def url(self) -> str:
        """Where it answers, for a client."""
        return self._started.url

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return self._started.port

    @property
    def pid(self) -> int:
        """The id of its process, which leads a group with all its children."""
        return self._started.pid

    @property
    def release(self) -> str:
        """The release that it said it is when it was ready; empty where it tells none."""
        return self._release

    @property
    def log_file(self) -> Path:
        """The file with all that it prints; kept when it is stopped, until the next server of the same port."""
        return self._started.log

    def log(self, lines: int = 200) -> str:
        """Return the last lines of what it has printed, fit for a terminal; of a huge log only the end is read.

        Secrets of its environment are not shown. Raises `flowbind.errors.LocalServerError` before it was started.
        """
        return "\n".join(Log(self.log_file, {**os.environ, **self._environment}).last_lines(lines))

    def is_running(self) -> bool:
        """Tell whether its process is still there; raises nothing."""
        return self._record is not None and self._record.runs

    def start(self) -> Self:
        """Start it and return when it answers.

        Raises `flowbind.errors.PortTaken`, `ServerDied` or `StartTimeout`, and `LocalServerError` for all else that
        keeps it from starting. Nothing of it runs then, nor when waiting is interrupted.
        """
        with self._starting:
            if self.is_running():
                raise LocalServerError(f"This server runs already, at {self.url}.")
            self.stop()  # what is left of one that ended by itself
            self._starter = os.getpid()
            for _ in range(_TRIES - 1):
                try:
                    return self._start()
                except PortTaken:
                    if self._port is not None:
                        raise
            return self._start()

    def stop(self, timeout: float = keeper.PATIENCE) -> None:
        """Stop it with all its children; does nothing where it has ended.

        It has `timeout` seconds for ending by itself, as after Ctrl-C, and is killed then. Raises
        `flowbind.errors.LocalServerError` where the system does not let it end.
        """
        atexit.unregister(self._stop_at_exit)
        if self._kept is not None:
            self._kept.end(timeout)
            self._kept = None
        if self._record is not None:
            records.stopped(self._record, timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = f" at {self._record.url}, pid {self._record.pid}" if self._record else ", not started"
        return f"<LocalServer {self._installed.TITLE}{where}>"

    @property
    def _started(self) -> Record:
        if self._record is None:
            raise LocalServerError("The server has not been started: use `with`, or start().")
        return self._record

    def _start(self) -> Self:
        try:
            place, self._kept, self._record = self._launched()
            atexit.register(self._stop_at_exit)
            found = until_it_answers(self._kept, self._installed, place, self._timeout)
            self._release = found.release
            self._record = self._record.model_copy(update={"url": found.url})
            with records.held():
                records.written(self._record)
            if self._detached:
                self._kept.leave()
                self._kept = None
                atexit.unregister(self._stop_at_exit)
        except BaseException as error:
            self.stop()
            # A StartTimeout is an OSError, too.
            if isinstance(error, OSError) and not isinstance(error, LocalServerError):
                raise LocalServerError(f"{self._installed.TITLE} cannot be started: {error}.") from error
            raise
        return self

    def _launched(self) -> tuple[Place, Kept, Record]:
        """Take a port, start the process, and record it before anybody else can take the same."""
        installed = self._installed
        with records.held():
            place = placed(installed, self._host, self._port, records.running())
            log = records.new_log(installed.NAME, place.port)
            installed.prepare()
            environment = environment_of(installed, place, self._environment)
            kept = Kept(
                installed.python, installed.command(place), installed.folder, environment, Log(log, environment)
            )
            try:
                record = Record(
                    engine=installed.NAME,
                    url=f"http://{asked_at(place.host)}:{place.port}",
                    port=place.port,
                    pid=kept.pid,
                    started=processes.started(kept.pid) or "",
                    since=records.now(),
                    folder=installed.folder,
                    log=log,
                    detached=self._detached,
                )
                records.written(record)
            except BaseException:
                kept.end()
                raise
        return place, kept, record

    def _stop_at_exit(self) -> None:
        # A forked child ends without what its parent has started.
        if os.getpid() == self._starter:
            self.stop()


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
