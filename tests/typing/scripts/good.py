"""A user's script: nothing in it needs a comment for a type checker."""

from pathlib import Path
from typing import reveal_type

from generated import ContactSheet, GrainStudy, ImageToImageSd15, Poster, TextToImageSd15, UpscaleTwoStageSd15

from flowbind import Store, comfyui, grid, random_seeds, save, zipped
from flowbind.errors import BatchFailed, ModelNotFound, RunError, RunFailed
from flowbind.invokeai import RANDOM, Color, ImageInput, InvokeAI, ModelRef, Result


def main(url: str, photo: Path, other: comfyui.Image) -> list[Path]:
    """Run five workflows."""
    poster = Poster(width=640, sky_colour=Color(20, 30, 80), blur_type="box", series="Harvest")
    poster.grain = 0.1
    poster.board = None
    posters = grid(poster, grain=[0.0, 0.1], grain_seed=range(3))
    reveal_type(posters)
    poster.grain_seed = RANDOM
    posters += grid(Poster(grain_seed=RANDOM), grain_seed=[RANDOM] * 2)
    posters += zipped(Poster(), series=("Spring", "Summer"), grain_seed=random_seeds(2))
    with InvokeAI(url, timeout=10) as server:
        result = server.run(poster, timeout=120)
        reveal_type(result)
        reveal_type(result.outputs.image)
        job = server.submit(ContactSheet(count=3))
        frames = job.wait(60, progress=print).outputs.frame
        reveal_type(frames)
        paths = [frame.save(Path("out") / f"{n}.png") for n, frame in enumerate(frames)]
        sources: list[ImageInput] = [photo, photo.read_bytes(), "a.png", result.outputs.image, other]
        for source in sources:
            again = ImageToImageSd15(source_image=source, model=ModelRef("Dreamshaper 8", base="sd-1"))
            try:
                paths.append(server.images.save(server.run(again).outputs.image, "out"))
            except (ModelNotFound, RunFailed) as error:
                print(error)
        large = server.run(UpscaleTwoStageSd15(draft_cfg_scale=[7.0, 6.0], final_scheduler="euler")).outputs
        reveal_type(large.final)
        study = GrainStudy(amounts=[0.1, 1], seeds=[7, 8], softness=[0.0, 2.5])
        study.seeds.append(9)
        samples = server.run(study, timeout=120)
        reveal_type(samples)
        reveal_type(samples[0].outputs.sample)
        batch = server.submit(study)
        reveal_type(batch)
        print(len(batch), batch.item_ids, batch.status, batch.refresh())
        try:
            paths += [sample.outputs.sample.save("out") for sample in batch.wait(60, progress=print)]
        except BatchFailed as failed:
            print(sum(isinstance(outcome, Result) for outcome in failed.outcomes), batch.cancel())
        for outcome in server.run_many((Poster(sun_size=size) for size in range(3)), timeout=60):
            if isinstance(outcome, RunError):
                print(outcome.item_id)
            else:
                reveal_type(outcome)
        for studies in server.run_many([study, GrainStudy()]):
            if not isinstance(studies, RunError):
                reveal_type(studies)
        many = server.submit_many([poster])
        reveal_type(many)
        print(len(many), many.item_ids, many.batch_ids, many.status, many.refresh(), many.cancel())
        paths += [done.outputs.image.save("out") for done in many.wait(60) if isinstance(done, Result)]
    with InvokeAI.from_env(email="a@example.org", password="b", verify=Path("ca.pem"), check="error") as server:
        alive: bool = server.is_alive(timeout=1) and server.supports("GET", "/api/v1/app/version")
        print(alive, server.account, server.request("GET", "/api/v1/boards/", params={"all": True, "limit": 1}))
    return [*paths, large.draft.save("draft.png")]


def go_on(server: InvokeAI) -> None:
    """Take up what another program has queued."""
    again = server.queue.job(Poster, 7)
    reveal_type(again)
    whole = server.queue.batch_job(GrainStudy, "study")
    reveal_type(whole)
    several = server.queue.batch_job(Poster, "posters", "more")
    reveal_type(several)
    found = [summary.item_id for summary in server.queue.list(status="failed") if summary.origin == "flowbind"]
    print(server.queue.retry(*found), server.queue.status().queue.pending, server.queue.wait_until_idle(60))


def keep(poster: Poster, study: GrainStudy) -> list[Path]:
    """Save copies of workflows."""
    store = Store("workflows", spec="openapi.json")
    names: list[str] = [*store, *store.names()]
    print(names, len(store), "poster" in store, store.folder, store.load("poster"))
    return [save(poster, "grainy.json"), save(study, Path("study.json")), store.save("by night/poster", poster)]


def look_around(server: InvokeAI, poster: Poster) -> None:
    """Use what surrounds a run."""
    reveal_type(server.boards.list())
    for image in server.images.list(board="Posters", starred=True, limit=10):
        reveal_type(image)
        poster = Poster(board=image.board_id)
    video = server.videos.upload(b"mp4")
    reveal_type(video)
    for model in server.models.list(base="sd-1", type="main"):
        reveal_type(model)
        reveal_type(server.run(TextToImageSd15(model=model)))
    installed = server.models.install("/srv/model", exist_ok=True).wait(60)
    reveal_type(installed)
    kept = server.library.get("Poster")
    reveal_type(kept)
    made = server.quick.text_to_image("a lighthouse", width=64)
    reveal_type(made)
    print(server.library.check(Poster), server.images.open("a.png").size, server.submit(poster))
