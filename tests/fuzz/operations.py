"""All that can be asked of InvokeAI, each as a script for both clients."""

from __future__ import annotations

from functools import partial
from typing import Any

from generated import GrainStudy, ImageToImageSd15, Poster, TextToImageSd15
from tests.behaviour.test_open_answers import BOARD, IMAGE, MODEL, SAVED, VIDEO, WORKFLOW
from tests.fuzz.asking import LONG, Asks, Folder, Operation, called, first, gone_through, saved
from tests.fuzz.studio import EMAIL, PASSWORD, Studio, pixel

from flowbind.invokeai import Image


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
        f"{of}.get": called(f"{of}.get", name),
        f"{of}.list": gone_through(f"{of}.list", board="rec board"),
        f"{of}.search": gone_through(f"{of}.search", "x", starred=True),
        f"{of}.names": called(f"{of}.names", starred=False),
        f"{of}.metadata": called(f"{of}.metadata", name),
        f"{of}.workflow": called(f"{of}.workflow", name),
        f"{of}.graph": called(f"{of}.graph", name),
        f"{of}.star": called(f"{of}.star", "a.png"),
        f"{of}.unstar": called(f"{of}.unstar", "a.png"),
        f"{of}.update": called(f"{of}.update", name, starred=True),
        f"{of}.delete": called(f"{of}.delete", "a.png", "b.png"),
        f"{of}.delete_uncategorized": called(f"{of}.delete_uncategorized"),
        f"{of}.save": saved(f"{of}.save", name),
        f"{of}.bytes": called(f"{of}.bytes", name),
        f"{of}.thumbnail": saved(f"{of}.thumbnail", name),
        f"{of}.upload": called(f"{of}.upload", content, board="rec board"),
    }


_ASKED: dict[str, Asks] = {
    "version": called("version"),
    "is_alive": called("is_alive"),
    "metrics": called("metrics"),
    "supports": called("supports", "GET", "/api/v1/queue/default/item_ids"),
    "request": called("request", "GET", "/api/v1/boards/"),
    "submit": called("submit", POSTER),
    "run": _result,
    "submit_many": _many_job,
    "run_many": gone_through("run_many", [POSTER, Poster()], timeout=LONG),
    "run_many batches": gone_through("run_many", [GRAINS], timeout=LONG),
    "Result.node": _node,
    "Job": _job,
    "Job.events": _events,
    "BatchJob": _batch_job,
    "BatchJob.events": _batch_events,
    "run with models": called("run", TextToImageSd15(model="Tiny"), timeout=LONG),
    "run with an upload": _uploaded_to_run,
    "run with a board": called("run", POSTER.model_copy(update={"board": "Posters"}), timeout=LONG),
    **_of_media("images", IMAGE, pixel()),
    **_of_media("videos", VIDEO, b"0000ftypmp42"),
    "Image.save": _pictures,
    "listed pictures": _listed_pictures,
    "images.upload again": _uploaded_twice,
    "images.open": called("images.open", IMAGE),
    "images.download": _saved_archive,
    "images.intermediates": called("images.intermediates"),
    "images.delete_intermediates": called("images.delete_intermediates"),
    "boards.list": called("boards.list"),
    "boards.get": called("boards.get", BOARD),
    "boards.by_name": called("boards.by_name", "rec board"),
    "boards.create": called("boards.create", "rec board"),
    "boards.rename": called("boards.rename", "rec board", "other"),
    "boards.update": called("boards.update", BOARD, archived=True),
    "boards.delete": called("boards.delete", "rec board", include_images=True),
    "boards.images": gone_through("boards.images", BOARD),
    "boards.videos": gone_through("boards.videos", BOARD),
    "boards.uncategorized": gone_through("boards.uncategorized"),
    "boards.image_names": called("boards.image_names", BOARD),
    "boards.upload": called("boards.upload", pixel(), board=BOARD),
    "boards.move": called("boards.move", "a.png", board=BOARD),
    "boards.remove": called("boards.remove", "a.png"),
    "boards.copy": called("boards.copy", IMAGE, "rec board"),
    "boards.move_videos": called("boards.move_videos", "a.mp4", board=BOARD),
    "boards.remove_videos": called("boards.remove_videos", "a.mp4"),
    "models.list": called("models.list", base="sd-1"),
    "models.get": called("models.get", MODEL),
    "models.find": called("models.find", "Tiny"),
    "models.by_hash": called("models.by_hash", "x"),
    "models.by_attributes": called("models.by_attributes", "a", "b", "c"),
    "models.missing": called("models.missing"),
    "models.update": called("models.update", "Tiny", description="x"),
    "models.delete": called("models.delete", "Tiny"),
    "models.convert": called("models.convert", "Tiny"),
    "models.reidentify": called("models.reidentify", "Tiny"),
    "models.scan_folder": called("models.scan_folder", "/srv"),
    "models.install": _install,
    "models.installs": called("models.installs"),
    "models.install_job": called("models.install_job", 1),
    "models.prune_installs": called("models.prune_installs"),
    "models.stats": called("models.stats"),
    "models.empty_cache": called("models.empty_cache"),
    "models.hugging_face_login": called("models.hugging_face_login"),
    "models.log_in_to_hugging_face": called("models.log_in_to_hugging_face", "hf_hidden"),
    "models.log_out_of_hugging_face": called("models.log_out_of_hugging_face"),
    **{f"InstallJob.{verb}": _on_install(verb) for verb in ("wait", "refresh", "cancel", "pause", "resume")},
    "library.list": gone_through("library.list", "x", tags=["a"], is_public=True),
    "library.get": called("library.get", WORKFLOW),
    "library.get by name": called("library.get", "no such name"),
    "library.save": called("library.save", SAVED),
    "library.update": called("library.update", WORKFLOW, SAVED),
    "library.delete": called("library.delete", WORKFLOW),
    "library.share": called("library.share", WORKFLOW),
    "library.unshare": called("library.unshare", WORKFLOW),
    "library.tags": called("library.tags"),
    "library.check": called("library.check", Poster, WORKFLOW),
    "queue.status": called("queue.status"),
    "queue.current": called("queue.current"),
    "queue.next": called("queue.next"),
    "queue.list": gone_through("queue.list"),
    "queue.get": called("queue.get", 12),
    "queue.by_ids": called("queue.by_ids", 21, 22),
    "queue.batch": called("queue.batch", BOARD),
    "queue.batches": called("queue.batches"),
    "queue.counts": called("queue.counts", "x"),
    "queue.cancel": called("queue.cancel", 12),
    "queue.cancel_batch": called("queue.cancel_batch", BOARD),
    "queue.cancel_destination": called("queue.cancel_destination", "x"),
    "queue.cancel_all_except_current": called("queue.cancel_all_except_current"),
    "queue.delete": called("queue.delete", 12),
    "queue.delete_destination": called("queue.delete_destination", "dd"),
    "queue.delete_all_except_current": called("queue.delete_all_except_current"),
    "queue.retry": _retry,
    "queue.clear": called("queue.clear"),
    "queue.prune": called("queue.prune"),
    "queue.pause": called("queue.pause"),
    "queue.resume": called("queue.resume"),
    "queue.wait_until_idle": _idle,
    "queue.job": _attached,
    "queue.batch_job": _attached_batch,
    "queue.batch_job of many": _attached_many,
    "quick.text_to_image": called("quick.text_to_image", "a fox", model="Tiny", timeout=LONG),
    "quick.image_to_image": called("quick.image_to_image", "a fox", pixel(), model="Tiny", timeout=LONG),
    "quick.upscale": called("quick.upscale", IMAGE, timeout=LONG),
    "quick.copy_image": called("quick.copy_image", IMAGE, "rec board", timeout=LONG),
}
_FAILING = {"run": True, "Job.events": False, "BatchJob": True, "run_many": False}
"""What is asked of runs that fail, and whether that fails, too."""
_accounts = partial(Studio, has_accounts=True)
OPERATIONS = (
    *(Operation(name, asks, Studio, fails=name == "library.get by name") for name, asks in _ASKED.items()),
    *(
        Operation(f"{name}, failing", _ASKED[name], partial(Studio, "failed"), fails=fails)
        for name, fails in _FAILING.items()
    ),
    Operation("canceled", _ASKED["run"], partial(Studio, "canceled"), fails=True),
    Operation("login", called("boards.list"), _accounts, options=_ACCOUNT),
    Operation("login and submit", called("submit", POSTER), _accounts, options=_ACCOUNT),
    Operation("no login", called("boards.list"), _accounts, fails=True),
    Operation("check, warn", called("submit", POSTER), Studio, options={"check": "warn"}),
    Operation("check, error", called("submit", POSTER), Studio, options={"check": "error"}),
)
