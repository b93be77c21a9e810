"""Chooses where a server is to listen, and says who is in its way."""

from __future__ import annotations

from collections.abc import Sequence

from flowbind import families
from flowbind.errors import LocalServerError, PortTaken
from flowbind.local_server import records
from flowbind.local_server.installed import Installed, Place, answering
from flowbind.local_server.ports import asked_at, can_listen, free_port
from flowbind.local_server.records import Record


def placed(installed: Installed, host: str, wanted: int | None, others: Sequence[Record]) -> Place:
    """Return where it is to be; raises `LocalServerError` where another server is in its way."""
    beside = [other for other in others if _same_folder(other, installed)]
    if beside and installed.alone:
        raise LocalServerError(
            f"{installed.TITLE} runs already from {installed.folder}, at {beside[0].url} (pid {beside[0].pid}); two "
            f"would spoil each other's data. Use that one, stop it with `flowbind server stop {beside[0].port}`, "
            "or give this one a root of its own."
        )
    taken = {other.port: other for other in others}
    try:
        port = wanted or free_port(host, taken)
        free = port not in taken and can_listen(host, port)
    except OSError as error:
        raise LocalServerError(
            f"A server of this account cannot listen at {host}, port {wanted or 'any'}: {error.strerror or error}."
        ) from None
    if not free:
        # Nobody has asked for a port that was only just free.
        who = _who(taken.get(port), host, port) if wanted else "another program listens there"
        raise PortTaken(
            f"Port {port} is taken: {who}. Stop it, or choose another port; without any, a free one is taken."
        )
    return Place(host, port, records.own_folder(port) if beside else None)


def _same_folder(record: Record, installed: Installed) -> bool:
    try:
        return record.folder.samefile(installed.folder)
    except OSError:
        return False


def _who(record: Record | None, host: str, port: int) -> str:
    """Return who has a port, as far as one can tell."""
    known = families.installed()
    if record is not None:
        family = known.get(record.engine)
        since = f"{record.since.astimezone():%Y-%m-%d %H:%M}"
        return f"{family.TITLE if family else 'a server'} that flowbind started at {since}, pid {record.pid}"
    for other in known.values():
        if found := answering(other, f"{asked_at(host)}:{port}"):
            return f"{other.TITLE} {found.release}".strip() + " answers there already"
    return "another program listens there"
