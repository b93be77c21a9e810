"""Runs in the server's venv: starts InvokeAI, says where it listens, and ends it when its parent is gone.

InvokeAI itself is unchanged but for one thing, see `freeze_after_imports`. Told by the environment:

    FLOWBIND_STATE_FILE   gets {"pid": ...} at once and {"pid": ..., "url": ...} when the server listens
    FLOWBIND_LIFELINE     "keep" or "delete": standard input is a pipe from the parent. Its end is the parent's end,
                          and the server's: with "delete" the server's root (FLOWBIND_ROOT) goes too. Unset: no pipe.
"""

import gc
import importlib
import json
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any


def write_state(file: Path, **state: object) -> None:
    """Replaces the file in one go, so that a reader never sees half of it."""
    part = file.with_suffix(".part")
    part.write_text(json.dumps(state), encoding="utf-8")
    part.replace(file)


def follow_parent(root: Path, on_end: str) -> None:
    """Waits for the end of standard input, however the parent ends (even by kill -9), and then ends this process.

    A pipe and not prctl(PR_SET_PDEATHSIG): it works on macOS too, and that signal is sent as soon as the *thread* which
    started the server ends.
    """
    while os.read(0, 4096):
        pass
    if on_end == "delete":
        # Nobody is left who could want an orderly shutdown or the data.
        shutil.rmtree(root, ignore_errors=True)
    else:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
    os._exit(1)


def freeze_after_imports(run_app: Any) -> None:
    """Takes what the imports left out of the garbage collector's sight.

    The server collects garbage before every queue item, which costs 0.5 s over the several hundred thousand objects of
    its imports: 25 times as long as a small item itself.
    """
    get_app = run_app.get_app

    def get_app_and_freeze() -> Any:
        app = get_app()
        gc.collect()
        gc.freeze()
        return app

    run_app.get_app = get_app_and_freeze


def report_listening(uvicorn: Any, state_file: Path) -> None:
    """Writes the address once the server has its port.

    It is started with port 0, "any free one": of all ways to choose a port the only one in which nobody else can take
    it in between. (Given a port that is taken, InvokeAI silently takes the next one.)
    """
    startup = uvicorn.Server.startup

    async def startup_and_report(server: Any, *args: Any, **kwargs: Any) -> None:
        await startup(server, *args, **kwargs)
        for listener in server.servers:
            host, port = listener.sockets[0].getsockname()[:2]
            write_state(state_file, pid=os.getpid(), url=f"http://{host}:{port}")

    uvicorn.Server.startup = startup_and_report


def main() -> None:
    """Starts InvokeAI in this process; returns when it has ended."""
    state_file = Path(os.environ["FLOWBIND_STATE_FILE"])
    root = os.environ["FLOWBIND_ROOT"]
    write_state(state_file, pid=os.getpid())
    lifeline = os.environ.get("FLOWBIND_LIFELINE")
    if lifeline:
        threading.Thread(target=follow_parent, args=(Path(root), lifeline), daemon=True).start()

    # The only argument that InvokeAI takes from its command line; all else comes from INVOKEAI_* variables.
    sys.argv = ["invokeai-web", "--root", root]
    report_listening(importlib.import_module("uvicorn"), state_file)
    run_app: Any = importlib.import_module("invokeai.app.run_app")
    freeze_after_imports(run_app)
    run_app.run_app()


if __name__ == "__main__":
    main()
