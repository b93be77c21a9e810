"""What happens on the wire, apart from how: requests as operations, which a client carries out, and their answers."""

from __future__ import annotations

import json
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from flowbind.errors import (
    ConnectionBroken,
    Forbidden,
    NotFound,
    NotTheApi,
    Refused,
    ServerError,
    ServerFault,
    Unauthorized,
    UnexpectedReply,
)
from flowbind.outside import one_line
from flowbind.transport.steps import Call, Operation, Params, Reply, Sleep, Work

if TYPE_CHECKING:
    from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound="BaseModel")
_LARGE = 1 << 19
"""Bytes of JSON that take a millisecond to parse."""
_SOON = 0.01


def quoted(name: str) -> str:
    """Return a name from outside as one segment of a path; raises `NotFound` for what can be none."""
    try:
        # These lead to other paths, however they are quoted.
        segment = "" if name in (".", "..") else quote(name, safe="")
    except UnicodeEncodeError:
        segment = ""
    if not segment:
        raise NotFound(f"Nothing on a server can be called {name!r}.")
    return segment


def get(path: str, params: Params | None = None) -> Operation[Any]:
    """GET a JSON document; a broken connection is tried once more, see `answer_to`."""
    return (yield from document_of((yield from answer_to(Call("GET", path, params or {})))))


def send(method: str, path: str, content: Any = None, params: Params | None = None) -> Operation[Any]:
    """Send a request that changes something, with a JSON body; it is never repeated."""
    body = None if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
    reply: Reply = yield Call(method, path, params or {}, body)
    return (yield from document_of(reply))


def answer_to(call: Call) -> Operation[Reply]:
    """Send a request; a GET once more when the connection breaks, since reading changes nothing, others never."""
    try:
        reply: Reply = yield call
    except ConnectionBroken:
        if call.method != "GET":
            raise
        reply = yield call
    return reply


def document_of(reply: Reply) -> Operation[Any]:
    """Return the JSON of an answer as `parsed` does, beside the event loop where it is large."""
    return (yield Work(partial(parsed, reply))) if len(reply.body) > _LARGE else parsed(reply)


def parsed(reply: Reply) -> Any:
    """Return the JSON of an answer; raises a `ServerError` for any other answer."""
    if reply.status >= 400:
        raise failure(reply)
    if reply.status >= 300:
        raise NotTheApi(
            f"{reply.method} {reply.path} was answered with a redirect (HTTP {reply.status}), which is not followed: "
            "the address may be that of a login page; give the one that the redirect leads to.",
            status=reply.status,
        )
    if reply.status == 204 or not reply.body:
        return None
    if not is_json(reply):
        raise unexpected(reply, "JSON")
    try:
        return _parsed(reply.body)
    except (ValueError, RecursionError):
        raise UnexpectedReply(
            f"{reply.method} {reply.path} was answered with broken JSON. A proxy may have cut it: try again, or give "
            "the server's own address.",
            status=reply.status,
        ) from None


def taken(lock: Lock) -> Operation[None]:
    """Wait until a lock is free and take it: the event loop goes on, and who has it may be in another thread."""
    while not lock.acquire(blocking=False):
        yield Sleep(_SOON)


def _parsed(body: bytes) -> Any:
    if len(body) > _LARGE:
        # Parsing holds the interpreter until the end, in a thread, too; with a function to call, it lets others go on.
        return json.loads(body, object_hook=_same)
    from pydantic_core import from_json

    try:
        return from_json(body)
    except ValueError:
        return json.loads(body)  # which is four times slower, and reads halves of characters and any depth, too


def _same(found: dict[str, Any]) -> dict[str, Any]:
    return found


def read(model: type[ModelT], document: Any) -> ModelT:
    """Return a document as a model; raises `UnexpectedReply` for one of another shape."""
    from pydantic import ValidationError

    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in found["loc"]) or "document"
        raise UnexpectedReply(
            f"The server's JSON is no {model.__name__} ({place}: {found['msg']}). Check the address; if it is right, "
            "the server's release is one that this flowbind does not know: install another."
        ) from None


def list_in(document: Any) -> list[Any]:
    """Return a document that is a list; raises `UnexpectedReply` for any other."""
    if not isinstance(document, list):
        raise UnexpectedReply("The server's list is none. Check the address; its release may be one unknown here.")
    return document


def is_json(reply: Reply) -> bool:
    """Tell whether an answer says that it is JSON."""
    return reply.media_type.partition(";")[0].strip() == "application/json"


def unexpected(reply: Reply, wanted: str) -> UnexpectedReply:
    """Return the error for an answer of another type than was asked for."""
    what = "a web page" if _is_page(reply) else one_line(reply.media_type, 80) or "an answer without a type"
    status = f" (HTTP {reply.status})" if reply.status >= 400 else ""
    return (NotTheApi if _is_page(reply) else UnexpectedReply)(
        f"{reply.method} {reply.path} was answered with {what} instead of {wanted}{status}. The address may belong to "
        "another program or a login page, or this release lacks the path. "
        f"Open the address in a browser: it has to show {reply.server}.",
        status=reply.status,
    )


def is_file(media_type: str, wanted: str) -> bool:
    """Tell whether what is of a type may be a file of the `wanted` one, which may be the beginning of it."""
    # That of a login, or of a proxy: servers give their own pages of HTML another type, so that browsers show none.
    return media_type.startswith(wanted) and "html" not in media_type


def _is_page(reply: Reply) -> bool:
    return "html" in reply.media_type


def failure(reply: Reply) -> ServerError:
    """Return the error for an answer of 400 and above, with the server's own words and what to do."""
    if reply.status == 404 and _is_page(reply):
        # What is no page of ours is another program's.
        return unexpected(reply, "JSON")
    kind, cure = _FAILURES.get(reply.status) or (_REFUSED if reply.status < 500 else _FAULT)
    cure = reply.advice or cure
    return kind(f"{reply.method} {reply.path}: {said_by(reply)} (HTTP {reply.status}). {cure}", status=reply.status)


_FAILURES: dict[int, tuple[type[ServerError], str]] = {
    401: (
        Unauthorized,
        "The server wants a login, or does not take this one: give the client an account of the server.",
    ),
    403: (Forbidden, "This account may not do that: use another one, or ask an administrator of the server."),
    404: (NotFound, "It was deleted, or its id or name is wrong."),
    429: (Refused, "Nothing was done; try again in a moment."),
}
_REFUSED = (Refused, "Nothing was done; the same request would be refused again.")
_FAULT = (ServerFault, "Try again; if that does not help, the server's log says more.")


def said_by(reply: Reply) -> str:
    """Return the server's own explanation of an error, on one line and shortened."""
    detail = details(reply)
    if isinstance(detail, list):
        detail = "; ".join(str(d.get("msg", d)) if isinstance(d, dict) else str(d) for d in detail)
    if not detail and _is_page(reply):
        return "the answer is a web page, perhaps of a proxy in between"
    return one_line(detail, 600).rstrip(".") if detail else "the server gives no reason"


def details(reply: Reply) -> Any:
    """Return the `detail` of an error answer, as FastAPI writes it."""
    if not is_json(reply):
        return None
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return document.get("detail") if isinstance(document, dict) else None
