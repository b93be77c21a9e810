"""A `main.py` that takes arguments of the real one, and says what that says."""

import argparse
import os
import shutil
import sys
from pathlib import Path

# It stands beside this file, in a checkout.
from standing_in import load, serve

parser = argparse.ArgumentParser()
parser.add_argument("--listen", type=str, default="127.0.0.1", metavar="IP", nargs="?", const="0.0.0.0,::")
parser.add_argument("--port", type=int, default=8188)
parser.add_argument("--tls-keyfile", type=str)
parser.add_argument("--tls-certfile", type=str)
parser.add_argument("--base-directory", type=str, default=None)
parser.add_argument("--output-directory", type=str, default=None)
parser.add_argument("--temp-directory", type=str, default=None)
parser.add_argument("--input-directory", type=str, default=None)
parser.add_argument("--auto-launch", action="store_true")
parser.add_argument("--disable-auto-launch", action="store_true")
parser.add_argument("--cuda-device", type=int, default=None)
parser.add_argument("--cpu", action="store_true")
parser.add_argument("--disable-api-nodes", action="store_true")
parser.add_argument("--database-url", type=str, default="sqlite:///user/comfyui.db")
args = parser.parse_args()


def main() -> None:
    here = Path(__file__).resolve().parent
    temp = Path(args.temp_directory or here) / "temp"
    shutil.rmtree(temp, ignore_errors=True)
    # As the real one: what is missing there ends it.
    for folder in filter(None, [args.input_directory, args.base_directory and f"{args.base_directory}/custom_nodes"]):
        os.listdir(folder)
    load(str(here))
    temp.mkdir(parents=True)
    tls = (args.tls_certfile, args.tls_keyfile) if args.tls_keyfile else None
    system = {
        "os": sys.platform,
        "ram_total": 1,
        "ram_free": 1,
        "comfyui_version": "0.8.0",
        "python_version": sys.version,
        "pytorch_version": "2.13.0+cpu",
        "embedded_python": False,
        "argv": sys.argv,
        # What the tests ask.
        "python": sys.executable,
        "environment": dict(os.environ),
    }
    print("Starting server\n")
    try:
        serve(args.listen, args.port, "/system_stats", {"system": system, "devices": []}, tls)
    except OSError as error:
        sys.exit(
            f"OSError: [Errno {error.errno}] error while attempting to bind on address ({args.listen!r}, {args.port}): "
            "address already in use"
        )
    shutil.rmtree(temp, ignore_errors=True)


main()
