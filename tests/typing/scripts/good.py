"""A user's script: nothing in it needs a comment for a type checker."""

from pathlib import Path
from typing import reveal_type

from generated import ContactSheet, ImageToImageSd15, Poster, UpscaleTwoStageSd15

from flowbind.errors import ModelNotFound, RunFailed
from flowbind.invokeai import Color, Image, InvokeAI, ModelRef


def main(url: str, photo: Path) -> list[Path]:
    """Run four workflows."""
    poster = Poster(width=640, sky_colour=Color(20, 30, 80), blur_type="box", series="Harvest")
    poster.grain = 0.1
    poster.board = None
    with InvokeAI(url, timeout=10) as server:
        result = server.run(poster, timeout=120)
        reveal_type(result)
        reveal_type(result.outputs.image)
        job = server.submit(ContactSheet(count=3))
        frames = job.wait(60, progress=print).outputs.frame
        reveal_type(frames)
        paths = [frame.save(Path("out") / f"{n}.png") for n, frame in enumerate(frames)]
        sources: list[Image | Path | bytes | str] = [photo, photo.read_bytes(), "a.png", result.outputs.image]
        for source in sources:
            again = ImageToImageSd15(source_image=source, model=ModelRef("Dreamshaper 8", base="sd-1"))
            try:
                paths.append(server.images.save(server.run(again).outputs.image, "out"))
            except (ModelNotFound, RunFailed) as error:
                print(error)
        large = server.run(UpscaleTwoStageSd15(draft_cfg_scale=[7.0, 6.0], final_scheduler="euler")).outputs
        reveal_type(large.final)
    return [*paths, large.draft.save("draft.png")]
