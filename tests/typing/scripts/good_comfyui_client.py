"""A user's script for a ComfyUI server: nothing in it needs a comment for a type checker."""

from pathlib import Path
from typing import assert_never, reveal_type

from generated import ComfyCannyEdit, ComfyImageToImage, ComfyTextToImage

from flowbind import grid
from flowbind.comfyui import RANDOM, ComfyUI, Image, Result
from flowbind.errors import Refused, RunError, RunFailed
from flowbind.events import Failed, Finished, NodeFinished, Progress, Queued, Started


def main(url: str, photo: Path) -> list[Path]:
    """Run a few workflows."""
    picture = ComfyTextToImage(positive_prompt="a {red|blue} kite", width=640, seed=RANDOM)
    with ComfyUI(url, timeout=10, previews="latent2rgb") as server:
        result = server.run(picture, timeout=120)
        reveal_type(result)
        reveal_type(result.outputs.picture)
        paths = [image.save(Path("out") / f"{n}.png") for n, image in enumerate(result.outputs.picture)]
        sources: list[Image | Path | bytes | str] = [photo, photo.read_bytes(), "a.png", *result.outputs.picture]
        for source in sources:
            try:
                paths += [image.save("out") for image in server.run(ComfyImageToImage(image=source)).outputs.picture]
            except (Refused, RunFailed) as error:
                print(error)
        edges = server.run(ComfyCannyEdit(), only=("edges",), front=True).outputs.edges
        reveal_type(edges)
        job = server.submit(picture)
        reveal_type(job)
        follow(server, picture)
        print(job.wait(60, progress=print).item_id, job.refresh(), job.cancel(), job.status, job.drawn)
        for outcome in server.run_many((ComfyTextToImage(seed=seed) for seed in range(3)), timeout=60):
            if isinstance(outcome, RunError):
                print(outcome.item_id)
            else:
                reveal_type(outcome)
        many = server.submit_many(grid(picture, seed=[1, 2], cfg=[6.0, 7.0]))
        reveal_type(many)
        print(len(many), many.item_ids, many.status, many.refresh(), many.cancel())
        paths += [done.outputs.picture[0].save("out") for done in many.wait(60) if isinstance(done, Result)]
        return paths


def follow(server: ComfyUI, picture: ComfyTextToImage) -> None:
    """Tell what happens to a run."""
    for event in server.submit(picture).events(timeout=60):
        match event:
            case Progress():
                print(event.node, event.percentage, event.preview and event.preview.width)
            case NodeFinished():
                print(event.node, event.output)
            case Finished():
                reveal_type(event.result)
            case Failed():
                reveal_type(event.error)
            case Queued() | Started():
                print(event.item_id)
            case _:
                assert_never(event)


def look_around(url: str) -> None:
    """Use what surrounds a run."""
    with ComfyUI.from_env(url=url, verify=Path("ca.pem"), check="error", api_key="key", events=False) as server:
        alive: bool = server.is_alive(timeout=1)
        print(alive, server.url, server.version(), server.request("GET", "/api/jobs", params={"limit": 1}))
        again = server.queue.job(ComfyTextToImage, "a-b")
        reveal_type(again)
        other = server.files.upload(b"a", name="a.bin")
        reveal_type(other)
        stored = server.files.upload(Path("a.png"), Image, overwrite=True)
        reveal_type(stored)
        masked = server.files.upload_mask(b"a", stored)
        reveal_type(masked)
        reveal_type(server.files.bytes(stored))
        print(server.queue.status().pending, server.queue.remaining(), server.queue.cancel("a-b"))
        print([item.ended_at for item in server.history.list(5)], server.history.get("a-b").outputs)
        print(server.models.list("loras"), server.system_stats().devices[0].vram_free, server.features())
        if machine := server.metrics().machine:
            temperatures: list[float | None] = [gpu.temperature_celsius for gpu in machine.gpus or ()]
            print(machine.cpu.percent, machine.ram.used, temperatures)
        server.free()
