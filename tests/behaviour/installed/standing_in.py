"""What the stand-ins of both families do: they answer one question, and misbehave as their environment tells them.

STAND_IN_SLOW=SECONDS     gets ready late
STAND_IN_DIES=CODE        ends while it starts; below zero: by that signal
STAND_IN_IGNORES=NAMES    signals that do not end it: SIGINT,SIGTERM
STAND_IN_CHILD=FILE       has a child that ignores signals, and writes its process id into a file
STAND_IN_PRINTS=BYTES     prints that much while it starts
STAND_IN_SAYS=TEXT        prints that before it dies
STAND_IN_CRASHES=FILE     ends without any order once the file is there
"""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CHILD = """
import signal, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
print("ignores them", flush=True)
time.sleep(600)
"""


def load(name: str) -> None:
    """Do what a server does before it listens."""
    told = os.environ
    for ignored in filter(None, told.get("STAND_IN_IGNORES", "").split(",")):
        signal.signal(signal.Signals[ignored], signal.SIG_IGN)
    if "STAND_IN_CHILD" in told:
        child = subprocess.Popen([sys.executable, "-c", CHILD, name], stdout=subprocess.PIPE)
        child.stdout.readline()  # it ignores signals by now
        Path(told["STAND_IN_CHILD"]).write_text(str(child.pid))
    for number in range(int(told.get("STAND_IN_PRINTS", "0")) // 1000):
        print(f"{number:08}", "x" * 990)
    if "STAND_IN_DIES" in told:
        for number in range(30):
            print(f"\033[31mloading {number}\033[0m\u202e")
        if "STAND_IN_SAYS" in told:
            print(told["STAND_IN_SAYS"])
        code = int(told["STAND_IN_DIES"])
        if code < 0:
            os.kill(os.getpid(), -code)
        sys.exit(code)
    if "STAND_IN_CRASHES" in told:
        threading.Thread(target=crash, args=(Path(told["STAND_IN_CRASHES"]),), daemon=True).start()
    time.sleep(float(told.get("STAND_IN_SLOW", "0")))


def crash(file: Path) -> None:
    """End when a file is there."""
    while not file.exists():
        time.sleep(0.02)
    os._exit(1)


def serve(host: str, port: int, path: str, document: object, tls: tuple[str, str] | None = None) -> None:
    """Answer one path until Ctrl-C."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            right = self.path == path
            body = json.dumps(document).encode() if right else b"<html>"
            self.send_response(200)
            self.send_header("Content-Type", "application/json" if right else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

        def server_bind(self) -> None:
            self.socket.bind(self.server_address)  # without a look-up of the host's name

    with Server((host, port), Handler) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        try:
            server.serve_forever(poll_interval=0.02)
        except KeyboardInterrupt:
            print("Stopped server")
