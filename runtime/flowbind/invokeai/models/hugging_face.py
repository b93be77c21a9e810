"""The server's login at Hugging Face, with which it gets models that are not for everybody."""

from __future__ import annotations

from flowbind.errors import UnexpectedReply
from flowbind.invokeai.ability import Ability
from flowbind.invokeai.runs.recovery import Supports
from flowbind.transport.secret import Secret
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, send

_LOGIN = "/api/v2/models/hf_login"
_TELLING = Ability("tell its login at Hugging Face", "5.6", "GET", _LOGIN)
_LOGGING_IN = Ability("log in at Hugging Face", "5.6", "POST", _LOGIN)
_LOGGING_OUT = Ability("log out of Hugging Face", "5.15", "DELETE", _LOGIN)


def login_state(supports: Supports) -> Operation[str]:
    """Return "valid", "invalid" (no login, or one that is refused) or "unknown" (Hugging Face does not answer)."""
    return _state((yield from _TELLING.tried(get(_LOGIN), supports)))


def log_in(token: Secret, supports: Supports) -> Operation[str]:
    """Log the server in; return the state of its login."""
    asking = send("POST", _LOGIN, {"token": token.reveal()})
    return _state((yield from _LOGGING_IN.tried(asking, supports)))


def log_out(supports: Supports) -> Operation[str]:
    """Have the server forget its token; return the state of its login."""
    return _state((yield from _LOGGING_OUT.tried(send("DELETE", _LOGIN), supports)))


def _state(told: object) -> str:
    if not isinstance(told, str):
        raise UnexpectedReply("The server's answer about its login at Hugging Face is no word.")
    return told
