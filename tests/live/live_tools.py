"""What the live tests share: raw calls to the server, projects in temporary folders, and a reader of PNG files."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import traceback
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flowbind.workflow import Workflow
from throwaway import api

ROOT = Path(__file__).resolve().parents[2]
QUEUE = "/api/v1/queue/default"
# What the server with the made-up pack lacks: a node of `Poster`, one of the editor's own in `GrainStudy`, one of none.
DENIED = ["img_ilerp", "integer_generator", "infill_lama"]
# As many runs as may wait in its queue.
ROOM = 5


@dataclass(frozen=True)
class Live:
    """The real server: its address, and the tiny model as graphs name it."""

    url: str
    model: Mapping[str, str]

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Ask the server directly, without flowbind."""
        return api.call(method, self.url + path, body=body)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hold the processor: what is queued stays pending."""
        self.call("PUT", f"{QUEUE}/processor/pause")
        try:
            yield
        finally:
            self.call("PUT", f"{QUEUE}/processor/resume")

    def create_board(self, name: str) -> str:
        """Create a board and return its id."""
        return str(self.call("POST", f"/api/v1/boards/?board_name={quote(name)}")["board_id"])

    def board_of(self, image_name: str) -> str | None:
        """Return the id of the board that a picture is on."""
        board: str | None = self.call("GET", f"/api/v1/images/i/{image_name}")["board_id"]
        return board

    def item(self, item_id: int) -> Any:
        """Return a queue item."""
        return self.call("GET", f"{QUEUE}/i/{item_id}")

    def newest_item(self) -> int:
        """Return the id of the item that was queued last, 0 when there is none."""
        return max(self.call("GET", f"{QUEUE}/item_ids?order_dir=DESC")["item_ids"], default=0)


@dataclass(frozen=True)
class Accounts:
    """A real server with accounts: an administrator, and somebody who is none, as arguments of a client."""

    url: str
    admin: Mapping[str, str]
    user: Mapping[str, str]
    token: str
    """The administrator's."""

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Ask the server directly, as the administrator."""
        return api.call(method, self.url + path, body=body, token=self.token)

    def add_user(self, email: str, password: str) -> dict[str, str]:
        """Create an account that is no administrator's; return it."""
        self.call("POST", "/api/v1/auth/users", {"email": email, "password": password})
        return {"email": email, "password": password}

    def count(self) -> int:
        """Return how many items have been queued."""
        return len(self.call("GET", f"{QUEUE}/item_ids?order_dir=DESC")["item_ids"])


@dataclass(frozen=True)
class Project:
    """A user's project in a temporary folder."""

    root: Path

    def __post_init__(self) -> None:
        (self.root / "workflows").mkdir(parents=True)
        (self.root / "pyproject.toml").write_text('[project]\nname = "example"\n', encoding="utf-8")

    def add(self, name: str, export: object) -> Path:
        """Write an export into the project."""
        path = self.root / "workflows" / f"{name}.json"
        path.write_text(json.dumps(export), encoding="utf-8")
        return path

    def flowbind(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command in the project."""
        return subprocess.run(
            command(*words),
            cwd=self.root,
            env=own_environment(**environment),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    def generate(self, *words: str) -> None:
        """Generate the project's modules."""
        done = self.flowbind("generate", *words)
        assert done.returncode == 0, done.stderr

    def load(self, module: str, class_name: str) -> type[Workflow[Any]]:
        """Import a generated class; each project's package has a name of its own."""
        package = f"generated_{abs(hash(self.root))}"
        if package not in sys.modules:
            folder = self.root / "generated"
            spec = importlib.util.spec_from_file_location(
                package, folder / "__init__.py", submodule_search_locations=[str(folder)]
            )
            assert spec is not None
            assert spec.loader is not None
            sys.modules[package] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[package])
        made: type[Workflow[Any]] = getattr(sys.modules[package], class_name)
        assert made.__module__ == f"{package}.{module}"
        return made


def command(*words: str) -> list[str]:
    """Return the command line of flowbind."""
    return [sys.executable, "-m", "flowbind", *words]


def own_environment(**changes: str) -> dict[str, str]:
    """Return the environment without the caller's own server and account."""
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR")}
    environment = {k: v for k, v in environment.items() if not k.startswith("INVOKEAI_")}
    return environment | changes


def told(error: BaseException) -> str:
    """Return all that a tool could print of an error: its chain, and what names held, but for those of tests."""
    found: BaseException | None = error
    lines: list[str] = []
    while found is not None:
        summary = traceback.TracebackException.from_exception(found, capture_locals=True)
        kept = [frame for frame in summary.stack if not frame.filename.startswith(str(ROOT / "tests"))]
        lines += [*traceback.StackSummary.from_list(kept).format(), repr(found), str(found), str(vars(found))]
        found = found.__cause__ or found.__context__
    return "".join(lines)


def shipped_export(name: str) -> Any:
    """Return one of the exports that the repository ships."""
    return json.loads((ROOT / "workflows" / f"{name}.json").read_text(encoding="utf-8"))


def export_with_model(name: str, model: Mapping[str, str]) -> Any:
    """Return a shipped export that names another model."""
    export = shipped_export(name)
    (loader,) = (n for n in export["nodes"] if n["data"]["type"] == "main_model_loader")
    loader["data"]["inputs"]["model"]["value"] = dict(model)
    return export


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each part of a PNG file."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def texts(png: bytes) -> dict[str, str]:
    """Return the texts in a PNG file by their keywords."""
    found: dict[str, str] = {}
    for kind, content in chunks(png):
        keyword, _, rest = content.partition(b"\0")
        if kind == b"tEXt":
            found[keyword.decode("latin-1")] = rest.decode("latin-1")
        elif kind == b"iTXt":
            compressed, text = rest[0], rest[2:].split(b"\0", 2)[2]
            found[keyword.decode("latin-1")] = (zlib.decompress(text) if compressed else text).decode("utf-8")
    return found


def pixels(png: bytes) -> bytes:
    """Return the picture without the texts around it, which name the run: filtered lines, as the file has them."""
    return zlib.decompress(b"".join(content for kind, content in chunks(png) if kind == b"IDAT"))


def first_pixel(png: bytes) -> tuple[int, int, int]:
    """Return the colour of the upper left corner: its bytes are the same under every filter."""
    header = next(content for kind, content in chunks(png) if kind == b"IHDR")
    assert header[8] == 8  # bits per channel
    assert header[9] in (2, 6)  # RGB, RGBA
    red, green, blue = pixels(png)[1:4]
    return red, green, blue


def size_of(png: bytes) -> tuple[int, int]:
    """Return width and height."""
    header = next(content for kind, content in chunks(png) if kind == b"IHDR")
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
