"""The command line of the throwaway server: `python tests/live/throwaway install | up | down | run -- COMMAND...`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

if not __package__:
    # Run as a folder, Python has put that folder itself on the path; its modules belong to a package.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from throwaway import VERSION, ThrowawayError, ThrowawayServer, api, find_install, install, running_server, stop_server
from throwaway.basics import cache_folder, say


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Understands the command line."""
    parser = argparse.ArgumentParser(
        prog="python tests/live/throwaway",
        description=f"A throwaway, real InvokeAI {VERSION} server on the CPU, with a tiny model. Everything is kept in "
        "the folder FLOWBIND_CACHE (default: ~/.cache/flowbind).",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("install", help="install it if it is not, and print the folder of its venv")
    up = commands.add_parser("up", help="start a server that goes on running, and print its address")
    up.add_argument("--multiuser", action="store_true", help="with users who have to log in")
    down = commands.add_parser("down", help="stop that server")
    for command in (up, down):
        command.add_argument(
            "--root", type=Path, default=cache_folder() / "server", help="the folder it keeps its data in (%(default)s)"
        )
    run = commands.add_parser("run", help="run a command with INVOKEAI_URL set to a server that is removed afterwards")
    run.add_argument("words", nargs="+", metavar="COMMAND", help="the command and its arguments, after --")
    return parser.parse_args(arguments)


def install_command() -> int:
    """Installs, and prints the venv's folder."""
    found = find_install()
    if found:
        say(f"InvokeAI {VERSION} is installed and up to date.")
    print((found or install()).venv)
    return 0


def up_command(root: Path, multiuser: bool) -> int:
    """Starts a server, or finds the one that runs, and prints its address."""
    state = running_server(root)
    if state is None:
        server = ThrowawayServer({"multiuser": multiuser}, root=root, detached=True).start()
        url = server.url
        try:
            server.add_tiny_model()
        except BaseException:
            server.stop()
            raise
    else:
        if "url" not in state:
            raise ThrowawayError(f"A server is just starting from {root}; try again in a moment.")
        url = str(state["url"])
        if api.is_multiuser(url) != multiuser:
            other = "without" if multiuser else "with"
            raise ThrowawayError(f"A server {other} --multiuser is running from {root}; stop it first, with: down")
        token = api.admin_token(url) if multiuser else None
        api.register_model(url, install().tiny_model, "Tiny SD 1.5", token=token)
        say("It was running already.")
    if multiuser:
        say(f"Its administrator: {api.ADMIN['email']}, password {api.ADMIN['password']}")
    print(url)
    return 0


def down_command(root: Path) -> int:
    """Stops the server, if there is one."""
    stopped = stop_server(root)
    say(f"Stopped the server; its data are still in {root}." if stopped else f"No server is running from {root}.")
    return 0


def run_command(words: list[str]) -> int:
    """Runs a command beside a server; the result is the command's exit code."""
    if shutil.which(words[0]) is None:
        # Before anything is installed or started for it.
        say(f"There is no command {words[0]}.")
        return 127
    with ThrowawayServer() as server:
        server.add_tiny_model()
        process = subprocess.Popen(words, env={**os.environ, "INVOKEAI_URL": server.url})
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # Ctrl-C has reached the command too: it may finish in its own way.
            code = _end(process)
        except BaseException:
            process.terminate()
            _end(process)
            raise
    # A shell's way to say that a signal ended it.
    return code if code >= 0 else 128 - code


def _end(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(10)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        return process.wait()


def _exit_in_order(number: int, frame: FrameType | None) -> None:
    """Turns a signal into an exception, so that everything that was started is stopped."""
    del frame
    raise SystemExit(128 + number)


def main() -> int:
    """Runs the command that was asked for."""
    options = parse()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Under nohup SIGHUP is ignored, and stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _exit_in_order)
    try:
        if options.command == "install":
            return install_command()
        if options.command == "up":
            return up_command(options.root.absolute(), options.multiuser)
        if options.command == "down":
            return down_command(options.root.absolute())
        return run_command(options.words)
    except ThrowawayError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
