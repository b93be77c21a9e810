"""An `invokeai-web` that takes the argument and settings of the real one, and takes the next port as that does."""

import argparse
import os
import socket
from pathlib import Path

# It stands beside this file, in a venv.
from standing_in import load, serve

parser = argparse.ArgumentParser()
parser.add_argument("--root", type=str)
parser.add_argument("--config", type=str)
args = parser.parse_args()


def open_port(port: int) -> int:
    """Return the port, or the first free one after it."""
    with socket.socket() as tried:
        tried.settimeout(1)
        return open_port(port + 1) if tried.connect_ex(("localhost", port)) == 0 else port


def main() -> None:
    wanted = int(os.environ.get("INVOKEAI_PORT", "9090"))
    Path(args.root, "databases").mkdir(exist_ok=True)
    load(args.root)
    port = open_port(wanted)
    if port != wanted:
        print(f"[InvokeAI]::WARNING --> Port {wanted} is already in use. Using port {port}.")
    serve(os.environ["INVOKEAI_HOST"], port, "/api/v1/app/version", {"version": "6.14.2", "highlights": None})


main()
