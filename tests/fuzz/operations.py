"""All that can be asked of a server, each as a script for both clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generated import GrainStudy, ImageToImageSd15, Poster, TextToImageSd15
from tests.behaviour.both_clients import Script
from tests.behaviour.test_open_answers import BOARD, IMAGE, MODEL, SAVED, VIDEO, WORKFLOW
from tests.fuzz.studio import EMAIL, PASSWORD, pixel

from flowbind.invokeai import Image

LONG = 30.0
"""Seconds of a clock that costs no time."""
MOST = 300
"""Of what has no end, nobody wants more."""
Folder = Path
Asks = Callable[[Any, Folder], Any]


@dataclass(frozen=True, eq=False)
class Operation:
    """Something that is asked; `ends` is how runs end, `accounts` whether one has to log in."""

    name: str
    asks: Asks
    ends: str = "completed"
    accounts: bool = False
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def script(self, folder: Folder) -> Script:
        """Return it as a script that saves what it saves in a folder."""
        return lambda client: self.asks(client, folder)

    def __repr__(self) -> str:
        return self.name


def _called(path: str, *arguments: Any, **more: Any) -> Asks:
    async def ask(client: Any, _: Folder) -> Any:
        found = client
        for name in path.split("."):
            found = getattr(found, name)
        return await found(*arguments, **more)

    return ask


def _gone_through(path: str, *arguments: Any, **more: Any) -> Asks:
    async def ask(client: Any, _: Folder) -> Any:
        found = client
        for name in path.split("."):
            found = getattr(found, name)
        return await first(found(*arguments, **more))

    return ask


async def first(listed: Any) -> list[Any]:
    """Go through a list, as far as anybody would."""
    found: list[Any] = []
    async for one in listed:
        found.append(one)
        if len(found) >= MOST:
            break
    return found


def _saved(path: str, *arguments: Any, **more: Any) -> Asks:
    """Save something into a folder, under the name that it has on the server."""

    async def ask(client: Any, folder: Folder) -> Any:
        found = client
        for name in path.split("."):
            found = getattr(found, name)
        return await found(*arguments, folder, **more)

    return ask


async def _saved_archive(client: Any, folder: Folder) -> Any:
    return await client.images.download(folder, images=["a.png"], timeout=LONG)


async def _result(client: Any, folder: Folder) -> Any:
    result = await client.run(POSTER, timeout=LONG)
    image = getattr(result.outputs, "image", None)
    return [
        repr(result),
        dict(result.nodes),
        result.varied,
        isinstance(image, Image) and await client.images.save(image, folder),
    ]


async def _pictures(client: Any, folder: Folder) -> Any:
    image = await client.images.get(IMAGE)
    return [await client.images.save(image, folder), await client.images.bytes(image)]


async def _listed_pictures(client: Any, folder: Folder) -> Any:
    return [await client.images.save(image, folder) for image in (await first(client.images.list()))[:3]]


async def _node(client: Any, _: Folder) -> Any:
    result = await client.run(POSTER, timeout=LONG)
    return [vars(result.node(node)) for node, held in result.nodes.items() if held]


async def _events(client: Any, _: Folder) -> Any:
    job = await client.submit(POSTER)
    return [repr(event) for event in await first(job.events(timeout=LONG))]


async def _batch_events(client: Any, _: Folder) -> Any:
    job = await client.submit(GRAINS)
    return [repr(event) for event in await first(job.events(timeout=LONG))]


async def _job(client: Any, _: Folder) -> Any:
    told: list[str] = []
    job = await client.submit(POSTER)
    return [await job.refresh(), await job.wait(LONG, progress=told.append), await job.cancel(), repr(job), told]


async def _batch_job(client: Any, _: Folder) -> Any:
    told: list[str] = []
    job = await client.submit(GRAINS)
    return [await job.refresh(), await job.wait(LONG, progress=told.append), await job.cancel(), repr(job), told]


async def _many_job(client: Any, _: Folder) -> Any:
    job = await client.submit_many([POSTER.model_copy(update={"series": f"{n}"}) for n in range(12)])
    found = [await job.refresh(), await job.wait(LONG), await first(job.results(LONG)), await job.cancel()]
    return [*found, job.item_ids, job.batch_ids, repr(job)]


async def _attached(client: Any, _: Folder) -> Any:
    job = await client.submit(POSTER)
    again = await client.queue.job(Poster, job.item_id)
    return [again.drawn, await again.wait(LONG)]


async def _attached_batch(client: Any, _: Folder) -> Any:
    job = await client.submit(GRAINS)
    again = await client.queue.batch_job(GrainStudy, job.batch_id)
    return [again.status, await again.wait(LONG)]


async def _attached_many(client: Any, _: Folder) -> Any:
    job = await client.submit(POSTER)
    again = await client.queue.batch_job(Poster, job.batch_id)
    return [again.status, await again.wait(LONG)]


async def _retry(client: Any, _: Folder) -> Any:
    job = await client.submit(POSTER)
    return await client.queue.retry(job.item_id)


async def _idle(client: Any, _: Folder) -> Any:
    await client.submit(POSTER)
    return await client.queue.wait_until_idle(LONG, progress=lambda _: None)


async def _install(client: Any, _: Folder) -> Any:
    job = await client.models.install("https://models.example/a.safetensors", exist_ok=True)
    about = [job.id, job.source, job.status, job.bytes_done, job.bytes_total, job.model, repr(job)]
    return [*about, await job.wait(LONG, progress=lambda *_: None)]


async def _uploaded_twice(client: Any, _: Folder) -> Any:
    await client.images.upload(pixel(), board="rec board")
    return await client.images.upload(pixel(), board="rec board")


async def _uploaded_to_run(client: Any, _: Folder) -> Any:
    run = ImageToImageSd15(source_image=pixel(), model="Tiny")
    return [await client.submit(run), await client.submit(run)]


def _on_install(verb: str) -> Asks:
    async def ask(client: Any, _: Folder) -> Any:
        job = await client.models.install_job(1)
        return await getattr(job, verb)(*([LONG] if verb == "wait" else []))

    return ask


POSTER = Poster()
GRAINS = GrainStudy()
_ACCOUNT = {"email": EMAIL, "password": PASSWORD}


def _of_media(of: str, name: str, content: bytes) -> dict[str, Asks]:
    return {
        f"{of}.get": _called(f"{of}.get", name),
        f"{of}.list": _gone_through(f"{of}.list", board="rec board"),
        f"{of}.search": _gone_through(f"{of}.search", "x", starred=True),
        f"{of}.names": _called(f"{of}.names", starred=False),
        f"{of}.metadata": _called(f"{of}.metadata", name),
        f"{of}.workflow": _called(f"{of}.workflow", name),
        f"{of}.graph": _called(f"{of}.graph", name),
        f"{of}.star": _called(f"{of}.star", "a.png"),
        f"{of}.unstar": _called(f"{of}.unstar", "a.png"),
        f"{of}.update": _called(f"{of}.update", name, starred=True),
        f"{of}.delete": _called(f"{of}.delete", "a.png", "b.png"),
        f"{of}.delete_uncategorized": _called(f"{of}.delete_uncategorized"),
        f"{of}.save": _saved(f"{of}.save", name),
        f"{of}.bytes": _called(f"{of}.bytes", name),
        f"{of}.thumbnail": _saved(f"{of}.thumbnail", name),
        f"{of}.upload": _called(f"{of}.upload", content, board="rec board"),
    }


_ASKED: dict[str, Asks] = {
    "version": _called("version"),
    "is_alive": _called("is_alive"),
    "supports": _called("supports", "GET", "/api/v1/queue/default/item_ids"),
    "request": _called("request", "GET", "/api/v1/boards/"),
    "submit": _called("submit", POSTER),
    "run": _result,
    "submit_many": _many_job,
    "run_many": _gone_through("run_many", [POSTER, Poster()], timeout=LONG),
    "run_many batches": _gone_through("run_many", [GRAINS], timeout=LONG),
    "Result.node": _node,
    "Job": _job,
    "Job.events": _events,
    "BatchJob": _batch_job,
    "BatchJob.events": _batch_events,
    "run with models": _called("run", TextToImageSd15(model="Tiny"), timeout=LONG),
    "run with an upload": _uploaded_to_run,
    "run with a board": _called("run", POSTER.model_copy(update={"board": "Posters"}), timeout=LONG),
    **_of_media("images", IMAGE, pixel()),
    **_of_media("videos", VIDEO, b"0000ftypmp42"),
    "Image.save": _pictures,
    "listed pictures": _listed_pictures,
    "images.upload again": _uploaded_twice,
    "images.open": _called("images.open", IMAGE),
    "images.download": _saved_archive,
    "images.intermediates": _called("images.intermediates"),
    "images.delete_intermediates": _called("images.delete_intermediates"),
    "boards.list": _called("boards.list"),
    "boards.get": _called("boards.get", BOARD),
    "boards.by_name": _called("boards.by_name", "rec board"),
    "boards.create": _called("boards.create", "rec board"),
    "boards.rename": _called("boards.rename", "rec board", "other"),
    "boards.update": _called("boards.update", BOARD, archived=True),
    "boards.delete": _called("boards.delete", "rec board", include_images=True),
    "boards.images": _gone_through("boards.images", BOARD),
    "boards.videos": _gone_through("boards.videos", BOARD),
    "boards.uncategorized": _gone_through("boards.uncategorized"),
    "boards.image_names": _called("boards.image_names", BOARD),
    "boards.upload": _called("boards.upload", pixel(), board=BOARD),
    "boards.move": _called("boards.move", "a.png", board=BOARD),
    "boards.remove": _called("boards.remove", "a.png"),
    "boards.copy": _called("boards.copy", IMAGE, "rec board"),
    "boards.move_videos": _called("boards.move_videos", "a.mp4", board=BOARD),
    "boards.remove_videos": _called("boards.remove_videos", "a.mp4"),
    "models.list": _called("models.list", base="sd-1"),
    "models.get": _called("models.get", MODEL),
    "models.find": _called("models.find", "Tiny"),
    "models.by_hash": _called("models.by_hash", "x"),
    "models.by_attributes": _called("models.by_attributes", "a", "b", "c"),
    "models.missing": _called("models.missing"),
    "models.update": _called("models.update", "Tiny", description="x"),
    "models.delete": _called("models.delete", "Tiny"),
    "models.convert": _called("models.convert", "Tiny"),
    "models.reidentify": _called("models.reidentify", "Tiny"),
    "models.scan_folder": _called("models.scan_folder", "/srv"),
    "models.install": _install,
    "models.installs": _called("models.installs"),
    "models.install_job": _called("models.install_job", 1),
    "models.prune_installs": _called("models.prune_installs"),
    "models.stats": _called("models.stats"),
    "models.empty_cache": _called("models.empty_cache"),
    "models.hugging_face_login": _called("models.hugging_face_login"),
    "models.log_in_to_hugging_face": _called("models.log_in_to_hugging_face", "hf_hidden"),
    "models.log_out_of_hugging_face": _called("models.log_out_of_hugging_face"),
    **{f"InstallJob.{verb}": _on_install(verb) for verb in ("wait", "refresh", "cancel", "pause", "resume")},
    "library.list": _gone_through("library.list", "x", tags=["a"], is_public=True),
    "library.get": _called("library.get", WORKFLOW),
    "library.get by name": _called("library.get", "no such name"),
    "library.save": _called("library.save", SAVED),
    "library.update": _called("library.update", WORKFLOW, SAVED),
    "library.delete": _called("library.delete", WORKFLOW),
    "library.share": _called("library.share", WORKFLOW),
    "library.unshare": _called("library.unshare", WORKFLOW),
    "library.tags": _called("library.tags"),
    "library.check": _called("library.check", Poster, WORKFLOW),
    "queue.status": _called("queue.status"),
    "queue.current": _called("queue.current"),
    "queue.next": _called("queue.next"),
    "queue.list": _gone_through("queue.list"),
    "queue.get": _called("queue.get", 12),
    "queue.by_ids": _called("queue.by_ids", 21, 22),
    "queue.batch": _called("queue.batch", BOARD),
    "queue.batches": _called("queue.batches"),
    "queue.counts": _called("queue.counts", "x"),
    "queue.cancel": _called("queue.cancel", 12),
    "queue.cancel_batch": _called("queue.cancel_batch", BOARD),
    "queue.cancel_destination": _called("queue.cancel_destination", "x"),
    "queue.cancel_all_except_current": _called("queue.cancel_all_except_current"),
    "queue.delete": _called("queue.delete", 12),
    "queue.delete_destination": _called("queue.delete_destination", "dd"),
    "queue.delete_all_except_current": _called("queue.delete_all_except_current"),
    "queue.retry": _retry,
    "queue.clear": _called("queue.clear"),
    "queue.prune": _called("queue.prune"),
    "queue.pause": _called("queue.pause"),
    "queue.resume": _called("queue.resume"),
    "queue.wait_until_idle": _idle,
    "queue.job": _attached,
    "queue.batch_job": _attached_batch,
    "queue.batch_job of many": _attached_many,
    "quick.text_to_image": _called("quick.text_to_image", "a fox", model="Tiny", timeout=LONG),
    "quick.image_to_image": _called("quick.image_to_image", "a fox", pixel(), model="Tiny", timeout=LONG),
    "quick.upscale": _called("quick.upscale", IMAGE, timeout=LONG),
    "quick.copy_image": _called("quick.copy_image", IMAGE, "rec board", timeout=LONG),
}
OPERATIONS = (
    *(Operation(name, asks) for name, asks in _ASKED.items()),
    *(Operation(f"{name}, failing", _ASKED[name], "failed") for name in ("run", "Job.events", "BatchJob", "run_many")),
    Operation("canceled", _ASKED["run"], "canceled"),
    Operation("login", _called("boards.list"), accounts=True, options=_ACCOUNT),
    Operation("login and submit", _called("submit", POSTER), accounts=True, options=_ACCOUNT),
    Operation("no login", _called("boards.list"), accounts=True),
    Operation("check, warn", _called("submit", POSTER), options={"check": "warn"}),
    Operation("check, error", _called("submit", POSTER), options={"check": "error"}),
)
