"""Installs InvokeAI for the throwaway server: a lean venv and a tiny model, in the cache folder, once."""

import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .basics import NoSuitablePython, ThrowawayError, cache_folder, last_lines, locked, say, short_digest

VERSION = "6.14.2"
HERE = Path(__file__).resolve().parent
CONSTRAINTS = HERE / "constraints.txt"
SHIM = HERE / "torchvision_shim.py"
TINY_MODEL = HERE / "tiny_model.py"
TINY_SDXL = HERE / "tiny_sdxl.py"

# Newest first. InvokeAI's own pins (numpy below 2, mediapipe 0.10.14) have no builds for later ones.
PYTHONS = ("3.12", "3.11")

# Each step: what it installs, with pip's arguments. When InvokeAI starts it imports all of its nodes and all that they
# need. What it does not import then (jax, sounddevice and others: 0.7 GB) is left out: the packages that ask for it are
# taken without their dependencies, and those that are needed are named. The specification that it serves is the same.
STEPS = (
    ("torch", "torch==2.13.0 numpy<2"),
    (
        "InvokeAI",
        f"--no-deps invokeai=={VERSION} torchvision==0.28.0 mediapipe accelerate bitsandbytes compel dynamicprompts "
        "fastapi-events passlib python-jose pywavelets spandrel torchsde trampoline",
    ),
    (
        "what InvokeAI imports",
        "numpy<2 diffusers==0.40.0 transformers huggingface-hub safetensors sentencepiece gguf onnx onnxruntime "
        "opencv-contrib-python-headless==4.11.0.86 imageio[ffmpeg] pillow scipy einops matplotlib fonttools[woff] "
        "fastapi uvicorn[standard] python-socketio python-multipart pydantic pydantic-settings requests jinja2 "
        "bcrypt cryptography ecdsa rsa pyasn1 dnspython email-validator protobuf flatbuffers absl-py attrs pyparsing "
        "blake3 deprecated networkx picklescan prompt-toolkit psutil semver",
    ),
)

# Prints which build of torch there is, for the person who waits; the imports are the check.
CHECK = """
import torch, torchvision, invokeai.version
build = f"a CUDA {torch.version.cuda} build" if torch.version.cuda else "a CPU build"
print(f"InvokeAI {invokeai.version.__version__}, torch {torch.__version__} ({build})")
"""


@dataclass(frozen=True)
class Install:
    """A finished install: the server's interpreter, and a model for it."""

    folder: Path

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return self.folder / "venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.venv / "bin" / "python"

    @property
    def tiny_model(self) -> Path:
        """The tiny model. Its own digest, so that a change of it does not cost a new venv."""
        return self.folder / f"tiny-sd-1.5-{short_digest(TINY_MODEL.read_text(encoding='utf-8'))}"

    @property
    def tiny_sdxl(self) -> Path:
        """The tiny SDXL model, which is made when it is wanted first."""
        texts = (file.read_text(encoding="utf-8") for file in (TINY_MODEL, TINY_SDXL))
        return self.folder / f"tiny-sdxl-{short_digest(*texts)}"

    @property
    def stamp(self) -> Path:
        """Written last: without it the folder is the rest of an install that was interrupted."""
        return self.folder / "installed.json"

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do. The interpreter is a link, and what it links to can be uninstalled."""
        return self.venv_finished and self.tiny_model.is_dir()

    @property
    def venv_finished(self) -> bool:
        """Whether the venv needs no work."""
        return self.stamp.is_file() and os.access(self.python, os.X_OK)


def find_install() -> Install | None:
    """The finished install, if there is one; under whichever Python, as the server does not mind."""
    installs = (Install(_folder(python)) for python in PYTHONS)
    return next((install for install in installs if install.finished), None)


def install() -> Install:
    """Installs what is missing: nothing in a moment, all in two minutes. Many processes may call it at once."""
    found = find_install()
    if found:
        return found
    version, interpreter = _suitable_python()
    target = Install(_folder(version))
    waiting = f"Another process is installing InvokeAI into {target.folder}; waiting for it ..."
    # The lock is passed on to pip: if this process is killed, the next one waits until its orphan has ended too.
    with locked(_lock(target), waiting) as lock:
        if not target.venv_finished:
            _install_venv(target, interpreter, lock)
        if not target.tiny_model.is_dir():
            _make_model(target, "tiny model", TINY_MODEL, target.tiny_model, lock)
    return target


def tiny_sdxl() -> Path:
    """The tiny SDXL model; made in some seconds where there is none yet."""
    target = install()
    if not target.tiny_sdxl.is_dir():
        with locked(_lock(target), "Another process is making the tiny SDXL model; waiting for it ...") as lock:
            if not target.tiny_sdxl.is_dir():
                _make_model(target, "tiny SDXL model", TINY_SDXL, target.tiny_sdxl, lock)
    return target.tiny_sdxl


def _lock(target: Install) -> Path:
    return target.folder.with_name(f"{target.folder.name}.lock")


def _folder(python: str) -> Path:
    texts = (file.read_text(encoding="utf-8") for file in (CONSTRAINTS, SHIM))
    digest = short_digest(VERSION, repr(STEPS), *texts, python, sys.platform, platform.machine())
    return cache_folder() / f"invokeai-{VERSION}-{digest}"


def _suitable_python() -> tuple[str, str]:
    """The version and path of an interpreter that can hold InvokeAI: this one, or one on the PATH."""
    running = "{}.{}".format(*sys.version_info)
    if running in PYTHONS and importlib.util.find_spec("ensurepip"):
        return running, sys.executable
    for version in PYTHONS:
        path = shutil.which(f"python{version}")
        # Tried, not believed: version managers put commands on the PATH that only say they are not there, and some
        # distributions leave out what makes a venv.
        if (
            path
            and subprocess.run([path, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0
        ):
            return version, path
    raise NoSuitablePython(
        f"InvokeAI {VERSION} needs Python 3.11 or 3.12 with its venv module: "
        f"this is Python {running}, and neither python3.12 nor python3.11 on the PATH works."
    )


def _install_venv(target: Install, python: str, lock: int) -> None:
    folder, started = target.folder, time.monotonic()
    say(
        f"Installing InvokeAI {VERSION} for the throwaway server into {folder}: about 2 GB, about 2 minutes "
        "(if pip finds a CUDA build of torch: about 6 GB, and longer) ..."
    )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    free = shutil.disk_usage(folder).free / 1e9
    if free < 3:
        raise ThrowawayError(f"There are only {free:.1f} GB free for {folder}; InvokeAI needs 3 GB or more.")
    _run([python, "-m", "venv", str(target.venv)], "making the venv", folder, lock)
    pip = [str(target.python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    for number, (what, arguments) in enumerate(STEPS, start=1):
        step = f"{number}/{len(STEPS) + 1} {what}"
        since = time.monotonic()
        say(f"{step} ...")
        _run([*pip, "-c", str(CONSTRAINTS), *arguments.split()], f"pip install ({what})", folder, lock)
        say(f"{step}: {time.monotonic() - since:.0f} s")
    since = time.monotonic()
    result = _check(target, lock)
    say(f"{len(STEPS) + 1}/{len(STEPS) + 1} check: {result}, {time.monotonic() - since:.0f} s")
    stamp = {"invokeai": VERSION, "python": python, "seconds": round(time.monotonic() - started, 1)}
    part = target.stamp.with_suffix(".part")
    part.write_text(json.dumps(stamp), encoding="utf-8")
    part.replace(target.stamp)
    say(f"Installed in {time.monotonic() - started:.0f} s.")
    others = [str(other) for other in folder.parent.glob("invokeai-*") if other.is_dir() and other != folder]
    if others:
        say(f"Installs of other versions, which can be deleted when nothing uses them: {', '.join(others)}")


def _check(target: Install, lock: int) -> str:
    """Fails here and not when the server starts; first puts in torchvision's shim if torchvision needs it."""
    command = [str(target.python), "-c", CHECK]
    try:
        return _run(command, "importing InvokeAI", target.folder, lock)
    except ThrowawayError as error:
        # Other platforms and indexes have a torchvision that fits the CPU torch; declaring its operators twice would
        # break it, so this waits for the failure.
        if "torchvision::nms does not exist" not in str(error):
            raise
    (site,) = target.venv.glob("lib/python3.*/site-packages")
    shutil.copy(SHIM, site)
    (site / f"{SHIM.stem}.pth").write_text(f"import {SHIM.stem}; {SHIM.stem}.install()\n", encoding="utf-8")
    return _run(command, "importing InvokeAI", target.folder, lock)


def _make_model(target: Install, what: str, script: Path, folder: Path, lock: int) -> None:
    since = time.monotonic()
    say(f"Making the {what} ...")
    part = target.folder / "tiny-model.part"
    shutil.rmtree(part, ignore_errors=True)
    _run([str(target.python), str(script), str(part)], f"making the {what}", target.folder, lock)
    part.replace(folder)
    say(f"Made the {what} in {time.monotonic() - since:.0f} s.")


def _run(command: list[str], what: str, folder: Path, lock: int) -> str:
    """Runs a command silently; returns its last line, or fails with its last lines."""
    # What could direct the interpreter or pip away from the venv, and what would make the tiny model ask the network.
    unset = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    log = folder / "install.log"
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            pass_fds=[lock],
            check=False,
        )
    if done.returncode:
        raise ThrowawayError(f"{what} failed (exit code {done.returncode}):\n{last_lines(log, 30)}")
    return last_lines(log, 1)
