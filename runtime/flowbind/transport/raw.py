"""Requests of the user's own, for what flowbind has no method for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from flowbind.transport.steps import Call, Operation, Params
from flowbind.transport.wire import answer_to, document_of, is_json


def raw_request(
    method: str,
    path: str,
    params: Params | None,
    document: Any,
    content: bytes | None,
    headers: Mapping[str, str] | None,
) -> Operation[Any]:
    """Send a request and return its answer: JSON as Python values, other types as bytes."""
    _check_path(path)
    own = {name.lower(): value for name, value in (headers or {}).items()}
    if document is not None and content is not None:
        raise ValueError("json and content are both given: a request has one body")
    if "authorization" in own:
        raise ValueError("the header Authorization is the client's own: give it an account, or a login in the address")
    body = content if document is None else json.dumps(document).encode()
    reply = yield from answer_to(Call(method.upper(), path, params or {}, body, headers=own))
    is_data = reply.status < 300 and reply.media_type and not is_json(reply) and "html" not in reply.media_type
    return reply.body if is_data else (yield from document_of(reply))


def _check_path(path: str) -> None:
    """Raise `ValueError` for a path that is none, or that leads elsewhere."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        raise ValueError(f"{path!r} is no path on the server; it looks like /api/v1/app/version")
    if "?" in path or "#" in path:
        raise ValueError(f"{path!r} has a query or a fragment: give the query as params={{...}}")
    if not path.isprintable() or any(unquote(part) in (".", "..") for part in path.split("/")):
        raise ValueError(f"{path!r} has a part that is no name; quote what stands in a path: urllib.parse.quote")
