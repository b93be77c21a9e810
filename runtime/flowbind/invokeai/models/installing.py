"""One install of a model, from its start to the model or to what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from flowbind.errors import (
    ConnectionBroken,
    InstallFailed,
    InstallTimeout,
    NotFound,
    ServerFault,
    ServerUnreachable,
    UnexpectedReply,
)
from flowbind.invokeai.ability import Ability
from flowbind.invokeai.models.index import ModelIndex, list_models
from flowbind.invokeai.models.installed import InstalledModel
from flowbind.invokeai.models.installs import INSTALLS, one_install, quoted_from, record_of
from flowbind.invokeai.models.sources import installed_from, shown, source_text
from flowbind.invokeai.runs.recovery import Supports
from flowbind.listening.pauses import Pace
from flowbind.outside import one_line
from flowbind.transport.steps import Operation, Sleep
from flowbind.transport.wire import send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import InstallRecord

Progress = Callable[[str, int, int], None]
"""Hears the status, the bytes that are there, and the bytes that there will be (0 where nobody knows)."""

FINAL = frozenset({"completed", "error", "cancelled"})
_AWAY = 120.0
"""Seconds for which the server may be away or fail before waiting ends: a restart takes a minute."""


class Installing:
    """An install, as far as it has been seen; a model that was there before is like one that has ended well."""

    def __init__(
        self, known: InstallRecord | InstalledModel, models: ModelIndex, supports: Supports, exist_ok: bool = False
    ) -> None:
        self._models = models
        self._supports = supports
        self._exist_ok = exist_ok
        self._there = known if isinstance(known, InstalledModel) else None
        self.record: InstallRecord | None = None
        """All that the server tells of it, but for tokens; None for a model that was there before."""
        if not isinstance(known, InstalledModel):
            self._see(known)

    @property
    def id(self) -> int | None:
        """The server's number for the install, None for a model that was there before."""
        return self.record.id if self.record else None

    @property
    def source(self) -> str:
        """What is installed, as the server writes it."""
        return source_text(self.record.source) if self.record else (self._there and self._there.source) or ""

    @property
    def status(self) -> str:
        """The status last seen: waiting, downloading, downloads_done, running, paused, completed, error, cancelled."""
        return self.record.status if self.record else "completed"

    @property
    def bytes_done(self) -> int:
        """The bytes that were there when the install was last seen."""
        return self.record.bytes if self.record else 0

    @property
    def bytes_total(self) -> int:
        """The bytes that there will be, 0 where nobody knows yet."""
        return self.record.total_bytes if self.record else 0

    @property
    def model(self) -> InstalledModel | None:
        """The model, None until it is known to be there."""
        return self._there

    def _see(self, record: InstallRecord) -> None:
        self.record = record
        if record.status == "completed":
            # Others of its name, it may now be confused with.
            self._models.forget()
            if isinstance(record.config_out, dict):
                self._there = InstalledModel.of(record.config_out)

    def _read(self) -> Operation[str]:
        """Ask for the install; return its status."""
        if self.record is not None:
            try:
                seen = yield from one_install(self.record.id)
            except NotFound:
                raise self._gone() from None
            # A server that was started again begins to count anew.
            if source_text(seen.source) != self.source:
                raise self._gone()
            self._see(seen)
        return self.status

    def _end(self, timeout: float | None, progress: Progress | None) -> Operation[InstalledModel]:
        """Wait until the install has ended; return the model."""
        deadline = None if timeout is None else time.monotonic() + timeout
        answered, pace, told = time.monotonic(), Pace(), None
        while True:
            now = (self.status, self.bytes_done, self.bytes_total)
            if progress and now != told:
                progress(*now)
            told = now
            if self.status in FINAL:
                return (yield from self._outcome())
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise InstallTimeout(
                    f"{shown(self.source)} is not installed after {timeout:g} s (status {one_line(self.status, 40)}); "
                    "the install goes on. Wait again, or cancel it.",
                    source=shown(self.source),
                    install_id=self.id,
                )
            pause = pace.take()
            yield Sleep(pause if left is None else min(pause, left))
            try:
                yield from self._read()
                answered = time.monotonic()
            except (ConnectionBroken, ServerFault, ServerUnreachable):
                if time.monotonic() - answered > _AWAY:
                    raise

    def _outcome(self) -> Operation[InstalledModel]:
        """Return the model of an install that has ended; raises `InstallFailed` where there is none."""
        if self._there is not None:
            return self._there
        assert self.record is not None
        if self.status == "completed":
            raise UnexpectedReply(f"The server has installed {shown(self.source)} and does not say as which model.")
        if self.status == "cancelled":
            raise self._failed("the install was cancelled. Install it again to have it")
        message = quoted_from(self.record.error or "the server gives no reason", self.source)
        there = None
        if self.record.error_reason == "DuplicateModelException":
            record = installed_from(self.source, (yield from list_models()))
            there = None if record is None else InstalledModel.of(record)
            if there and self._exist_ok:
                self._there = there
                return there
            cure = "To have the model that is there, install with exist_ok=True"
            if there:
                message = one_line(f"it is there already, as {there} with the key {there.key}")
        elif message.lower() in ("unauthorized", "forbidden") or "access token" in message:
            cure = "It may be for those who have a token: give access_token=..., or log the server in"
        else:
            cure = "Correct the source; if it is right, the server's log says more"
        raise self._failed(f"{message}. {cure}", there)

    def _failed(self, reason: str, model: InstalledModel | None = None) -> InstallFailed:
        source = shown(self.source)
        told = (getattr(self.record, name, None) or "" for name in ("error_reason", "error", "error_traceback"))
        error_type, error_message, traceback = (text.replace(self.source, source) for text in told)
        return InstallFailed(
            f"{source} was not installed: {reason}.",
            source=source,
            install_id=self.id,
            status=self.status,
            error_type=error_type,
            error_message=error_message,
            traceback=traceback,
            model=model,
        )

    def _gone(self) -> InstallFailed:
        return InstallFailed(
            f"The server no longer knows install {self.id} ({shown(self.source)}): it was pruned, or the server was "
            "started again. Look for the model in its list, or install it again.",
            source=shown(self.source),
            install_id=self.id,
            status="gone",
        )

    def _cancel(self) -> Operation[str]:
        """Cancel the install; one that has ended stays as it is."""
        # The server calls even an install cancelled that has given a model.
        if (yield from self._read()) not in FINAL:
            yield from send("DELETE", f"{INSTALLS}/{self.id}")
            yield from self._read()
        return self.status

    def _order(self, verb: str) -> Operation[str]:
        """Have the server pause or resume the install."""
        if (yield from self._read()) not in FINAL:
            asking = send("POST", f"{INSTALLS}/{self.id}/{verb}")
            holding = Ability(f"{verb} installs", "6.12", "POST", f"{INSTALLS}/{{id}}/{verb}")
            self._see(record_of((yield from holding.tried(asking, self._supports))))
        return self.status

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}, {one_line(shown(self.source), 120)}: {one_line(self.status, 40)}>"
