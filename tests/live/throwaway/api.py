"""The few HTTP calls that the throwaway server needs itself: version, administrator, model registration."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from .basics import ThrowawayError

# The server is always on this machine, so a proxy from the environment would only be in the way.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# An account on a server that only this machine can reach and that is thrown away: no secret.
ADMIN = {"email": "admin@example.org", "password": "Throwaway-1"}


def call(method: str, url: str, *, body: object = None, token: str | None = None, timeout: float = 30) -> Any:
    """One request with JSON both ways; an answer other than 2xx is an error that quotes it."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with _opener.open(request, timeout=timeout) as response:
            text = response.read()
    except urllib.error.HTTPError as error:
        with error:
            answer = error.read().decode(errors="replace")[:500]
        raise ThrowawayError(f"{method} {url} was answered with {error.code}: {answer}") from None
    except OSError as error:
        raise ThrowawayError(f"{method} {url} got no answer: {error}") from None
    return json.loads(text) if text else None


def server_version(url: str) -> str:
    """The release that the server says it is."""
    return str(call("GET", f"{url}/api/v1/app/version")["version"])


def is_multiuser(url: str) -> bool:
    """Whether the server wants a login."""
    return bool(call("GET", f"{url}/api/v1/auth/status")["multiuser_enabled"])


def admin_token(url: str) -> str:
    """Logs in as the administrator of a multi-user server, who is created on its first use."""
    if call("GET", f"{url}/api/v1/auth/status")["setup_required"]:
        call("POST", f"{url}/api/v1/auth/setup", body={**ADMIN, "display_name": "Admin"})
    return str(call("POST", f"{url}/api/v1/auth/login", body=ADMIN)["token"])


def register_model(url: str, folder: Path, name: str, *, token: str | None = None) -> dict[str, str]:
    """Makes a model known to the server under a name, in place; returns the field by which workflows refer to it."""
    query = urllib.parse.urlencode({"model_name": name})
    for known in call("GET", f"{url}/api/v2/models/?{query}", token=token)["models"]:
        if known["path"] == str(folder):
            return _model_field(known)
        # A root that outlived its install: the record points to a folder that is gone or outdated.
        call("DELETE", f"{url}/api/v2/models/i/{known['key']}", token=token)
    query = urllib.parse.urlencode({"source": str(folder), "inplace": "true"})
    job = call("POST", f"{url}/api/v2/models/install?{query}", body={"name": name}, token=token)
    deadline = time.monotonic() + 60
    while job["status"] != "completed":
        if job["status"] in ("error", "cancelled"):
            raise ThrowawayError(f"The server did not take the model {folder}: {job.get('error') or job['status']}")
        if time.monotonic() > deadline:
            raise ThrowawayError(f"The server has not registered the model {folder} within a minute")
        time.sleep(0.05)
        job = call("GET", f"{url}/api/v2/models/install/{job['id']}", token=token)
    return _model_field(job["config_out"])


def _model_field(config: dict[str, Any]) -> dict[str, str]:
    return {part: str(config[part]) for part in ("key", "hash", "name", "base", "type")}
