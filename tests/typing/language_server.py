"""pyright's language server as a process: started, asked, told and ended over its standard streams."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

COMMAND = [sys.executable, "-m", "pyright.langserver", "--stdio"]
TEXTS = ["markdown", "plaintext"]
# VS Code's, as far as it matters here. Diagnostics are not among what can be asked for, so the server pushes them, and
# says which version of a document they are about.
CAPABILITIES = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "hover": {"contentFormat": TEXTS},
        "completion": {"completionItem": {"documentationFormat": TEXTS}},
        "signatureHelp": {
            "signatureInformation": {
                "documentationFormat": TEXTS,
                "parameterInformation": {"labelOffsetSupport": True},
                "activeParameterSupport": True,
            }
        },
        "publishDiagnostics": {"versionSupport": True},
    },
}

Message = dict[str, Any]


class LanguageServerError(Exception):
    """The server refused a request, did not answer in time, or is gone."""


@contextmanager
def language_server(folder: Path, settings: Mapping[str, Any], *, timeout: float = 60.0) -> Iterator[LanguageServer]:
    """Run a server for one folder. `settings` are the editor's, by section; `timeout` holds for each answer."""
    # A session of its own, to be killed whole: pyright's Python package is a parent that waits for node.
    process = subprocess.Popen(
        COMMAND, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin
    assert process.stdout
    server = LanguageServer(process.stdin, process.stdout, settings, timeout)
    try:
        server.initialize(folder)
        yield server
        server.request("shutdown", None)
        server.notify("exit", None)
    finally:
        _end(process, server.reader)


def _end(process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
    with process:
        # The end of its input ends a server that was not asked to end, or could not be: it may be gone already.
        with suppress(OSError):
            assert process.stdin
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        reader.join(10)


class LanguageServer:
    """The client's end of the streams. Messages are read by a thread, and looked at while an answer is waited for."""

    def __init__(self, to: IO[bytes], origin: IO[bytes], settings: Mapping[str, Any], timeout: float) -> None:
        self._to = to
        self._settings = settings
        self._timeout = timeout
        self._number = 0
        self._versions: dict[str, int] = {}
        self._published: dict[str, Message] = {}
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self.reader = threading.Thread(target=_read_all, args=(origin, self._messages), daemon=True)
        self.reader.start()

    def initialize(self, folder: Path) -> None:
        """Shake hands."""
        root = {"uri": folder.as_uri(), "name": folder.name}
        # The server watches the process of that number and ends with it, however that ends.
        known = {"processId": os.getpid(), "rootUri": root["uri"], "workspaceFolders": [root]}
        self.request("initialize", known | {"capabilities": CAPABILITIES})
        self.notify("initialized", {})

    def show(self, path: Path, text: str) -> str:
        """Have a document opened, or changed, to a text that need not be on the disk; return its URI."""
        uri = path.as_uri()
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        document = {"uri": uri, "version": version}
        if version == 1:
            self.notify("textDocument/didOpen", {"textDocument": document | {"languageId": "python", "text": text}})
        else:
            self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        return uri

    def diagnostics(self, uri: str) -> list[Message]:
        """Wait for what the server says about the document as last shown."""
        deadline = time.monotonic() + self._timeout
        while self._published.get(unquote(uri), {}).get("version") != self._versions[uri]:
            self._take(f"diagnostics of {uri}", deadline)
        found: list[Message] = self._published[unquote(uri)]["diagnostics"]
        return found

    def request(self, method: str, params: Any) -> Any:
        """Ask and return the answer."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        deadline = time.monotonic() + self._timeout
        while True:
            message = self._take(method, deadline)
            if "method" not in message and message.get("id") == self._number:
                if "error" in message:
                    raise LanguageServerError(f"{method}: {message['error']}")
                return message["result"]

    def notify(self, method: str, params: Any) -> None:
        """Tell something that has no answer."""
        self._send({"method": method, "params": params})

    def _take(self, wanted: str, deadline: float) -> Message:
        try:
            message = self._messages.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise LanguageServerError(f"{wanted}: no answer within {self._timeout:g} seconds") from None
        if message is None:
            self._messages.put(None)  # for whoever asks next
            raise LanguageServerError(f"{wanted}: the server has ended")
        if message.get("method") == "textDocument/publishDiagnostics":
            # Unquoted, because the server need not quote what Python does.
            self._published[unquote(message["params"]["uri"])] = message["params"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: Message) -> Any:
        if message["method"] == "workspace/configuration":
            return [self._settings.get(item.get("section", "")) for item in message["params"]["items"]]
        return None  # client/registerCapability, window/workDoneProgress/create: heard

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        try:
            self._to.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._to.flush()
        except OSError as error:
            raise LanguageServerError(f"{message.get('method', 'an answer')}: the server has ended") from error


def _read_all(origin: IO[bytes], messages: queue.SimpleQueue[Message | None]) -> None:
    # Cut off in the middle is an end like any other: nobody has to wait for a server that is gone.
    with suppress(KeyError, ValueError):
        while headers := dict(line.split(b": ", 1) for line in iter(lambda: origin.readline().strip(), b"")):
            messages.put(json.loads(origin.read(int(headers[b"Content-Length"]))))
    messages.put(None)
