"""What a running server lacks of what workflows name: models, pictures, videos, boards, and an open door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flowbind.errors import NotFound, Unauthorized, UnexpectedReply
from flowbind.findings import Finding, finding
from flowbind.invokeai import InvokeAI, ModelRef
from flowbind.invokeai.app import wants_login
from flowbind.invokeai.gallery.boards import list_boards
from flowbind.invokeai.models.index import list_models, models_meant
from flowbind.invokeai.schema.served import ServedNodes, served_nodes
from flowbind.rules import Rule, Severity
from flowbind.transport.wire import get, quoted
from flowbind_generator.invokeai.server import connected, document_of
from flowbind_generator.manifest import is_comparable
from flowbind_generator.server_rules import (
    BOARD_MISSING,
    IMAGE_MISSING,
    LOGIN_REQUIRED,
    MODEL_AMBIGUOUS,
    MODEL_MISSING,
    MODEL_REKEYED,
    VIDEO_MISSING,
)

Named = Mapping[str, Any]
_FILES: Mapping[str, tuple[type[Rule], str]] = {
    "image": (IMAGE_MISSING, "/api/v1/images/i/"),
    "video": (VIDEO_MISSING, "/api/v1/videos/i/"),
}
_LOGIN_CURE = (
    "Set INVOKEAI_EMAIL and INVOKEAI_PASSWORD to an account of the server (where INVOKEAI_URL is set, it must be this "
    "server's address), or give its host an entry in ~/.netrc."
)


@dataclass(frozen=True)
class LiveInvokeAI:
    """A running server with the node types that its document has."""

    server: InvokeAI
    served: ServedNodes

    def lacks(self, workflows: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
        """Return what the server lacks of what workflows name, by their manifest entries."""
        return live_findings(self.server, workflows)


@contextmanager
def live(url: str) -> Iterator[LiveInvokeAI]:
    """Yield a running server; raises `Refused` where it does not answer as it should."""
    with connected(url) as server:
        yield LiveInvokeAI(server, served_nodes(*document_of(server)))


def live_findings(server: InvokeAI, workflows: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Return what a server lacks of what workflows name, by their manifest entries."""
    if server.perform(wants_login()):
        try:
            # Anything that only users are shown.
            server.request("GET", "/api/v1/queue/default/status")
        except Unauthorized as error:
            return [finding(LOGIN_REQUIRED, None, _login_cause(server, error), _LOGIN_CURE)]
    stock = _Stock(server)
    return [
        found
        for source, entry in workflows.items()
        if is_comparable(entry)
        for named in entry["named"]
        for found in stock.findings(source, entry, named)
    ]


def _login_cause(server: InvokeAI, error: Unauthorized) -> str:
    if server.account:
        return str(error)
    return "The server has accounts: without a login it shows no models, pictures or boards, and takes no runs."


class _Stock:
    """What one server has; each list is read once, each file asked for once."""

    def __init__(self, server: InvokeAI) -> None:
        self._server = server
        self._models: Sequence[Mapping[str, Any]] | None = None
        self._boards: frozenset[str] | None = None
        self._files: dict[str, bool] = {}

    def findings(self, source: str, entry: Mapping[str, Any], named: Named) -> Iterator[Finding]:
        """Yield what is wrong with one thing that a workflow names."""
        attribute = next(
            (
                item["attribute"]
                for item in entry["inputs"]
                if (item["node_id"], item["field_name"]) == (named["node_id"], named["field_name"])
            ),
            None,
        )
        where = {"source": source, "class_name": entry["class_name"], "attribute": attribute}
        where["place"] = f"{named['node_type']}.{named['field_name']}"
        if named["kind"] == "model":
            yield from self._model(named["value"], where)
        elif named["kind"] == "board" and not self._has_board(named["value"]):
            cause = f'The server has no board "{named["value"]}"'
            if attribute:
                cause += "; a run that does not set the input fails."
                cure = "Create the board, or set the input to one that the server has."
            else:
                cause += ": the pictures go to no board."
                cure = "Create the board, or choose another in the editor and export again."
            severity: Severity = "error" if attribute else "warning"
            yield finding(BOARD_MISSING, severity, cause, cure, **where, old=named["value"])
        elif named["kind"] in _FILES and not self._has_file(named["kind"], named["value"]):
            cause = f'The server has no {named["kind"]} "{named["value"]}".'
            cure = "Set the input to a file of yours, or to one that the server has."
            yield finding(_FILES[named["kind"]][0], None, cause, cure, **where, old=named["value"])

    def _model(self, saved: Mapping[str, Any], where: Mapping[str, Any]) -> Iterator[Finding]:
        if self._models is None:
            self._models = self._server.perform(list_models())
        ref = ModelRef(**{key: saved.get(key) for key in ("name", "base", "type", "key", "hash")})
        meant = models_meant(self._models, ref)
        if not meant:
            alike = [str(m.get("name")) for m in self._models if (m.get("base"), m.get("type")) == (ref.base, ref.type)]
            hint = f" It has {', '.join(sorted(alike)[:3])}." if alike else ""
            cause = f"The server has no model {ref}.{hint}"
            cure = "Install the model, or set the input to one that the server has."
            yield finding(MODEL_MISSING, None, cause, cure, **where, old=dict(saved))
        elif len(meant) > 1:
            keys = sorted(str(model.get("key")) for model in meant)
            cause = f"{len(meant)} models of the server are called {ref}."
            cure = f"Set the input to a ModelRef with one of their keys: {', '.join(keys)}."
            yield finding(MODEL_AMBIGUOUS, None, cause, cure, **where, old=dict(saved), new=keys)
        elif meant[0].get("key") != ref.key:
            cause = f"The server has the model {ref} under another key; flowbind finds it."
            other = meant[0].get("key")
            yield finding(MODEL_REKEYED, None, cause, "Nothing needs to be done.", **where, old=ref.key, new=other)

    def _has_board(self, board_id: str) -> bool:
        if self._boards is None:
            boards = self._server.perform(list_boards())
            self._boards = frozenset(name for board in boards for name in (board.board_id, board.board_name))
        return board_id in self._boards

    def _has_file(self, kind: str, name: str) -> bool:
        path = _FILES[kind][1] + quoted(name)
        if path not in self._files:
            try:
                self._server.perform(get(path))
                self._files[path] = True
            except (NotFound, UnexpectedReply):
                # InvokeAI answers with its page where it has no such path: a release without videos, an odd name.
                self._files[path] = False
        return self._files[path]
