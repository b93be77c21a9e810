"""`LocalServer`: a server of this machine, started from an installation and stopped again."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from flowbind import families
from flowbind.errors import LocalServerError, PortTaken
from flowbind.local_server import keeper, processes, records
from flowbind.local_server.installed import Installed, Place, answering, environment_of
from flowbind.local_server.log import last_lines
from flowbind.local_server.ports import asked_at, can_listen, free_port
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

        Raises `flowbind.errors.LocalServerError` before it was started.
        """
        return "\n".join(last_lines(self.log_file, lines))

    def is_running(self) -> bool:
        """Tell whether its process is still there; raises nothing."""
        return self._record is not None and self._record.runs

    def start(self) -> Self:
        """Start it and return when it answers.

        Raises `flowbind.errors.PortTaken`, `ServerDied` or `StartTimeout`, and `LocalServerError` for all else that
        keeps it from starting. Nothing of it runs then, nor when waiting is interrupted.
        """
        if self.is_running():
            raise LocalServerError(f"This server runs already, at {self.url}.")
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
            try:
                place, self._kept, self._record = self._launched()
            except OSError as error:
                raise LocalServerError(f"{self._installed.TITLE} cannot be started: {error}.") from error
            atexit.register(self._stop_at_exit)
            log = self._record.log
            found = until_it_answers(self._kept, self._installed, place, log, self._timeout)
            self._release = found.release
            self._record = self._record.model_copy(update={"url": found.url})
            with records.held():
                records.written(self._record)
            if self._detached:
                self._kept.leave()
                self._kept = None
                atexit.unregister(self._stop_at_exit)
        except BaseException:
            self.stop()
            raise
        return self

    def _launched(self) -> tuple[Place, Kept, Record]:
        """Take a port, start the process, and record it before anybody else can take the same."""
        installed = self._installed
        with records.held():
            others = records.running()
            place = self._place(others)
            log = records.new_log(installed.NAME, place.port)
            installed.prepare()
            environment = environment_of(installed, place, self._environment)
            kept = Kept(installed.python, installed.command(place), installed.folder, environment, log)
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

    def _place(self, others: Sequence[Record]) -> Place:
        """Return where it is to be; raises `LocalServerError` where another server is in its way."""
        title = self._installed.TITLE
        beside = [other for other in others if _same_folder(other, self._installed)]
        if beside and self._installed.alone:
            raise LocalServerError(
                f"{title} runs already from {self._installed.folder}, at {beside[0].url} (pid {beside[0].pid}); two "
                f"would spoil each other's data. Use that one, stop it with `flowbind server stop {beside[0].port}`, "
                "or give this one a root of its own."
            )
        taken = {other.port: other for other in others}
        try:
            port = self._port or free_port(self._host, taken)
            free = port not in taken and can_listen(self._host, port)
        except OSError as error:
            raise LocalServerError(
                f"A server of this account cannot listen at {self._host}, port {self._port or 'any'}: "
                f"{error.strerror or error}."
            ) from None
        if not free:
            # Nobody has asked for a port that was only just free.
            who = _who(taken.get(port), self._host, port) if self._port else "another program listens there"
            raise PortTaken(
                f"Port {port} is taken: {who}. Stop it, or choose another port; without any, a free one is taken."
            )
        return Place(self._host, port, records.own_folder(port) if beside else None)

    def _stop_at_exit(self) -> None:
        # A forked child ends without what its parent has started.
        if os.getpid() == self._starter:
            self.stop()


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)


def _same_folder(record: Record, installed: Installed) -> bool:
    try:
        return record.engine == installed.NAME and record.folder.samefile(installed.folder)
    except OSError:
        return False


def _who(record: Record | None, host: str, port: int) -> str:
    """Return who has a port, as far as one can tell."""
    known = families.installed()
    if record is not None:
        title = known[record.engine].TITLE if record.engine in known else "a server"
        since = f"{record.since.astimezone():%Y-%m-%d %H:%M}"
        return f"{title} that flowbind started at {since}, pid {record.pid}"
    for family in known.values():
        if found := answering(family, f"{asked_at(host)}:{port}"):
            return f"{family.TITLE} {found.release}".strip() + " answers there already"
    return "another program listens there"
