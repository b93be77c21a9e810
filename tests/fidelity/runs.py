"""Runs workflows on a real server, and compares what each gave with what flowbind says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flowbind.errors import BatchFailed, LookupFailed, ModelNotAccepted, ModelNotFound, RunFailed, VideoNotFound
from flowbind.invokeai import BatchJob, InvokeAI, Job, ModelRef, Result
from flowbind.transport.wire import get
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog

from .building import build
from .one_or_many import differences
from .pictures import grey
from .shared import exports, named
from .small_runs import PROMPTS, Means, small_run
from .tables import Aside

TINY_MODEL = "Tiny SD 1.5"
"""What the throwaway server calls its model."""
# Seconds for one run: a second or two, and what others do to the machine.
_PATIENCE = 120

# What the server of a test lacks, by how flowbind says so before anything is queued.
_LACKING = {
    ModelNotAccepted: "an input that does not take the tiny model",
    ModelNotFound: "a model of its own, of another kind than the tiny one",
    VideoNotFound: "a video, of which the server has none",
}

Make = Callable[[], Workflow[Any]]


def tiny_model(client: InvokeAI) -> ModelRef | None:
    """Return the tiny model of a server that has it."""
    answer = client.perform(get("/api/v2/models/", {"model_name": TINY_MODEL}))
    return next(
        (ModelRef(**{k: m[k] for k in ("key", "hash", "name", "base", "type")}) for m in answer["models"]), None
    )


@contextmanager
def means_of(client: InvokeAI, model: ModelRef) -> Iterator[Means]:
    """Give runs what they need; the server must see the files of this machine to read prompts."""
    with TemporaryDirectory() as folder:
        prompts = Path(folder) / "prompts.txt"
        prompts.write_text("\n".join(PROMPTS), encoding="utf-8")
        yield Means(model, client.images.upload(grey(64, 128)), prompts)


def corpus_outcomes(client: InvokeAI, catalog: Catalog, model: ModelRef) -> dict[str, str | None]:
    """Run all files that can run; return for each what flowbind says otherwise than the server."""
    found: dict[str, str | None] = {}
    makes: dict[str, Make] = {}
    with means_of(client, model) as means:
        for path in exports():
            module = build(path.read_bytes(), catalog, named(path)).module
            if module is None:
                found[named(path)] = Aside("flowbind refuses the file")
            else:
                makes[named(path)] = partial(small_run, module, catalog, means)
        return found | outcomes(client, makes)


def outcomes(client: InvokeAI, makes: Mapping[str, Make]) -> dict[str, str | None]:
    """Queue what can be queued, then wait for each and compare."""
    found: dict[str, str | None] = {}
    jobs: dict[str, Job[Any] | BatchJob[Any]] = {}
    for name, make in makes.items():
        try:
            jobs[name] = client.submit(make())
        except LookupFailed as error:
            needed = _LACKING.get(type(error))
            found[name] = Aside(f"{type(error).__name__}: the run needs {needed}") if needed else str(error)
    for name, job in jobs.items():
        try:
            ended = job.wait(_PATIENCE)
        except (RunFailed, BatchFailed) as error:
            found[name] = str(error)
            continue
        results: list[Result[Any]] = ended if isinstance(ended, list) else [ended]
        said = [line for r in results for line in differences(job.workflow, r, session_of(client, r))]
        found[name] = "; ".join(said) or None
    return found


def session_of(client: InvokeAI, result: Result[Any]) -> Mapping[str, Any]:
    """Return the session of a run as the server has it."""
    session: Mapping[str, Any] = client.perform(get(f"/api/v1/queue/default/i/{result.item_id}"))["session"]
    return session
