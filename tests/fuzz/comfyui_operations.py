"""All that can be asked of ComfyUI, each as a script for both clients."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, get_args, get_type_hints

from generated import ComfyCannyEdit, ComfyInpaint, ComfyTextToImage
from tests.fuzz.asking import LONG, Asks, Folder, Operation, called, first, gone_through, saved
from tests.fuzz.comfyui_studio import ComfyStudio
from tests.fuzz.studio import pixel

from flowbind.comfyui import Audio, Binding, ComfyUIWorkflow, File, Image, Model3D, Outputs, OutputSlot, Slot, Video
from flowbind.comfyui.files import Folder as Folders


class KindsOutputs(Outputs):
    """What a run of `Kinds` leaves behind."""

    pictures: list[Image]
    sounds: list[Audio]
    videos: list[Video]
    models: list[Model3D]
    files: list[File]
    texts: list[str]


_KINDS = {
    "pictures": ("images", "image"),
    "sounds": ("audio", "audio"),
    "videos": ("video", "video"),
    "models": ("result", "model_3d"),
    "files": ("files", "file"),
    "texts": ("text", "text"),
}
_PROMPT = {"1": {"class_type": "PreviewAny", "inputs": {"text": "x"}, "_meta": {"title": "All"}}}


class Kinds(ComfyUIWorkflow[KindsOutputs]):
    """A workflow with an output of each kind, all of one node."""

    text: str = "x"

    __flowbind__ = Binding(
        3,
        "workflows/kinds.json",
        ("graph", ""),
        None,
        (Slot("text", "1", "text", "value", 0, "text"),),
        KindsOutputs,
        tuple(OutputSlot(name, "1", field, kind, many=True) for name, (field, kind) in _KINDS.items()),
        loaded={"graph": json.dumps(_PROMPT).encode()},
    )


PICTURE = ComfyTextToImage()
KINDS = Kinds(text="../a.png")
STORED = "sub/a.png [output]"


async def _result(client: Any, folder: Folder) -> Any:
    result = await client.run(KINDS, timeout=LONG)
    outputs = vars(result.outputs)
    for name, kind in get_type_hints(KindsOutputs).items():
        check_type(outputs.get(name, []), kind)
    pictures = [await client.files.save(picture, folder) for picture in outputs.get("pictures", [])[:2]]
    shown = [vars(result.node(node)) for node, held in result.nodes.items() if held and node in _PROMPT]
    return [repr(result), dict(result.nodes), result.varied, shown, pictures]


def check_type(values: Any, kind: Any) -> None:
    """Check that the values of an output are what its class says, down to the texts of files."""
    (item,) = get_args(kind)
    assert isinstance(values, list)
    for value in values:
        assert type(value) is item
        if item is not str:
            assert isinstance(value.filename, str)
            assert isinstance(value.subfolder, str)
            assert value.type in get_args(Folders)


async def _job(client: Any, _: Folder) -> Any:
    told: list[str] = []
    job = await client.submit(PICTURE)
    asked = [await job.refresh(), await job.wait(LONG, progress=told.append), await job.cancel()]
    return [*asked, repr(job), told, job.drawn, job.status]


async def _canceled(client: Any, _: Folder) -> Any:
    job = await client.submit(PICTURE)
    return [await job.cancel(), await job.refresh(), await job.wait(LONG)]


async def _events(client: Any, _: Folder) -> Any:
    job = await client.submit(KINDS)
    return [repr(event) for event in await first(job.events(LONG))]


async def _many_job(client: Any, _: Folder) -> Any:
    job = await client.submit_many([PICTURE.model_copy(update={"seed": n}) for n in range(5)])
    found = [await job.refresh(), await job.wait(LONG), await first(job.results(LONG)), await job.cancel()]
    return [*found, job.item_ids, job.status, repr(job)]


async def _attached(client: Any, _: Folder) -> Any:
    job = await client.submit(PICTURE)
    again = await client.queue.job(ComfyTextToImage, job.item_id)
    return [again.drawn, await again.wait(LONG)]


async def _uploaded_to_run(client: Any, _: Folder) -> Any:
    run = ComfyInpaint(image=pixel(), mask=pixel())
    return [await client.submit(run), await client.submit(run)]


async def _uploaded_twice(client: Any, _: Folder) -> Any:
    return [await client.files.upload(pixel(), Image), await client.files.upload(pixel(), name="b.png", subfolder="s")]


async def _large(client: Any, _: Folder) -> Any:
    return await client.files.upload(b"\x89PNG\r\n\x1a\n" + bytes(1 << 20))


def _on_item(path: str) -> Asks:
    """Return what is asked of the item of a job."""

    async def ask(client: Any, _: Folder) -> Any:
        job = await client.submit(PICTURE)
        handle, _, method = path.partition(".")
        if handle == "history":
            await job.wait(LONG)
        return await getattr(getattr(client, handle), method)(job.item_id)

    return ask


async def _listed(client: Any, _: Folder) -> Any:
    await client.submit(PICTURE)
    waiting = [await client.queue.list(), await client.queue.status(), await client.queue.remaining()]
    await client.queue.list()
    return [*map(repr, waiting), repr(await client.history.list(offset=0))]


_ASKED: dict[str, Asks] = {
    "version": called("version"),
    "is_alive": called("is_alive"),
    "system_stats": called("system_stats"),
    "metrics": called("metrics"),
    "features": called("features"),
    "free": called("free"),
    "request": called("request", "GET", "/queue"),
    "submit": called("submit", PICTURE),
    "submit to the front": called("submit", PICTURE, front=True),
    "submit for one output": called("run", ComfyCannyEdit(), only=("edges",), timeout=LONG),
    "run": _result,
    "submit_many": _many_job,
    "run_many": gone_through("run_many", [PICTURE, ComfyTextToImage()], timeout=LONG),
    "Job": _job,
    "Job.cancel": _canceled,
    "Job.events": _events,
    "run with uploads": _uploaded_to_run,
    "files.upload": _uploaded_twice,
    "files.upload of much": _large,
    "files.upload_mask": called("files.upload_mask", pixel(), "a.png"),
    "files.save": saved("files.save", STORED),
    "files.bytes": called("files.bytes", STORED),
    "files.open": called("files.open", STORED),
    "models.folders": called("models.folders"),
    "models.list": called("models.list", "checkpoints"),
    "models.list of an old name": called("models.list", "unet"),
    "models.list of none": called("models.list", "chekpoints"),
    "models.embeddings": called("models.embeddings"),
    "queue.list": _listed,
    "queue.job": _attached,
    **{f"queue.{verb}": _on_item(f"queue.{verb}") for verb in ("get", "cancel", "interrupt")},
    **{f"queue.{verb}": called(f"queue.{verb}") for verb in ("status", "remaining", "clear")},
    "history.list": called("history.list", 3),
    **{f"history.{verb}": _on_item(f"history.{verb}") for verb in ("get", "delete")},
    "history.clear": called("history.clear"),
}
_FAILING = {"run": True, "Job.events": False, "submit_many": False, "run_many": False}
"""What is asked of runs that fail, and whether that fails, too."""
_SINGLE = ("run", "Job", "Job.events", "submit_many", "queue.job", "queue.cancel", "queue.interrupt", "queue.get")
_NOT_THERE = {"models.list of none", "Job.cancel"}
_operation = partial(Operation, family="ComfyUI")
COMFYUI_OPERATIONS = (
    *(_operation(name, asks, ComfyStudio, fails=name in _NOT_THERE) for name, asks in _ASKED.items()),
    *(
        _operation(f"{name}, failing", _ASKED[name], partial(ComfyStudio, "failed"), fails=fails)
        for name, fails in _FAILING.items()
    ),
    _operation("canceled", _ASKED["run"], partial(ComfyStudio, "canceled"), fails=True),
    *(_operation(f"{name}, older", _ASKED[name], partial(ComfyStudio, has_jobs=False)) for name in _SINGLE),
    _operation("check, warn", _ASKED["submit"], ComfyStudio, options={"check": "warn"}),
    _operation("check, error", _ASKED["submit"], ComfyStudio, options={"check": "error"}),
)
