"""Installs of models as the server is asked for them: started, listed, read one by one, forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowbind.errors import Refused, ServerFault
from flowbind.invokeai.models.index import list_models
from flowbind.invokeai.models.installed import InstalledModel
from flowbind.invokeai.models.sources import installed_from, shown, without_tokens
from flowbind.outside import one_line
from flowbind.transport.secret import Secret
from flowbind.transport.steps import Call, Operation, Reply
from flowbind.transport.wire import document_of, get, list_in, read, said_by, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import InstallRecord

INSTALLS = "/api/v2/models/install"


def start(
    source: str, changes: Mapping[str, str | None], inplace: bool, token: Secret | None, exist_ok: bool
) -> Operation[InstallRecord | InstalledModel]:
    """Start an install; with `exist_ok`, return the model instead that the server has of this source."""
    if exist_ok and (there := installed_from(source, (yield from list_models()))):
        return InstalledModel.of(there)
    config = {name: value for name, value in changes.items() if value is not None}
    asked = {"source": source, "inplace": "true" if inplace else "false"}
    secrets = {} if token is None else {"access_token": token}
    reply: Reply = yield Call("POST", INSTALLS, asked, json.dumps(config).encode(), secrets=secrets)
    said = quoted_from(said_by(reply), source) if reply.status >= 400 else ""
    if reply.status >= 500:
        raise ServerFault(
            f"The server failed to install {shown(source)}: {said} (HTTP {reply.status}). If it is a Hugging Face "
            "repository: there is none of that name, the server has no login for it, or it does not reach Hugging "
            "Face. The server's log says more.",
            status=reply.status,
        )
    if reply.status in (409, 415, 424):
        raise Refused(
            f"The server does not install {shown(source)}: {said} (HTTP {reply.status}). "
            "Give it a file or folder of its own machine, the address of a file, or the id of a Hugging Face "
            "repository (owner/name).",
            status=reply.status,
        )
    return record_of((yield from document_of(reply)))


def all_installs() -> Operation[Sequence[InstallRecord]]:
    """Return the installs that the server knows, ended ones among them."""
    document = yield from get(INSTALLS)
    return [record_of(found) for found in list_in(document)]


def one_install(install_id: int) -> Operation[InstallRecord]:
    """Return an install by its number."""
    return record_of((yield from get(f"{INSTALLS}/{install_id}")))


def prune() -> Operation[None]:
    """Have the server forget the installs that have ended."""
    yield from send("DELETE", INSTALLS)


def record_of(document: Any) -> InstallRecord:
    """Return an install of an answer, without the tokens in it."""
    from flowbind.invokeai._rest import InstallRecord

    told = _without_nulls(without_tokens(document))
    if isinstance(told, dict) and isinstance(parts := told.get("download_parts"), list):
        told["download_parts"] = [_without_nulls(part) for part in parts]
    return read(InstallRecord, told)


def _without_nulls(document: Any) -> Any:
    # What is not known is null to some releases and left out by others.
    return {k: v for k, v in document.items() if v is not None} if isinstance(document, dict) else document


def quoted_from(said: str, source: str) -> str:
    """Return what the server says of a source as one line, without what may be a token."""
    return one_line(said.replace(source, shown(source)), 600).rstrip(".")
