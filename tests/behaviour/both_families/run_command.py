"""`flowbind run` in a project that has the workflow of a family, on one stand-in or on several."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from flowbind_generator.cli import main

from .collage import PROMPT
from .comfyui_family import COMFYUI
from .family import Family, StandIn

ROOT = Path(__file__).resolve().parents[3]
DECLARED = """
[tool.flowbind.declarations."collage.json".inputs]
name = "5.filename_prefix"
colour = "1.color"
image = "2.image"
"""


@dataclass(frozen=True)
class Command:
    """The command at some addresses, mostly its servers; `own` are the words that say which workflow it is."""

    family: Family
    stand_ins: Sequence[StandIn]
    urls: Sequence[str]
    title: str
    own: Sequence[str]

    @property
    def stand_in(self) -> StandIn:
        """The only server, or the first."""
        return self.stand_ins[0]

    def words(self, *words: str) -> list[str]:
        """Return the command's words; `text`, `seed` and `picture` are what its inputs are called."""
        names = {"text": self.family.text, "seed": self.family.seed, "picture": self.family.picture}
        if not any(word.startswith("picture=") for word in words):
            words = ("--set", f"picture={self.family.here}", *words)
        named = [f"{names.get(w.partition('=')[0], w.partition('=')[0])}{w[len(w.partition('=')[0]) :]}" for w in words]
        servers = [word for url in self.urls for word in ("--url", url)]
        return ["run", *self.own, *servers, "--check", "off", *named]

    def run(self, *words: str, code: int = 0) -> Result:
        """Run the workflow and check the exit code."""
        done = CliRunner().invoke(main, self.words(*words), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done

    def told(self, *words: str, code: int = 0) -> Any:
        """Run the workflow and return what is told in JSON."""
        return json.loads(self.run(*words, "--format", "json", code=code).stdout)

    def values(self, *names: str) -> list[tuple[Any, ...]]:
        """Return what the servers were given, in the order of the runs of each."""
        return [tuple(given[name] for name in names) for server in self.stand_ins for given in server.given()]


@contextmanager
def in_project(family: Family, folder: Path, servers: int = 1) -> Iterator[Command]:
    """Make a project of an empty folder, and run some servers."""
    with ExitStack() as stack:
        running = [stack.enter_context(family.stand_in()) for _ in range(servers)]
        urls = [stand_in.url for stand_in in running]
        if family is COMFYUI:
            (folder / "pyproject.toml").write_text(DECLARED)
            (folder / "workflows").mkdir()
            (folder / "workflows" / "collage.json").write_text(json.dumps(PROMPT))
            yield Command(family, running, urls, "Collage", ["collage"])
        else:
            shutil.copy(ROOT / "workflows" / "image_to_image_sd15.json", folder)
            own = ["image_to_image_sd15.json", "--set", "model=Tiny"]
            yield Command(family, running, urls, "ImageToImageSd15", own)
