"""What is secret is told nowhere: not in what programs and commands print, log and write, nor in what they raise."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from tests.fuzz.played import Said
from tests.fuzz.studio import Studio

from .conftest import ROOT
from .local_server import LocalHandler, LocalServer, Request

MARKS = ("password", "wrong_password", "of_proxy", "token", "source", "access_token", "hugging_face", "own_header")
SECRETS = {mark: f"{mark}-x7Qs9/ü" for mark in MARKS}
PROGRAM = Path(__file__).with_name("careless_program.py")


class Guarded(LocalServer):
    """A server with accounts, in a bad mood: tokens expire, some answers are redirects, an install fails."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.studio = Studio(has_accounts=True)
        self.logins = 0

    def answer(self, request: Request) -> Said:
        """Answer a request."""
        if request.path.startswith("/ws/"):
            return Said(404, b"")
        authorization = request.headers.get("authorization", "")
        if request.path.endswith("/auth/login"):
            if request.json["password"] != SECRETS["password"]:
                return _said({"detail": "Incorrect email or password"}, 401)
            self.logins += 1
            token = quote(SECRETS["token"])
            return _said({"token": f"{token}-{self.logins}", "user": {}, "expires_in": 1})
        if request.path == "/openapi.json" or request.path.endswith(("/version", "/auth/status")):
            return self.studio.answer(request)
        if not authorization or (authorization.endswith("-1") and request.method == "POST"):
            return _said({"detail": "Invalid or expired token"}, 401)
        if request.path == "/redirect":
            return Said(302, b"", {"location": f"{self.url}/elsewhere"})
        if request.path == "/api/v2/models/install" and request.method == "POST":
            return self._install()
        if request.path == "/api/v2/models/install":
            # Of another shape: what pydantic says of it quotes it.
            return _said([{"source": {"url": f"https://models.example?token={SECRETS['source']}"}}])
        self.studio.has_accounts = False
        said = self.studio.answer(request)
        renewed = {"x-refreshed-token": f"{quote(SECRETS['token'])}-renewed", "set-cookie": f"t={SECRETS['token']}"}
        return Said(said.status, said.body, {**said.headers, **(renewed if request.method == "PUT" else {})})

    def _install(self) -> Said:
        source = f"https://user:{SECRETS['source']}@models.example/a.safetensors?token={SECRETS['source']}"
        about = {"type": "url", "url": source, "access_token": SECRETS["access_token"]}
        words = {"error": f"no {source}", "error_reason": "HTTPError", "error_traceback": f"at {source}"}
        return _said({"id": 1, "status": "error", "source": about, "config_in": {}, "local_path": "x", **words}, 201)


def _said(document: Any, status: int = 200) -> Said:
    return Said(status, json.dumps(document).encode(), {"content-type": "application/json"})


class _Handler(LocalHandler):
    owner: Guarded

    def _serve(self) -> None:
        said = self.owner.answer(self.asked())
        self.send_response(said.status)
        for name, value in {**said.headers, "content-length": str(len(said.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if said.status != 204:
            self.wfile.write(said.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


@pytest.fixture
def guarded() -> Iterator[Guarded]:
    """A server with accounts."""
    with Guarded() as server:
        yield server


@pytest.fixture
def tls_port() -> Iterator[int]:
    """A port at which nobody who is trusted answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    connection.close()

        Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def run(folder: Path, *words: str | Path, **more: str) -> str:
    """Run Python in a folder of its own; return all that it prints."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")}
    places = {name: str(home) for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME")}
    # The checkout's packages, wherever they are installed.
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**kept, **places, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **more},
        capture_output=True,
        check=False,
        timeout=120,
    )
    return done.stdout.decode() + done.stderr.decode()


def check_untold(folder: Path, *printed: str) -> None:
    """Check that nothing that was printed or written holds a secret, however it is written."""
    held = {"what was printed": "\n".join(printed).encode()}
    held |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for mark in MARKS:
        core = f"{mark}-x7Qs9".encode()
        forms = {core, core.hex().encode(), core[::-1]}
        for before in range(3):
            # What of it does not depend on what stands before and after it.
            encoded = base64.b64encode(b"x" * before + core)
            forms.add(encoded[4 if before else 0 : len(encoded) - 4])
        for place, content in held.items():
            found = next((form for form in forms if form in content), None)
            if found:
                at = content.index(found)
                pytest.fail(f"{place} holds {mark}: {content[max(0, at - 300) : at + 90]!r}")


def test_what_a_careless_program_tells(guarded: Guarded, tls_port: int, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()[1]
    guarded.studio.ends = "failed"
    key = tmp_path.parent / "locked.pem"
    key.write_bytes(_locked_key())
    printed = run(
        tmp_path,
        PROGRAM,
        URL=guarded.url,
        DEAD_URL=f"http://127.0.0.1:{dead}",
        TLS_URL=f"https://127.0.0.1:{tls_port}",
        LOCKED_KEY=str(key),
        SECRETS=json.dumps(SECRETS),
    )
    check_untold(tmp_path, printed)
    # It has come to its end, and has been where there is something to tell.
    for words in (
        "refuses the login of a@example.org", "key has a password", "is not trusted", "No InvokeAI answers",
        "DEBUG:httpcore.http11:send_request_headers", "answered with a redirect",
        "RunFailed", "ModelNotFound",
    ):  # fmt: skip
        assert words in printed, printed[-3000:]


def test_what_commands_tell(guarded: Guarded, tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    shutil.copy(ROOT / "workflows" / "poster.json", tmp_path / "workflows")
    (tmp_path / "pyproject.toml").write_text("[tool.flowbind]\n", encoding="utf-8")
    accounts = [
        {"INVOKEAI_EMAIL": "a@example.org", "INVOKEAI_PASSWORD": SECRETS[p]} for p in ("password", "wrong_password")
    ]
    with_login = guarded.url.replace("//", f"//studio:{quote(SECRETS['of_proxy'], safe='')}@")
    printed: list[str] = []
    for url, account in ((guarded.url, accounts[0]), (guarded.url, accounts[1]), (with_login, {})):
        commands = [["run", "poster", "--url", url], ["check", "--server", url], ["workflow", "list", "--url", url]]
        if account is accounts[0]:
            commands = [["generate"], *commands, ["spec", "pull", url], ["workflow", "pull", "Text", "--url", url]]
        printed += [run(tmp_path, "-m", "flowbind", *words, **account) for words in commands]
    check_untold(tmp_path, *printed)
    whole = "\n".join(printed)
    assert "refuses the login of a@example.org (from INVOKEAI_EMAIL and INVOKEAI_PASSWORD)" in whole
    assert (tmp_path / "outputs").is_dir(), whole


def _locked_key() -> bytes:
    """Return a certificate and its key, which has a password."""
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    issued = trustme.CA().issue_cert("localhost")
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    return locked + b"".join(blob.bytes() for blob in issued.cert_chain_pems)
