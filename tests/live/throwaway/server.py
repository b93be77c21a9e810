"""Starts and stops a throwaway InvokeAI server, bound to this process or detached from it."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from . import api
from .basics import ThrowawayError, last_lines, lock, say
from .install import HERE, VERSION, install

START_SECONDS = 300
STOP_SECONDS = 20
LOCK, STATE, LOG = "throwaway.lock", "throwaway.json", "server.log"
PACKS = "nodes"

# InvokeAI takes every setting from INVOKEAI_<NAME>, so no invokeai.yaml has to be written.
ENVIRONMENT = {
    "INVOKEAI_HOST": "127.0.0.1",
    "INVOKEAI_PORT": "0",  # any free one, see launcher.py
    "INVOKEAI_DEVICE": "cpu",
    "INVOKEAI_PRECISION": "float32",
    "INVOKEAI_PATCHMATCH": "false",
    "INVOKEAI_LOG_FORMAT": "plain",
    "INVOKEAI_MAX_CACHE_RAM_GB": "4",
    # One thread is never slower for a toy model, and on busy cores twenty times as fast as two.
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    # Nothing is looked up on the network, nothing is reported.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "NO_ALBUMENTATIONS_UPDATE": "1",
}


def _environment(settings: Mapping[str, object]) -> dict[str, str]:
    # Settings and logins of the caller's own must not change what the tests see.
    foreign = ("INVOKEAI_", "PYTHON", "VIRTUAL_ENV", "FLOWBIND_", "HF_", "HUGGING")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    environment |= ENVIRONMENT
    for name, value in settings.items():
        variable = name if name.isupper() else f"INVOKEAI_{name.upper()}"
        environment[variable] = value if isinstance(value, str) else json.dumps(value)
    return environment


def _copy_packs(packs: Sequence[Path], folder: Path) -> None:
    """Copies node packs into the folder that InvokeAI imports packs from; it writes into that folder, too."""
    for pack in packs:
        target = folder / pack.name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(pack, target, ignore=shutil.ignore_patterns("__pycache__"))


def running_server(root: Path) -> dict[str, object] | None:
    """The pid and (once it listens) url of the server that runs from a root. Its lock says whether one does."""
    descriptor = lock(root / LOCK) if root.is_dir() else None
    if descriptor is not None:
        os.close(descriptor)
        return None
    try:
        return dict(json.loads((root / STATE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def stop_server(root: Path) -> bool:
    """Stops the detached server that runs from a root; False if none does."""
    state = running_server(root)
    if state is None:
        return False
    pid = int(str(state["pid"]))
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + seconds
        while running_server(root) is not None:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            break
    (root / STATE).unlink(missing_ok=True)
    return True


class ThrowawayServer:
    """A real InvokeAI on a port of its own: `with ThrowawayServer() as server: server.url`.

    `settings` are InvokeAI's, by their lower-case names, as Python values: {"multiuser": True, "deny_nodes": ["add"]}.
    A name in upper case is taken as an environment variable. `packs` are the folders of node packs, of which it gets
    copies. Without a `root` it gets a temporary one, which is deleted when it stops. It ends with this process, even if
    that is killed, unless it is `detached`.
    """

    def __init__(
        self,
        settings: Mapping[str, object] | None = None,
        *,
        packs: Sequence[Path] = (),
        root: Path | None = None,
        detached: bool = False,
    ) -> None:
        if detached and root is None:
            raise ValueError("a detached server needs a root by which it can be found again")
        self._settings = dict(settings or {})
        self._packs = tuple(packs)
        self._given_root = root.absolute() if root else None
        self._detached = detached
        self._root: Path | None = None
        self._url: str | None = None
        self._token: str | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        if self._url is None:
            raise ThrowawayError("The server has not been started.")
        return self._url

    @property
    def root(self) -> Path:
        """The folder with its database, its pictures and its log."""
        if self._root is None:
            raise ThrowawayError("The server has not been started.")
        return self._root

    def log_tail(self, lines: int = 30) -> str:
        """The end of what it has printed."""
        return last_lines(self.root / LOG, lines)

    def admin_token(self) -> str:
        """With multiuser=True: the token of an administrator, who is created the first time."""
        if self._token is None:
            self._token = api.admin_token(self.url)
        return self._token

    def add_tiny_model(self, name: str = "Tiny SD 1.5") -> dict[str, str]:
        """Registers the tiny model, if it is not; returns its key, hash, name, base and type."""
        token = self.admin_token() if api.is_multiuser(self.url) else None
        return api.register_model(self.url, install().tiny_model, name, token=token)

    def start(self) -> Self:
        """Starts it and returns when it answers."""
        if self._process is not None:
            raise ThrowawayError("The server has been started already.")
        self._root = self._given_root or Path(tempfile.mkdtemp(prefix="flowbind-invokeai-")).resolve()
        self._root.mkdir(parents=True, exist_ok=True)
        self._launch({})
        return self

    def restart(self, *, kill: bool = False) -> Self:
        """Ends it, without any warning if `kill`, and starts it again at the same address, with the same root."""
        url = self.url
        self._end(kill=kill)
        self._launch({"INVOKEAI_PORT": url.rpartition(":")[2]})
        if self.url != url:
            raise self._failure(f"listens at {self.url} now, since another program has taken the port of {url}")
        return self

    def _launch(self, changes: dict[str, str]) -> None:
        installed = install()
        started = time.monotonic()
        descriptor = lock(self.root / LOCK)
        if descriptor is None:
            raise ThrowawayError(f"A server is running from {self.root} already.")
        environment = _environment(self._settings) | changes
        environment |= {"FLOWBIND_ROOT": str(self.root), "FLOWBIND_STATE_FILE": str(self.root / STATE)}
        # The caller's own would be logged out with it.
        environment["HF_HOME"] = str(self.root / "huggingface")
        if not self._detached:
            environment["FLOWBIND_LIFELINE"] = "keep" if self._given_root else "delete"
            atexit.register(self.stop)
        try:
            (self.root / STATE).unlink(missing_ok=True)
            with os.fdopen(descriptor), (self.root / LOG).open("wb") as log:
                _copy_packs(self._packs, self.root / PACKS)
                # -P: modules beside the launcher must not hide any of InvokeAI's. A session of its own: Ctrl-C in the
                # terminal is for this process, which then stops the server in order. From here on the lock is the
                # server's alone.
                self._process = subprocess.Popen(
                    [str(installed.python), "-P", "-u", str(HERE / "launcher.py")],
                    stdin=subprocess.DEVNULL if self._detached else subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    cwd=self.root,
                    env=environment,
                    start_new_session=True,
                    pass_fds=[descriptor],
                )
            self._url = self._wait_until_healthy(self._process)
        except BaseException:
            self.stop()
            raise
        say(f"InvokeAI {VERSION} answers at {self._url} after {time.monotonic() - started:.1f} s.")

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> str:
        deadline = time.monotonic() + START_SECONDS
        url: object = None
        while url is None:
            if process.poll() is not None:
                raise self._failure(f"died while it started (exit code {process.returncode})")
            if time.monotonic() > deadline:
                raise self._failure(f"was not there after {START_SECONDS} s")
            time.sleep(0.05)
            # The address comes from the server itself, so what answers there cannot be another one.
            url = (running_server(self.root) or {}).get("url")
        try:
            version = api.server_version(str(url))
        except ThrowawayError as error:
            raise self._failure(f"gave no version: {error}") from None
        if version != VERSION:
            raise self._failure(f"says that it is {version}")
        # InvokeAI starts all the same without a pack that it cannot import.
        if failed := [pack.name for pack in self._packs if f"Failed to load node pack {pack.name} " in self._log()]:
            raise self._failure(f"cannot load the node pack {', '.join(failed)}")
        return str(url)

    def _log(self) -> str:
        return (self.root / LOG).read_text(encoding="utf-8", errors="replace")

    def _failure(self, what: str) -> ThrowawayError:
        return ThrowawayError(f"The InvokeAI server {what}. The end of its log:\n{self.log_tail()}")

    def stop(self) -> None:
        """Stops it and deletes its temporary root; does nothing when that has been done."""
        self._end()
        if self._root is not None:
            (self._root / STATE).unlink(missing_ok=True)
            if self._given_root is None:
                shutil.rmtree(self._root, ignore_errors=True)
        atexit.unregister(self.stop)

    def _end(self, *, kill: bool = False) -> None:
        process = self._process
        if process is not None:
            (process.kill if kill else process.terminate)()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
        self._process = self._url = self._token = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
